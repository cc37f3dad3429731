// Package render turns a report into what a reader wants: JSON and JSONL for
// machines, text for a person at a terminal or in a log, rows that settle while
// the probes run (Live), and the reference of causes and findings.
//
// It decides nothing and measures nothing: what is in the report is shown, and
// what a stranger wrote is cleaned again on its way out. Only fields that it
// knows are shown. Text is the entry point for people, JSON for programs.
package render
