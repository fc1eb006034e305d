package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

func TestMarkdownFitsAPullRequestAndSaysWhatItDropped(t *testing.T) {
	wide := func() finding.Run { // everything that may grow, grown
		run := large(5000)
		for i := range run.Policies {
			run.Policies[i].Remediation = strings.Repeat("Do this, then that. ", 2000)
			run.Policies[i].Description = strings.Repeat("why ", 2000)
			run.Policies[i].Counts = finding.Counts{}
		}
		for i := range 3000 {
			f := run.Findings[i]
			f.Verdict, f.Permission, f.Reason, f.Path = finding.Unknown, fmt.Sprintf("s3:Get%d", i), "denied", hostile
			run.Findings = append(run.Findings, f)
			g := run.Coverage.Gaps[2]
			g.Permission = fmt.Sprintf("s3:List%d", i)
			run.Coverage.Gaps = append(run.Coverage.Gaps, g)
			run.Notes = append(run.Notes, strings.Repeat(hostile, 5))
			f.Verdict = finding.Pass
			run.Findings = append(run.Findings, f)
		}
		for i := range run.Coverage.Cures {
			run.Coverage.Cures[i].Permission = strings.Repeat(hostile, 100)
		}
		slices.SortFunc(run.Findings, finding.Compare)
		return run
	}
	worst := wide()
	for i := range worst.Findings {
		f := &worst.Findings[i]
		f.Policy, f.Owner, f.Message = strings.Repeat("#|", 500)+strconv.Itoa(i), strings.Repeat("|`", 500), strings.Repeat("@\u0301\u0301\u0301\u0301", 500)
		f.Resource.Name, f.Resource.Type, f.Path = f.Owner, "t", f.Owner
	}
	for i := range worst.Policies {
		worst.Policies[i].ID += strings.Repeat("#", 500)
	}
	for name, tt := range map[string]struct {
		run  finding.Run
		want []string
	}{
		"as hostile as can be": {worst, []string{" findings more not listed here:**", "Read 4,180 of 4,320 cells", "policies matched no resource"}},
		"a few findings":       {rich(), []string{"How to mend it: EBS volumes are attached", "`aws-ec2-idle-volume`"}},
		"300 findings":         {large(300), []string{" findings more not listed here:**", "Read 4,180 of 4,320 cells"}},
		"5,000 findings":       {large(5000), []string{" findings more not listed here:**", "How to mend it is left out for 4 policies", "Read 4,180 of 4,320 cells"}},
		"far too much":         {wide(), []string{" findings more not listed here:**", "verdicts more in", "causes more not listed here", "notes more not listed here", "Read 4,180 of 4,320 cells"}},
		"three asked for":      {large(50), []string{"**55 findings more not listed here:**"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := Options{}
			if name == "three asked for" {
				o.MaxFindings = 3
			}
			got := render(t, "markdown", o, tt.run)
			if len(got) > markdownLimit {
				t.Errorf("%d bytes", len(got))
			}
			for _, w := range tt.want {
				if !strings.Contains(got, w) {
					t.Errorf("does not say %q:\n%.3000s", w, got)
				}
			}
			if n := strings.Count(got, "\n  - "); name == "5,000 findings" && n < 20 {
				t.Errorf("shows %d findings only", n)
			}
		})
	}
}

func TestMarkdownShowsHostileNamesAsText(t *testing.T) {
	for in, want := range map[string]string{
		"plain name":             "plain name",
		"@acme/security":         "@&#8203;acme/security",
		"fixes #1, GH-2":         `fixes \#&#8203;1, GH-&#8203;2`,
		"https://evil.example":   "https:&#8203;//evil.example",
		"www.evil.example":       "www.&#8203;evil.example",
		"<b>&amp;":               "&lt;b&gt;&amp;&#8203;amp;",
		"[x](y) ![z](w)":         `\[x\](y) !\[z\](w)`,
		`a\|b|c`:                 `a\\&#124;b&#124;c`,
		"!7, %1.2, &3":           "!&#8203;7, %&#8203;1.2, &amp;&#8203;3",
		"50 % done! A & B":       "50 % done! A &amp; B",
		"`code` *b* _i_ ~s~ $m$": "\\`code\\` \\*b\\* \\_i\\_ \\~s\\~ \\$m\\$",
		"two\nlines":             "two lines",
		"\u202eevil":             `\\u202eevil`,
	} {
		if got := escapeMarkdown(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"":             "",
		"plain":        "`plain`",
		"@acme #1 <b>": "`@acme #1 <b>`",
		"a`b":          "<code>a&#96;b</code>",
		`a\|<b>`:       "<code>a&#92;&#124;&#60;b&#62;</code>",
		"a\nb":         "`a b`",
	} {
		if got := code(in, 100); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestMarkdownBlocksKeepCodeApart(t *testing.T) {
	in := "Do:\n\n- one\n---\n/merge\n```hcl\na = \"````\"\n  @b\n```\n<script>\n```\nopen"
	want := "Do:\n\n- one\n\\---\n\\/merge\n`````hcl\na = \"````\"\n  @b\n`````\n&lt;script&gt;\n```\nopen\n```\n"
	if diff := cmp.Diff(want, markdownBlock(in)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
