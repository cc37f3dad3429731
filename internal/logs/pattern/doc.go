// Package pattern knows what the runtime's components write: one table of lines, one of the
// errors that lines carry, and a reader of chains of errors. A row says what a line
// means, how sure that is, and what it does not prove.
//
// It looks at one record at a time. What follows from several is none of its business, and
// no row names more than its source bears out. Matcher is the entry point.
package pattern
