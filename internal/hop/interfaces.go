package hop

import (
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// tableAge is how long a table of interfaces is believed. Reading it takes a kernel's dump,
// which a host with many containers makes long.
const tableAge = 5 * time.Second

// Interfaces names the interface that holds an address, from a table that is read once for
// many questions. The zero value works; nil reads the table for each.
type Interfaces struct {
	mu    sync.Mutex
	read  time.Time
	table map[netip.Addr]link

	ways    bool // there are several out of this host
	counted time.Time
}

// several tells whether there are several ways out of this host.
func (i *Interfaces) several() bool {
	if i == nil {
		return severalWays()
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if time.Since(i.counted) > tableAge {
		i.ways, i.counted = severalWays(), time.Now()
	}
	return i.ways
}

// link is the interface of an address: its name is asked for when it is needed, where the
// table that has the address does not have it.
type link struct {
	name  string
	index uint32
}

// addresses are this host's.
func (i *Interfaces) addresses() []netip.Addr {
	if i == nil {
		return slices.Collect(maps.Keys(interfaceTable()))
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if time.Since(i.read) > time.Second {
		i.table, i.read = interfaceTable(), time.Now()
	}
	return slices.Collect(maps.Keys(i.table))
}

// Of names the interface that holds an address, empty where none does.
func (i *Interfaces) Of(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	if i == nil {
		return interfaceTable()[a].named().name
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	l, ok := i.table[a]
	// an address that is not there may be new, and in the table of a second ago
	if age := time.Since(i.read); age > tableAge || !ok && age > time.Second {
		i.table, i.read = interfaceTable(), time.Now()
		l, ok = i.table[a]
	}
	if ok && l.name == "" {
		l = l.named()
		i.table[a] = l
	}
	return l.name
}
