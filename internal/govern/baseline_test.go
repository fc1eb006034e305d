package govern

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

func live(name string) providers.Resource {
	return providers.Resource{Scope: providers.Scope{Provider: "aws", ID: "111111111111"}, Type: "aws_s3_bucket", ID: "arn:aws:s3:::" + name, Name: name, Region: "eu-central-1"}
}

func TestABaselineHoldsWhatFailsAndIsNotWaived(t *testing.T) {
	waived := bucket("aws-s3-versioning", "waived", finding.Fail)
	waived.Waiver = &finding.Waiver{}
	keyed := bucket("aws-s3-public-access-block", "logs", finding.Fail)
	keyed.Path = "public_access_block.block_public_acls"
	keyed.Fingerprint = finding.Fingerprint(keyed.Policy, keyed.Resource, keyed.Path)
	old := bucket("aws-s3-versioning", "old", finding.Fail)
	old.Baseline, old.WarnUntil = true, "2026-12-31"
	b := NewBaseline(ran(old, keyed, waived, bucket("aws-s3-versioning", "dark", finding.Unknown), bucket("aws-s3-versioning", "good", finding.Pass)))
	text, err := b.Text()
	if err != nil {
		t.Fatal(err)
	}
	want := `{
  "kind": "metsuke.baseline",
  "version": 1,
  "written": "2026-07-01T12:00:00Z",
  "known": [
    {
      "fingerprint": "` + keyed.Fingerprint + `",
      "policy": "aws-s3-public-access-block",
      "provider": "aws",
      "account": "111111111111",
      "region": "eu-central-1",
      "type": "aws_s3_bucket",
      "resource": "arn:aws:s3:::logs",
      "key": "public_access_block.block_public_acls"
    },
    {
      "fingerprint": "` + old.Fingerprint + `",
      "policy": "aws-s3-versioning",
      "provider": "aws",
      "account": "111111111111",
      "region": "eu-central-1",
      "type": "aws_s3_bucket",
      "resource": "arn:aws:s3:::old"
    }
  ]
}
`
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	again, err := ParseBaseline(text, "baseline.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b, again); diff != "" {
		t.Errorf("read again (-want +got):\n%s", diff)
	}
}

func TestEveryMistakeInTheBaselineIsNamed(t *testing.T) {
	good, err := NewBaseline(ran(bucket("aws-s3-versioning", "logs", finding.Fail))).Text()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ text, want string }{
		"no JSON":              {"{\n nope", "baseline.json:2: invalid character 'n' looking for beginning of object key string; `metsuke baseline write` writes a baseline"},
		"nothing":              {"", "baseline.json:1: EOF; `metsuke baseline write` writes a baseline"},
		"cut off":              {string(good[:80]), "baseline.json:4: unexpected EOF; `metsuke baseline write` writes a baseline"},
		"another kind of file": {`{"kind": "metsuke.report"}`, "baseline.json: it is no baseline (its \"kind\" is \"metsuke.report\", not \"metsuke.baseline\"); `metsuke baseline write` writes one"},
		"a later version":      {`{"kind": "metsuke.baseline", "version": 2}`, "baseline.json: the baseline has version 2, this metsuke reads version 1"},
		"an unknown field":     {"{\"kind\": \"metsuke.baseline\",\n \"extra\": 1}", "baseline.json:2: json: unknown field \"extra\"; `metsuke baseline write` writes a baseline"},
		"a wrong type":         {"{\"kind\": \"metsuke.baseline\",\n \"version\": \"1\"}", "baseline.json:2: json: cannot unmarshal string into Go struct field Baseline.version of type int; `metsuke baseline write` writes a baseline"},
		"something behind it":  {string(good) + "{}", "baseline.json: something follows the baseline"},
		"an entry that says one thing and excuses another": {
			strings.Replace(string(good), "arn:aws:s3:::logs", "arn:aws:s3:::harmless", 1),
			`baseline.json: known[0]: the fingerprint "` + bucket("aws-s3-versioning", "logs", "").Fingerprint + `" is not that of aws-s3-versioning on arn:aws:s3:::harmless; a baseline is not edited by hand, only lines of it are taken out`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseBaseline([]byte(c.text), "baseline.json")
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestWhatWasKnownDoesNotCountAndWhatIsNewDoes(t *testing.T) {
	known, fresh := bucket("aws-s3-versioning", "logs", finding.Fail), bucket("aws-s3-versioning", "fresh", finding.Fail)
	b := NewBaseline(ran(known))
	got := b.Mark([]finding.Finding{known, fresh}, names)
	want := []finding.Finding{known, fresh}
	want[0].Baseline = true
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatHasGrownSinceTheBaselineIsNew(t *testing.T) {
	with := func(defects ...string) finding.Finding {
		f := bucket("aws-s3-versioning", "logs", finding.Fail)
		f.Defects = defects
		return f
	}
	for name, c := range map[string]struct {
		known, now finding.Finding
		want       bool
	}{
		"the same":               {with("a", "b"), with("a", "b"), true},
		"less":                   {with("a", "b"), with("b"), true},
		"more":                   {with("a"), with("a", "b"), false},
		"another":                {with("a"), with("b"), false},
		"written without saying": {with(), with("a"), true},
	} {
		t.Run(name, func(t *testing.T) {
			got := NewBaseline(ran(c.known)).Mark([]finding.Finding{c.now}, names)
			if got[0].Baseline != c.want {
				t.Errorf("known: %v, want %v", got[0].Baseline, c.want)
			}
		})
	}
}

func TestTheBaselineLosesTheDefectsThatAreMended(t *testing.T) {
	with := func(defects ...string) finding.Run {
		f := bucket("aws-s3-versioning", "logs", finding.Fail)
		f.Defects = defects
		run := ran(f)
		run.Policies = []finding.Policy{{ID: "aws-s3-versioning"}}
		return run
	}
	b := NewBaseline(with("a", "b", "c"))
	for name, c := range map[string]struct {
		now    finding.Run
		judged bool
		want   []string
	}{
		"one is mended":           {with("a", "c"), true, []string{"a", "c"}},
		"one came":                {with("a", "b", "c", "d"), true, []string{"a", "b", "c"}},
		"nobody looked":           {with("a"), false, []string{"a", "b", "c"}},
		"the policy says no more": {with(), true, []string{"a", "b", "c"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := NewWatch(b.Subjects())
			w.Seen(live("logs"))
			if c.judged {
				w.Judged(live("logs"), "aws-s3-versioning", finding.Fail)
			}
			got, gone := b.Shrink(c.now, w, names)
			if diff := cmp.Diff(c.want, got.Known[0].Defects); diff != "" || gone != 0 {
				t.Errorf("%d entries gone (-want +got):\n%s", gone, diff)
			}
		})
	}
	two := with("a")
	two.Findings = append(two.Findings, two.Findings[0])
	two.Findings[1].Defects = []string{"b"}
	known := NewBaseline(two)
	watch := NewWatch(known.Subjects())
	watch.Seen(live("logs"))
	watch.Judged(live("logs"), "aws-s3-versioning", finding.Fail)
	if got, gone := known.Shrink(two, watch, names); len(got.Known) != 2 || gone != 0 {
		t.Errorf("two findings with one fingerprint are there still, and %v is left, %d gone", got.Known, gone)
	}

	wide := NewBaseline(with("s3:*"))
	w := NewWatch(wide.Subjects())
	w.Seen(live("logs"))
	w.Judged(live("logs"), "aws-s3-versioning", finding.Fail)
	if got, _ := wide.Shrink(with("s3:getobject"), w, names); len(got.Known) != 1 || !slices.Equal(got.Known[0].Defects, []string{"s3:getobject"}) {
		t.Errorf("s3:* was narrowed to s3:getobject, and %v is left", got.Known)
	}

	w = NewWatch(b.Subjects())
	w.Seen(live("logs"))
	w.Judged(live("logs"), "aws-s3-versioning", finding.Fail)
	if got, gone := b.Shrink(with("d"), w, names); len(got.Known) != 0 || gone != 1 {
		t.Errorf("all that was known is mended, and %v is left, %d gone", got.Known, gone)
	}
}

func TestAPolicyThatWasRenamedMakesNothingNew(t *testing.T) {
	b := NewBaseline(ran(bucket("aws-s3-bucket-versioning", "logs", finding.Fail))) // its former id
	got := b.Mark([]finding.Finding{bucket("aws-s3-versioning", "logs", finding.Fail)}, names)
	if !got[0].Baseline {
		t.Error("it counts as new")
	}
}

func TestTheBaselineShrinksByWhatWasLookedAtAndIsGone(t *testing.T) {
	fails := func(name string) finding.Finding { return bucket("aws-s3-versioning", name, finding.Fail) }
	b := NewBaseline(ran(fails("logs")))
	whole := providers.Cell{Scope: live("").Scope, Type: "aws_s3_bucket"}
	part := whole
	part.Region = "eu-central-1"
	elsewhere := whole
	elsewhere.Region = "us-east-1"
	partly := live("logs")
	partly.Unknown = map[string]providers.Reason{"logging": providers.Denied}
	for name, c := range map[string]struct {
		run   finding.Run
		watch func(w *Watch)
		gone  bool
	}{
		"it still fails": {ran(fails("logs")), func(w *Watch) {
			w.Seen(live("logs"))
			w.Judged(live("logs"), "aws-s3-versioning", finding.Fail)
			w.Read(whole)
		}, false},
		"it passes": {ran(), func(w *Watch) { w.Seen(live("logs")); w.Judged(live("logs"), "aws-s3-versioning", finding.Pass) }, true},
		"the policy does not apply any more": {ran(), func(w *Watch) {
			w.Seen(live("logs"))
			w.Judged(live("logs"), "aws-s3-versioning", finding.NotApplicable)
		}, true},
		"it fails otherwise":                    {ran(), func(w *Watch) { w.Seen(live("logs")); w.Judged(live("logs"), "aws-s3-versioning", finding.Fail) }, true},
		"it fails otherwise, part of it unread": {ran(), func(w *Watch) { w.Seen(partly); w.Judged(partly, "aws-s3-versioning", finding.Fail) }, false},
		"it is unknown": {ran(), func(w *Watch) {
			w.Seen(live("logs"))
			w.Judged(live("logs"), "aws-s3-versioning", finding.Unknown)
			w.Read(whole)
		}, false},
		"it was read and not judged":       {ran(), func(w *Watch) { w.Seen(live("logs")); w.Read(whole) }, false},
		"another policy passed":            {ran(), func(w *Watch) { w.Seen(live("logs")); w.Judged(live("logs"), "github-repo-secrets", finding.Pass) }, false},
		"another resource passed":          {ran(), func(w *Watch) { w.Seen(live("data")); w.Judged(live("data"), "aws-s3-versioning", finding.Pass) }, false},
		"it is not there any more":         {ran(), func(w *Watch) { w.Read(whole) }, true},
		"it is not in its region any more": {ran(), func(w *Watch) { w.Read(part) }, true},
		"another region was read":          {ran(), func(w *Watch) { w.Read(elsewhere) }, false},
		"nothing was read":                 {ran(), func(*Watch) {}, false},
		"the policy was not selected":      {finding.Run{}, func(w *Watch) { w.Read(whole) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := NewWatch(b.Subjects())
			c.watch(w)
			got, gone := b.Shrink(c.run, w, names)
			want := b
			if c.gone {
				want.Known = []Known{}
			}
			if diff := cmp.Diff(want, got); diff != "" || gone != len(b.Known)-len(want.Known) {
				t.Errorf("%d gone (-want +got):\n%s", gone, diff)
			}
		})
	}
}

func TestAPolicyThatWasRenamedShrinksTheBaselineUnderItsOldName(t *testing.T) {
	b := NewBaseline(ran(bucket("aws-s3-bucket-versioning", "logs", finding.Fail)))
	w := NewWatch(b.Subjects())
	w.Seen(live("logs"))
	w.Judged(live("logs"), "aws-s3-versioning", finding.Fail)
	if got, gone := b.Shrink(ran(bucket("aws-s3-versioning", "logs", finding.Fail)), w, names); gone != 0 || cmp.Diff(b, got) != "" {
		t.Errorf("it still fails, and %d are gone", gone)
	}
	if _, gone := b.Shrink(ran(), w, names); gone != 1 {
		t.Errorf("it is mended, and %d are gone", gone)
	}
}

func TestTheBaselineNeverGrowsByItself(t *testing.T) {
	b := NewBaseline(ran(bucket("aws-s3-versioning", "logs", finding.Fail)))
	got, gone := b.Shrink(ran(bucket("aws-s3-versioning", "fresh", finding.Fail)), NewWatch(b.Subjects()), names)
	if diff := cmp.Diff(b, got); diff != "" || gone != 0 {
		t.Errorf("%d gone (-want +got):\n%s", gone, diff)
	}
}

// TestMarkingChangesNoVerdictAndMakesNothingCount tries random baselines and stages on
// random findings.
func TestMarkingChangesNoVerdictAndMakesNothingCount(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	random := func(n int) []finding.Finding {
		var out []finding.Finding
		for range n {
			out = append(out, bucket(pick("aws-s3-versioning", "github-repo-secrets"), pick("a", "b", "c"), finding.Verdict(pick("fail", "unknown", "pass", "not_applicable"))))
		}
		return out
	}
	for range 300 {
		findings, old := random(1+r.IntN(6)), random(r.IntN(4))
		stages, err := NewRollout([]Stage{{pick("*", "aws-*", "github-repo-secrets"), pick("2026-01-01", "2026-12-31")}}, names, now)
		if err != nil {
			t.Fatal(err)
		}
		b := NewBaseline(ran(old...))
		got := b.Mark(stages.Warn(findings), names)
		for i, f := range findings {
			known := slices.ContainsFunc(old, func(o finding.Finding) bool { return o.Verdict == finding.Fail && o.Fingerprint == f.Fingerprint })
			want := f
			if f.Verdict == finding.Fail {
				want.Baseline, want.WarnUntil = known, stages[f.Policy]
			}
			if diff := cmp.Diff(want, got[i]); diff != "" {
				t.Fatalf("(-want +got):\n%s", diff)
			}
			if got[i].Counts() && !f.Counts() {
				t.Fatalf("%+v counts", got[i])
			}
		}
	}
}

func FuzzParseBaseline(f *testing.F) {
	good, err := NewBaseline(ran(bucket("aws-s3-versioning", "logs", finding.Fail))).Text()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(good))
	f.Add(`{"kind": "metsuke.baseline", "version": 1, "known": null}`)
	f.Add("{")
	f.Fuzz(func(t *testing.T, text string) {
		b, err := ParseBaseline([]byte(text), "baseline.json")
		if err != nil {
			return
		}
		once, err := b.Text()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseBaseline(once, "baseline.json")
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, once)
		}
		twice, err := again.Text()
		if err != nil || string(once) != string(twice) {
			t.Errorf("%v, written anew it differs:\n%s\n%s", err, once, twice)
		}
	})
}
