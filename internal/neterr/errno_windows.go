package neterr

var errnoTable = winsockTable
