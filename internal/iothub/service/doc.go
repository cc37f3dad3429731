// Package service is a client of IoT Hub's service API, as far as a fleet's network
// settings need it: queries in pages, twins, automatic deployments, direct methods and
// counts, by net/http alone.
//
// It keeps within the hub's throttles by a budget for each kind of call, waits as the hub
// says where that was not enough, and gives errors with the hub's code, its tracking id
// and the name of the right that is missing. What comes back is bounded and streamed: a
// page is never held as a whole. It decides nothing about devices. Client is the entry
// point.
package service
