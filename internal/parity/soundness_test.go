package parity

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/scan"
	"github.com/metsuke-dev/metsuke/internal/simcloud/awssim"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws"
)

// deniedSets is how many sets of calls are denied, each in a scan of its own.
const deniedSets = 8

// Whatever a credential may not do, a verdict is the one with full access, or it is
// unknown, or there is none because the resource could not be listed.
func TestDeniedAWSCallsOnlyMakeVerdictsUnknown(t *testing.T) {
	e := load(t)
	full := judgeEstate(t, e, nil)
	var operations []string
	for _, ti := range aws.New(aws.Config{}).Describe().Types {
		for _, c := range ti.CallsFor(ti.AllAttributes()) {
			operations = append(operations, c.Operation)
		}
	}
	slices.Sort(operations)
	operations = slices.Compact(operations)
	decided := 0
	for i := range deniedSets {
		dice := rand.New(rand.NewPCG(uint64(i), 0))
		denied := map[string]bool{}
		for _, op := range operations {
			// A few calls in most sets, most of them in some.
			denied[op] = dice.IntN(deniedSets) <= i
		}
		for key, verdict := range judgeEstate(t, e, denied) {
			want, there := full[key]
			switch {
			case verdict == finding.Unknown:
				continue
			case !there:
				t.Errorf("set %d: %s is judged %s and was not there with full access", i, key, verdict)
			case verdict != want:
				t.Errorf("set %d: %s is %s instead of %s", i, key, verdict, want)
			}
			decided++
		}
	}
	if decided < len(full) {
		t.Errorf("only %d verdicts were compared, of %d with full access: the sets leave nothing to compare", decided, len(full))
	}
}

// judgeEstate judges the whole simulated organisation, by policy and resource.
func judgeEstate(t *testing.T, e *engine.Engine, denied map[string]bool) map[string]finding.Verdict {
	t.Helper()
	p := aws.New(aws.Config{
		Base:         awssim.Demo().Config(awssim.Accounts()[0], "us-east-1", awssim.Faults{Deny: func(op string) bool { return denied[op] }}),
		Organization: &aws.Organization{},
		Clock:        now,
		Limits: aws.Limits{NewRetryer: func() awssdk.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = 1 })
		}},
	})
	s, err := e.NewSession(engine.Config{Now: now()})
	if err != nil {
		t.Fatal(err)
	}
	run, err := scan.Run(t.Context(), scan.Input{Mode: "scan", Now: now(), Providers: []providers.Provider{p}, Session: s, Passes: true})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]finding.Verdict{}
	for _, f := range run.Findings {
		key := fmt.Sprintf("%s on %s %s", f.Policy, f.Resource.Type, f.Resource.ID)
		if old, ok := out[key]; ok && old != f.Verdict {
			t.Errorf("%s has the verdicts %s and %s", key, old, f.Verdict)
		}
		out[key] = f.Verdict
	}
	return out
}
