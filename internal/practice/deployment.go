package practice

import "strings"

// Limits of a module twin and of a deployment (documentation: limits and restrictions).
const (
	MostTwinBytes = 32 << 10
	MostModules   = 50
)

// CleanupSec is how often edgeHub removes messages that have expired, unless
// MessageCleanupIntervalSecs says otherwise.
const CleanupSec = 1800

// AdminUser tells a login that is a registry's admin user, whose name is the registry's.
func AdminUser(registry, user string) bool {
	name, _, _ := strings.Cut(registry, ".")
	return user != "" && strings.EqualFold(name, user) && strings.Contains(registry, ".azurecr.")
}
