// Package watch makes a timeline of what many rounds saw: how long the way to the hub was
// there, when it was not, and when nobody looked. It reads no files and draws nothing.
package watch
