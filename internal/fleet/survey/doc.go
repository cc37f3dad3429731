// Package survey reads a fleet through the hub's query language: how many devices say
// what, who is silent, and what a plan needs of every device. It counts by GROUP BY where
// the hub takes it and the fleet is large, else by going through all rows, page by page in
// constant memory, and says which.
//
// It reads only, and judges nothing. Status, Devices and Gather are the entry points.
package survey
