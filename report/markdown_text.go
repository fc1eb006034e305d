package report

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
)

// noLink is a zero-width space: after it, GitHub sees no mention, reference or
// link in what surrounds it. It is the only invisible character that this
// package writes.
const noLink = "&#8203;"

// escapeMarkdown makes text that GitHub and GitLab show as it is: no markup, no HTML, no
// mention of a user, no reference to an issue, a merge request, a milestone or an epic,
// no link.
func escapeMarkdown(s string) string {
	s = clean(s)
	var b strings.Builder
	for i, r := range s {
		switch r {
		case '\\', '`', '*', '_', '[', ']', '~', '$':
			b.WriteByte('\\')
			b.WriteRune(r)
		case '|': // a backslash before it does not always keep a table's cell together
			b.WriteString("&#124;")
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '&':
			b.WriteString("&amp;")
			if refers(s[i+1:]) {
				b.WriteString(noLink)
			}
		case '!', '%':
			b.WriteRune(r)
			if refers(s[i+1:]) {
				b.WriteString(noLink)
			}
		case '@':
			b.WriteString("@" + noLink)
		case '#':
			b.WriteString(`\#` + noLink)
		case ':':
			b.WriteByte(':')
			if strings.HasPrefix(s[i:], "://") {
				b.WriteString(noLink)
			}
		case '.':
			b.WriteByte('.')
			if i >= 3 && strings.EqualFold(s[i-3:i], "www") {
				b.WriteString(noLink)
			}
		case '-':
			b.WriteByte('-')
			if i >= 2 && strings.EqualFold(s[i-2:i], "GH") {
				b.WriteString(noLink) // GH-1 refers to an issue
			}
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// htmlText makes text that is shown as it is where HTML stands within Markdown.
func htmlText(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "@", "@"+noLink, "#", "#"+noLink,
		"://", ":"+noLink+"//", "www.", "www"+noLink+".").Replace(clean(s))
}

// refers reports whether GitLab may read what stands after !, % or & as the number or
// name of something.
func refers(s string) bool {
	return s != "" && (s[0] == '"' || s[0] >= '0' && s[0] <= '9' || s[0] >= 'a' && s[0] <= 'z' || s[0] >= 'A' && s[0] <= 'Z')
}

// code writes a name from an account as code of at most n columns, which nothing
// in it can end. Within code, GitHub makes no mentions and no links.
func code(s string, n int) string {
	s = cut(clean(s), n)
	if s == "" {
		return ""
	}
	if !strings.ContainsAny(s, "`|") {
		return "`" + s + "`"
	}
	// Backticks end a span and a bar ends the cell of a table even within one.
	var b strings.Builder
	for _, r := range s {
		if r < 0x80 && !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != ' ' {
			fmt.Fprintf(&b, "&#%d;", r)
		} else {
			b.WriteRune(r)
		}
	}
	return "<code>" + b.String() + "</code>"
}

// longestRun returns the length of the longest run of c in s.
func longestRun(s string, c byte) int {
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] == c {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	return longest
}

// markdownBlock writes the text of a policy: its fenced blocks stay code, the
// lines between them are text.
func markdownBlock(s string) string {
	var b strings.Builder
	var block []string
	language, inside := "", false
	flush := func() {
		fence := strings.Repeat("`", max(3, longestRun(strings.Join(block, "\n"), '`')+1))
		b.WriteString(fence + language + "\n" + strings.Join(block, "\n") + "\n" + fence + "\n")
		block, inside = nil, false
	}
	for _, l := range strings.Split(cleanLines(s), "\n") {
		fence := strings.HasPrefix(strings.TrimSpace(l), "```")
		switch {
		case fence && inside:
			flush()
		case fence:
			inside = true
			if language = strings.TrimLeft(strings.TrimSpace(l), "`"); strings.Trim(language, "abcdefghijklmnopqrstuvwxyz") != "" {
				language = ""
			}
		case inside:
			block = append(block, l)
		case l == "":
			b.WriteByte('\n')
		default:
			b.WriteString(markdownLine(l) + "\n")
		}
	}
	if inside {
		flush()
	}
	return b.String()
}

// markdownLine escapes a line of prose, and what only means something at the
// start of one, but for the items of a list. Spaces before it, which would make
// it code, are gone after clean. A slash there is a command to GitLab: /merge.
func markdownLine(l string) string {
	l = escapeMarkdown(l)
	if strings.HasPrefix(l, "-") && !strings.HasPrefix(l, "- ") || strings.HasPrefix(l, "+") || strings.HasPrefix(l, "=") || strings.HasPrefix(l, "/") {
		l = `\` + l
	}
	return l
}

// markdownURL returns the target of a link, "" if it is not a web address.
func markdownURL(s string) string {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return ""
	}
	return strings.NewReplacer("(", "%28", ")", "%29", " ", "%20").Replace(u.String())
}
