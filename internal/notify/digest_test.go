package notify

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

var (
	now    = time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)
	before = finding.RunRef{ID: "20261121-020000-aaaaaaaa", Time: now.AddDate(0, 0, -1)}
)

// failure is a finding of an owner with a history.
func failure(owner, name string, s finding.Severity, status finding.Status, firstSeen time.Time) finding.Finding {
	r := finding.Resource{Provider: "aws", Scope: "111111111111", ScopeName: "shop-prod", Type: "aws_s3_bucket", ID: "arn:aws:s3:::" + name, Name: name, Region: "eu-west-1"}
	return finding.Finding{
		Fingerprint: finding.Fingerprint("aws-s3-public", r, "acl"), Policy: "aws-s3-public", Title: "S3 buckets are not public", Category: finding.Security, Severity: s,
		Verdict: finding.Fail, Resource: r, Owner: owner, Message: "the ACL lets everyone read", MonthlyCost: 2,
		History: &finding.History{Status: status, FirstSeen: firstSeen, LastSeen: now, Since: firstSeen},
	}
}

// night is a run with something of everything for shop, something old for pay, and nothing
// new for nobody.
func night() finding.Run {
	waived := failure("shop", "waived", finding.Critical, finding.StatusWaived, now)
	waived.Waiver = &finding.Waiver{Reason: "it is a website"}
	unknown := failure("shop", "hidden", finding.High, "", now)
	unknown.Verdict, unknown.History = finding.Unknown, nil
	again := failure("shop", "again", finding.High, finding.StatusReopened, now.AddDate(0, -5, 0))
	again.History.Since, again.History.Reopened = now, 1
	return finding.Run{
		ID: "20261122-020000-bbbbbbbb", Mode: "scan", Time: now,
		Findings: []finding.Finding{
			failure("shop", "fresh", finding.Critical, finding.StatusNew, now),
			again,
			failure("shop", "late", finding.High, finding.StatusOpen, now.AddDate(0, 0, -30).Add(-time.Hour)),
			failure("shop", "long-late", finding.High, finding.StatusOpen, now.AddDate(0, 0, -90)),
			failure("shop", "small", finding.Low, finding.StatusNew, now),
			failure("pay", "old", finding.Medium, finding.StatusOpen, now.AddDate(-1, 0, 0)),
			failure("", "orphan", finding.High, finding.StatusNew, now),
			waived, unknown,
		},
		Since: &finding.Since{
			Run: before, Fixed: []finding.Finding{failure("shop", "mended", finding.High, finding.StatusFixed, now.AddDate(0, 0, -9))},
			Gone:       []finding.Finding{failure("shop", "deleted", finding.High, finding.StatusGone, now.AddDate(0, 0, -9))},
			NotVisible: []finding.Finding{failure("pay", "dark", finding.High, finding.StatusNotVisible, now.AddDate(0, 0, -9))},
			CellsLost:  []providers.Cell{{Type: "aws_s3_bucket"}},
		},
		Coverage: finding.Coverage{CellsPlanned: 40, CellsRead: 39},
	}
}

func deadlines() Deadlines {
	return Deadlines{finding.Critical: 7 * 24 * time.Hour, finding.High: 30 * 24 * time.Hour}
}

// outline is what a digest says, in lines.
func outline(d Digest) string {
	names := func(list []finding.Finding) string {
		var out []string
		for _, f := range list {
			out = append(out, f.Resource.Name)
		}
		return strings.Join(out, " ")
	}
	return fmt.Sprintf("%s | new %s | reopened %s | overdue %s | fixed %s | gone %s | dark %d | open %v | unknown %d | saving %.0f | lost %d",
		d.whose(), names(d.New), names(d.Reopened), names(d.Overdue), names(d.Fixed), names(d.Gone), d.NotVisible, d.Open, d.Unknown, d.Saving, d.CellsLost)
}

func TestEverybodyHearsWhatConcernsThem(t *testing.T) {
	var got []string
	for _, d := range Digests(night(), nil, nil, finding.Medium, deadlines(), "") {
		got = append(got, outline(d))
	}
	if diff := cmp.Diff([]string{
		"Everything | new fresh orphan | reopened again | overdue late | fixed mended | gone deleted | dark 1 | open map[critical:1 high:4 medium:1] | unknown 1 | saving 12 | lost 1",
		"unowned | new orphan | reopened  | overdue  | fixed  | gone  | dark 0 | open map[high:1] | unknown 0 | saving 2 | lost 0",
		"pay | new  | reopened  | overdue  | fixed  | gone  | dark 1 | open map[medium:1] | unknown 0 | saving 2 | lost 0",
		"shop | new fresh | reopened again | overdue late | fixed mended | gone deleted | dark 0 | open map[critical:1 high:3] | unknown 1 | saving 8 | lost 0",
	}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Of two schedules that read different providers, each run is asked for less than
// everything.
func TestWhatARunWasNotAskedForIsOpenAllTheSameAndGetsOverdueOnce(t *testing.T) {
	run := night()
	alive := append([]finding.Finding{
		failure("shop", "elsewhere", finding.High, finding.StatusNew, now.AddDate(0, 0, -2)),
		failure("shop", "elsewhere-late", finding.High, finding.StatusOpen, now.AddDate(0, 0, -30).Add(-time.Hour)),
		failure("shop", "elsewhere-long-late", finding.High, finding.StatusOpen, now.AddDate(0, 0, -90)),
		failure("shop", "dark", finding.High, finding.StatusNotVisible, now.AddDate(0, 0, -30).Add(-time.Hour)),
	}, run.Findings...)
	excused := failure("shop", "excused", finding.High, finding.StatusWaived, now.AddDate(0, 0, -30).Add(-time.Hour))
	excused.Waiver = &finding.Waiver{Reason: "it is a website"}
	ds := Digests(run, append(alive, excused), nil, finding.Medium, deadlines(), "")
	want := "Everything | new fresh orphan | reopened again | overdue late elsewhere-late | fixed mended | gone deleted | dark 1 | open map[critical:1 high:7 medium:1] | unknown 1 | saving 18 | lost 1"
	if diff := cmp.Diff(want, outline(ds[0])); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAFindingOfWhichNobodyKnowsTheOwnerIsNotNobodys(t *testing.T) {
	run := night()
	lost := failure("", "lost", finding.High, finding.StatusNew, now)
	lost.OwnerUnknown = providers.Denied
	run.Findings = []finding.Finding{lost}
	run.Since = &finding.Since{Run: before}
	ds := Digests(run, nil, nil, finding.Low, nil, "")
	if len(ds) != 1 || len(ds[0].New) != 1 {
		t.Errorf("%d digests, that of everybody: %s", len(ds), outline(ds[0]))
	}
}

func TestNobodyHearsOfANightInWhichNothingChanged(t *testing.T) {
	run := night()
	run.Findings = run.Findings[5:6]
	run.Since = &finding.Since{Run: before}
	for _, d := range Digests(run, nil, nil, finding.Low, deadlines(), "") {
		if !d.Quiet() {
			t.Errorf("%s is not quiet: %s", d.whose(), outline(d))
		}
	}
}

func TestWhatCouldNotBeReadAnyMoreIsNewsForEverybodyAndNotFixed(t *testing.T) {
	run := night()
	run.Findings = nil
	run.Since = &finding.Since{Run: before, NotVisible: run.Since.NotVisible, CellsLost: run.Since.CellsLost}
	all := Digests(run, nil, nil, finding.Low, nil, "")[0]
	if all.Quiet() || all.title() != "Everything: 1 cell not read any more" {
		t.Errorf("%s, quiet %v", all.title(), all.Quiet())
	}
	if diff := cmp.Diff([]string{
		"Open: none", "Could not be looked at this time, and so neither open nor fixed: 1", "Read 39 of 40 cells", "1 cell that the run before read could not be read",
	}, all.standing()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAFirstScanTellsHowThingsAreAndCallsNothingNew(t *testing.T) {
	run := night()
	run.Since = nil
	d := Digests(run, nil, nil, finding.Low, deadlines(), "")[0]
	if got := outline(d); d.Quiet() || d.title() != "Everything: first scan, 7 open" || !strings.Contains(got, "| new  | reopened  | overdue  |") {
		t.Errorf("%s\n%s", d.title(), got)
	}
	if d := Digests(finding.Run{ID: "x"}, nil, nil, finding.Low, nil, "")[0]; !d.Quiet() {
		t.Error("a first scan without any finding is news")
	}
}

func TestAListThatIsLongSaysHowMuchMoreThereIs(t *testing.T) {
	run := night()
	run.Findings = nil
	for n := range 25 {
		run.Findings = append(run.Findings, failure("shop", fmt.Sprintf("b%d", n), finding.High, finding.StatusNew, now))
	}
	s := Digests(run, nil, nil, finding.Low, nil, "")[0].sections()[0]
	if s.heading != "New (25)" || len(s.findings) != 10 || s.more != 15 {
		t.Errorf("%s: %d and %d more", s.heading, len(s.findings), s.more)
	}
}

func TestTheEndOfAWaiverIsNewsOnce(t *testing.T) {
	run := night()
	f := failure("shop", "website", finding.High, finding.StatusOpen, now.AddDate(0, 0, -90)) // long overdue, and excused until today
	run.Findings, run.Since = []finding.Finding{f}, &finding.Since{Run: before}
	c := Webhook{Name: "hook", Receivers: []Receiver{{Owner: "shop"}}}.Channel()
	for name, lapsed := range map[string][]string{"Everything: 1 not waived any more": {f.Fingerprint, "another"}, "Everything: nothing changed": nil} {
		ds := Digests(run, run.Findings, lapsed, finding.Low, deadlines(), "")
		es, err := c.Compose(News{Run: run, Digests: ds})
		if err != nil || ds[0].title() != name || ds[0].Quiet() == (lapsed != nil) || len(es) != min(len(lapsed), 1) {
			t.Errorf("%s, quiet %v, %d messages, %v; want %s", ds[0].title(), ds[0].Quiet(), len(es), err, name)
		}
	}
	f.Waiver = &finding.Waiver{Reason: "again"}
	run.Findings = []finding.Finding{f}
	if d := Digests(run, nil, []string{f.Fingerprint}, finding.Low, deadlines(), "")[0]; !d.Quiet() {
		t.Errorf("it is waived: %s", d.title())
	}
}

func TestARunThatIsToldOfLateCountsNothingThatALaterOneFound(t *testing.T) {
	run := night()
	run.Findings, run.Since = nil, &finding.Since{Run: before}
	later := failure("shop", "later", finding.High, finding.StatusNew, now.Add(time.Hour))
	if d := Digests(run, []finding.Finding{later}, nil, finding.Low, deadlines(), "")[0]; d.Total() != 0 {
		t.Errorf("it counts %d open", d.Total())
	}
}

func TestATextIsCutWhereAPlaceWouldCutIt(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "abc": "abc", "abcd": "abcd", "abcde": "abc…", "äöüß": "äöüß", "äöüßa": "äöü…", "😀😀": "😀😀", "😀😀😀": "😀…", "a😀😀": "a😀…", "ab\xffde": "ab\xff…",
	} {
		if got := cut(in, 4); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
