// Package iothub knows what is fixed about Azure IoT Hub itself: the names of its
// clouds, connection strings and SAS tokens. It contacts nothing.
package iothub
