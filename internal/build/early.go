package build

import "os"

// init answers `edgenet version` and `edgenet --version` before the other packages are set up,
// which takes longer than the answer (docs/performance.md), and a fleet's script asks every
// device. Go sets up packages in the order of their paths, each as soon as those that it imports
// are; so this one imports next to nothing. Where the line cannot be written, the command itself
// says so.
func init() {
	if len(os.Args) != 2 || os.Args[1] != "version" && os.Args[1] != "--version" {
		return
	}
	if _, err := os.Stdout.WriteString(Known().String() + "\n"); err == nil {
		os.Exit(0)
	}
}
