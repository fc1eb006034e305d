package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/checkpoint"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

func TestARunIsAskedAboutWhatItsFlagsLeave(t *testing.T) {
	bucket := finding.Subject{Policy: "aws-s3-x", Provider: "aws", Scope: "111111111111", Region: "eu-central-1", Type: "aws_s3_bucket", Resource: "b"}
	cell := bucket
	cell.Policy, cell.Resource = "", ""
	global := bucket
	global.Region = ""
	names := map[string]string{"111111111111": "payments"}
	for name, c := range map[string]struct {
		n    narrowing
		of   finding.Subject
		want bool
	}{
		"everything":                  {narrowing{}, bucket, true},
		"its account by id":           {narrowing{Accounts: []string{"1111*"}}, bucket, true},
		"its account by name":         {narrowing{Accounts: []string{"payments"}, Names: names}, bucket, true},
		"all but its account":         {narrowing{Accounts: []string{"!payments"}, Names: names}, bucket, false},
		"another provider":            {narrowing{Providers: []string{"gcp"}}, bucket, false},
		"another region":              {narrowing{Regions: []string{"us-*"}}, bucket, false},
		"another region, and global":  {narrowing{Regions: []string{"us-*"}}, global, true},
		"another type":                {narrowing{Types: []string{"aws_db_*"}}, bucket, false},
		"its policy":                  {narrowing{Policies: []string{"aws-s3-x"}}, bucket, true},
		"another policy":              {narrowing{Policies: []string{"aws-s3-y"}}, bucket, false},
		"the cell of its policy":      {narrowing{Policies: []string{"aws-s3-x"}, Judged: []providers.Type{"aws_s3_bucket"}}, cell, true},
		"the cell of another policy":  {narrowing{Policies: []string{"aws-rds-x"}, Judged: []providers.Type{"aws_db_instance"}}, cell, false},
		"another plan":                {narrowing{Scopes: []string{"b.json"}}, bucket, false},
		"the region and not the type": {narrowing{Regions: []string{"eu-*"}, Types: []string{"!aws_s3_*"}}, bucket, false},
	} {
		if got := c.n.asked(c.of); got != c.want {
			t.Errorf("%s: asked is %v", name, got)
		}
	}
}

func TestTwoReportsCallFixedOnlyWhatWasCertainlyLookedAt(t *testing.T) {
	about := func(id string) finding.Resource {
		return finding.Resource{Provider: "aws", Scope: "1", Type: "aws_s3_bucket", ID: id}
	}
	made := func(policy, id, key string, v finding.Verdict) finding.Finding {
		return finding.Finding{Policy: policy, Resource: about(id), Key: key, Verdict: v, Fingerprint: policy + " " + id + " " + key}
	}
	policies := func(ids ...string) (out []finding.Policy) {
		for _, id := range ids {
			out = append(out, finding.Policy{ID: id, Types: []providers.Type{"aws_s3_bucket"}})
		}
		return out
	}
	from := finding.Run{Mode: "scan", Policies: policies("a", "b", "c"), Findings: []finding.Finding{
		made("a", "seen", "", finding.Fail), made("a", "hidden", "", finding.Fail), made("a", "unsure", "", finding.Fail),
		made("b", "half", "1", finding.Fail), made("b", "half", "2", finding.Fail), made("c", "seen", "", finding.Fail), made("a", "still", "", finding.Fail),
	}}
	to := finding.Run{Mode: "scan", Time: time.Unix(1, 0), Policies: policies("a", "b"), Findings: []finding.Finding{
		made("b", "seen", "", finding.Fail), made("a", "unsure", "unknown", finding.Unknown), made("b", "unsure", "", finding.Unknown),
		made("b", "half", "1", finding.Fail), made("a", "still", "", finding.Fail),
	}}
	d, err := compareReports("a.json", from, "b.json", to)
	if err != nil {
		t.Fatal(err)
	}
	names := func(fs []finding.Finding) (out []string) {
		for _, f := range fs {
			out = append(out, f.Fingerprint)
		}
		return out
	}
	got := map[string][]string{"new": names(d.New), "fixed": names(d.Fixed), "not visible": names(d.NotVisible)}
	want := map[string][]string{
		"new":         {"b seen "},
		"fixed":       {"a seen "},
		"not visible": {"a hidden ", "a unsure ", "b half 2", "c seen "},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := compareReports("b.json", to, "a.json", from); err == nil {
		t.Error("the later report is taken for the earlier one")
	}
}

func TestResumeFindsTheRunThatIsMeant(t *testing.T) {
	entry := func(id, mode string, inUse, finished bool) checkpoint.Entry {
		return checkpoint.Entry{ID: id, Manifest: checkpoint.Manifest{Mode: mode}, InUse: inUse, Finished: finished}
	}
	entries := []checkpoint.Entry{ // the newest first
		entry("20260704-x", "demo", false, false), entry("20260703-x", "scan", true, false), entry("20260702-x", "scan", false, true),
		entry("20260701-b", "scan", false, false), entry("20260701-a", "scan", false, false),
	}
	for ref, want := range map[string]string{
		resumeLatest: "20260701-b", "20260701-a": "20260701-a", "20260703": "20260703-x",
		"20260701": "20260701 begins 20260701-b, 20260701-a", "20260702": "there is no unfinished scan 20260702", "20260704": "there is no unfinished scan 20260704",
	} {
		got, err := unfinished(entries, "scan", ref)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s means %q, want %q", ref, got, want)
		}
	}
}

func TestRunsAreSavedWhereTheUserSays(t *testing.T) {
	for name, c := range map[string]struct {
		env       map[string]string
		flag      string
		url, runs string
	}{
		"the home directory":    {map[string]string{"HOME": "/home/ann"}, "", "/home/ann/.local/state/metsuke/metsuke.db", "/home/ann/.local/state/metsuke/metsuke.db.runs"},
		"the directory of XDG":  {map[string]string{"HOME": "/home/ann", "XDG_STATE_HOME": "/state"}, "", "/state/metsuke/metsuke.db", "/state/metsuke/metsuke.db.runs"},
		"not a relative one":    {map[string]string{"HOME": "/home/ann", "XDG_STATE_HOME": "state"}, "", "/home/ann/.local/state/metsuke/metsuke.db", "/home/ann/.local/state/metsuke/metsuke.db.runs"},
		"the environment":       {map[string]string{"HOME": "/home/ann", "METSUKE_STORE": "sqlite:/data/a.db"}, "", "/data/a.db", "/data/a.db.runs"},
		"the flag before it":    {map[string]string{"METSUKE_STORE": "/data/a.db"}, "b.db", "b.db", "b.db.runs"},
		"a server, and at home": {map[string]string{"HOME": "/home/ann"}, "postgres://db/metsuke", "postgres://db/metsuke", "/home/ann/.local/state/metsuke/runs"},
	} {
		t.Run(name, func(t *testing.T) {
			p, _, _ := testProcess(c.env)
			s := setup{file: defaultConfig}
			s.store.url = c.flag
			at, err := s.store.place(p, s.config, s.file)
			if err != nil {
				t.Fatal(err)
			}
			if at.url != c.url || string(at.runs) != c.runs {
				t.Errorf("saved at %s and %s, want %s and %s", at.url, at.runs, c.url, c.runs)
			}
		})
	}
}
