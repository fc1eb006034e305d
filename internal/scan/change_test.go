package scan

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// planned is a provider of doors and guards that are going to change.
type planned struct {
	scripted
	before, after []providers.Resource
	touched       []string
}

// step is a resource with what happens to it.
func step(action string, r providers.Resource) providers.Resource {
	r.Source = &providers.Source{Address: r.ID, Action: action}
	return r
}

func guard(id string) providers.Resource {
	r := door(id, false, nil)
	r.Type = "test_guard"
	return r
}

// unread is a door of which nobody knows whether it is open.
func unread(id string) providers.Resource {
	r := door(id, nil, nil)
	r.Attributes, r.Unknown = map[string]any{}, map[string]providers.Reason{"open": providers.Deferred}
	return r
}

func (p *planned) send(rs []providers.Resource, wanted func(providers.Resource) bool) scripted {
	return scripted{scopes: []providers.Scope{site}, collect: func(_ context.Context, _ providers.Scope, want []providers.Want, out providers.Sink) error {
		for _, w := range want {
			for _, c := range cells(out, w.Type) {
				for _, r := range rs {
					if r.Type == w.Type && wanted(r) {
						out.Resource(r)
					}
				}
				out.Done(c)
			}
		}
		return nil
	}}
}

func newPlanned(before, after []providers.Resource, touched ...string) *planned {
	p := &planned{before: before, after: after, touched: touched}
	p.scripted = p.send(after, func(providers.Resource) bool { return true })
	return p
}

func (p *planned) Touches(_ providers.Type, id string) bool { return slices.Contains(p.touched, id) }

func (p *planned) Alters(t providers.Type) bool {
	for _, r := range slices.Concat(p.before, p.after) {
		if r.Type == t && (r.Source.Action != "no-op" || slices.Contains(p.touched, r.ID)) {
			return true
		}
	}
	return false
}

func (p *planned) Before(whole func(providers.Type) bool) providers.Provider {
	return p.send(p.before, func(r providers.Resource) bool {
		return whole(r.Type) || r.Source.Action == "delete" || slices.Contains(p.touched, r.ID)
	})
}

// wrapped hides what a provider is beside a provider.
type wrapped struct{ providers.Provider }

func (w wrapped) Unwrap() providers.Provider { return w.Provider }

func judgeChange(in *Input) { in.Changes = true }

type change struct {
	Policy, ID string
	Verdict    finding.Verdict
	Change     finding.Change
}

func changesOf(fs []finding.Finding) []change {
	var out []change
	for _, f := range fs {
		out = append(out, change{f.Policy, f.Resource.ID, f.Verdict, f.Change})
	}
	return out
}

func TestWhatAChangeBringsIsToldFromWhatWasThereAndWhatItMends(t *testing.T) {
	g := step("no-op", guard("g"))
	before := []providers.Resource{
		g,
		step("update", door("a worse", false, nil)), step("update", door("b mended", true, nil)), step("update", door("c elsewhere", true, nil)),
		step("replace", door("d anew", true, nil)), step("delete", door("e gone", true, nil)), step("delete", door("e gone too", false, nil)),
		step("update", unread("f unread before")), step("update", door("g unread after", true, nil)),
	}
	after := []providers.Resource{
		g,
		step("update", door("a worse", true, nil)), step("update", door("b mended", false, nil)), step("update", door("c elsewhere", true, nil)),
		step("replace", door("d anew", true, nil)), step("update", door("f unread before", true, nil)), step("update", unread("g unread after")),
		step("create", door("h new", true, nil)), step("no-op", door("i untouched", true, nil)), step("import", door("j imported", true, nil)),
	}
	p := newPlanned(before, after, "a worse", "b mended", "c elsewhere", "d anew", "f unread before", "g unread after")
	run := judgeAll(t, wrapped{p}, judgeChange)
	want := []change{
		{"test-open", "a worse", finding.Fail, finding.Introduced},
		{"test-open", "f unread before", finding.Fail, finding.Introduced},
		{"test-open", "h new", finding.Fail, finding.Introduced},
		{"test-open", "c elsewhere", finding.Fail, finding.Existing},
		{"test-open", "d anew", finding.Fail, finding.Existing},
		{"test-open", "i untouched", finding.Fail, finding.Existing},
		{"test-open", "j imported", finding.Fail, finding.Existing},
		{"test-open", "g unread after", finding.Unknown, ""},
	}
	if diff := cmp.Diff(want, changesOf(run.Findings)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	fixed := []change{{"test-open", "b mended", finding.Fail, finding.Fixed}, {"test-open", "e gone", finding.Fail, finding.Fixed}}
	if diff := cmp.Diff(fixed, changesOf(run.Fixed)); diff != "" {
		t.Errorf("fixed (-want +got):\n%s", diff)
	}
	if introduced, existing, mended := run.Changed(); introduced != 3 || existing != 4 || mended != 2 {
		t.Errorf("introduced %d, existing %d, fixed %d", introduced, existing, mended)
	}
	if got := run.Coverage.Resources; got != len(after) {
		t.Errorf("%d resources are counted, after the change there are %d", got, len(after))
	}
}

func TestAChangeOfWhatAPolicyJoinsIsAChangeOfWhatItJudges(t *testing.T) {
	front := step("no-op", door("front", false, nil))
	g := guard("g")
	for name, c := range map[string]struct {
		before, after  []providers.Resource
		findings, gone []change
	}{
		"the only guard goes": {
			[]providers.Resource{front, step("delete", g)},
			[]providers.Resource{front},
			[]change{{"test-guarded", "front", finding.Fail, finding.Introduced}},
			nil,
		},
		"a guard comes": {
			[]providers.Resource{front},
			[]providers.Resource{front, step("create", g)},
			nil,
			[]change{{"test-guarded", "front", finding.Fail, finding.Fixed}},
		},
		"there is none and there was none": {
			[]providers.Resource{front},
			[]providers.Resource{front},
			[]change{{"test-guarded", "front", finding.Fail, finding.Existing}},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			run := judgeAll(t, newPlanned(c.before, c.after), judgeChange)
			if diff := cmp.Diff(c.findings, changesOf(run.Findings)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.gone, changesOf(run.Fixed)); diff != "" {
				t.Errorf("fixed (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAScanOfWhatDoesNotChangeHasNoChanges(t *testing.T) {
	p := newPlanned(nil, []providers.Resource{step("create", door("front", true, nil))})
	run := judgeAll(t, p.scripted, judgeChange)
	want := []change{{"test-open", "front", finding.Fail, ""}, {"test-guarded", "front", finding.Fail, ""}}
	if diff := cmp.Diff(want, changesOf(run.Findings)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestWhatIsNotSelectedIsNotMendedEither(t *testing.T) {
	p := newPlanned([]providers.Resource{step("delete", door("front", true, nil))}, nil)
	run := judgeAll(t, p, func(in *Input) {
		in.Changes, in.Region = true, func(r string) bool { return r == "west" }
	})
	if len(run.Fixed) > 0 {
		t.Errorf("fixed: %v", changesOf(run.Fixed))
	}
}

func TestAFaultWithOneMoreDefectIsIntroduced(t *testing.T) {
	with := func(defects ...string) finding.Finding {
		return finding.Finding{Fingerprint: "x", Verdict: finding.Fail, Severity: finding.High, Defects: defects, Resource: finding.Resource{Type: "test_door", ID: "front"}}
	}
	for name, c := range map[string]struct {
		was, is finding.Finding
		want    finding.Change
	}{
		"the same":       {with("a", "b"), with("a", "b"), finding.Existing},
		"one is mended":  {with("a", "b"), with("b"), finding.Existing},
		"one more":       {with("a"), with("a", "b"), finding.Introduced},
		"another":        {with("a"), with("b"), finding.Introduced},
		"without parts":  {with(), with(), finding.Existing},
		"none were said": {with(), with("a"), finding.Existing},
	} {
		t.Run(name, func(t *testing.T) {
			before := &compared{change: newPlanned(nil, nil, "front"), failing: map[mark]failure{}}
			before.keep(c.was)
			if got := before.of(c.is); got != c.want {
				t.Errorf("it is %s, want %s", got, c.want)
			}
		})
	}
}

func TestTwoFaultsOfOneFingerprintAreKnownTogether(t *testing.T) {
	with := func(severity finding.Severity, defects ...string) finding.Finding {
		return finding.Finding{Fingerprint: "x", Verdict: finding.Fail, Severity: severity, Defects: defects, Resource: finding.Resource{Type: "test_door", ID: "front"}}
	}
	before := &compared{change: newPlanned(nil, nil, "front"), failing: map[mark]failure{}}
	before.keep(with(finding.High, "a"))
	before.keep(with(finding.Medium, "b"))
	for name, c := range map[string]struct {
		is   finding.Finding
		want finding.Change
	}{
		"the first":  {with(finding.High, "a"), finding.Existing},
		"the second": {with(finding.Medium, "b"), finding.Existing},
		"more":       {with(finding.Medium, "b", "c"), finding.Introduced},
		"worse":      {with(finding.Critical, "a"), finding.Introduced},
	} {
		t.Run(name, func(t *testing.T) {
			if got := before.of(c.is); got != c.want {
				t.Errorf("it is %s, want %s", got, c.want)
			}
		})
	}
}

func TestAFaultThatGrowsWorseIsIntroduced(t *testing.T) {
	f := finding.Finding{Fingerprint: "x", Verdict: finding.Fail, Severity: finding.High, Resource: finding.Resource{Type: "test_door", ID: "front"}}
	for was, want := range map[finding.Severity]finding.Change{finding.Medium: finding.Introduced, finding.High: finding.Existing, finding.Critical: finding.Existing} {
		before := f
		before.Severity = was
		c := &compared{change: newPlanned(nil, nil, "front"), failing: map[mark]failure{}}
		c.keep(before)
		if got := c.of(f); got != want {
			t.Errorf("what was %s and is high is %s, want %s", was, got, want)
		}
	}
}
