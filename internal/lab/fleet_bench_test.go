package lab

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"edgenet/internal/lab/fleet"
)

// BenchmarkFleetPages reads pages of reports as a client does, by TLS.
func BenchmarkFleetPages(b *testing.B) {
	l, err := Start(context.Background(), Options{Fleet: 100_000, FleetOptions: fleet.Options{Seed: 1}})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	transport := &http.Transport{TLSClientConfig: clientTLS(l, HubName)}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	next, bytes := "", int64(0)
	for b.Loop() {
		r, err := http.NewRequest("POST", "https://"+l.ports["https"].address+"/devices/query?api-version=2021-04-12",
			strings.NewReader(`{"query":"SELECT deviceId, properties.reported.edgenet FROM devices.modules WHERE moduleId = 'edgenet'"}`))
		if err != nil {
			b.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+l.hub.Bearer().Reveal())
		r.Header.Set("X-Ms-Max-Item-Count", "1000")
		r.Header.Set("X-Ms-Continuation", next)
		a, err := client.Do(r)
		if err != nil {
			b.Fatal(err)
		}
		n, err := io.Copy(io.Discard, a.Body)
		_ = a.Body.Close()
		if err != nil || a.StatusCode != 200 {
			b.Fatal(a.Status, err)
		}
		next, bytes = a.Header.Get("X-Ms-Continuation"), bytes+n
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pages/s")
	b.ReportMetric(float64(bytes)/float64(b.N), "bytes/page")
}
