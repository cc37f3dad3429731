package gather

import (
	"testing"

	"edgenet/internal/ready"
)

// BenchmarkReady is a whole look at a healthy device of files, sockets and certificates,
// without the network.
func BenchmarkReady(b *testing.B) {
	f := healthy(b)
	f.options.Machine = f.machine.options(b)
	for b.Loop() {
		rows, v := ready.Judge(All(b.Context(), f.options))
		if !v.Ready || len(rows) == 0 {
			b.Fatalf("%+v", v)
		}
	}
}
