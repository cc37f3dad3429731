// Package chaos runs the module as a process of its own, in a lab of its own, while
// everything around it breaks at random: edgeHub dies and comes back, heads go off, the
// upstream is cut, the proxy refuses and falls silent, names stop to resolve, connections
// are cut, the disk is full, the clock jumps, and the module itself is killed. It has tests
// only, behind the build tag chaos, for Linux:
//
//	EDGENET_CHAOS=5m go test -tags chaos -count=1 -timeout 30m ./internal/verify/chaos/
//	EDGENET_IDLE=1h  go test -tags chaos -count=1 -timeout 90m -run Idle -v ./internal/verify/chaos/
//
// A seed decides what happens, and in which order; it is printed, and EDGENET_CHAOS_SEED
// takes it again. How far the module was when it happened is the machine's doing and is not
// repeated. In peace afterwards the twin at the hub says what the module observed, and every
// transition arrived, in order, none invented.
//
// The tests run in namespaces of their own (network and mounts; of users too where they do
// not run as root), so that the lab has the standard ports, the module resolves real names
// through a resolv.conf of its own, and a small file system can be full.
//
// The program is the one that is released, without a seam for tests. Its clock is moved from
// outside: a static Go program asks the kernel directly, where faketime cannot step in, so
// some runs of it are emulated (qemu-user), and faketime moves the emulator's clock. Only the
// wall clock: durations stay what they are.
package chaos
