// Package sweep decides how many connections of many hubs are under way at once. It opens
// none itself and knows nothing of hubs. Begin with [Gate].
//
// Two things are bounded. Work: connections that are being made and spoken over, which cost
// processor time; that is what a person sets. Waiting: connections on which nothing has come
// for a while, which cost a descriptor each and nothing else; so a dead hub gives its place
// to the next soon, and any number of dead ones costs about one timeout in total.
package sweep
