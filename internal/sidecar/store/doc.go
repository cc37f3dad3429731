// Package store keeps on the disk what outlives the module's process: one file to which
// records are appended, and which is written anew, whole, when it has grown. Every record
// has a checksum and stands for itself, so that a file cut off anywhere is the state before
// the cut. A disk that is full, read-only or away is an error of Save, and the next Save
// tries again; nothing else depends on it.
//
// It refuses to be a database: one process, one file, no queries. Entry point: [New].
package store
