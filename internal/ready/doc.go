// Package ready judges whether a device is fit for production: the documentation's
// checklist, from facts that were gathered before. It is pure: it reads no file, asks no
// socket, and knows no clock but the one in the facts.
//
// It refuses to guess. What was not seen is unknown, with what would be needed to see
// it; what nothing on the device can show is a question.
//
// The entry point is Judge.
package ready
