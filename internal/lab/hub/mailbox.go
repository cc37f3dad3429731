package hub

import "sync"

// mailboxSize is how many notices may wait for a client that does not read.
const mailboxSize = 256

// mailbox lets any goroutine give work to a connection's own writer without
// ever blocking: what does not fit ends the connection.
type mailbox struct {
	work chan func()
	quit chan struct{}
	once sync.Once
	done chan struct{}
}

func newMailbox() *mailbox {
	m := &mailbox{work: make(chan func(), mailboxSize), quit: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(m.done)
		for {
			select {
			case f := <-m.work:
				f()
			case <-m.quit:
				return
			}
		}
	}()
	return m
}

// post queues f; false tells that the mailbox is full or closed.
func (m *mailbox) post(f func()) bool {
	select {
	case <-m.quit:
		return false
	default:
	}
	select {
	case m.work <- f:
		return true
	default:
		return false
	}
}

// close ends the goroutine and waits for it; what is queued is dropped. It must
// not be called by a function that was posted.
func (m *mailbox) close() {
	m.once.Do(func() { close(m.quit) })
	<-m.done
}
