package github

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// contributionBatch is how many people one query asks about: GitHub counts a
// collection of contributions as expensive.
const contributionBatch = 10

type contributionAnswer struct {
	Collection struct {
		Calendar struct {
			Weeks []struct {
				Days []struct {
					Date  string `json:"date"`
					Count int    `json:"contributionCount"`
				} `json:"contributionDays"`
			} `json:"weeks"`
		} `json:"contributionCalendar"`
		LatestRestricted *string `json:"latestRestrictedContributionDate"`
	} `json:"contributionsCollection"`
}

// last returns the day of the last contribution; zero when there was none.
func (a *contributionAnswer) last() (time.Time, error) {
	var last string // dates sort as text
	for _, w := range a.Collection.Calendar.Weeks {
		for _, d := range w.Days {
			if d.Count > 0 {
				last = max(last, d.Date)
			}
		}
	}
	if d := a.Collection.LatestRestricted; d != nil {
		last = max(last, *d)
	}
	if last == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.DateOnly, last)
}

// contributions enters when everybody last contributed to the organisation.
func contributions(ctx context.Context, r *run, c *cell, people []*person) {
	const attribute = "last_contribution_at"
	org, f := r.organization(ctx)
	if f != nil {
		markAll(c, people, f, attribute)
		return
	}
	// GitHub counts over a year at most.
	from := r.cfg.Now().UTC().AddDate(-1, 0, 1).Format(time.RFC3339)
	for batch := range slices.Chunk(people, contributionBatch) {
		var text strings.Builder
		vars := map[string]any{"org": org.GetNodeID(), "from": from}
		text.WriteString("query contributions($org: ID!, $from: DateTime!")
		for i, p := range batch {
			fmt.Fprintf(&text, ", $l%d: String!", i)
			vars[fmt.Sprintf("l%d", i)] = p.login
		}
		text.WriteString(") {")
		for i := range batch {
			fmt.Fprintf(&text, " u%d: user(login: $l%d) { ...last }", i, i)
		}
		text.WriteString(" } fragment last on User { contributionsCollection(organizationID: $org, from: $from)" +
			" { latestRestrictedContributionDate contributionCalendar { weeks { contributionDays { date contributionCount } } } } }")
		answer := map[string]*contributionAnswer{}
		errs, err := r.api.query(ctx, queryContributions(), "contributions", text.String(), vars, &answer)
		if err != nil {
			markAll(c, batch, asFailure(queryContributions(), err), attribute)
			continue
		}
		for i, p := range batch {
			p.contributed(answer[fmt.Sprintf("u%d", i)], errorAt(errs, fmt.Sprintf("u%d", i)))
		}
	}
}

// contributed enters one person's answer, or why there is none.
func (p *person) contributed(a *contributionAnswer, e *queryError) {
	const attribute = "last_contribution_at"
	switch {
	case e != nil:
		p.unknown(e.failure(queryContributions()), attribute)
	case a == nil:
		p.unknown(denied(queryContributions(), "GitHub shows no such user"), attribute)
	default:
		last, err := a.last()
		if err != nil {
			p.unknown(asFailure(queryContributions(), err), attribute)
			return
		}
		p.set(attribute, timestamp(last))
	}
}

// errorAt returns the error that concerns the field with the name, or nil.
func errorAt(errs []queryError, name string) *queryError {
	i := slices.IndexFunc(errs, func(e queryError) bool { return e.Path[0] == name })
	if i < 0 {
		return nil
	}
	return &errs[i]
}

// auditEvent is what is read of an event: who, and when. GitHub gives the time in
// milliseconds.
type auditEvent struct {
	Timestamp int64  `json:"@timestamp"`
	User      string `json:"user"`
}

func (e auditEvent) time() time.Time { return time.UnixMilli(e.Timestamp) }

// auditLog enters when the audit log last saw everybody do something, and when it
// saw them being added. It takes one query for each person.
func auditLog(ctx context.Context, r *run, c *cell, people []*person) {
	org, f := r.organization(ctx)
	if f == nil && withoutEnterprise(org) {
		f = unsupported(listAuditLog(), "GitHub offers the audit log's API to organisations on Enterprise only, this one is on the plan "+org.GetPlan().GetName())
	}
	if f != nil {
		markAll(c, people, f, "added_at", "last_audit_event_at")
		return
	}
	path := "orgs/" + r.scope.ID + "/audit-log"
	if c.wants("added_at") {
		added := map[string]time.Time{}
		query := url.Values{"phrase": {"action:org.add_member"}}
		_, err := list(ctx, r.api, listAuditLog(), path, query, func(e *auditEvent) {
			if key := strings.ToLower(e.User); added[key].Before(e.time()) {
				added[key] = e.time()
			}
		})
		if err != nil {
			markAll(c, people, asFailure(listAuditLog(), err), "added_at")
		} else {
			for _, p := range people {
				p.set("added_at", timestamp(added[strings.ToLower(p.login)]))
			}
		}
	}
	if !c.wants("last_audit_event_at") {
		return
	}
	var g errgroup.Group
	g.SetLimit(defaultConcurrency)
	for _, p := range people {
		g.Go(func() error {
			lastEvent(ctx, r, path, p)
			return nil
		})
	}
	_ = g.Wait() // failures are gaps
}

// lastEvent enters the newest event of one person: the first of the first page.
func lastEvent(ctx context.Context, r *run, path string, p *person) {
	query := url.Values{"phrase": {"actor:" + p.login}, "include": {"all"}, "order": {"desc"}, "per_page": {"1"}}
	var events []auditEvent
	if _, err := r.api.get(ctx, listAuditLog(), path, query, &events); err != nil {
		p.unknown(asFailure(listAuditLog(), err), "last_audit_event_at")
		return
	}
	var last time.Time
	if len(events) > 0 {
		last = events[0].time()
	}
	p.set("last_audit_event_at", timestamp(last))
}
