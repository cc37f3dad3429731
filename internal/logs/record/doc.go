// Package record reads the logs of the runtime as people keep them and hands them on as
// records: one for each thing that a component said, with its moment, level, sender and
// lines that belong to it.
//
// What a log is wrapped in is taken off first: journald's forms, the engine's, syslog's,
// what a terminal and a chat leave. Nothing is held but the records under way, each of
// bounded size, so that a log may be larger than the memory. It knows how lines look and
// nothing of what they mean.
//
// The entry point is Read.
package record
