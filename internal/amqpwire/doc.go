// Package amqpwire reads the frames of AMQP 1.0 (OASIS, 2012) that strangers send, as far as
// a greeting and a guard need them: headers, performatives, and a bounded decoder of values.
// It believes no size, no count and no depth. Real sessions use go-amqp, which shows neither
// mechanisms nor what came in their place, and believes what it is told.
package amqpwire
