// Package hostname reads the names of hosts as people type and paste them. A name that
// holds what nobody can see, or what looks like another letter, is refused with the
// character and its place, before a resolver is asked and a firewall blamed. A surely
// mistyped name of a hub is refused with what was meant. Names in other scripts become
// what DNS has for them.
//
// What was typed may be a connection string or hold a password: no error repeats more of
// it than a name that was found good. The package asks no resolver.
//
// Begin with [Read] for what a person gives, [Valid] for what a file or a variable says.
package hostname
