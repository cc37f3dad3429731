// Package booted tries edgenet on a machine that systemd has booted: services that are on,
// off, ended or started again and again, a journal that journald wrote, and the shipped
// units under their own fences. The machine is a container of systemd-nspawn over this
// machine's own files, which it cannot change; what it is told to do and what came of it
// lies in a folder that both see. Its tests sit behind the build tag interop and need root.
package booted
