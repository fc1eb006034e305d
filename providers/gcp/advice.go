package gcp

import (
	"context"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	orgpolicy "google.golang.org/api/orgpolicy/v2"
	recommender "google.golang.org/api/recommender/v1"

	"github.com/metsuke-dev/metsuke/providers"
)

// parallel is how many further calls are under way at once.
const parallel = 8

// place is what one call for recommendations covers.
type place struct{ recommender, project, location string }

func adviceKey(a advice, d document) place {
	return place{a.recommender, d.holder, a.location(d)}
}

// adviceResult is the answer of a recommender for one place.
type adviceResult struct {
	failure *failure
	active  map[string]map[string]any // by the path of the resource advised on
}

type adviceCache map[place]adviceResult

var hostOfName = regexp.MustCompile(`^//[^/]+/`)

// of returns the recommendation about a resource; null when there is none. A
// project may be called by its number or its ID.
func (r adviceResult) of(d document) any {
	names := []string{hostOfName.ReplaceAllString(d.id, "")}
	if d.asset == projectAsset {
		names = append(names, "projects/"+d.holder)
	}
	for _, n := range names {
		if got, ok := r.active[n]; ok {
			return got
		}
	}
	return nil
}

// fetchAdvice asks the recommenders about every project and location where the
// documents are and that was not asked about before.
func (c *collection) fetchAdvice(ctx context.Context, k kind, docs []document) {
	todo := map[place]advice{}
	for _, a := range k.advice {
		for _, d := range docs {
			if a.none != nil && a.none(d) {
				continue
			}
			if _, known := c.advice[adviceKey(a, d)]; !known && c.want[k.typ][a.attribute] {
				todo[adviceKey(a, d)] = a
			}
		}
	}
	var mu sync.Mutex
	var g errgroup.Group
	g.SetLimit(parallel)
	for at, a := range todo {
		g.Go(func() error {
			got := c.recommendations(ctx, a, at)
			mu.Lock()
			defer mu.Unlock()
			c.advice[at] = got
			return nil
		})
	}
	_ = g.Wait() // the functions return no error: failures are in the results
}

func (c *collection) recommendations(ctx context.Context, a advice, at place) adviceResult {
	out := adviceResult{active: map[string]map[string]any{}}
	parent := "projects/" + at.project + "/locations/" + at.location + "/recommenders/" + at.recommender
	var all []*recommender.GoogleCloudRecommenderV1Recommendation
	for token := ""; ; {
		var page *recommender.GoogleCloudRecommenderV1ListRecommendationsResponse
		err := c.p.config.Retry.do(ctx, func() (err error) {
			page, err = c.c.recommender.Projects.Locations.Recommenders.Recommendations.List(parent).
				Filter("stateInfo.state=ACTIVE").PageToken(token).Context(ctx).Do()
			return err
		})
		if err != nil {
			f := failed(a.call(), err)
			return adviceResult{failure: &f}
		}
		all = append(all, page.Recommendations...)
		if token = page.NextPageToken; token == "" {
			break
		}
	}
	slices.SortFunc(all, func(x, y *recommender.GoogleCloudRecommenderV1Recommendation) int {
		return strings.Compare(x.Name, y.Name)
	})
	for _, r := range all {
		if r.StateInfo == nil || r.StateInfo.State != "ACTIVE" {
			continue
		}
		for _, target := range targets(r) {
			path := c.withProjectID(hostOfName.ReplaceAllString(target, ""))
			if _, taken := out.active[path]; !taken {
				out.active[path] = recommendation(r)
			}
		}
	}
	return out
}

// targets returns the full names of the resources that a recommendation is about.
func targets(r *recommender.GoogleCloudRecommenderV1Recommendation) []string {
	set := map[string]bool{}
	for _, t := range r.TargetResources {
		set[t] = true
	}
	if r.Content != nil {
		for _, g := range r.Content.OperationGroups {
			for _, o := range g.Operations {
				if o.Resource != "" {
					set[o.Resource] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(set))
}

var projectStep = regexp.MustCompile(`^projects/([0-9]+)/`)

// withProjectID writes a project's ID for its number inside a resource's path.
// A project itself is known by its number, as in the inventory.
func (c *collection) withProjectID(path string) string {
	m := projectStep.FindStringSubmatch(path)
	if m == nil || c.ids[m[1]] == "" {
		return path
	}
	return "projects/" + c.ids[m[1]] + strings.TrimPrefix(path, "projects/"+m[1])
}

// recommendation turns a recommendation into an attribute. Savings are negative
// costs over the projection's duration.
func recommendation(r *recommender.GoogleCloudRecommenderV1Recommendation) map[string]any {
	out := map[string]any{
		"name":           r.Name,
		"subtype":        orNull(r.RecommenderSubtype),
		"description":    orNull(r.Description),
		"monthly_saving": nil,
		"currency":       nil,
	}
	i := r.PrimaryImpact
	if i == nil || i.CostProjection == nil || i.CostProjection.Cost == nil {
		return out
	}
	over, err := time.ParseDuration(i.CostProjection.Duration)
	if err != nil || over <= 0 {
		return out
	}
	cost := float64(i.CostProjection.Cost.Units) + float64(i.CostProjection.Cost.Nanos)/1e9
	month := 30 * 24 * time.Hour
	out["monthly_saving"] = math.Round(-cost*float64(month)/float64(over)*100)/100 + 0
	out["currency"] = orNull(i.CostProjection.Cost.CurrencyCode)
	return out
}

// policyPlace is what one call for an organisation policy covers.
type policyPlace struct{ project, constraint string }

func constraintKey(l constraint, d document) policyPlace {
	return policyPlace{d.holder, l.constraint}
}

// constraintResult says whether a boolean constraint is in force.
type constraintResult struct {
	failure  *failure
	enforced bool
}

type constraintCache map[policyPlace]constraintResult

// fetchConstraints asks which constraints are in force on every project of the
// documents that was not asked about before.
func (c *collection) fetchConstraints(ctx context.Context, k kind, docs []document) {
	todo := map[policyPlace]bool{}
	for _, l := range k.constraints {
		for _, d := range docs {
			if _, known := c.enforced[constraintKey(l, d)]; !known && c.want[k.typ][l.attribute] {
				todo[constraintKey(l, d)] = true
			}
		}
	}
	var mu sync.Mutex
	var g errgroup.Group
	g.SetLimit(parallel)
	for at := range todo {
		g.Go(func() error {
			got := c.constraint(ctx, at)
			mu.Lock()
			defer mu.Unlock()
			c.enforced[at] = got
			return nil
		})
	}
	_ = g.Wait() // the functions return no error: failures are in the results
}

func (c *collection) constraint(ctx context.Context, at policyPlace) constraintResult {
	name := "projects/" + at.project + "/policies/" + at.constraint
	var p *orgpolicy.GoogleCloudOrgpolicyV2Policy
	err := c.p.config.Retry.do(ctx, func() (err error) {
		p, err = c.c.orgPolicy.Projects.Policies.GetEffectivePolicy(name).Context(ctx).Do()
		return err
	})
	if err != nil {
		f := failed(effectivePolicy(), err)
		return constraintResult{failure: &f}
	}
	var out constraintResult
	if p.Spec == nil {
		return out
	}
	for _, r := range p.Spec.Rules {
		if r.Condition != nil {
			return constraintResult{failure: &failure{
				call: effectivePolicy().operation, reason: providers.Unsupported,
				err: "the policy depends on resource tags, which are not read",
			}}
		}
		out.enforced = out.enforced || r.Enforce
	}
	return out
}
