package main

import "fmt"

// target is one platform that gets a binary.
type target struct {
	OS, Arch, ARM string // GOOS, GOARCH, GOARM; ARM is empty for other architectures
	// Deb and RPM are the packages' names of the architecture; empty means no package.
	Deb, RPM string
	// Variant is the OCI image's; Image says that there is one.
	Variant string
	Image   bool
}

// targets are all platforms, in the order of the listing. Debian's armhf needs ARMv7,
// Raspberry Pi OS's armhf runs on ARMv6: the ARMv6 binary runs on both, so the one
// package named armhf holds that.
func targets() []target {
	return []target{
		{OS: "linux", Arch: "amd64", Deb: "amd64", RPM: "x86_64", Image: true},
		{OS: "linux", Arch: "arm64", Deb: "arm64", RPM: "aarch64", Image: true},
		{OS: "linux", Arch: "arm", ARM: "7", RPM: "armv7hl", Variant: "v7", Image: true},
		{OS: "linux", Arch: "arm", ARM: "6", Deb: "armhf"},
		{OS: "windows", Arch: "amd64"},
		{OS: "windows", Arch: "arm64"},
		{OS: "darwin", Arch: "amd64"},
		{OS: "darwin", Arch: "arm64"},
	}
}

// String is the platform as file names have it: linux_armv7.
func (t target) String() string {
	if t.ARM != "" {
		return fmt.Sprintf("%s_%sv%s", t.OS, t.Arch, t.ARM)
	}
	return t.OS + "_" + t.Arch
}

func (t target) binary() string {
	if t.OS == "windows" {
		return "edgenet.exe"
	}
	return "edgenet"
}
