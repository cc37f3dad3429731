package neterr

import "syscall"

// winsockTable maps Windows Sockets error codes (winsock2.h, "Windows Sockets
// Error Codes"); it is compiled everywhere so that its test runs everywhere.
var winsockTable = map[syscall.Errno]errnoInfo{
	10060: {Timeout, "WSAETIMEDOUT"},
	10061: {Refused, "WSAECONNREFUSED"},
	1225:  {Refused, "ERROR_CONNECTION_REFUSED"},
	10054: {Reset, "WSAECONNRESET"},
	10053: {Reset, "WSAECONNABORTED"},
	1236:  {Reset, "ERROR_CONNECTION_ABORTED"},
	64:    {Reset, "ERROR_NETNAME_DELETED"},
	10052: {Reset, "WSAENETRESET"},
	10058: {Reset, "WSAESHUTDOWN"},
	10051: {NetUnreachable, "WSAENETUNREACH"},
	10050: {NetUnreachable, "WSAENETDOWN"},
	1231:  {NetUnreachable, "ERROR_NETWORK_UNREACHABLE"},
	10065: {HostUnreachable, "WSAEHOSTUNREACH"},
	10064: {HostUnreachable, "WSAEHOSTDOWN"},
	1232:  {HostUnreachable, "ERROR_HOST_UNREACHABLE"},
	10013: {NotPermitted, "WSAEACCES"}, // what Windows' own firewall gives; the network has other codes there
	10022: {Invalid, "WSAEINVAL"},
	10042: {ProtoUnavailable, "WSAENOPROTOOPT"},
	1234:  {Refused, "ERROR_PORT_UNREACHABLE"},
	10049: {AddressMissing, "WSAEADDRNOTAVAIL"},
	10047: {AddressMissing, "WSAEAFNOSUPPORT"},
	10040: {MessageSize, "WSAEMSGSIZE"},
	10024: {HostLimit, "WSAEMFILE"},
	10055: {HostLimit, "WSAENOBUFS"},
	10048: {AddressInUse, "WSAEADDRINUSE"},
	121:   {Timeout, "ERROR_SEM_TIMEOUT"},
}
