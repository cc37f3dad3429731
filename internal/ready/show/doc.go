// Package show draws the answer of package ready: on a screen, as a page, and in the forms
// that other programs read. It judges nothing: what is wrong, and what comes first, stands
// in the answer.
package show
