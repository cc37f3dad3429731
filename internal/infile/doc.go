// Package infile reads the files that people and configurations name. Every reading has
// a limit and says so when it is met: what is cut in silence is half a host name. What
// blocks (a named pipe that nobody writes to, standard input, a file system that hangs)
// ends with the context, and where nobody can be waiting for it, by itself. Devices are
// refused: reading one has effects, or no end.
//
// It knows no format. Begin with [Reader.Read].
package infile
