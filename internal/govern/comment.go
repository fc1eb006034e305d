package govern

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/nearest"
)

// CommentPrefix begins a comment in the Terraform sources that is a waiver:
//
//	# metsuke:ignore aws-s3-versioning until=2026-12-31 reason="only scratch data"
const CommentPrefix = "metsuke:ignore"

// Comment is a comment in the Terraform sources.
type Comment struct {
	Text string // from CommentPrefix on
	File string
	Line int
	// Address is that of the resource or module call that it belongs to, without instance
	// keys; "" is none. Where there are several plans it is PLAN:ADDRESS.
	Address string
	First   int // the lines of that block
	Last    int
}

// commentKeys are what a comment says of a waiver, besides the policy.
func commentKeys() []string { return []string{"until", "reason", "ticket", "approver", "only"} }

// Strictness is what waivers in comments have to bring.
type Strictness string

// How comments are taken.
const (
	AllowComments    Strictness = "allow"    // a reason and a day suffice
	ApprovedComments Strictness = "approved" // an approver and a ticket too, as in the file
	RefuseComments   Strictness = "refuse"   // they waive nothing
)

// Strictnesses returns the values of Strictness.
func Strictnesses() []Strictness {
	return []Strictness{AllowComments, ApprovedComments, RefuseComments}
}

// FromComments makes waivers of comments, in their order. One that is not well formed
// is a waiver with a fault. A file that is the module of several calls has each of its
// comments once for each call: they are one waiver.
func FromComments(comments []Comment, s Strictness) []Waiver {
	var out []Waiver
	for _, c := range comments {
		if n := len(out); n > 0 && out[n-1].File == c.File && out[n-1].Line == c.Line {
			if c.Address != "" {
				out[n-1].Addresses = append(out[n-1].Addresses, c.Address)
			}
			continue
		}
		w, err := parseComment(c.Text)
		w.InSource, w.File, w.Line, w.First, w.Last = true, c.File, c.Line, c.First, c.Last
		if c.Address != "" {
			w.Addresses = []string{c.Address}
		}
		if err == nil {
			err = w.commentFault(s)
		}
		if err != nil {
			w.Fault = err.Error()
		}
		out = append(out, w)
	}
	return out
}

// commentFault says what a well-formed comment lacks.
func (w Waiver) commentFault(s Strictness) error {
	switch {
	case s == RefuseComments:
		return errors.New("waivers in comments are refused by the configuration (waivers.comments)")
	case len(w.Addresses) == 0:
		return errors.New("it stands on no resource and no module call")
	case w.Reason == "":
		return errors.New(`it has no reason; write reason="..."`)
	case w.Expires == "":
		return errors.New("it has no day on which it ends; write until=2026-12-31")
	case s == ApprovedComments && (w.Approver == "" || w.Ticket == ""):
		return errors.New("it needs an approver and a ticket, by the configuration (waivers.comments): approver=NAME ticket=ID")
	}
	return nil
}

// parseComment reads "POLICY KEY=VALUE ...". A value with spaces stands in double
// quotes, in which a backslash takes away the meaning of the next character.
func parseComment(text string) (Waiver, error) {
	var w Waiver
	first, rest := cutField(strings.TrimSpace(text))
	if first != CommentPrefix {
		return w, fmt.Errorf("there is no %s; write %s", first, CommentPrefix)
	}
	w.Policy, rest = cutField(strings.TrimSpace(rest))
	if w.Policy == "" || strings.ContainsAny(w.Policy, `="`) {
		w.Policy = ""
		return w, errors.New("it names no policy; write " + CommentPrefix + ` POLICY until=2026-12-31 reason="..."`)
	}
	seen := map[string]bool{}
	for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimSpace(rest) {
		key, value, ok := strings.Cut(rest, "=")
		if !ok || strings.ContainsAny(key, " \t\"") {
			word, _ := cutField(rest)
			return w, fmt.Errorf(`%s is no key=value; a text with spaces stands in quotes: reason="..."`, word)
		}
		if !slices.Contains(commentKeys(), key) {
			return w, fmt.Errorf("there is no key %q%s; there are %s", key, nearest.Hint(key, commentKeys()), strings.Join(commentKeys(), ", "))
		}
		if seen[key] {
			return w, fmt.Errorf("%s is there twice", key)
		}
		seen[key] = true
		var err error
		if value, rest, err = cutValue(value); err != nil {
			return w, fmt.Errorf("%s: %w", key, err)
		}
		value = strings.Join(strings.Fields(value), " ")
		switch key {
		case "until":
			w.Expires = value
		case "reason":
			w.Reason = value
		case "ticket":
			w.Ticket = value
		case "approver":
			w.Approver = value
		case "only":
			if w.Only = commaList(value); len(w.Only) == 0 {
				return w, errors.New("only names nothing")
			}
		}
	}
	return w, nil
}

// commaList returns the texts between commas.
func commaList(s string) []string {
	var out []string
	for _, part := range strings.Split(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// cutField cuts the first word off.
func cutField(s string) (field, rest string) {
	if i := strings.IndexAny(s, " \t\r\n"); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// cutValue cuts a word or a quoted text off.
func cutValue(s string) (value, rest string, err error) {
	if !strings.HasPrefix(s, `"`) {
		value, rest = cutField(s)
		return value, rest, nil
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == '"':
			if rest = s[i+1:]; rest != "" && !strings.ContainsAny(rest[:1], " \t\r\n") {
				return "", "", errors.New("something follows the closing quote")
			}
			return b.String(), rest, nil
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", errors.New("the quote is not closed")
}
