package report

import (
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// withoutScript is what the page shows where scripts do not run, as text.
func withoutScript(t *testing.T, run finding.Run) string {
	t.Helper()
	page := render(t, "html", Options{}, run)
	page = regexp.MustCompile(`(?s)<(script|style)[ >].*?</(script|style)>`).ReplaceAllString(page, "")
	return html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " "))
}

func TestThePageSaysEverythingThatMattersWithoutAScript(t *testing.T) {
	for name, tt := range map[string]struct {
		run  finding.Run
		want []string
	}{
		"a scan": {rich(), []string{
			"8 findings: 2 critical, 2 high, 2 medium, 2 low; 4 unknown; the run was interrupted", "4,180 of 4,320 cells", "interrupted before the end",
			"s3:GetBucketPublicAccessBlock", "1 of 7 selected policies matched no resource, so it neither passed nor failed",
			"matched nothing: neither passed nor failed", "acme-customer-exports", "block_public_acls is off", "9f86d081", "$1,248.50",
		}},
		"what changed": {watched(), []string{
			"Since run run-2026-03-13 of 2026-03-13 03:00 UTC: 1 new, 1 reopened, 1 fixed, 1 gone, 1 not visible; 1 cell gained, 1 lost.",
			"bucket-5-fixed", "bucket-6-gone", "bucket-7-not_visible", "They could not be looked at this time, so they may still be there.",
			"SEC-12", "waivers.yaml:4", "a website is public", "85 %", "30 %",
		}},
		"a plan":                {change(), []string{"Introduced 5, already there 1, fixed by this plan 1.", "aws_sqs_queue.invoices", "storage/main.tf:12"}},
		"states":                {asCode(), []string{"Infrastructure as code keeps 6 of 10 resources", "Of 3 it cannot be told.", "the state is encrypted", "aws_db_instance.d"}},
		"nothing could be read": {blind(), []string{"Nothing was found to fail in what could be read, which is not everything", "kms:ListKeys"}},
		"nothing at all":        {empty(), []string{"Nothing was judged: no policy matched any resource", "Read 0 of 0 cells"}},
	} {
		t.Run(name, func(t *testing.T) {
			text := withoutScript(t, tt.run)
			for _, want := range tt.want {
				if !strings.Contains(text, want) {
					t.Errorf("does not say %q", want)
				}
			}
		})
	}
}

func TestARunThatReadNothingHasNoCoverage(t *testing.T) {
	text := withoutScript(t, empty())
	if strings.Contains(text, "100 %") || !strings.Contains(text, "nothing was judged") {
		t.Errorf("an empty run looks like one that read everything:\n%s", text)
	}
}

func FuzzTextsStayTextsInReportsForPeople(f *testing.F) {
	for _, s := range []string{hostile, "</script><script>alert(1)</script>", "<!--<script>", "]]>", "\u2028", "\x00", "{{.}}", "=1+1", "'\"`&<>", "\xff\xfe", "_x000D_", "https://x/\" onclick=\"y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		run := watched()
		run.Notes = []string{text}
		p, one := &run.Policies[1], &run.Findings[0]
		p.Title, p.Description, p.Remediation, p.Terraform = text, text, text, text
		one.Title, one.Message, one.Owner, one.Path, one.Resource.ID, one.Resource.Name, one.Resource.ScopeName = text, text, text, text, text, text, text
		run.Findings[3].Waiver.Ticket, run.Findings[3].Waiver.Reason = text, text
		page := render(t, "html", Options{}, run)
		if n := strings.Count(strings.ToLower(page), "<script"); n != 2 {
			t.Fatalf("%d scripts", n)
		}
		d := unpacked(t, page)
		if got := d.Messages[d.Findings["message"][slices.Index(d.Prints, one.Fingerprint)]]; got != clean(text) {
			t.Errorf("the page has the message %q, want %q", got, clean(text))
		}
		if got := ocsfOf(t, run); got[0].Metadata.Version != ocsfVersion {
			t.Errorf("the first event is of version %q", got[0].Metadata.Version)
		}
		book := rowsOf(t, workbook(t, render(t, "xlsx", Options{}, run)), "Findings")
		message, print := slices.Index(book[0], "Message"), slices.Index(book[0], "Fingerprint")
		i := slices.IndexFunc(book, func(row []string) bool { return row[print] == one.Fingerprint })
		if book[i][message] != xlsxText(text) {
			t.Errorf("the workbook has the message %q, want %q", book[i][message], xlsxText(text))
		}
	})
}

func TestThePageRunsItsOwnScriptOnlyAndLoadsNothing(t *testing.T) {
	for name, run := range edges() {
		t.Run(name, func(t *testing.T) {
			page := render(t, "html", Options{}, run())
			policy := html.UnescapeString(regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)[1])
			scripts := regexp.MustCompile(`(?s)<script([^>]*)>(.*?)</script>`).FindAllStringSubmatch(page, -1)
			if len(scripts) != 2 || scripts[0][1] == "" || scripts[1][1] != "" {
				t.Fatalf("%d script elements, want the data and the script", len(scripts))
			}
			styles := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindAllStringSubmatch(page, -1)
			if len(styles) != 1 {
				t.Fatalf("%d style elements", len(styles))
			}
			want := "default-src 'none'; script-src " + hashSource([]byte(scripts[1][2])) + "; style-src " + hashSource([]byte(styles[0][1])) + "; base-uri 'none'; form-action 'none'"
			if diff := cmp.Diff(want, policy); diff != "" {
				t.Errorf("policy (-want +got):\n%s", diff)
			}
			markup := strings.NewReplacer(scripts[0][2], "", scripts[1][2], "", styles[0][1], "").Replace(page)
			if bad := regexp.MustCompile(`(?i)<[^>]+\s(on[a-z]+|style|src|srcset|action)=|<(link|iframe|img|object|embed|base|form)\b`).FindString(markup); bad != "" {
				t.Errorf("the markup holds %q", bad)
			}
			for _, link := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(markup, -1) {
				if !strings.HasPrefix(link[1], "#") && !strings.HasPrefix(link[1], "https://") {
					t.Errorf("a link leads to %q", link[1])
				}
			}
		})
	}
}

// unpacked reads the findings out of a page as its script does.
func unpacked(t *testing.T, page string) htmlData {
	t.Helper()
	m := regexp.MustCompile(`(?s)id="data" data-encoding="([a-z]+)">(.*?)</script>`).FindStringSubmatch(page)
	text := []byte(m[2])
	if m[1] == "zlib" {
		z, err := zlib.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(m[2])))
		if err != nil {
			t.Fatal(err)
		}
		if text, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
	}
	var d htmlData
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestThePageHoldsEveryFindingOfALongRun(t *testing.T) {
	run := huge(3000)
	d := unpacked(t, render(t, "html", Options{}, run))
	type row struct{ policy, resource, message, owner, account string }
	var want, got []row
	for i, f := range run.Findings {
		want = append(want, row{f.Policy, f.Resource.ID, f.Message, f.Owner, f.Resource.Scope})
		r := d.Findings["resource"][i]
		got = append(got, row{d.Policies[d.Findings["policy"][i]][0], d.Ids[r], d.Messages[d.Findings["message"][i]], d.Owners[d.Findings["owner"][i]], d.Accounts[d.Resources["account"][r]][1]})
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(row{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOnlyHarmlessAddressesAreLinks(t *testing.T) {
	for in, want := range map[string]string{
		"https://github.com/acme/shop":             "https://github.com/acme/shop",
		"arn:aws:s3:::logs":                        "https://console.aws.amazon.com/go/view?arn=arn%3Aaws%3As3%3A%3A%3Alogs",
		"arn:aws-cn:s3:::logs":                     "",
		"http://example.com":                       "",
		"javascript:alert(1)":                      "",
		"https://user:word@example.com/":           "",
		"//storage.googleapis.com/projects/_/x":    "",
		"https://example.com/\u202egnp.exe":        "",
		"https:///nowhere":                         "",
		"arn:aws:iam::111111111111:role/a&b=c#d e": "https://console.aws.amazon.com/go/view?arn=arn%3Aaws%3Aiam%3A%3A111111111111%3Arole%2Fa%26b%3Dc%23d+e",
	} {
		if got := resourceLink(finding.Resource{ID: in}); got != want {
			t.Errorf("%s leads to %q, want %q", in, got, want)
		}
	}
}

func TestProseIsReadAsItIsWritten(t *testing.T) {
	for name, tt := range map[string]struct {
		in   string
		want []htmlProse
	}{
		"nothing":   {"", nil},
		"a line":    {"Use `kms`.", []htmlProse{{Spans: []htmlSpan{{false, "Use "}, {true, "kms"}, {false, "."}}}}},
		"two lines": {"one\ntwo", []htmlProse{{Spans: []htmlSpan{{false, "one"}, {false, " two"}}}}},
		"a list after a paragraph": {"Do:\n- this\n- that\n  and that", []htmlProse{
			{Spans: []htmlSpan{{false, "Do:"}}}, {List: [][]htmlSpan{{{false, "this"}}, {{false, "that"}, {false, " and that"}}}},
		}},
		"code": {"First:\n\n```hcl\na = 1\n\nb = 2\n```\nThen.", []htmlProse{
			{Spans: []htmlSpan{{false, "First:"}}}, {Code: true, Text: "a = 1\n\nb = 2"}, {Spans: []htmlSpan{{false, "Then."}}},
		}},
		"a backtick alone": {"5` long", []htmlProse{{Spans: []htmlSpan{{false, "5` long"}}}}},
		"markup is text":   {"<b>no</b>", []htmlProse{{Spans: []htmlSpan{{false, "<b>no</b>"}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, proseOf(tt.in)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestEveryTextOfThePageHasContrast(t *testing.T) {
	style, err := htmlFiles.ReadFile("html/style.css")
	if err != nil {
		t.Fatal(err)
	}
	colours := map[string][2]float64{} // luminance in the light, in the dark
	for _, m := range regexp.MustCompile(`--([a-z-]+): light-dark\(#([0-9a-f]{6}), #([0-9a-f]{6})\)`).FindAllStringSubmatch(string(style), -1) {
		colours[m[1]] = [2]float64{luminance(t, m[2]), luminance(t, m[3])}
	}
	for _, text := range []string{"text", "dim", "link", "critical", "high", "medium", "low", "unknown", "good"} {
		for _, ground := range []string{"page", "raised", "hover"} {
			for i, theme := range []string{"light", "dark"} {
				a, b := colours[text][i], colours[ground][i]
				if ratio := (max(a, b) + 0.05) / (min(a, b) + 0.05); ratio < 4.5 {
					t.Errorf("%s on %s has a contrast of %.2f in the %s, WCAG AA asks for 4.5", text, ground, ratio, theme)
				}
			}
		}
	}
}

// luminance is the relative luminance of a colour, as WCAG 2.2 defines it.
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	v, err := strconv.ParseUint(colour, 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	part := func(shift int) float64 {
		c := float64(v>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}

func TestScoresCountNothingUnknownAsPassed(t *testing.T) {
	tallies := []finding.Tally{
		{Owner: "a", Severity: finding.Critical, Counts: finding.Counts{Pass: 1, Fail: 1}},
		{Owner: "a", Severity: finding.Low, Counts: finding.Counts{Pass: 10}},
		{Owner: "b", Severity: finding.High, Counts: finding.Counts{Unknown: 7}},
		{Owner: "c", Severity: finding.High, Counts: finding.Counts{Pass: 199, Fail: 1, Unknown: 1, NotApplicable: 5}},
	}
	type score struct{ Name, Passing, Unknown string }
	var got []score
	for _, s := range scoresBy(tallies, func(t finding.Tally) string { return t.Owner }) {
		got = append(got, score{s.name, percentText(s.share()), percentText(s.unknownShare())})
	}
	want := []score{{"b", "nothing judged", "100 %"}, {"a", "66 %", "0 %"}, {"c", "99 %", "1 %"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// AWS lets two accounts have one name. A bar is of one of them, as the link on it is.
func TestAccountsOfOneNameStayApart(t *testing.T) {
	run := gate()
	p := run.Policies[0]
	run.Scopes = []providers.Scope{{Provider: "aws", ID: "111111111111", Name: "sandbox"}, {Provider: "aws", ID: "222222222222", Name: "sandbox"}, {Provider: "aws", ID: "333333333333", Name: "prod"}}
	run.Findings, run.Tallies = nil, nil
	for i, s := range run.Scopes {
		run.Findings = append(run.Findings, live(p, finding.Fail, s, "eu-west-1", "b"+strconv.Itoa(i), "web", "m", "path"))
		run.Tallies = append(run.Tallies, finding.Tally{Provider: "aws", Scope: s.ID, Category: p.Category, Severity: p.Severity, Counts: finding.Counts{Fail: 1}})
	}
	var got []string
	for _, c := range chartsOf(run, run.Findings) {
		if c.Title == "By account" {
			for _, r := range c.Rows {
				got = append(got, r.Name+" "+r.Total+" "+r.Link)
			}
		}
	}
	want := []string{
		"aws prod 1 #findings?account=aws%2F333333333333",
		"aws sandbox (111111111111) 1 #findings?account=aws%2F111111111111",
		"aws sandbox (222222222222) 1 #findings?account=aws%2F222222222222",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("bars (-want +got):\n%s", diff)
	}
	got = nil
	for _, s := range scorecards(run)[1].scores {
		got = append(got, scorecards(run)[1].show(s.name))
	}
	if diff := cmp.Diff([]string{"sandbox (111111111111)", "sandbox (222222222222)", "prod"}, got); diff != "" {
		t.Errorf("scorecards (-want +got):\n%s", diff)
	}
}
