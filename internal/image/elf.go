package image

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// machines tells which ELF machine an architecture is (e_machine, elf(5) and the processors'
// supplements); all of them are little-endian.
var machines = map[string]uint16{"386": 3, "arm": 40, "amd64": 62, "arm64": 183, "riscv64": 243}

// ptInterp is the type of the program header that names a dynamic linker (PT_INTERP, elf(5)).
const ptInterp = 3

var errNoELF = errors.New("no Linux program (ELF)")

// runnable refuses what could not start in the image. It reads the three things that matter itself,
// for debug/elf brings the readers of debugging information with it, 150 kB of the program.
func runnable(program []byte, p Platform) error {
	want, ok := machines[p.Architecture]
	if !ok {
		return fmt.Errorf("architecture %q: expected amd64, arm64, arm, 386 or riscv64", p.Architecture)
	}
	const header32, header64 = 52, 64 // bytes of the file's header
	if len(program) < header32 || string(program[:4]) != "\x7fELF" || program[5] != 1 {
		return errNoELF
	}
	order := binary.LittleEndian
	if got := order.Uint16(program[18:]); got != want {
		return fmt.Errorf("it is for %s, expected %s", architecture(got), p.Architecture)
	}
	at, size, count := uint64(order.Uint32(program[28:])), order.Uint16(program[42:]), order.Uint16(program[44:])
	if program[4] == 2 { // of 64 bits
		if len(program) < header64 {
			return errNoELF
		}
		at, size, count = order.Uint64(program[32:]), order.Uint16(program[54:]), order.Uint16(program[56:])
	}
	for i := range uint64(count) {
		from := at + i*uint64(size)
		if from < at || from > uint64(len(program)-4) {
			return fmt.Errorf("%w: it ends before its program headers", errNoELF)
		}
		if order.Uint32(program[from:]) == ptInterp {
			return ErrDynamic
		}
	}
	return nil
}

func architecture(machine uint16) string {
	for _, name := range slices.Sorted(maps.Keys(machines)) {
		if machines[name] == machine {
			return name
		}
	}
	return fmt.Sprintf("ELF machine %d", machine)
}
