package iothub

import "strings"

// LettersAndDigits are the ASCII ones.
const LettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// hostCharacters are the vendor SDKs' own rule for host names.
const hostCharacters = LettersAndDigits + "_.-"

// MadeOf tells whether s has 1 to most bytes, all of them in the set. A regular
// expression with such a bound costs more than the rest of the program's start.
func MadeOf(s, set string, most int) bool {
	return s != "" && len(s) <= most && strings.Trim(s, set) == ""
}
