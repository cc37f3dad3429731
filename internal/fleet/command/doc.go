// Package command is what each command of edgenet fleet does, as a function of the process
// and of options. The program's main package makes the options of flags.
//
// What is counted, decided and written stands in the packages fleet, survey and rollout;
// here the input is found, the client of the hub is made, and the result goes out.
package command
