package amqp

import "fmt"

// Descriptor codes (2.7, 2.8.14, 3.4, 3.5).
const (
	codeOpen        uint64 = 0x10
	codeBegin       uint64 = 0x11
	codeAttach      uint64 = 0x12
	codeFlow        uint64 = 0x13
	codeTransfer    uint64 = 0x14
	codeDisposition uint64 = 0x15
	codeDetach      uint64 = 0x16
	codeEnd         uint64 = 0x17
	codeClose       uint64 = 0x18
	codeError       uint64 = 0x1d
	codeAccepted    uint64 = 0x24
	codeRejected    uint64 = 0x25
	codeReleased    uint64 = 0x26
	codeSource      uint64 = 0x28
	codeTarget      uint64 = 0x29
)

// Role says which end of a link one is (2.8.1); on the wire a boolean.
type Role bool

// The two ends.
const (
	RoleSender   Role = false
	RoleReceiver Role = true
)

// Open is 2.7.1. A nil pointer anywhere in these types means: not on the wire.
type Open struct {
	ContainerID  string
	Hostname     *string
	MaxFrameSize uint32
	ChannelMax   uint16
	IdleTimeout  *uint32 // milliseconds
	Properties   Map
}

func (*Open) code() uint64 { return codeOpen }
func (o *Open) list() []any {
	return []any{o.ContainerID, opt(o.Hostname), o.MaxFrameSize, o.ChannelMax, opt(o.IdleTimeout), nil, nil, nil, nil,
		optMap(o.Properties)}
}

// Begin is 2.7.2.
type Begin struct {
	RemoteChannel  *uint16
	NextOutgoingID uint32
	IncomingWindow uint32
	OutgoingWindow uint32
	HandleMax      uint32
}

func (*Begin) code() uint64 { return codeBegin }
func (b *Begin) list() []any {
	return []any{opt(b.RemoteChannel), b.NextOutgoingID, b.IncomingWindow, b.OutgoingWindow, b.HandleMax, nil, nil, nil}
}

// Attach is 2.7.3. Source and Target stay as they came, to be echoed.
type Attach struct {
	Name                 string
	Handle               uint32
	Role                 Role
	SndSettleMode        *uint8
	RcvSettleMode        *uint8
	Source, Target       any
	InitialDeliveryCount *uint32
	MaxMessageSize       *uint64
	Properties           Map
}

func (*Attach) code() uint64 { return codeAttach }
func (a *Attach) list() []any {
	return []any{
		a.Name, a.Handle, bool(a.Role), opt(a.SndSettleMode), opt(a.RcvSettleMode), a.Source, a.Target,
		nil, nil, opt(a.InitialDeliveryCount), opt(a.MaxMessageSize), nil, nil, optMap(a.Properties),
	}
}

// Address is the node that the link leads to: the target of a sender, the source
// of a receiver (3.5.3, 3.5.4: the address is the first field of both).
func (a *Attach) Address() string {
	terminus, want := a.Target, codeTarget
	if a.Role == RoleReceiver {
		terminus, want = a.Source, codeSource
	}
	list, ok := described(terminus, want)
	if !ok || len(list) == 0 {
		return ""
	}
	address, _ := asText(list[0])
	return address
}

// Flow is 2.7.4; without Handle it concerns the session alone.
type Flow struct {
	NextIncomingID *uint32
	IncomingWindow uint32
	NextOutgoingID uint32
	OutgoingWindow uint32
	Handle         *uint32
	DeliveryCount  *uint32
	LinkCredit     *uint32
	Available      *uint32
	Drain          bool
	Echo           bool
}

func (*Flow) code() uint64 { return codeFlow }
func (f *Flow) list() []any {
	var drain any
	if f.Drain {
		drain = true
	}
	return []any{
		opt(f.NextIncomingID), f.IncomingWindow, f.NextOutgoingID, f.OutgoingWindow, opt(f.Handle),
		opt(f.DeliveryCount), opt(f.LinkCredit), opt(f.Available), drain, f.Echo, nil,
	}
}

// Transfer is 2.7.5; the message follows it as the frame's payload.
type Transfer struct {
	Handle        uint32
	DeliveryID    *uint32
	DeliveryTag   []byte
	MessageFormat *uint32
	Settled       *bool
	More          bool
	RcvSettleMode *uint8
	Aborted       bool
}

func (*Transfer) code() uint64 { return codeTransfer }
func (t *Transfer) list() []any {
	var tag any
	if t.DeliveryTag != nil {
		tag = t.DeliveryTag
	}
	var aborted any
	if t.Aborted {
		aborted = true
	}
	return []any{
		t.Handle, opt(t.DeliveryID), tag, opt(t.MessageFormat), opt(t.Settled), t.More, opt(t.RcvSettleMode),
		nil, nil, aborted, false,
	}
}

// Disposition is 2.7.6.
type Disposition struct {
	Role    Role
	First   uint32
	Last    *uint32
	Settled bool
	State   any
}

func (*Disposition) code() uint64 { return codeDisposition }
func (d *Disposition) list() []any {
	return []any{bool(d.Role), d.First, opt(d.Last), d.Settled, d.State, nil}
}

// Detach is 2.7.7.
type Detach struct {
	Handle uint32
	Closed bool
	Error  *Error
}

func (*Detach) code() uint64  { return codeDetach }
func (d *Detach) list() []any { return []any{d.Handle, d.Closed, d.Error.value()} }

// End is 2.7.8.
type End struct{ Error *Error }

func (*End) code() uint64  { return codeEnd }
func (e *End) list() []any { return []any{e.Error.value()} }

// Close is 2.7.9.
type Close struct{ Error *Error }

func (*Close) code() uint64  { return codeClose }
func (c *Close) list() []any { return []any{c.Error.value()} }

// Error is 2.8.14.
type Error struct {
	Condition   string
	Description string
	Info        Map
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Condition, e.Description) }

func (e *Error) value() any {
	if e == nil {
		return nil
	}
	var description any
	if e.Description != "" {
		description = e.Description
	}
	return Described{codeError, []any{Symbol(e.Condition), description, optMap(e.Info)}}
}
