// Package rule is the form in which the rules over files are tabulated: code, severity,
// who acts, what it means, what to do, and where that is known from. It refuses to judge:
// the packages that own the rules do. Row is the entry point.
package rule
