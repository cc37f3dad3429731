// Package outfile writes the files that people name: whole or not at all, so that nobody
// who reads one meanwhile (node_exporter, a web server) sees half of it, and a failure or
// a SIGKILL leaves what was there, and nothing beside it. Mode and owner of a file that was there stay; a new
// one is for everybody as far as the umask lets it, or for its owner alone where it can
// hold a secret.
//
// Links are followed to the file that they name, so that the link stays. One in a folder
// that everybody can write to and that belongs to somebody else is refused: whoever made
// it would choose which file of ours is written over. Folders and sockets are refused;
// pipes and devices are written to as they are.
//
// Begin with [Check], before there is anything to lose, and [Write].
package outfile
