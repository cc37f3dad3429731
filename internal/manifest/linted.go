package manifest

// Linted is a file that was judged; one that is no manifest has no kind, and the reason as
// its one problem.
type Linted struct {
	File     string    `json:"file"`
	Kind     Kind      `json:"kind"`
	Problems []Problem `json:"problems"`
}

// Unread tells whether the file is no manifest that can be read.
func (l Linted) Unread() bool { return l.Kind == "" }
