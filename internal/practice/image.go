package practice

import (
	"strconv"
	"strings"
)

// SplitImage gives the repository and the tag of an image, or its digest. A URL, or what has an @ before
// something else, is no image, and has neither.
func SplitImage(image string) (name, tag string, digest bool) {
	if strings.Contains(image, "://") {
		return image, "", false
	}
	if i := strings.IndexByte(image, '@'); i >= 0 {
		if !strings.HasPrefix(image[i+1:], "sha") {
			return image, "", false
		}
		return image[:i], image[i+1:], true
	}
	slash := strings.LastIndexByte(image, '/')
	if i := strings.LastIndexByte(image, ':'); i > slash {
		return image[:i], image[i+1:], false
	}
	return image, "", false
}

// Rolling tells whether a tag follows newer images: latest, none, or fewer than three
// numbers.
func Rolling(tag string) bool {
	numbers, _, _ := strings.Cut(tag, "-")
	parts := strings.Split(numbers, ".")
	for _, p := range parts {
		if _, err := strconv.Atoi(p); err != nil {
			return true
		}
	}
	return len(parts) < 3
}

// DebugBuild tells a tag that the module templates give to debug builds.
func DebugBuild(tag string) bool {
	return strings.HasSuffix(tag, ".debug") || strings.HasSuffix(tag, "-debug") || strings.Contains(tag, "-debug-")
}
