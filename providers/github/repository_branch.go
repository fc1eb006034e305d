package github

import (
	"context"
	"net/http"

	gh "github.com/google/go-github/v88/github"
)

// branchProtection enters the classic protection of the default branch. A 404 means
// that there is none, that the branch does not exist yet, or that the credential may
// not see it; only the first two say so.
func branchProtection(ctx context.Context, r *run, rp *repo) {
	if rp.branch == "" {
		rp.set("default_branch_exists", false)
		rp.set("default_branch_protection", nil)
		return
	}
	var p gh.Protection
	_, err := r.api.get(ctx, getBranchProtection(), rp.path+"/branches/"+rp.branch+"/protection", nil, &p)
	switch {
	case err == nil:
		rp.set("default_branch_exists", true)
		rp.set("default_branch_protection", protection(&p))
	case says(err, http.StatusNotFound, "Branch not protected"):
		rp.set("default_branch_exists", true)
		rp.set("default_branch_protection", nil)
	case says(err, http.StatusNotFound, "Branch not found"):
		rp.set("default_branch_exists", false)
		rp.set("default_branch_protection", nil)
	default:
		rp.unknown(asFailure(getBranchProtection(), err), "default_branch_exists", "default_branch_protection")
	}
}

func protection(p *gh.Protection) map[string]any {
	out := map[string]any{
		"allows_deletions":              p.AllowDeletions != nil && p.AllowDeletions.Enabled,
		"allows_force_pushes":           p.AllowForcePushes != nil && p.AllowForcePushes.Enabled,
		"enforce_admins":                p.EnforceAdmins != nil && p.EnforceAdmins.Enabled,
		"lock_branch":                   p.LockBranch.GetEnabled(),
		"required_pull_request_reviews": nil,
		"required_status_checks":        nil,
	}
	if v := p.RequiredPullRequestReviews; v != nil {
		out["required_pull_request_reviews"] = map[string]any{
			"dismiss_stale_reviews":           v.DismissStaleReviews,
			"require_code_owner_reviews":      v.RequireCodeOwnerReviews,
			"require_last_push_approval":      v.RequireLastPushApproval,
			"required_approving_review_count": v.RequiredApprovingReviewCount,
		}
	}
	if v := p.RequiredStatusChecks; v != nil {
		var contexts []string
		if v.Contexts != nil {
			contexts = append(contexts, *v.Contexts...)
		}
		if v.Checks != nil {
			for _, c := range *v.Checks {
				contexts = append(contexts, c.Context)
			}
		}
		out["required_status_checks"] = map[string]any{"strict": v.Strict, "contexts": sorted(contexts)}
	}
	return out
}

// branchRule is one rule of a ruleset that applies to a branch. go-github's own type
// leaves out kinds of rules that it does not know.
type branchRule struct {
	Type       string `json:"type"`
	Parameters struct {
		DismissStaleReviewsOnPush    bool `json:"dismiss_stale_reviews_on_push"`
		RequireCodeOwnerReview       bool `json:"require_code_owner_review"`
		RequireLastPushApproval      bool `json:"require_last_push_approval"`
		RequiredApprovingReviewCount int  `json:"required_approving_review_count"`
		RequiredStatusChecks         []struct {
			Context string `json:"context"`
		} `json:"required_status_checks"`
		Strict bool `json:"strict_required_status_checks_policy"`
	} `json:"parameters"`
}

// branchRules enters what active rulesets demand of the default branch. GitHub
// answers also for a branch that does not exist yet.
func branchRules(ctx context.Context, r *run, rp *repo) {
	var rules []*branchRule
	if rp.branch != "" {
		path := rp.path + "/rules/branches/" + rp.branch
		_, err := list(ctx, r.api, listBranchRules(), path, nil, func(b *branchRule) { rules = append(rules, b) })
		if err != nil {
			rp.unknown(asFailure(listBranchRules(), err), "default_branch_rules")
			return
		}
	}
	rp.set("default_branch_rules", demands(rules))
}

// demands merges rules: where several rulesets hold, GitHub enforces the strictest.
func demands(rules []*branchRule) map[string]any {
	var (
		types, contexts []string
		review          branchRule
		strict          bool
		has             = map[string]bool{}
	)
	for _, r := range rules {
		types = append(types, r.Type)
		has[r.Type] = true
		p := r.Parameters
		switch r.Type {
		case "pull_request":
			q := &review.Parameters
			q.DismissStaleReviewsOnPush = q.DismissStaleReviewsOnPush || p.DismissStaleReviewsOnPush
			q.RequireCodeOwnerReview = q.RequireCodeOwnerReview || p.RequireCodeOwnerReview
			q.RequireLastPushApproval = q.RequireLastPushApproval || p.RequireLastPushApproval
			q.RequiredApprovingReviewCount = max(q.RequiredApprovingReviewCount, p.RequiredApprovingReviewCount)
		case "required_status_checks":
			strict = strict || p.Strict
			for _, c := range p.RequiredStatusChecks {
				contexts = append(contexts, c.Context)
			}
		}
	}
	out := map[string]any{
		"deletion":               has["deletion"],
		"non_fast_forward":       has["non_fast_forward"],
		"pull_request":           nil,
		"required_status_checks": nil,
		"types":                  sorted(types),
		"update":                 has["update"],
	}
	if has["pull_request"] {
		out["pull_request"] = map[string]any{
			"dismiss_stale_reviews_on_push":   review.Parameters.DismissStaleReviewsOnPush,
			"require_code_owner_review":       review.Parameters.RequireCodeOwnerReview,
			"require_last_push_approval":      review.Parameters.RequireLastPushApproval,
			"required_approving_review_count": review.Parameters.RequiredApprovingReviewCount,
		}
	}
	if has["required_status_checks"] {
		out["required_status_checks"] = map[string]any{"strict": strict, "contexts": sorted(contexts)}
	}
	return out
}
