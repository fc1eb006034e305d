//go:build unix

package store

import (
	"flag"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/providers"
)

var (
	days  = flag.Int("days", 365, "how many daily runs BenchmarkYear saves")
	size  = flag.Int("findings", 50_000, "how many findings each of them has")
	store = flag.String("store", "", "where BenchmarkYear saves them; default a temporary file")
)

// company is an estate whose findings change a little every day.
type company struct {
	r    *rand.Rand
	open []finding.Finding
	next int
}

// make returns the next finding: 200 accounts, 120 policies, 80 owners.
func (c *company) make() finding.Finding {
	n := c.next
	c.next++
	scope := fmt.Sprintf("%012d", 100000000000+n%200)
	id := fmt.Sprintf("arn:aws:ec2:eu-west-1:%s:instance/i-%017x", scope, uint64(n)*0x9e3779b97f4a7c15>>4)
	policy := fmt.Sprintf("aws-ec2-policy-%d", n*7%120)
	res := finding.Resource{Provider: "aws", Scope: scope, ScopeName: fmt.Sprintf("team-%d-production", n%200), Type: "aws_instance", ID: id, Name: fmt.Sprintf("worker-%d", n), Region: "eu-west-1"}
	return finding.Finding{
		Fingerprint: finding.Fingerprint(policy, res, "k"), Policy: policy, Title: "Instances do what policy " + policy + " asks of them", Category: finding.Categories()[n*7%120%5],
		Severity: finding.Severities()[n*7%120%4], Verdict: finding.Fail, Resource: res, Owner: fmt.Sprintf("team-%d@example.org", n%80), Message: c.message(n), Path: "metadata_options.http_tokens", Key: "k",
	}
}

func (c *company) message(n int) string {
	return fmt.Sprintf("the instance used %d %% of its processors in the last %d days and costs $%d.%02d a month", c.r.IntN(100), 14, n%900, c.r.IntN(100))
}

// day changes 1 to 2 % of the findings and the messages of 5 %, and returns the run.
func (c *company) day(n int) finding.Run {
	for range len(c.open) / 100 * (1 + c.r.IntN(2)) {
		i := c.r.IntN(len(c.open))
		c.open[i] = c.make()
	}
	for range len(c.open) / 20 {
		i := c.r.IntN(len(c.open))
		c.open[i].Message = c.message(i)
	}
	run := runOf(n)
	run.Findings = slices.SortedFunc(slices.Values(c.open), finding.Compare)
	run.Tallies = c.tallies(n)
	for i := range 120 {
		run.Policies = append(run.Policies, finding.Policy{ID: fmt.Sprintf("aws-ec2-policy-%d", i), Title: "Instances do what is asked", Description: "Why it matters."})
	}
	for i := range 500 {
		run.Coverage.Gaps = append(run.Coverage.Gaps, providers.Gap{Scope: providers.Scope{Provider: "aws", ID: fmt.Sprint(i)}, Type: "aws_instance", Reason: providers.Denied, Call: "EC2.DescribeInstances"})
	}
	return run
}

func (c *company) tallies(n int) []finding.Tally {
	by := map[finding.Tally]finding.Counts{}
	for _, f := range c.open {
		k := finding.Tally{Owner: f.Owner, Provider: f.Resource.Provider, Scope: f.Resource.Scope, Category: f.Category, Severity: f.Severity}
		counts := by[k]
		counts.Fail++
		counts.Pass = 100 + n/10
		by[k] = counts
	}
	var out []finding.Tally
	for k, counts := range by {
		k.Counts = counts
		out = append(out, k)
	}
	slices.SortFunc(out, finding.CompareTallies)
	return out
}

// cells are those that the company's runs read: 200 accounts, 100 types in one region.
func cells() iter.Seq[providers.Cell] {
	return func(yield func(providers.Cell) bool) {
		for i := range 200 {
			for k := range 100 {
				t := providers.Type("aws_instance")
				if k > 0 {
					t = providers.Type(fmt.Sprintf("aws_type_%d", k))
				}
				if !yield(providers.Cell{Scope: providers.Scope{Provider: "aws", ID: fmt.Sprintf("%012d", 100000000000+i), Name: fmt.Sprint("team-", i)}, Region: "eu-west-1", Type: t}) {
					return
				}
			}
		}
	}
}

func subjectsOf(fs []finding.Finding) iter.Seq[finding.Subject] {
	return func(yield func(finding.Subject) bool) {
		for _, f := range fs {
			if !yield(f.Subject()) {
				return
			}
		}
	}
}

// BenchmarkYear saves a year of daily runs and measures what that takes, on the disk and
// in CPU time.
func BenchmarkYear(b *testing.B) {
	for b.Loop() {
		place := *store
		if place == "" {
			place = filepath.Join(b.TempDir(), "year.db")
		}
		s := openAt(b, place)
		c := &company{r: rand.New(rand.NewPCG(1, 2))}
		for range *size {
			c.open = append(c.open, c.make())
		}
		var first, total, slowest time.Duration
		for n := range *days {
			w := govern.NewWatch(subjectsOf(c.open)) // what Tracked returns, without the time that it takes
			run := c.day(n)
			for cell := range cells() {
				w.Read(cell)
			}
			began := cpu(b)
			if _, err := s.Save(b.Context(), Record{Series: "scan", Run: run, Watch: w, Started: run.Time, Ended: run.Time}); err != nil {
				b.Fatal(err)
			}
			took := cpu(b) - began
			if n == 0 {
				first = took
			} else {
				total += took
				slowest = max(slowest, took)
			}
		}
		b.ReportMetric(first.Seconds(), "s/first-save")
		b.ReportMetric(total.Seconds()/float64(max(1, *days-1)), "s/save")
		b.ReportMetric(slowest.Seconds(), "s/slowest-save")
		measureYear(b, s, place)
	}
}

// cpu is what the process has used of the processors: a machine is seldom idle. What a
// PostgreSQL server uses is not in it.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measureYear reports sizes and how long the questions take that people ask.
func measureYear(b *testing.B, s *Store, place string) {
	runs, err := s.Runs(b.Context(), Filter{})
	if err != nil {
		b.Fatal(err)
	}
	last := len(runs) - 1
	timed := func(unit string, f func() error) {
		began := cpu(b)
		if err := f(); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric((cpu(b) - began).Seconds(), unit)
	}
	timed("s/diff-yesterday", func() error { _, err := s.Compare(b.Context(), runs[1].ID, runs[0].ID); return err })
	timed("s/diff-year", func() error { _, err := s.Compare(b.Context(), runs[last].ID, runs[0].ID); return err })
	timed("s/diff-halves", func() error { _, err := s.Compare(b.Context(), runs[last/2+1].ID, runs[last/2].ID); return err })
	timed("s/tallies-90", func() error { _, err := s.Tallies(b.Context(), "scan", runs[min(89, last)].Started); return err })
	timed("s/tallies-year", func() error { _, err := s.Tallies(b.Context(), "scan", time.Time{}); return err })
	timed("s/run-last", func() error { _, err := s.Run(b.Context(), runs[0].ID); return err })
	timed("s/run-middle", func() error { _, err := s.Run(b.Context(), runs[last/2].ID); return err })
	timed("s/tracked", func() error { _, err := s.Tracked(b.Context(), "scan"); return err })
	timed("s/lives-90", func() error {
		_, err := s.Lives(b.Context(), "scan", LifeFilter{EndedSince: runs[min(89, last)].Time})
		return err
	})
	timed("s/score-last", func() error { _, err := s.Score(b.Context(), runs[0].ID); return err })
	timed("s/score-middle", func() error { _, err := s.Score(b.Context(), runs[last/2].ID); return err })
	if s.dialect == sqlite {
		if err := s.vacuum(b.Context()); err != nil {
			b.Fatal(err)
		}
		info, err := os.Stat(place)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(info.Size())/1e6, "MB")
	}
	if *store != "" {
		return // it is kept as it is, to measure the commands with
	}
	timed("s/delete-oldest", func() error { return s.Delete(b.Context(), runs[last].ID) })
	timed("s/retain-half", func() error {
		_, err := s.Retain(b.Context(), Retention{Count: len(runs) / 2}, runs[0].Time)
		return err
	})
}
