package testkit

import (
	"context"
	"testing"
	"time"
)

// Within is a context that ends with the test, and after a time at the latest.
func Within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}
