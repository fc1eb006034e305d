package terraform

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOrdinaryEndsAtTheFirstByteThatIsNot(t *testing.T) {
	for _, special := range []string{`"`, `\`, "ü", "\x80", "\xff"} {
		for n := range 20 {
			text := strings.Repeat("!#[]\x7f"+"a", 4)[:n] + special + `\"` + "ü and more"
			if got := ordinary([]byte(text)); got != n {
				t.Errorf("of %q ordinary is %d, want %d", text, got, n)
			}
		}
	}
	for n := range 20 {
		if got := ordinary(make([]byte, n)); got != n {
			t.Errorf("of %d bytes ordinary is %d", n, got)
		}
	}
}

// What is read must not depend on where the window ends: within an escape, a character,
// a number or a word.
func TestTheWindowMayEndAnywhere(t *testing.T) {
	text := `{"key": ["text", "\"\\\u00e4\\", "ä€😀", "", -12.5e3, true, false, null, {"a\"b": {}}, []], "long": "` + strings.Repeat(`x\n`, 30) + `"}`
	bad := []string{`["\x"]`, "[\"\xff\"]", `["\u12"]`, `[1.]`, `[tru]`, `["text`, `["\`, `{"a" 1}`, `[1 2]`, `{"a":}`}
	for size := 1; size < 40; size++ {
		s := windowed(text, size)
		raw, offset, err := s.raw()
		if diff := cmp.Diff(text, string(raw)); err != nil || offset != 0 || diff != "" {
			t.Errorf("window of %d: offset %d, error %v, text (-want +got):\n%s", size, offset, err, diff)
		}
		if _, err := s.peek(); !errors.Is(err, io.EOF) {
			t.Errorf("window of %d: after the value: %v", size, err)
		}
		for _, b := range bad {
			want, got := windowed(b, 1<<10).skip(), windowed(b, size).skip()
			if want == nil || got == nil || want.Error() != got.Error() {
				t.Errorf("window of %d: %q gives %v, and with all of it in the window %v", size, b, got, want)
			}
		}
	}
}

// windowed returns a scanner of the text with a window of so many bytes to begin with.
func windowed(text string, size int) *scanner {
	s := newScanner(strings.NewReader(text), int64(len(text)), "plan.json", planDocument())
	s.buf = make([]byte, 0, size)
	return s
}
