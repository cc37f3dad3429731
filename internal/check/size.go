package check

import (
	"errors"
	"strconv"
	"strings"
)

// sizeOf reads a number of bytes with a unit: 20MB, 500k, 1 GiB.
func sizeOf(text string) (int64, error) {
	text = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(text), " ", ""))
	number := strings.TrimRight(text, "kmgib")
	unit, known := map[string]int64{"": 1, "b": 1, "k": 1e3, "kb": 1e3, "kib": 1 << 10, "m": 1e6, "mb": 1e6,
		"mib": 1 << 20,
		"g":   1e9, "gb": 1e9, "gib": 1 << 30}[text[len(number):]]
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || !known || !(n >= 0) || n*float64(unit) > 1e15 {
		return 0, errors.New("not a size")
	}
	return int64(n * float64(unit)), nil
}
