// Package command is what each command does, as a function of the process and of options;
// check has a package of its own. The program's main package makes the options of flags,
// and nothing else.
package command
