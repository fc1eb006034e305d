package e2e

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/scan"
	"github.com/metsuke-dev/metsuke/providers"
)

// againstPolicies are those that judge the resources of the random estates, with the
// parameters that make them do so.
func againstPolicies(t *testing.T) *engine.Session {
	t.Helper()
	s, err := shipped(t).NewSession(engine.Config{
		Now: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC),
		Policies: []string{
			"aws-cloudtrail-bucket-logging", "aws-cloudtrail-bucket-public", "aws-cloudtrail-multi-region", "aws-ebs-volume-tag-drift", "aws-s3-bucket-public-access-block",
			"aws-iam-administrator-access-principals", "aws-iam-user-direct-policies", "aws-s3-mfa-delete", "aws-vpc-sg-admin-ports-ipv4", "aws-vpc-sg-database-ports",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// liveID returns the id of the live resource that one of the plan is or stands in for.
func liveID(ids map[string]string, id string) string {
	typ, name, _ := strings.Cut(id, ".")
	switch {
	case ids[id] != "":
		return ids[id]
	case typ == "aws_vpc_security_group_ingress_rule":
		return ids["aws_security_group.g"]
	case typ == "aws_iam_user_policy_attachment":
		return ids["aws_iam_user.u"]
	case typ == "aws_s3_bucket_public_access_block":
		return ids["aws_s3_bucket."+name]
	}
	return id
}

func TestAPlanBesideAnEstateIsJudgedAsTheWholeEstateWouldBeOrIsUnknown(t *testing.T) {
	session := againstPolicies(t)
	known, unknowns, live := 0, 0, 0
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 5))
		parts, ids := randomEstate(rng)
		before := make([]part, len(parts))
		for i, p := range parts {
			before[i] = p
			before[i].after = p.before
		}
		judge := func(in scan.Input) finding.Run {
			in.Now, in.Session, in.Passes = time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), session, true
			out, err := scan.Run(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		truth := verdicts(judge(scan.Input{Mode: "scan", Providers: []providers.Provider{liveOf(t, session, parts, ids)}}))
		estate := liveOf(t, session, before, ids)
		if seed%2 == 1 {
			damage(rng, estate)
		}
		blocks := split(rng, parts)
		got := judge(scan.Input{
			Mode: "gate", Providers: []providers.Provider{planOf(t, blocks)}, Changes: true,
			Against: &scan.Against{Inventory: []providers.Provider{estate}, Time: time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC)},
		})
		for _, f := range got.Findings {
			id := liveID(ids, f.Resource.ID)
			region := "eu-west-1"
			if f.Resource.Type == "aws_iam_user" {
				region = ""
			}
			want, ok := truth[judged{f.Policy, region + " " + id}]
			switch {
			case f.Verdict == finding.Unknown:
				unknowns++
				continue
			case f.Verdict == finding.NotApplicable && f.Resource.ID != id && ids[f.Resource.ID] == "":
				continue // what only stands in is not judged by what is not the plan's
			case f.Resource.Provider == "aws":
				live++
			default:
				known++
			}
			if !ok || want != f.Verdict {
				t.Errorf("seed %d: %s says %s of %s, and of the whole estate %s: %s", seed, f.Policy, f.Verdict, f.Resource.ID, want, f.Message)
			}
		}
		if t.Failed() {
			for _, b := range blocks {
				t.Logf("%s %v\n  before %s\n  after  %s\n  unknown %s", b.address(), b.actions, jsonOf(b.before), jsonOf(b.after), jsonOf(b.unknown))
			}
			for _, r := range estate.resources {
				t.Logf("live %s %s %v", r.ID, jsonOf(r.Attributes), r.Unknown)
			}
			t.FailNow()
		}
	}
	if known < 200 || unknowns < 50 || live == 0 {
		t.Errorf("%d verdicts of planned resources, %d of live ones, %d unknown: too little was tried", known, live, unknowns)
	}
}
