package service

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"edgenet/internal/lazyregexp"
)

// How long a call waits where the hub does not say, and how long at most.
const (
	firstWait   = 3 * time.Second
	longestWait = 2 * time.Minute
	maxThrottle = 12 // refusals in a row after which the hub means it
	maxBroken   = 4  // tries of a read that breaks
)

// waitSeconds is the one sentence of the hub that is read: where it throttles, its body
// says how long, and a header does not have to.
var waitSeconds = lazyregexp.New(`Wait (\d{1,4}) seconds?`)

// throttleWait is how long the hub wants to be left alone.
func throttleWait(message string, header http.Header, try int) time.Duration {
	if m := waitSeconds().FindStringSubmatch(message); m != nil {
		return seconds(m[1])
	}
	if s := header.Get("Retry-After"); s != "" {
		if d := seconds(s); d > 0 {
			return d
		}
		if at, err := http.ParseTime(s); err == nil {
			return min(max(time.Until(at), time.Second), longestWait)
		}
	}
	d := min(firstWait<<min(try, 6), longestWait)
	return d/2 + rand.N(d) //nolint:gosec // jitter
}

func seconds(s string) time.Duration {
	n, err := strconv.Atoi(s)
	if err != nil || n <= 0 {
		return 0
	}
	return min(time.Duration(n)*time.Second, longestWait)
}

// brokenWait is how long to wait after an answer that broke off or was a server's error.
func brokenWait(try int) time.Duration {
	d := 500 * time.Millisecond << min(try, 5)
	return d/2 + rand.N(d) //nolint:gosec // jitter
}
