package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// headlineOf is the first line of a comment.
func headlineOf(comment string) string {
	line, _, _ := strings.Cut(comment, "\n")
	return line
}

func TestTheHeadlineOfAGateSaysWhetherTheChangeIsBlocked(t *testing.T) {
	never := func(finding.Finding) bool { return false }
	asked := func(run finding.Run) finding.Run { run.Mode = "gate"; return run }
	unknown := change()
	unknown.Findings = of(unknown.Findings, finding.Unknown)
	for name, tt := range map[string]struct {
		run  finding.Run
		o    Options
		want string
	}{
		"findings that block":     {change(), Options{}, "## 🛑 metsuke: blocked by 2 findings: 1 high, 1 medium"},
		"all of them, if strict":  {change(), Options{Blocks: finding.Finding.Counts}, "## 🛑 metsuke: blocked by 3 findings: 2 high, 1 medium"},
		"none that blocks":        {change(), Options{Blocks: never}, "## ⚠️ metsuke: nothing blocks; 2 findings to look at: 1 high, 1 medium"},
		"only what was there":     {only(change(), finding.Existing), Options{}, "## ✅ metsuke: nothing to mend"},
		"only unknowns":           {unknown, Options{}, "## ⚠️ metsuke: nothing blocks, but 1 verdict is unknown"},
		"too little read":         {asked(clear()), Options{Incomplete: "93 % was read"}, "## 🛑 metsuke: blocked, because not everything could be judged"},
		"interrupted":             {asked(only(rich(), "none")), Options{}, "## 🛑 metsuke: blocked, because not everything could be judged"},
		"a gap that nobody minds": {asked(blind()), Options{}, "## ⚠️ metsuke: nothing blocks in what could be read, which is not everything"},
		"nothing judged":          {asked(empty()), Options{}, "## ⚠️ metsuke: nothing was judged: no policy matched any resource"},
		"nothing fails":           {asked(clear()), Options{}, "## ✅ metsuke: nothing to mend"},
		"a scan":                  {clear(), Options{}, "## metsuke: Nothing fails"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := headlineOf(render(t, "markdown", tt.o, tt.run)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestACommentSaysWhatIsNewSinceTheOneBefore(t *testing.T) {
	o := Options{CommentKey: "default"}
	first := render(t, "markdown", o, change())
	fewer := change() // one is mended
	fewer.Findings = slices.DeleteFunc(fewer.Findings, func(f finding.Finding) bool { return f.Resource.ID == "aws_sqs_queue.orders" })
	waived := change() // waived is not to mend any more
	waived.Findings[0].Waiver = &finding.Waiver{Expires: "2026-12-31"}
	moved := change()
	for i := range moved.Findings {
		moved.Findings[i].Message += ", still"
	}
	for name, tt := range map[string]struct {
		before string
		run    finding.Run
		want   string
	}{
		"the same":             {first, change(), "Since the last push: nothing new, nothing mended"},
		"in other words":       {first, moved, "Since the last push: nothing new, nothing mended"},
		"one mended":           {first, fewer, "Since the last push: 0 new, 1 mended"},
		"one waived":           {first, waived, "Since the last push: 0 new, 1 mended"},
		"one new":              {render(t, "markdown", o, fewer), change(), "Since the last push: 1 new, 0 mended"},
		"others":               {render(t, "markdown", o, gate()), change(), "Since the last push: 1 new, 1 mended"},
		"from none":            {render(t, "markdown", o, clear()), change(), "Since the last push: 2 new, 0 mended"},
		"too many to remember": {render(t, "markdown", o, large(2500)), change(), "Since the last push: 2,508 to mend before, 2 now"},
	} {
		t.Run(name, func(t *testing.T) {
			now := o
			if now.CommentBefore = ReadCommentState(tt.before); now.CommentBefore == nil {
				t.Fatal("the comment before has no state")
			}
			got := render(t, "markdown", now, tt.run)
			if !strings.Contains(got, "\n**"+tt.want+"**\n") {
				t.Errorf("does not say %q:\n%.400s", tt.want, got)
			}
		})
	}
	if strings.Contains(first, "Since") {
		t.Errorf("the first comment compares itself with another:\n%.400s", first)
	}
}

func TestOnlyACommentWithAKeyCarriesItsMarkAndState(t *testing.T) {
	with := render(t, "markdown", Options{CommentKey: "network"}, change())
	without := render(t, "markdown", Options{}, change())
	rest, ok := strings.CutPrefix(with, without)
	if !ok {
		t.Fatalf("the comment differs:\n%s", cmp.Diff(without, with))
	}
	lines := strings.Split(strings.TrimSpace(rest), "\n")
	if len(lines) != 2 || lines[0] != CommentMark("network") || !strings.HasPrefix(lines[1], "<!-- metsuke:state:v1:2:") {
		t.Errorf("it carries %q", rest)
	}
}

func TestAStateThatIsNoneIsNotBelieved(t *testing.T) {
	for name, comment := range map[string]string{
		"nothing":         "",
		"another version": "<!-- metsuke:state:v2:1:AAAAAAA -->",
		"not base64":      "<!-- metsuke:state:v1:1:A*A -->",
		"half of an id":   "<!-- metsuke:state:v1:1:AAAA -->",
		"a wrong number":  "<!-- metsuke:state:v1:2:AAAAAAA -->",
		"none of a few":   "<!-- metsuke:state:v1:3: -->",
		"a huge number":   "<!-- metsuke:state:v1:99999999999999999999: -->",
		"its text shown":  "`metsuke:state:v1:0:`",
	} {
		if got := ReadCommentState(comment); got != nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := ReadCommentState("x\n<!-- metsuke:state:v1:0: -->\n"); got == nil || got.total != 0 {
		t.Errorf("an empty state is read as %+v", got)
	}
}

func TestAKeyCannotLeaveItsMark(t *testing.T) {
	for key, want := range map[string]bool{
		"default": true, "infra/network-1_a.b": true, "": false, "a b": false, "a--b": false, "-->": false, "ä": false, strings.Repeat("a", 101): false, "a\n": false,
	} {
		if got := CommentKey(key); got != want {
			t.Errorf("%q: %v", key, got)
		}
	}
}

func TestACommentStaysWithinItsLimitTogetherWithWhatItRemembers(t *testing.T) {
	for _, limit := range []int{0, 30000} {
		got := render(t, "markdown", Options{CommentKey: "default", MaxBytes: limit}, large(1900))
		if want := max(limit, 0); len(got) > markdownLimit || want > 0 && len(got) > want {
			t.Errorf("limit %d: %d bytes", limit, len(got))
		}
		if s := ReadCommentState(got); s == nil || len(s.ids) != 1908 {
			t.Errorf("limit %d: the state is cut", limit)
		}
	}
}

// GitLab takes a line that begins with a slash for a command of whoever writes the
// comment: /merge. It leaves out blocks of code.
func TestNoLineOfACommentIsACommand(t *testing.T) {
	const evil = "/merge\n/approve\n@acme/all"
	run := rich()
	for i := range run.Findings {
		f := &run.Findings[i]
		f.Message, f.Title, f.Path, f.Owner, f.Resource.Name, f.Resource.ScopeName, f.Resource.Region = evil, evil, evil, evil, evil, evil, evil
	}
	for i := range run.Policies {
		p := &run.Policies[i]
		p.Title, p.Description, p.Remediation = evil, evil, evil+"\n```\n/merge\n```\n/close"
	}
	run.Notes, run.Version, run.Mode = []string{evil}, evil, evil
	for i := range run.Coverage.Gaps {
		run.Coverage.Gaps[i].Err = evil
	}
	for _, mode := range []string{"gate", evil} {
		run.Mode = mode
		fenced := false
		for line := range strings.Lines(render(t, "markdown", Options{CommentKey: "k"}, run)) {
			if strings.HasPrefix(line, "```") {
				fenced = !fenced
			}
			if !fenced && strings.HasPrefix(strings.TrimSpace(line), "/") {
				t.Errorf("a command: %s", line)
			}
			if strings.Contains(line, "@acme") && !strings.Contains(line, "`") {
				t.Errorf("a mention: %s", line)
			}
		}
	}
}

func TestFindingsToMendAreListedByFileThenResource(t *testing.T) {
	run := gate()
	fail := func(file, resource string, severity finding.Severity, key string) finding.Finding {
		f := gate().Findings[0]
		source := *f.Resource.Source
		source.File, source.Address = file, resource
		f.Resource.Source, f.Resource.ID, f.Severity, f.Key, f.Message, f.Change = &source, resource, severity, key, key+" is off", finding.Introduced
		return f
	}
	run.Findings = []finding.Finding{
		fail("b.tf", "aws_s3_bucket.two", finding.Medium, "x"), fail("a.tf", "aws_s3_bucket.one", finding.Low, "y"),
		fail("b.tf", "aws_s3_bucket.three", finding.Critical, "z"), fail("b.tf", "aws_s3_bucket.two", finding.High, "w"),
	}
	var got []string
	for line := range strings.Lines(render(t, "markdown", Options{}, run)) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "#### ") || strings.HasPrefix(line, "- `") || strings.HasPrefix(line, "  - ") {
			got = append(got, line)
		}
	}
	item := func(badge, key string) string {
		return fmt.Sprintf("  - %s, line 12: %s is off · `aws-s3-public-access-block`", badge, key)
	}
	want := []string{
		"#### `b.tf`", "- `aws_s3_bucket.three`, owner `data-platform`", item("🟣 critical", "z"),
		"- `aws_s3_bucket.two`, owner `data-platform`", item("🔴 high", "w"), item("🟠 medium", "x"),
		"#### `a.tf`", "- `aws_s3_bucket.one`, owner `data-platform`", item("🔵 low", "y"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
