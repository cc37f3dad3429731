package bundle

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestWriteAndRead(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	members := []Member{{"README.txt", []byte("what this is")}, {ReportName, []byte(`{"a":1}`)}}
	if err := Write(&b, time.Unix(0, 0), members); err != nil {
		t.Fatal(err)
	}
	got, err := Report(b.Bytes())
	if err != nil || string(got) != `{"a":1}` || !Is(b.Bytes()) {
		t.Errorf("%q, %v", got, err)
	}
	for n := range b.Len() { // whatever is cut off is an error, and no panic
		if _, err := Report(b.Bytes()[:n]); err == nil {
			t.Errorf("cut after %d bytes, and no error", n)
		}
	}
}

func TestNoReportInIt(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := Write(&b, time.Unix(0, 0), []Member{{"x/report.json", nil}}); err != nil {
		t.Fatal(err)
	}
	if _, err := Report(b.Bytes()); err == nil || !strings.Contains(err.Error(), "expected a bundle of edgenet") {
		t.Errorf("got %v", err)
	}
}

// A report that is unpacked without end is refused.
func TestBomb(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := Write(&b, time.Unix(0, 0), []Member{{ReportName, make([]byte, maxMember+1)}}); err != nil {
		t.Fatal(err)
	}
	if _, err := Report(b.Bytes()); err == nil || !strings.Contains(err.Error(), "larger than 4 MiB") {
		t.Errorf("got %v", err)
	}
}

func FuzzReport(f *testing.F) {
	var b bytes.Buffer
	_ = Write(&b, time.Unix(0, 0), []Member{{ReportName, []byte("{}")}})
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, text []byte) {
		if got, err := Report(text); err == nil && len(got) > maxMember {
			t.Errorf("%d bytes", len(got))
		}
	})
}
