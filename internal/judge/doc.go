// Package judge draws every conclusion from what was seen, once: what a failure is called
// when other paths are looked at (Refine), which UpstreamProtocol works (Choose), what
// follows from several results (Findings), which paths matter (Needed), and who does what
// in which order (Advice). Conclude does all of it for a report, ConcludeBoth for one that
// was made from two places.
//
// It is pure. It imports the report and the standard library alone, asks no network, no
// file and no clock, and the order of the results does not change an answer. Whoever needs
// a judgement asks here or reads what the report holds; nobody judges behind it.
package judge
