// Package twinsql is the language in which an IoT hub is asked for twins: its text is
// parsed whole, held against what the hub takes, and evaluated over rows that need not
// exist as documents. [Parse] is the entry point.
//
// It is as strict as the hub. What the documentation lists for message routing alone is
// refused in a query of twins, since a laboratory that takes more than the service does
// lets queries pass that fail where they matter. [Dialect] says what is open.
package twinsql
