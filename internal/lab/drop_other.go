//go:build !linux

package lab

import (
	"fmt"
	"runtime"
)

type dropper struct{}

func dropSYN(string) (*dropper, error) {
	return nil, fmt.Errorf("dropping SYNs is not possible on %s", runtime.GOOS)
}

func (*dropper) close() {}
