// Package story follows one component through its events: when it was connected, by
// what, when it tried, lost or stopped, and what its lines say of why. Tell is a pure
// function, and knows nothing of other components: what follows from several is
// concluded elsewhere.
package story
