package report

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

// clean makes a string from an account safe to show as text on one line. Line
// breaks and other white space become a space; whatever would move the cursor,
// change colours, turn the direction of the text or be invisible is written as
// an escape that can be seen.
func clean(s string) string {
	if plain(s) {
		return s
	}
	return escape(strings.Join(strings.Fields(s), " "))
}

// cleanLines does so with text whose line breaks and spaces matter.
func cleanLines(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, l := range lines {
		lines[i] = escape(strings.ReplaceAll(strings.TrimRight(l, " \t"), "\t", "    "))
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// escape writes what is not to be shown as an escape. So it does with "##[" and
// "##vso[", by which the runner of GitHub and the agent of Azure Pipelines recognise
// a command anywhere in a line of a build's log, and with "::error::" and its like.
func escape(s string) string {
	var b strings.Builder
	marks := 0 // accents in a row: a heap of them covers the lines above
	for i, r := range s {
		if unicode.In(r, unicode.Mn, unicode.Me) {
			marks++
		} else {
			marks = 0
		}
		switch {
		case marks > 4:
			b.WriteString(escapeRune(r))
		case r == utf8.RuneError:
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				fmt.Fprintf(&b, `\x%02x`, s[i]) // a byte that is not UTF-8
			} else {
				b.WriteRune(r)
			}
		case unsafeRune(r):
			b.WriteString(escapeRune(r))
		default:
			b.WriteRune(r)
		}
	}
	return workflowCommands(logCommands().Replace(b.String()))
}

// workflowCommands takes a colon out of what GitHub's runner would take for a command
// where a line begins with it, white space aside: "::name properties::data". A table begins
// lines with names, and breaks texts at spaces (ActionCommand.TryParseV2 in
// https://github.com/actions/runner).
func workflowCommands(s string) string {
	if !mayCommand(s) {
		return s
	}
	command := regexp.MustCompile(`^::[A-Za-z-]+( .*)?::`)
	var b strings.Builder
	for i := range len(s) {
		if s[i] == ':' && (i == 0 || s[i-1] == ' ') && command.MatchString(s[i:]) {
			b.WriteString(`\x3a`)
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// mayCommand is what nearly no text passes.
func mayCommand(s string) bool { return strings.HasPrefix(s, "::") || strings.Contains(s, " ::") }

// logCommands takes the bracket out of what begins a command in a build's log.
func logCommands() *strings.Replacer {
	return strings.NewReplacer("##[", `##\x5b`, "##vso[", `##vso\x5b`)
}

// plain reports whether clean has nothing to do, which is nearly always.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '[' {
			return false
		}
	}
	return !mayCommand(s) && !strings.HasPrefix(s, " ") && !strings.HasSuffix(s, " ") && !strings.Contains(s, "  ")
}

// unsafeRune reports whether r is not to be shown as it is: control characters,
// marks of direction, everything of no width, line separators, and what Unicode
// leaves to private use.
func unsafeRune(r rune) bool {
	if r < 0x7f {
		return r < ' '
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs,
		unicode.Bidi_Control, unicode.Other_Default_Ignorable_Code_Point, unicode.Noncharacter_Code_Point) ||
		(unicode.Is(unicode.Variation_Selector, r) && r != 0xfe0e && r != 0xfe0f) // those two belong to emoji
}

func escapeRune(r rune) string {
	switch {
	case r < 0x100:
		return fmt.Sprintf(`\x%02x`, r)
	case r < 0x10000:
		return fmt.Sprintf(`\u%04x`, r)
	default:
		return fmt.Sprintf(`\U%08x`, r)
	}
}

// width returns how many columns s takes. The environment has no say in it.
func width(s string) int {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f {
			return wide(s)
		}
	}
	return len(s)
}

func wide(s string) int {
	n := 0
	for _, r := range s {
		n += displaywidth.Rune(r)
	}
	return n
}

// cut shortens s to n columns, the last of which then is an ellipsis.
func cut(s string, n int) string {
	if width(s) <= n {
		return s
	}
	used, end := 0, 0
	for i, r := range s {
		w := width(string(r))
		if used+w > n-1 {
			end = i
			break
		}
		used += w
	}
	return strings.TrimRight(s[:end], " ") + "…"
}

// wrap breaks s into lines of at most n columns, at spaces if it can, then after
// the characters that join the parts of an identifier, then anywhere.
func wrap(s string, n int) []string {
	if n <= 0 || width(s) <= n {
		return []string{s}
	}
	var lines []string
	line, used := "", 0
	flush := func() {
		lines = append(lines, strings.TrimRight(line, " "))
		line, used = "", 0
	}
	for word := range strings.FieldsSeq(s) {
		w := width(word)
		if used > 0 && used+1+w > n {
			// A word that is too long for any line may as well begin on this one.
			if w <= n || n-used < 12 {
				flush()
			}
		}
		if used > 0 {
			line, used = line+" ", used+1
		}
		for w > n-used {
			part := breakAt(word, n-used)
			w -= width(word[:part])
			line += word[:part]
			word = word[part:]
			flush()
		}
		line, used = line+word, used+w
	}
	if used > 0 {
		flush()
	}
	return lines
}

// breakAt returns how many bytes of the word to put on a line of n columns: at
// least one character.
func breakAt(word string, n int) int {
	used, hard, soft := 0, 0, 0
	for i, r := range word {
		w := width(string(r))
		if used+w > n && i > 0 {
			break
		}
		used += w
		hard = i + utf8.RuneLen(r)
		if strings.ContainsRune("/:.-_,=@", r) && used > n/3 {
			soft = hard
		}
	}
	if soft > 0 && hard < len(word) {
		return soft
	}
	return hard
}

// number writes n with commas between the thousands.
func number(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// count writes a number and its noun: "1 cell", "4,320 cells".
func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	if strings.HasSuffix(one, "y") {
		return number(n) + " " + strings.TrimSuffix(one, "y") + "ies"
	}
	return number(n) + " " + one + "s"
}

// dollars writes an amount: "$1,234.50".
func dollars(v float64) string {
	cents := strconv.FormatFloat(v, 'f', 2, 64)
	sign := ""
	if strings.HasPrefix(cents, "-") {
		sign, cents = "-", cents[1:]
	}
	whole, fraction, _ := strings.Cut(cents, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return sign + "$" + whole + "." + fraction
}
