package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// junitReporter writes JUnit XML, as build servers read it: a suite for each
// policy, in it a case for each finding and one that counts what passed.
//
//	fail        <failure>
//	unknown     <error>: a skipped case is easily taken for one that does not matter
//	no resource <skipped>: the policy never ran
//	excused     <skipped>: it fails and does not count; the message says why
//	as it was   <skipped>: it fails, and the plan leaves it as it was
//
// A last suite tells the coverage; its case is an error when not all was read.
//
// It keeps to junit-10.xsd, by which Jenkins refuses files (github.com/jenkinsci/xunit-plugin):
// testsuites, for one, must not say how many were skipped.
type junitReporter struct{ o Options }

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string           `xml:"name,attr"`
	Tests      int              `xml:"tests,attr"`
	Failures   int              `xml:"failures,attr"`
	Errors     int              `xml:"errors,attr"`
	Skipped    int              `xml:"skipped,attr"`
	Time       string           `xml:"time,attr"`
	Timestamp  string           `xml:"timestamp,attr,omitempty"`
	Properties *junitProperties `xml:"properties"`
	Cases      []junitCase      `xml:"testcase"`
}

type junitProperties struct {
	Properties []junitProperty `xml:"property"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name      string        `xml:"name,attr"`
	Classname string        `xml:"classname,attr"`
	Time      string        `xml:"time,attr"`
	Skipped   *junitProblem `xml:"skipped"`
	Error     *junitProblem `xml:"error"`
	Failure   *junitProblem `xml:"failure"`
	Out       *junitText    `xml:"system-out"`
}

type junitProblem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",cdata"`
}

type junitText struct {
	Text string `xml:",cdata"`
}

func (r junitReporter) Report(w io.Writer, run finding.Run) error {
	all := junitSuites{Name: "metsuke", Time: "0"}
	stamp := ""
	if !run.Time.IsZero() {
		stamp = run.Time.UTC().Format("2006-01-02T15:04:05")
	}
	byPolicy := map[string][]finding.Finding{}
	var extra []string // policies with findings that the run does not list
	known := policies(run)
	for _, f := range ordered(run) {
		if _, ok := known[f.Policy]; !ok && byPolicy[f.Policy] == nil {
			extra = append(extra, f.Policy)
		}
		byPolicy[f.Policy] = append(byPolicy[f.Policy], f)
	}
	for _, p := range run.Policies {
		all.add(policySuite(p, byPolicy[p.ID], r.o), stamp)
	}
	for _, id := range extra {
		all.add(policySuite(finding.Policy{ID: id, Title: byPolicy[id][0].Title, Counts: finding.Counts{Fail: len(byPolicy[id])}}, byPolicy[id], r.o), stamp)
	}
	all.add(coverageSuite(run), stamp)

	var b bytes.Buffer
	b.WriteString(xml.Header)
	e := xml.NewEncoder(&b)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return fmt.Errorf("encode report: %w", err)
	}
	b.WriteByte('\n')
	return write(w, b.Bytes())
}

// add appends a suite and counts its cases.
func (all *junitSuites) add(s junitSuite, stamp string) {
	s.Timestamp, s.Time, s.Tests = stamp, "0", len(s.Cases)
	for i, c := range s.Cases {
		s.Cases[i].Time = "0"
		switch {
		case c.Failure != nil:
			s.Failures++
		case c.Error != nil:
			s.Errors++
		case c.Skipped != nil:
			s.Skipped++
		}
	}
	all.Tests += s.Tests
	all.Failures += s.Failures
	all.Errors += s.Errors
	all.Suites = append(all.Suites, s)
}

func policySuite(p finding.Policy, findings []finding.Finding, o Options) junitSuite {
	id := clean(p.ID)
	s := junitSuite{Name: id, Properties: &junitProperties{}}
	for _, kv := range [][2]string{{"title", p.Title}, {"severity", string(p.Severity)}, {"category", string(p.Category)}} {
		if kv[1] != "" {
			s.Properties.Properties = append(s.Properties.Properties, junitProperty{kv[0], clean(kv[1])})
		}
	}
	passes := p.Counts.Pass
	for _, f := range findings {
		c := junitCase{Name: resourceLine(f.Resource), Classname: id}
		if f.Key != "" {
			c.Name += " " + clean(f.Key)
		}
		switch f.Verdict {
		case finding.Fail:
			if why := excuse(f); why != "" { // a failed case would fail the build
				c.Skipped = &junitProblem{Message: clean(why + "; " + f.Message), Type: clean(string(f.Severity)), Text: detail(f, p)}
				break
			}
			if leaves(f, o) {
				c.Skipped = &junitProblem{Message: o.notHeld(f) + "; " + clean(f.Message), Type: clean(string(f.Severity)), Text: detail(f, p)}
				break
			}
			c.Failure = &junitProblem{Message: clean(f.Message), Type: clean(string(f.Severity)), Text: detail(f, p)}
		case finding.Unknown:
			c.Error = &junitProblem{Message: "unknown: " + clean(f.Message), Type: clean(string(f.Reason)), Text: detail(f, p)}
		case finding.Pass:
			passes--
		case finding.NotApplicable:
			c.Skipped = &junitProblem{Message: "not applicable"}
		}
		s.Cases = append(s.Cases, c)
	}
	if passes > 0 {
		s.Cases = append(s.Cases, junitCase{Name: "passed by " + count(passes, "resource"), Classname: id})
	}
	if p.Counts.Total() == 0 {
		s.Cases = append(s.Cases, junitCase{Name: "matched no resource", Classname: id, Skipped: &junitProblem{Message: "the policy matched no resource, so it neither passed nor failed"}})
	}
	return s
}

// detail is the text of a failed case: one fact on a line.
func detail(f finding.Finding, p finding.Policy) string {
	var b strings.Builder
	b.WriteByte('\n')
	for _, kv := range [][2]string{
		{"policy", f.Title},
		{"severity", string(f.Severity)},
		{"resource", f.Resource.ID},
		{"account", strings.TrimSpace(f.Resource.Scope + " " + f.Resource.ScopeName)},
		{"region", f.Resource.Region},
		{"declared in", position(f.Resource)},
		{"owner", ownerWords(f)},
		{"attribute", f.Path},
		{"reason", string(f.Reason)},
		{"cure", curedBy(f)},
		{"does not count", excuse(f)},
		{"change", string(f.Change)},
		{"history", historyText(f)},
		{"fingerprint", f.Fingerprint},
	} {
		if kv[1] != "" {
			b.WriteString(kv[0] + ": " + clean(kv[1]) + "\n")
		}
	}
	for _, s := range []string{p.Remediation, p.Terraform} {
		if s != "" {
			b.WriteString("\n" + cleanLines(s) + "\n")
		}
	}
	return b.String()
}

// curedBy says what would let an unknown finding be judged.
func curedBy(f finding.Finding) string {
	if f.Verdict != finding.Unknown {
		return ""
	}
	return cure(string(f.Reason), f.Permission)
}

func coverageSuite(run finding.Run) junitSuite {
	c := run.Coverage
	s := junitSuite{Name: "coverage", Properties: &junitProperties{[]junitProperty{
		{"cells_planned", strconv.Itoa(c.CellsPlanned)},
		{"cells_read", strconv.Itoa(c.CellsRead)},
		{"resources", strconv.Itoa(c.Resources)},
		{"gaps", strconv.Itoa(len(c.Gaps))},
		{"interrupted", strconv.FormatBool(run.Interrupted)},
		{"metsuke_version", clean(run.Version)},
		{"mode", clean(run.Mode)},
	}}}
	heading, lines := cureLines(run)
	text := append([]string{strings.TrimSpace(sentence(changeLine(run)) + coverageLine(run))}, sinceLines(run)...)
	text = append(append(text, heading), lines...)
	groups, parts := gapGroups(c.Gaps)
	for _, g := range groups {
		text = append(text, "not read: "+g.sentence())
	}
	if parts > 0 {
		text = append(text, count(parts, "detail")+" of resources could not be read")
	}
	one := junitCase{Name: "everything was read", Classname: "coverage"}
	if c.Complete() && !run.Interrupted {
		one.Out = &junitText{"\n" + strings.Join(text, "\n") + "\n"}
	} else {
		one.Error = &junitProblem{Message: coverageLine(run), Type: "coverage", Text: "\n" + strings.Join(text, "\n") + "\n"}
	}
	s.Cases = []junitCase{one}
	return s
}
