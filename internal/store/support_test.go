package store

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/providers"
)

func day(n int) time.Time { return time.Date(2026, 7, 1, 3, 0, 0, 0, time.UTC).AddDate(0, 0, n) }

// newPlace returns where a test keeps its store: a new file, or a new database while
// TestOnPostgreSQL runs.
var newPlace = func(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "metsuke.db")
}

// openTemp opens a new store.
func openTemp(t testing.TB) *Store {
	t.Helper()
	return openAt(t, newPlace(t))
}

func openAt(t testing.TB, place string) *Store {
	t.Helper()
	s, err := Open(t.Context(), place, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

const account = "111111111111"

// bucket is a failing finding about a bucket.
func bucket(name string) finding.Finding { return failing("aws-s3-public", name, "acl") }

func failing(policy, name, key string) finding.Finding {
	r := finding.Resource{Provider: "aws", Scope: account, Type: "aws_s3_bucket", ID: "arn:aws:s3:::" + name, Name: name, Region: "eu-west-1"}
	return finding.Finding{
		Fingerprint: finding.Fingerprint(policy, r, key), Policy: policy, Title: "Buckets are not public", Category: finding.Security, Severity: finding.High,
		Verdict: finding.Fail, Resource: r, Owner: "shop", Message: "the ACL of " + name + " lets everyone read", Path: "acl", Key: key,
	}
}

func waived(f finding.Finding) finding.Finding {
	f.Waiver = &finding.Waiver{Reason: "it is a website", Approver: "ada", Expires: "2026-12-31"}
	return f
}

// runOf is a run of a day with findings.
func runOf(n int, fs ...finding.Finding) finding.Run {
	slices.SortFunc(fs, finding.Compare)
	var policies []finding.Policy
	for _, id := range []string{"aws-s3-old", "aws-s3-public"} {
		policies = append(policies, finding.Policy{ID: id, Title: id, Severity: finding.High, Category: finding.Security, Types: []providers.Type{"aws_s3_bucket"}, Counts: finding.Counts{Fail: len(fs)}})
	}
	return finding.Run{
		Mode: "scan", Version: "1.2.3", Time: day(n), Providers: []finding.ProviderStatus{{Name: "aws", Used: true, Scopes: 1}},
		Scopes: []providers.Scope{{Provider: "aws", ID: account}}, Policies: policies, Findings: fs,
		Coverage: finding.Coverage{CellsPlanned: 1, CellsRead: 1, Resources: 3, Gaps: []providers.Gap{}, Cures: []finding.Cure{}},
		Digests:  map[string]string{"inventory": fmt.Sprint(n)},
	}
}

// scan is a run and what it looked at: it read these buckets, and judged them unless they
// are denied.
type scan struct {
	run    finding.Run
	exist  []string
	denied []string // read, but not judged
	blind  bool     // the cell could not be listed
}

func bucketResource(name string) providers.Resource {
	return providers.Resource{Scope: providers.Scope{Provider: "aws", ID: account}, Type: "aws_s3_bucket", ID: "arn:aws:s3:::" + name, Region: "eu-west-1"}
}

// record makes the Record of a scan that goes on with what the store tracks.
func (s scan) record(t testing.TB, st *Store) Record {
	t.Helper()
	tracked, err := st.Tracked(t.Context(), "scan")
	if err != nil {
		t.Fatal(err)
	}
	w := govern.NewWatch(Subjects(tracked))
	for _, name := range s.exist {
		w.Seen(bucketResource(name))
		if slices.Contains(s.denied, name) {
			continue
		}
		for _, p := range s.run.Policies {
			w.Judged(bucketResource(name), p.ID, finding.Pass)
		}
	}
	if !s.blind {
		w.Read(providers.Cell{Scope: providers.Scope{Provider: "aws", ID: account}, Region: "eu-west-1", Type: "aws_s3_bucket"})
	}
	return Record{Series: "scan", Run: s.run, Watch: w, Started: s.run.Time, Ended: s.run.Time.Add(time.Minute)}
}

func (s scan) save(t testing.TB, st *Store) Saved {
	t.Helper()
	return save(t, st, s.record(t, st))
}

func save(t testing.TB, st *Store, r Record) Saved {
	t.Helper()
	saved, err := st.Save(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

// randomRun returns a run with everything in it that a run can have.
func randomRun(r *rand.Rand, n int) finding.Run {
	words := []string{"a", "bé", "<c>&", "d\"e", "\x00", "zwölf Boxkämpfer", "x\u2028y", "mailto:x@example.org"}
	word := func() string { return words[r.IntN(len(words))] }
	run := runOf(n)
	for range r.IntN(40) {
		f := failing(fmt.Sprintf("policy-%d", r.IntN(4)), fmt.Sprint("bucket-", r.IntN(6)), fmt.Sprint(r.IntN(2)))
		f.Message, f.Owner, f.Resource.ScopeName = word(), word(), word()
		f.Verdict = []finding.Verdict{finding.Fail, finding.Fail, finding.Unknown, finding.Pass, finding.NotApplicable}[r.IntN(5)]
		if f.Verdict != finding.Fail {
			f.Fingerprint = finding.Fingerprint(f.Policy, f.Resource, string(f.Verdict))
		}
		f.Severity = finding.Severities()[r.IntN(4)]
		f.Change = []finding.Change{"", finding.Introduced, finding.Existing}[r.IntN(3)]
		f.Baseline = r.IntN(9) == 0
		if r.IntN(3) == 0 {
			f.Defects = []string{word(), word()}
		}
		if r.IntN(5) == 0 {
			f = waived(f)
		}
		if r.IntN(3) == 0 {
			f.MonthlyCost, f.Defects = r.Float64()*1000, []string{word(), "b"}
			f.Resource.Source = &providers.Source{Address: word(), File: word(), Line: 3, Calls: []providers.Place{{Address: word(), File: word(), Line: 1}}}
			f.Resource.ManagedBy = &finding.ManagedBy{Tool: finding.Terraform, State: word(), Source: f.Resource.Source}
			f.Reason, f.Permission, f.WarnUntil = providers.Denied, word(), "2026-08-01"
		}
		if r.IntN(6) == 0 {
			f.Change = finding.Fixed
			run.Fixed = append(run.Fixed, f)
			continue
		}
		run.Findings = append(run.Findings, f)
	}
	slices.SortFunc(run.Findings, finding.Compare)
	slices.SortFunc(run.Fixed, finding.Compare)
	for i := range run.Policies {
		run.Policies[i].Counts = finding.Counts{Pass: r.IntN(5), Fail: r.IntN(3)}
		run.Policies[i].Frameworks = map[string][]string{word(): {word()}}
	}
	for range r.IntN(3) {
		run.Coverage.Gaps = append(run.Coverage.Gaps, providers.Gap{Scope: providers.Scope{Provider: "aws", ID: account, Labels: map[string]string{word(): word()}}, Type: "aws_s3_bucket", Reason: providers.Denied, Err: word()})
		run.Coverage.Cures = append(run.Coverage.Cures, finding.Cure{Permission: word(), Unknowns: r.IntN(3)})
		run.Notes = append(run.Notes, word())
	}
	for i, owner := range []string{"", "data", "shop"}[:r.IntN(4)] {
		run.Tallies = append(run.Tallies, finding.Tally{Owner: owner, Provider: "aws", Scope: account, Category: finding.Security, Severity: finding.High, Counts: finding.Counts{Pass: i, Fail: r.IntN(2)}})
	}
	if r.IntN(2) == 0 {
		run.IaC = &finding.IaC{States: []finding.State{{Name: word(), Resources: 3}}, Managed: finding.Managed{Terraform: 2}, Unmanaged: []finding.Resource{}, Gone: []finding.StateEntry{{State: word(), Address: word()}}}
	}
	if r.IntN(2) == 0 {
		run.Spend = billed(word(), "2.5")
	}
	return run
}

// forDialect writes a statement of testdata, which is SQLite's, for PostgreSQL.
func forDialect(statement string, d dialect) string {
	if d == sqlite {
		return statement
	}
	return blobs.ReplaceAllString(statement, `'\x${1}'`)
}

var blobs = regexp.MustCompile(`X'([0-9a-fA-F]*)'`)

func digestOf(run finding.Run) (string, error) {
	b, err := json.Marshal(run)
	return fmt.Sprintf("%x", hashOf(b)), err
}

// checkWhole holds a store against what must be so whatever happened: every run is there
// as it was saved, and no two intervals say different things of one run.
func checkWhole(t *testing.T, s *Store) (runs int) {
	t.Helper()
	list, err := s.Runs(t.Context(), Filter{})
	if err != nil {
		t.Fatal(err)
	}
	for i, info := range list {
		run, err := s.Run(t.Context(), info.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := digestOf(run); got != info.ReportDigest && info.ReportDigest != "" {
			t.Fatalf("run %s is not what was saved", info.ID)
		}
		r, err := s.Inventory(t.Context(), info.ID)
		if err != nil && info.HasInventory {
			t.Fatal(err)
		}
		if err == nil && i < 2 {
			if n, err := io.Copy(io.Discard, r); err != nil || n != 100_000 {
				t.Fatalf("the inventory of run %s has %d bytes: %v", info.ID, n, err)
			}
		}
		if r != nil {
			_ = r.Close()
		}
	}
	if _, err := s.Check(t.Context(), digestOf); err != nil {
		t.Fatal(err)
	}
	return len(list)
}
