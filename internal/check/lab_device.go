//go:build device

package check

import (
	"context"

	"edgenet/internal/exit"
)

// enterLab has no lab: a device needs none.
func (*job) enterLab(context.Context) (stop func(), err error) {
	return nil, exit.Usagef("--lab is not in the module's image: use edgenet itself")
}
