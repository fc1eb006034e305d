package report

import (
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// atlantisReporter writes text for Atlantis, which puts the output of a step into a
// block of code in the colours of a diff: a line that begins with - is red, with ! is
// orange, with + is green. https://www.runatlantis.io/docs/custom-policy-checks
//
// With custom_policy_check, Atlantis decides by the text whether the check passed:
// earlier versions look for "fail", later ones for "FAIL" at the start or for a number
// of "failures". So the first line says both when something blocks, and when nothing
// does the word is nowhere, not even in a resource's name, where it is written f\x61il.
type atlantisReporter struct{ o Options }

// atlantisLimit is in bytes, so that Atlantis need not break its comment apart: those
// of GitHub have 65,536 characters, and the plan wants some of them.
const atlantisLimit = 30000

func (r atlantisReporter) Report(w io.Writer, run finding.Run) error {
	findings := ordered(run)
	blocked := r.o.blocked(run)
	var head []string
	if blocked {
		n := len(r.o.blocking(findings))
		// Being incomplete is one failure too.
		head = []string{"FAIL: " + count(max(n, 1), "failure") + ". " + r.o.why(run) + "."}
	} else {
		head = []string{"+ " + r.o.passedOrFailed(run) + "."}
	}
	tail := append([]string{"", verdictLine(run) + "."}, coverageLines(run)...)
	body := r.lines(run, findings)
	room := atlantisLimit
	for _, l := range slices.Concat(head, tail) {
		room -= len(l) + 1
	}
	shown := 0
	for shown < len(body) && room > len(body[shown])+200 {
		room -= len(body[shown]) + 1
		shown++
	}
	if left := len(body) - shown; left > 0 {
		body = append(slices.Clip(body[:shown]), count(left, "line")+" more not shown here; another format has them all.")
	}
	lines := slices.Concat(head, body, tail)
	for i, l := range lines {
		lines[i] = atlantisText(l, !blocked)
	}
	return write(w, []byte(strings.Join(lines, "\n")+"\n"))
}

// lines are the findings that block, those that do not, and what is unknown.
func (r atlantisReporter) lines(run finding.Run, findings []finding.Finding) []string {
	var blocking, others, unknown []string
	known := policies(run)
	mended := map[string]bool{}
	for _, f := range of(findings, finding.Fail) {
		l := string(f.Severity) + "  " + resourceLine(f.Resource) + ": " + f.Message + "  [" + f.Policy + "]"
		if p := position(f.Resource); p != "" {
			l += "  " + p
		}
		if !r.o.blocks(f) {
			if e := r.o.notHeld(f); e != "" {
				l += "  (" + e + ")"
			}
			others = append(others, "# "+clean(l))
			continue
		}
		blocking = append(blocking, "- "+clean(l))
		if fix := known[f.Policy].Mending(); fix != "" && !mended[f.Policy] {
			mended[f.Policy] = true
			for _, l := range strings.Split(cleanLines(fix), "\n") {
				if l != "" && !strings.HasPrefix(l, "```") {
					blocking = append(blocking, "    "+l)
				}
			}
		}
	}
	for _, g := range unknownGroups(findings) {
		unknown = append(unknown, "! "+clean(string(g.Severity)+"  "+g.Policy+": "+unknownLine(g)))
	}
	return slices.Concat(blocking, unknown, others)
}

// atlantisText makes a line that cannot end the block of code around it, and in which
// Atlantis reads no failure where there is none.
func atlantisText(l string, passed bool) string {
	l = strings.ReplaceAll(l, "`", "'")
	if passed {
		l = regexp.MustCompile(`(?i)(f)a(il)`).ReplaceAllString(l, `${1}\x61${2}`)
	}
	return l
}
