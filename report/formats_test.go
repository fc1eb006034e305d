package report

import (
	"encoding/csv"
	"encoding/xml"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

func TestSARIFFollowsTheStandard(t *testing.T) {
	for name, run := range edges() {
		t.Run(name, func(t *testing.T) {
			doc, err := sarif.FromString(render(t, "sarif", Options{ToolURL: "https://metsuke.example"}, run()), sarif.WithStrictValidation())
			if err != nil {
				t.Fatal(err)
			}
			if err := doc.Validate(); err != nil { // against the schema of SARIF 2.1.0
				t.Error(err)
			}
			for _, r := range doc.Runs {
				rules := map[string]bool{}
				for _, rule := range r.Tool.Driver.Rules {
					if rules[*rule.ID] {
						t.Errorf("rule %s is there twice", *rule.ID)
					}
					rules[*rule.ID] = true
				}
				for _, result := range r.Results {
					sarifResultIsSound(t, r, result)
				}
			}
		})
	}
}

// sarifResultIsSound checks what the schema does not: what the standard's text
// and GitHub's code scanning ask of a result.
func sarifResultIsSound(t *testing.T, run *sarif.Run, result *sarif.Result) {
	t.Helper()
	if got := *run.Tool.Driver.Rules[result.RuleIndex].ID; got != *result.RuleID {
		t.Errorf("rule index %d is of %s, the result of %s", result.RuleIndex, got, *result.RuleID)
	}
	if (result.Kind == "fail") == (result.Level == "none") {
		t.Errorf("kind %s has level %s", result.Kind, result.Level)
	}
	if (result.Kind == "fail") == (*result.RuleID == sarifUnknown) {
		t.Errorf("kind %s has rule %s", result.Kind, *result.RuleID)
	}
	if len(result.Locations) != 1 {
		t.Fatalf("%d locations", len(result.Locations))
	}
	place := result.Locations[0].PhysicalLocation
	uri := *place.ArtifactLocation.URI
	u, err := url.Parse(uri)
	if err != nil {
		t.Errorf("no URI: %v", err)
	} else if u.IsAbs() || u.Host != "" || strings.HasPrefix(u.Path, "/") || u.RawQuery != "" || u.Fragment != "" || strings.Contains(u.Path, "..") {
		t.Errorf("not a plain relative path: %s", uri)
	}
	if !regexp.MustCompile(`^([A-Za-z0-9._~!$&'()*+,;=@/-]|%[0-9A-F]{2})+$`).MatchString(uri) {
		t.Errorf("not a URI reference: %s", uri)
	}
	if *place.Region.StartLine < 1 {
		t.Errorf("starts at line %d", *place.Region.StartLine)
	}
	if regexp.MustCompile(`[^\\]\]\(`).MatchString(*result.Message.Text) {
		t.Errorf("the message holds a link: %s", *result.Message.Text)
	}
}

func TestSARIFLocationsStandForResources(t *testing.T) {
	for name, tt := range map[string]struct {
		r    finding.Resource
		want string
	}{
		"a line of a file":     {gate().Findings[0].Resource, "storage/main.tf:12"},
		"a file, no line":      {finding.Resource{Source: &providers.Source{File: "a b/../x:y.tf"}}, "a%20b/_../x%3Ay.tf:1"},
		"a plan, no file":      {gate().Findings[2].Resource, "terraform/plan.json/global/aws_s3_bucket/aws_s3_bucket.logs:1"},
		"a live resource":      {rich().Findings[0].Resource, "aws/111111111111/global/aws_iam_account_summary/account:1"},
		"no name":              {finding.Resource{Provider: "dns", Scope: "..", Type: "dns_zone", ID: "https://x/y"}, "dns/_../global/dns_zone/https%3A%2F%2Fx%2Fy:1"},
		"nothing known at all": {finding.Resource{}, "global:1"},
	} {
		t.Run(name, func(t *testing.T) {
			p := sarifLocation(tt.r).PhysicalLocation
			if got := *p.ArtifactLocation.URI + ":" + strconv.Itoa(*p.Region.StartLine); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// junitNode is any element, so that the structure can be held against the one
// that build servers accept.
type junitNode struct {
	XMLName xml.Name
	Attrs   []xml.Attr  `xml:",any,attr"`
	Text    string      `xml:",chardata"`
	Nodes   []junitNode `xml:",any"`
}

// junitShape is what junit-10.xsd of Jenkins' xUnit plugin allows, as far as it is
// used and the same in its releases (github.com/jenkinsci/xunit-plugin,
// src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd): the attributes an
// element must have, those it may have besides, and the elements within it. Only
// what holds text may have any.
func junitShape() map[string]junitElement {
	problem := junitElement{may: []string{"message", "type"}, text: true}
	return map[string]junitElement{
		"testsuites": {may: []string{"name", "time", "tests", "failures", "errors"}, within: []string{"testsuite"}},
		"testsuite": {
			must:   []string{"name", "tests", "failures", "errors"},
			may:    []string{"time", "skipped", "timestamp", "hostname", "id", "package"},
			within: []string{"properties", "testcase", "system-out", "system-err"},
		},
		"properties": {within: []string{"property"}},
		"property":   {must: []string{"name", "value"}},
		"testcase":   {must: []string{"name"}, may: []string{"time", "classname"}, within: []string{"skipped", "error", "failure", "system-out", "system-err"}},
		"skipped":    problem,
		"error":      problem,
		"failure":    problem,
		"system-out": {text: true},
	}
}

type junitElement struct {
	must, may, within []string
	text              bool
}

// junitTime is the type SUREFIRE_TIME, of every attribute called time.
var junitTime = regexp.MustCompile(`^(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?$`)

func TestJUnitHasTheShapeThatBuildServersAccept(t *testing.T) {
	for name, run := range edges() {
		t.Run(name, func(t *testing.T) {
			var root junitNode
			if err := xml.Unmarshal([]byte(render(t, "junit", Options{}, run())), &root); err != nil {
				t.Fatal(err)
			}
			if root.XMLName.Local != "testsuites" {
				t.Fatalf("the root is %s", root.XMLName.Local)
			}
			junitCounts(t, root)
		})
	}
}

// junitFits checks one element against the shape and returns its attributes.
func junitFits(t *testing.T, n junitNode) map[string]string {
	t.Helper()
	name := n.XMLName.Local
	shape, ok := junitShape()[name]
	if !ok || n.XMLName.Space != "" {
		t.Fatalf("element %s is not of JUnit", name)
	}
	attr := map[string]string{}
	for _, a := range n.Attrs {
		if !slices.Contains(shape.must, a.Name.Local) && !slices.Contains(shape.may, a.Name.Local) {
			t.Errorf("%s has an attribute %s", name, a.Name.Local)
		}
		attr[a.Name.Local] = a.Value
	}
	for _, a := range shape.must {
		if _, ok := attr[a]; !ok {
			t.Errorf("%s has no attribute %s", name, a)
		}
	}
	if v, ok := attr["time"]; ok && !junitTime.MatchString(v) {
		t.Errorf("%s took the time %q", name, v)
	}
	if !shape.text && strings.TrimSpace(n.Text) != "" {
		t.Errorf("%s holds text: %q", name, n.Text)
	}
	for _, c := range n.Nodes {
		if !slices.Contains(shape.within, c.XMLName.Local) {
			t.Errorf("%s is within %s", c.XMLName.Local, name)
		}
	}
	return attr
}

// junitCounts checks a node and what is below it, and that the numbers it claims
// are those of the cases it has.
func junitCounts(t *testing.T, n junitNode) map[string]int {
	t.Helper()
	attr := junitFits(t, n)
	got := map[string]int{}
	for _, c := range n.Nodes {
		for k, v := range junitCounts(t, c) {
			got[k] += v
		}
		switch c.XMLName.Local {
		case "testcase":
			got["tests"]++
		case "failure":
			got["failures"]++
		case "error":
			got["errors"]++
		case "skipped":
			got["skipped"]++
		}
	}
	claims := map[string][]string{
		"testsuites": {"tests", "failures", "errors"},
		"testsuite":  {"tests", "failures", "errors", "skipped"},
	}
	for _, k := range claims[n.XMLName.Local] {
		if attr[k] != strconv.Itoa(got[k]) {
			t.Errorf("%s %s claims %s %s and has %d", n.XMLName.Local, attr["name"], attr[k], k, got[k])
		}
	}
	return got
}

func TestJUnitTellsVerdictsApart(t *testing.T) {
	var root junitNode
	if err := xml.Unmarshal([]byte(render(t, "junit", Options{}, rich())), &root); err != nil {
		t.Fatal(err)
	}
	got := junitCounts(t, root)
	// 8 findings; 4 unknown and the coverage; the policy that matched nothing; and
	// a case for each of 6 policies that counts what passed.
	want := map[string]int{"failures": 8, "errors": 5, "skipped": 1, "tests": 8 + 5 + 1 + 6}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cases (-want +got):\n%s", diff)
	}
}

func TestCSVHasARowForEverythingAndNoFormula(t *testing.T) {
	for name, run := range edges() {
		t.Run(name, func(t *testing.T) {
			rows, err := csv.NewReader(strings.NewReader(render(t, "csv", Options{}, run()))).ReadAll() // refuses rows of unequal length
			if err != nil {
				t.Fatal(err)
			}
			kinds := map[string]int{}
			for i, row := range rows {
				if i > 0 {
					kinds[row[0]]++
				}
				for j, cell := range row {
					if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
						t.Errorf("row %d column %s begins as a formula: %s", i, rows[0][j], cell)
					}
				}
			}
			want := map[string]int{"coverage": 1}
			for _, part := range endedSince(run()) {
				want[part.words] = len(part.findings)
			}
			for kind, n := range map[string]int{"finding": len(run().Findings), "fixed": len(run().Fixed), "gap": len(run().Coverage.Gaps), "unmatched": len(run().Unmatched())} {
				if n > 0 {
					want[kind] = n
				}
			}
			if diff := cmp.Diff(want, kinds); diff != "" {
				t.Errorf("kinds of rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCellsAreNoFormulas(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain", "a=b": "a=b", "": "",
		"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)",
		"\t=1": "'=1", "\r\n=1": "'=1", "  =1": "'=1", "＝1": "'＝1", "\u200b=1": `\u200b=1`,
	} {
		if got := cellText(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

// annotation is what GitHub's runner makes of a line.
type annotation struct{ Level, File, Line, Title, Message string }

// annotationsOf reads workflow commands as actions/runner does
// (ActionCommand.TryParseV2): properties up to the next "::", then unescaping.
func annotationsOf(t *testing.T, s string) []annotation {
	t.Helper()
	data := strings.NewReplacer("%0D", "\r", "%0A", "\n", "%25", "%")
	property := strings.NewReplacer("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%")
	var out []annotation
	for line := range strings.Lines(s) {
		rest, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "::")
		head, message, ok2 := strings.Cut(rest, "::")
		if !ok || !ok2 {
			t.Fatalf("not a command: %s", line)
		}
		level, properties, _ := strings.Cut(head, " ")
		a := annotation{Level: level, Message: data.Replace(message)}
		for _, p := range strings.Split(properties, ",") {
			k, v, _ := strings.Cut(p, "=")
			switch v = property.Replace(v); k {
			case "file":
				a.File = v
			case "line":
				a.Line = v
			case "title":
				a.Title = v
			default:
				t.Errorf("property %q in %s", k, line)
			}
		}
		out = append(out, a)
	}
	return out
}

func TestGitHubReadsTheAnnotationsAsTheyWereMeant(t *testing.T) {
	want := []annotation{
		{Level: "notice", Title: "metsuke", Message: "2 findings: 1 high, 1 medium; 1 unknown.\nRead 2 of 2 cells (100 %), 3 resources.\nNo permission is known whose grant would resolve an unknown."},
		{Level: "error", File: "storage/main.tf", Line: "12", Title: "high: aws-s3-public-access-block", Message: "S3 buckets block public access\naws_s3_bucket.exports: block_public_acls is off"},
		{Level: "warning", File: "modules/queue: x,y/main.tf", Line: "3", Title: "medium: common-required-tags", Message: "Resources carry the required tags\nmodule.queues[\"a b\"].aws_sqs_queue.this[0]: tag owner is missing, 100% of \"it\""},
		{Level: "warning", Title: "unknown: aws-s3-public-access-block", Message: "S3 buckets block public access\n1 verdict: deferred, public_access_block could not be read (known after apply)"},
	}
	if diff := cmp.Diff(want, annotationsOf(t, render(t, "github", Options{}, gate()))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestGitHubAnnotationsComeWorstFirstAndSayWhenSomeAreNotShown(t *testing.T) {
	got := annotationsOf(t, render(t, "github", Options{}, large(100)))
	if !strings.Contains(got[0].Message, "GitHub shows 10 annotations of each level") {
		t.Errorf("the first notice does not say that some are not shown: %s", got[0].Message)
	}
	var levels []string
	for _, a := range got[1:] {
		levels = append(levels, a.Level)
	}
	levels = slices.Compact(levels)
	if diff := cmp.Diff([]string{"error", "warning", "notice"}, levels); diff != "" {
		t.Errorf("levels in order (-want +got):\n%s", diff)
	}
}

func TestNoFormatWritesUnseenCharacters(t *testing.T) {
	for _, format := range Formats() {
		for name, run := range edges() {
			for i, r := range readable(t, format, render(t, format, Options{}, run())) {
				if r != '\n' && (unsafeRune(r) || unicode.Is(unicode.Bidi_Control, r)) {
					t.Fatalf("%s of %s holds %U at %d", format, name, r, i)
				}
			}
		}
	}
}
