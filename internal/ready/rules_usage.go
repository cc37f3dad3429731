package ready

import (
	"fmt"
)

func diskDocker(f *Facts) []Row {
	u := f.Engine.Usage
	if rows := unseen(u, "what the engine stores without use"); rows != nil {
		return rows
	}
	const much = 2 << 30
	text := fmt.Sprintf(
		"unused images %s, unused volumes %s",
		bytesWords(uint64(max(0, u.Value.DanglingImagesBytes))),
		bytesWords(uint64(max(0, u.Value.UnusedVolumesBytes))),
	)
	if u.Value.DanglingImagesBytes+u.Value.UnusedVolumesBytes > much {
		r := one(Info, u.Source, "%s", text)
		r[0].Remedy = "docker image prune frees the images. Look at docker volume ls before you remove a volume."
		return r
	}
	return one(OK, u.Source, "%s", text)
}

// bytesWords is a size for people, in powers of 1024.
func bytesWords(n uint64) string {
	unit, words := float64(1<<10), []string{"KiB", "MiB", "GiB", "TiB"}
	x := float64(n) / unit
	i := 0
	for x >= unit && i < len(words)-1 {
		x /= unit
		i++
	}
	if n < 1<<10 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%.1f %s", x, words[i])
}
