package report

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// ownSchema compiles a schema of testdata: what a service says about its format.
func ownSchema(t *testing.T, format string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile(filepath.Join("testdata", format+".schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheReportsForServicesHaveTheShapeThatTheyRead(t *testing.T) {
	for _, format := range []string{"gitlab-codequality", "gitlab-sast", "bitbucket", "hcp", "ocsf"} {
		s := ownSchema(t, format)
		for name, run := range edges() {
			t.Run(format+"/"+name, func(t *testing.T) {
				validate(t, s, render(t, format, Options{RunURL: "https://ci.example/jobs/1"}, run()))
			})
		}
		t.Run(format+"/far too much", func(t *testing.T) {
			run := large(1010)
			for i := range run.Policies {
				run.Policies[i].Remediation = strings.Repeat("Do this.\n```\nthen that\n```\n", 500)
				run.Policies[i].Description = strings.Repeat("why ", 1000)
				run.Policies[i].Title = strings.Repeat("title ", 200)
			}
			for i := range run.Findings {
				run.Findings[i].Title = strings.Repeat("title ", 200)
			}
			validate(t, s, render(t, format, Options{}, run))
		})
	}
}

// twins is a run in which everything that tells findings apart is the same.
func twins() finding.Run {
	run := gate()
	f := run.Findings[0]
	run.Findings = []finding.Finding{f, f, f}
	run.Findings[2].Verdict = finding.Unknown
	return run
}

func TestNoIdentityOccursTwiceForAServiceThatWouldDropIt(t *testing.T) {
	for format, key := range map[string]string{
		"gitlab-codequality": `"fingerprint": "`, "gitlab-sast": `"value": "`, "bitbucket": `"external_id": "`,
	} {
		pattern := regexp.MustCompile(regexp.QuoteMeta(key) + `(?:metsuke-)?([0-9a-f]{32})"`)
		for name, run := range map[string]finding.Run{"twins": twins(), "rich": rich(), "large": large(300)} {
			seen := map[string]bool{}
			for _, m := range pattern.FindAllStringSubmatch(render(t, format, Options{}, run), -1) {
				if seen[m[1]] {
					t.Errorf("%s of %s has %s twice", format, name, m[1])
				}
				seen[m[1]] = true
			}
			if len(seen) < 2 {
				t.Errorf("%s of %s has %d identities", format, name, len(seen))
			}
		}
	}
}

func TestAFindingKeepsItsIdentityWhenItsFileOrLineMoves(t *testing.T) {
	moved := change()
	for i := range moved.Findings {
		source := *moved.Findings[i].Resource.Source
		source.File, source.Line = "elsewhere/"+source.File, source.Line+40
		moved.Findings[i].Resource.Source = &source
	}
	identity := regexp.MustCompile(`"(?:fingerprint|value|external_id|id|primaryLocationLineHash)": "((?:metsuke-)?[0-9a-f-]{32,}(?::[0-9]+)?)"`)
	for _, format := range []string{"gitlab-codequality", "gitlab-sast", "bitbucket", "sarif"} {
		before := identity.FindAllStringSubmatch(render(t, format, Options{}, change()), -1)
		after := identity.FindAllStringSubmatch(render(t, format, Options{}, moved), -1)
		if len(before) == 0 {
			t.Errorf("%s: no identities", format)
		}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("%s (-before +after):\n%s", format, diff)
		}
	}
}

func TestSeveritiesHaveTheirCounterpartInGitLab(t *testing.T) {
	var got []string
	for _, s := range append(finding.Severities(), "strange") {
		f := finding.Finding{Severity: s, Verdict: finding.Fail}
		waived := f
		waived.Waiver = &finding.Waiver{}
		got = append(got, codeQualitySeverity(f)+" "+codeQualitySeverity(waived)+" "+sastSeverity(s))
	}
	want := []string{"blocker info Critical", "critical info High", "major info Medium", "minor info Low", "minor info Unknown"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOnlyFindingsAboutSecurityAreVulnerabilitiesAndTheOthersAreCounted(t *testing.T) {
	var doc sastReport
	if err := json.Unmarshal([]byte(render(t, "gitlab-sast", Options{}, change())), &doc); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range doc.Vulnerabilities {
		got = append(got, v.Identifiers[0].Value+" "+v.Location.File+" "+v.Details["excuse"].Value)
	}
	want := []string{
		"aws-s3-public-access-block storage/main.tf ",
		"aws-s3-public-access-block web/main.tf waived until 2026-12-31 (SEC-12): a website is public",
		"aws-s3-public-access-block storage/main.tf there already, and the plan leaves it",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("vulnerabilities (-want +got):\n%s", diff)
	}
	wantMessages := []sastMessage{
		{"info", "5 findings introduced: 2 high, 2 medium, 1 low; 1 already there; 3 do not count (1 waived, 1 in the baseline, 1 only warned of); 1 unknown. Introduced 5, already there 1, fixed by this plan 1. Read 2 of 2 cells (100 %), 3 resources. No permission is known whose grant would resolve an unknown."},
		{"info", "3 findings are not about security and no vulnerability: 2 medium, 1 low. The format gitlab-codequality has them."},
		{"warn", "aws-s3-public-access-block: 1 verdict is unknown: deferred, public_access_block could not be read (known after apply)"},
	}
	if diff := cmp.Diff(wantMessages, doc.Scan.Messages); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

// azureIssue is what the agent of Azure Pipelines makes of a line.
type azureIssue struct{ Type, File, Line, Code, Message string }

// azureIssuesOf reads logging commands as the agent does (Command.TryParse and
// CommandStringConvertor.Unescape in microsoft/azure-pipelines-agent): anywhere in a
// line, up to the next bracket, split at semicolons, and the percent sign last.
func azureIssuesOf(t *testing.T, s string) []azureIssue {
	t.Helper()
	unescape := func(s string) string {
		s = strings.NewReplacer("%3B", ";", "%0D", "\r", "%0A", "\n", "%5D", "]").Replace(s)
		return strings.ReplaceAll(s, "%AZP25", "%")
	}
	var out []azureIssue
	for line := range strings.Lines(s) {
		before, rest, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "##vso[")
		if !ok {
			continue
		}
		head, message, ok := strings.Cut(rest, "]")
		name, properties, _ := strings.Cut(head, " ")
		if !ok || before != "" || name != "task.logissue" || strings.Contains(message, "##vso[") {
			t.Errorf("not what was meant: %s", line)
			continue
		}
		issue := azureIssue{Message: unescape(message)}
		for p := range strings.SplitSeq(properties, ";") {
			switch k, v, _ := strings.Cut(p, "="); k {
			case "type":
				issue.Type = unescape(v)
			case "sourcepath":
				issue.File = unescape(v)
			case "linenumber":
				issue.Line = unescape(v)
			case "code":
				issue.Code = unescape(v)
			default:
				t.Errorf("property %q in %s", k, line)
			}
		}
		out = append(out, issue)
	}
	return out
}

func TestAzureReadsTheIssuesAsTheyWereMeant(t *testing.T) {
	want := []azureIssue{
		{"error", "storage/main.tf", "12", "aws-s3-public-access-block", "high: S3 buckets block public access: aws_s3_bucket.exports: block_public_acls is off"},
		{"warning", "modules/queue: x,y/main.tf", "3", "common-required-tags", "medium: Resources carry the required tags: module.queues[\"a b\"].aws_sqs_queue.this[0]: tag owner is missing, 100% of \"it\""},
		{"warning", "", "", "aws-s3-public-access-block", "S3 buckets block public access: 1 verdict is unknown: deferred, public_access_block could not be read (known after apply)"},
	}
	if diff := cmp.Diff(want, azureIssuesOf(t, render(t, "azure", Options{}, gate()))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNothingFromAnAccountIsACommandForAzure(t *testing.T) {
	evil := "x]##vso[task.setvariable variable=a]b;type=error\n##vso[task.complete result=Succeeded;]%0A##vso[task.logissue]"
	run := gate()
	f := &run.Findings[0]
	f.Message, f.Title, f.Policy = evil, evil, evil
	f.Resource.Source = &providers.Source{Address: evil, File: evil, Line: 1}
	run.Notes = []string{evil}
	run.Coverage.Gaps = []providers.Gap{{Scope: providers.Scope{Provider: "aws", ID: evil}, Reason: "denied", Err: evil}}
	run.Coverage.Cures = []finding.Cure{{Permission: evil}}
	issues := azureIssuesOf(t, render(t, "azure", Options{}, run))
	flat := clean(evil)
	want := azureIssue{"error", flat, "1", flat, "high: " + flat + ": aws_s3_bucket " + flat + ": " + flat}
	if diff := cmp.Diff(want, issues[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// An agent acts on commands in whatever a step prints.
	for _, format := range Formats() {
		for line := range strings.Lines(render(t, format, Options{}, run)) {
			if i := strings.LastIndex(line, "##vso["); i >= 0 && (format != "azure" || i > 0) {
				t.Errorf("%s writes a command: %s", format, line)
			}
		}
	}
}

func TestBitbucketGetsTheWorstThousandInRequestsOfAHundred(t *testing.T) {
	var doc bitbucketDocument
	run := large(1500)
	for i := range 300 {
		run.Findings[i].Baseline = true // those that nothing excuses come before
	}
	if err := json.Unmarshal([]byte(render(t, "bitbucket", Options{}, run)), &doc); err != nil {
		t.Fatal(err)
	}
	results := map[string]int{}
	for _, batch := range doc.Annotations {
		if len(batch) != 100 {
			t.Errorf("a request holds %d annotations", len(batch))
		}
		for _, a := range batch {
			results[a.Result]++
		}
	}
	if diff := cmp.Diff(map[string]int{"FAILED": 1000}, results); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if !strings.Contains(doc.Report.Details, "512 findings more have no annotation: Bitbucket takes 1,000.") {
		t.Errorf("does not say what is left out: %s", doc.Report.Details)
	}
}

func TestServicesHearPassedOrFailedAsTheExitCodeSays(t *testing.T) {
	never := func(finding.Finding) bool { return false }
	excused := change()
	for i := range excused.Findings {
		excused.Findings[i].Baseline = true
	}
	for name, tt := range map[string]struct {
		run    finding.Run
		o      Options
		failed bool
	}{
		"findings":                    {run: gate(), failed: true},
		"findings that do not block":  {run: gate(), o: Options{Blocks: never}},
		"all of them excused":         {run: excused},
		"too little was read":         {run: clear(), o: Options{Incomplete: "93.1 % was read"}, failed: true},
		"interrupted":                 {run: rich(), o: Options{Blocks: never}, failed: true},
		"nothing fails":               {run: clear()},
		"a gap that nobody minds":     {run: blind()},
		"nothing was judged":          {run: empty()},
		"only what is there already":  {run: only(change(), finding.Existing)},
		"what is there already, too":  {run: only(change(), finding.Existing), o: Options{Blocks: finding.Finding.Counts}, failed: true},
		"only what the plan brings":   {run: only(change(), finding.Introduced), failed: true},
		"findings of another command": {run: large(3), failed: true},
	} {
		t.Run(name, func(t *testing.T) {
			var hcp hcpDocument
			var bitbucket bitbucketDocument
			for format, to := range map[string]any{"hcp": &hcp, "bitbucket": &bitbucket} {
				if err := json.Unmarshal([]byte(render(t, format, tt.o, tt.run)), to); err != nil {
					t.Fatal(err)
				}
			}
			earlier, later := atlantisFails(render(t, "atlantis", tt.o, tt.run))
			got := []bool{hcp.Data.Attributes.Status == "failed", bitbucket.Report.Result == "FAILED", earlier, later}
			if diff := cmp.Diff([]bool{tt.failed, tt.failed, tt.failed, tt.failed}, got); diff != "" {
				t.Errorf("hcp, bitbucket, two versions of atlantis (-want +got):\n%s", diff)
			}
		})
	}
}

// only leaves the findings of one change.
func only(run finding.Run, change finding.Change) finding.Run {
	var out []finding.Finding
	for _, f := range run.Findings {
		if f.Change == change {
			out = append(out, f)
		}
	}
	run.Findings = out
	return run
}

// atlantisFails says how Atlantis decides by the output of a custom policy check: earlier
// versions, and later ones (doPolicyCheck in server/events/project_command_runner.go).
func atlantisFails(output string) (earlier, later bool) {
	return strings.Contains(strings.ToLower(output), "fail"),
		regexp.MustCompile(`([1-9][0-9]* failure|failures": \[)`).MatchString(output) || strings.HasPrefix(strings.TrimSpace(output), "FAIL")
}

func TestTheTextForAtlantisStaysInItsBlockAndIsShort(t *testing.T) {
	for name, run := range edges() {
		got := render(t, "atlantis", Options{}, run())
		if strings.Contains(got, "`") {
			t.Errorf("%s may end the block of code:\n%s", name, got)
		}
	}
	got := render(t, "atlantis", Options{}, large(2000))
	if len(got) > atlantisLimit || len(got) < atlantisLimit/2 {
		t.Errorf("%d bytes", len(got))
	}
	if !regexp.MustCompile(`\n[0-9,]+ lines more not shown here; another format has them all\.\n`).MatchString(got) {
		t.Errorf("does not say that lines were left out:\n%.1500s", got)
	}
}
