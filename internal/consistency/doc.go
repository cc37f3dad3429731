// Package consistency lays the settings of a device and of its deployment manifest side
// by side: who uses which value for what, whether they agree, what follows from it by
// edgeAgent's own rules, and which conclusions (protocol.*, proxy.*) have to be drawn
// before a byte is sent. It is pure: it reads no file and contacts nothing. Compare is
// the entry point.
package consistency
