// Package render draws a report of logs: the one screen, markdown, JSON, a line an event,
// the page. It decides nothing; what it shows has been cleaned and filtered where it was
// read, and is cleaned again here.
//
// The entry points are Text, Markdown, JSON, JSONL and HTML.
package render
