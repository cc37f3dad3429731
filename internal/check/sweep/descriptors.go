package sweep

// What connections cost in descriptors: each has its socket, and for moments those of its
// name's questions; one that fails follows SYNs with up to eight more. The process needs
// some of its own.
const (
	perConnection = 10
	reserved      = 48
)

// Wanted is how many descriptors it takes for a gate to be as wide as asked for.
func Wanted(slots int) int { return slots*perConnection + reserved }
