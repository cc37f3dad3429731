//go:build netns && linux

package netns

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// delayEnv makes the test's own binary a delay line: "MS JITTER LOSS". The kernels that
// this has to run on have no sch_netem.
const delayEnv = "EDGENET_NETNS_DELAY"

// packet is one that waits for its time.
type packet struct {
	due  time.Time
	to   int
	body []byte
}

type queue []packet

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].due.Before(q[j].due) }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(packet)) }
func (q *queue) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}

// delayLine carries packets between two TUN devices until it is killed.
func delayLine(options string) error {
	var d, jitter, loss int
	if _, err := fmt.Sscan(options, &d, &jitter, &loss); err != nil {
		return err
	}
	a, err := tun("tunA")
	if err != nil {
		return err
	}
	b, err := tun("tunB")
	if err != nil {
		return err
	}
	fmt.Println("ready")
	ends := map[int]int{a: b, b: a}
	last := map[int]time.Time{}
	q := &queue{}
	buf := make([]byte, 1<<16)
	for {
		wait := -1
		for q.Len() > 0 {
			if left := time.Until((*q)[0].due); left > 0 {
				wait = int(left/time.Millisecond) + 1
				break
			}
			p := heap.Pop(q).(packet)
			_, _ = unix.Write(p.to, p.body) // a full device loses packets, as devices do
		}
		fds := []unix.PollFd{{Fd: int32(a), Events: unix.POLLIN}, {Fd: int32(b), Events: unix.POLLIN}}
		if _, err := unix.Poll(fds, wait); err != nil {
			continue
		}
		for _, f := range fds {
			from := int(f.Fd)
			for {
				n, err := unix.Read(from, buf)
				if err != nil || n <= 0 {
					break
				}
				if rand.IntN(100) < loss {
					continue
				}
				due := time.Now().Add(time.Duration(d)*time.Millisecond +
					time.Duration(rand.IntN(2*jitter+1)-jitter)*time.Millisecond)
				if due.Before(last[from]) { // packets keep their order
					due = last[from]
				}
				last[from] = due
				heap.Push(q, packet{due, ends[from], append([]byte(nil), buf[:n]...)})
			}
		}
	}
}

func tun(name string) (int, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK, 0)
	if err != nil {
		return 0, err
	}
	req, err := unix.NewIfreq(name)
	if err != nil {
		return 0, err
	}
	req.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	return fd, unix.IoctlIfreq(fd, unix.TUNSETIFF, req)
}

// asDelayLine runs the delay line where the environment asks for it.
func asDelayLine() {
	if o := os.Getenv(delayEnv); o != "" {
		fmt.Fprintln(os.Stderr, delayLine(o))
		os.Exit(1)
	}
}
