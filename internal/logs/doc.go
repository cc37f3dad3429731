// Package logs reads what the runtime itself wrote, and tells it in edgenet's words: is the
// device connected, by what, since when; when was it lost, how often, why; who acts; what
// the log cannot tell, and what would.
//
// A cause that is stated as proved and wrong is the worst that it can do. It names no
// more than the lines bear out, says how sure it is, and says when the reason is not in
// the log. It probes nothing and writes nothing.
//
// Its parts: source opens what is given, record reads it, pattern knows the lines, story
// follows each component, and the rules here conclude over all of them. Read is the entry
// point.
package logs
