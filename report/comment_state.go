package report

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// CommentState is what a comment on a change remembers, unseen, of the findings that it
// asked to mend, so that the next one can say what is new since.
type CommentState struct {
	ids   []string // hexadecimal, sorted
	total int
}

const (
	// stateBytes of a fingerprint tell findings of one comment apart well enough: with
	// 2,000 of them, two are mistaken for each other in one comment of 500,000.
	stateBytes = 5
	stateMost  = 2000 // findings; of more, only the number is kept
)

// CommentMark is the first line of every comment with the key, by which it is found
// again. A key consists of letters, digits and . _ / -, but no two - in a row.
func CommentMark(key string) string { return "<!-- metsuke:comment:" + key + " -->" }

// CommentKey reports whether a key can stand in a CommentMark.
func CommentKey(key string) bool {
	return regexp.MustCompile(`^[A-Za-z0-9._/-]{1,100}$`).MatchString(key) && !strings.Contains(key, "--")
}

// ReadCommentState finds the state in a comment; nil if there is none, or one that this
// version cannot read.
func ReadCommentState(comment string) *CommentState {
	m := regexp.MustCompile(`<!-- metsuke:state:v1:([0-9]{1,9}):([A-Za-z0-9+/]*) -->`).FindStringSubmatch(comment)
	if m == nil {
		return nil
	}
	total, err := strconv.Atoi(m[1])
	b, err2 := base64.RawStdEncoding.DecodeString(m[2])
	if err != nil || err2 != nil || len(b)%stateBytes != 0 || len(b) > 0 && len(b) != total*stateBytes || len(b) == 0 && total > 0 && total <= stateMost {
		return nil
	}
	s := &CommentState{total: total}
	for id := range slices.Chunk(b, stateBytes) {
		s.ids = append(s.ids, hex.EncodeToString(id))
	}
	slices.Sort(s.ids)
	return s
}

// stateOf remembers the findings.
func stateOf(findings []finding.Finding) *CommentState {
	s := &CommentState{total: len(findings)}
	if len(findings) > stateMost {
		return s
	}
	seen := identities{}
	for _, f := range findings {
		s.ids = append(s.ids, digest(seen.of(f))[:2*stateBytes])
	}
	slices.Sort(s.ids)
	return s
}

// String is the state as it stands in the comment.
func (s *CommentState) String() string {
	b, err := hex.DecodeString(strings.Join(s.ids, ""))
	if err != nil {
		b = nil // they are hexadecimal
	}
	return fmt.Sprintf("<!-- metsuke:state:v1:%d:%s -->", s.total, base64.RawStdEncoding.EncodeToString(b))
}

// commentMarks is what a comment with a key carries unseen.
func commentMarks(o Options, mend []finding.Finding) string {
	if o.CommentKey == "" {
		return ""
	}
	return "\n" + CommentMark(o.CommentKey) + "\n" + stateOf(mend).String() + "\n"
}

// since says what changed since the comment before, "" if there was none.
func (o Options) since(mend []finding.Finding) string {
	before := o.CommentBefore
	if before == nil {
		return ""
	}
	now := stateOf(mend)
	const start = "Since the last push: "
	if before.total > len(before.ids) || now.total > len(now.ids) {
		return start + number(before.total) + " to mend before, " + number(now.total) + " now"
	}
	fresh, gone := missing(now.ids, before.ids), missing(before.ids, now.ids)
	if fresh+gone == 0 {
		return start + "nothing new, nothing mended"
	}
	return start + number(fresh) + " new, " + number(gone) + " mended"
}

// missing counts the ids that are not among the others.
func missing(ids, others []string) int {
	n := 0
	for _, id := range ids {
		if _, ok := slices.BinarySearch(others, id); !ok {
			n++
		}
	}
	return n
}
