package terraform

import (
	"encoding/binary"
	"math/bits"
)

// Eight bytes at once: the lowest and the highest bit of each, and a quote and a
// backslash in each.
const (
	lowBits   = 0x0101010101010101
	highBits  = 0x8080808080808080
	quotes    = '"' * lowBits
	backslash = '\\' * lowBits
)

// ordinary returns how many bytes at the beginning of b are neither a quote nor a backslash
// nor part of a character beyond ASCII. Nearly all of a plan is read by it.
func ordinary(b []byte) int {
	i := 0
	for ; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		q, s := x^quotes, x^backslash
		// A byte that is 0 borrows from its highest bit. Bytes behind it may look as if
		// they were, too; only the first one counts.
		if found := ((q-lowBits)&^q | (s-lowBits)&^s | x) & highBits; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for ; i < len(b); i++ {
		if c := b[i]; c == '"' || c == '\\' || c >= 0x80 {
			return i
		}
	}
	return i
}
