package ready

// Fact is one thing that was looked for. The zero value says that nobody looked.
type Fact[T any] struct {
	Value T
	// Source is where it was read: a file with its line, a command, a socket.
	Source string
	// Needs says what would be needed to know it; empty where it is known, or where
	// nobody looked.
	Needs string
	// Left tells that it was left out on purpose: Needs is something that is not here, such
	// as a running device beside its image.
	Left bool
}

// Seen is a fact that was read.
func Seen[T any](v T, source string) Fact[T] { return Fact[T]{Value: v, Source: source} }

// Unseen is one that could not be.
func Unseen[T any](source, needs string) Fact[T] { return Fact[T]{Source: source, Needs: needs} }

// LeftOut is one that cannot be seen here, and that nobody tried to see.
func LeftOut[T any](source, needs string) Fact[T] {
	return Fact[T]{Source: source, Needs: needs, Left: true}
}

// Known tells whether there is a value.
func (f Fact[T]) Known() bool { return f.Source != "" && f.Needs == "" }

// Looked tells whether anybody looked.
func (f Fact[T]) Looked() bool { return f.Source != "" }
