package govern

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/nearest"
	"github.com/metsuke-dev/metsuke/providers"
)

// Waiver is an exception that somebody granted: some findings do not count, for a
// reason and until a day. It stands in the waiver file, or as a comment in the
// Terraform sources.
type Waiver struct {
	Policy   string `json:"policy"`             // id, former id or pattern
	Resource string `json:"resource,omitempty"` // pattern; "" in a comment
	// Addresses are those of the resource or module call that a comment belongs to,
	// without instance keys; several where its file is the module of several calls.
	Addresses []string `json:"addresses,omitempty"`
	Account   string   `json:"account,omitempty"` // pattern of its id or name; "" is every one
	Region    string   `json:"region,omitempty"`  // pattern; "" is every one
	Type      string   `json:"type,omitempty"`    // pattern; "" is every one
	// Only are patterns of the defects, or else of the key or the path, that are excused;
	// none is everything that the policy finds on the resource, also later.
	Only     []string `json:"only,omitempty"`
	Reason   string   `json:"reason,omitempty"`
	Approver string   `json:"approver,omitempty"`
	Ticket   string   `json:"ticket,omitempty"`
	Expires  string   `json:"expires,omitempty"` // the last day on which it holds
	InSource bool     `json:"in_source,omitempty"`
	File     string   `json:"file,omitempty"`
	Line     int      `json:"line,omitempty"`
	// Fault says why the waiver waives nothing, whatever the day; "" is nothing wrong.
	Fault string `json:"fault,omitempty"`
	// First and Last are the lines of the block that a comment belongs to.
	First int `json:"-"`
	Last  int `json:"-"`
}

// Place is where the waiver is written: waivers.yaml:12.
func (w Waiver) Place() string {
	if w.Line == 0 {
		return w.File
	}
	return fmt.Sprintf("%s:%d", w.File, w.Line)
}

// On names the resources that the waiver is for.
func (w Waiver) On() string {
	if w.InSource {
		return strings.Join(w.Addresses, ", ")
	}
	return w.Resource
}

// about names what the waiver is for.
func (w Waiver) about() string { return w.Policy + " on " + w.On() }

// granted is what a finding says of the waiver.
func (w Waiver) granted() *finding.Waiver {
	return &finding.Waiver{
		Reason: w.Reason, Approver: w.Approver, Ticket: w.Ticket, Expires: w.Expires, InSource: w.InSource, File: w.File, Line: w.Line,
	}
}

// DefaultMaxDays is how far away the expiry of a waiver may be when the configuration
// does not say.
const DefaultMaxDays = 365

// Terms are what waivers are held to.
type Terms struct {
	Now      time.Time
	MaxDays  int   // how many days from now a waiver may hold at most; 0 is DefaultMaxDays
	Policies Names // those that there are
}

// Waivers are waivers held to terms.
type Waivers struct {
	now   time.Time
	rules []rule
	by    map[string][]int // rules by the id of the policies that they are for
}

// rule is a waiver and what the terms make of it.
type rule struct {
	Waiver
	policies []string
	day      time.Time // of expiry; zero with a fault

	resource, account, region, typ pattern
	only                           []pattern
}

func (t Terms) rule(w Waiver) rule {
	r := rule{
		Waiver: w, policies: t.Policies.matching(w.Policy),
		resource: compile(w.Resource), account: compile(w.Account), region: compile(w.Region), typ: compile(w.Type),
	}
	for _, o := range w.Only {
		r.only = append(r.only, compile(o))
	}
	if r.Fault == "" {
		r.day, r.Fault = t.check(w, len(r.policies) > 0)
	}
	return r
}

// holds reports whether the waiver waives anything.
func (w Waivers) holds(r rule) bool { return r.Fault == "" && !over(r.day, w.now) }

// NewWaivers holds waivers to the terms. One that does not keep them is kept with its
// fault, and waives nothing.
func NewWaivers(list []Waiver, t Terms) Waivers {
	if t.MaxDays == 0 {
		t.MaxDays = DefaultMaxDays
	}
	out := Waivers{now: t.Now, by: map[string][]int{}}
	for i, w := range list {
		r := t.rule(w)
		out.rules = append(out.rules, r)
		for _, id := range r.policies {
			out.by[id] = append(out.by[id], i)
		}
	}
	return out
}

// check returns the day on which the waiver expires, or what is wrong with it.
func (t Terms) check(w Waiver, known bool) (day time.Time, fault string) {
	day, err := ParseDay(w.Expires)
	switch {
	case err != nil:
		return time.Time{}, err.Error() + ", so it counts as expired"
	case !known:
		return time.Time{}, fmt.Sprintf("there is no policy %s%s", w.Policy, nearest.Hint(w.Policy, t.Policies.all()))
	case day.After(t.Now.AddDate(0, 0, t.MaxDays)):
		return time.Time{}, fmt.Sprintf("%s is more than %d days away, longer than a waiver may hold", w.Expires, t.MaxDays)
	}
	return day, ""
}

// subject is a resource as waivers look at it.
type subject struct {
	finding.Resource
	address string // in a plan
	config  string // the same without instance keys, or that in the state that keeps it
	plan    string // the plan or the state
	source  *providers.Source
}

func subjectOf(r finding.Resource) subject {
	if r.Source != nil {
		return subject{r, r.Source.Address, configAddress(r.Source.Address), r.Scope, r.Source}
	}
	if m := r.ManagedBy; m != nil && m.State != "" && m.Address != "" {
		return subject{r, "", configAddress(m.Address), m.State, m.Source}
	}
	return subject{Resource: r}
}

// covers reports whether the waiver is about the resource.
func (r rule) covers(s subject) bool {
	if r.InSource {
		return r.coversSource(s)
	}
	if !r.account.none() && !r.account.match(s.Scope) && (s.ScopeName == "" || !r.account.match(s.ScopeName)) ||
		!r.region.none() && !r.region.match(s.Region) || !r.typ.none() && !r.typ.match(string(s.Type)) {
		return false
	}
	return r.resource.match(s.ID) || s.Name != "" && r.resource.match(s.Name) ||
		s.address != "" && (r.resource.match(s.address) || r.resource.match(s.config))
}

// excuses reports whether the waiver is for any of what the finding tells of, and whether
// it is for all of that. Of an unknown finding nobody knows what it would tell of: it may
// be for that, and does not excuse it.
func (r rule) excuses(f finding.Finding) (some, all bool) {
	switch {
	case len(r.only) == 0:
		return true, true
	case f.Verdict == finding.Unknown:
		return true, false
	}
	parts := f.Defects
	if len(parts) == 0 {
		parts = []string{cmp.Or(f.Key, f.Path)}
	}
	named := func(part string) bool {
		return slices.ContainsFunc(r.only, func(p pattern) bool { return p.match(part) })
	}
	n := 0
	for _, part := range parts {
		if named(part) {
			n++
		}
	}
	whole := f.Key != "" && named(f.Key) // whatever parts it has
	return whole || n > 0, whole || n == len(parts)
}

// coversSource reports whether the comment stands where the finding points, or on the
// resource or a module call that brings it.
func (w Waiver) coversSource(s subject) bool {
	if at := s.source; at != nil && at.File == w.File && w.First <= at.Line && at.Line <= w.Last && at.Line > 0 {
		return true // the attribute at fault is written in that block, whose ever it is
	}
	return slices.ContainsFunc(w.Addresses, func(of string) bool {
		if i := strings.LastIndexByte(of, ':'); i >= 0 {
			return of[:i] == s.plan && within(s.config, of[i+1:])
		}
		return within(s.config, of)
	})
}

// Uses says of every waiver, in their order, how many findings it matches.
type Uses []int

// Waive returns the findings with the waiver of each that has one, and how often each
// waiver was matched, in force or not. A finding takes the first waiver that holds.
// Failing and unknown findings can be waived; a waived unknown is as unknown as before.
func (w Waivers) Waive(findings []finding.Finding) ([]finding.Finding, Uses) {
	out := make([]finding.Finding, len(findings))
	uses := make(Uses, len(w.rules))
	for i, f := range findings {
		if rules := w.by[f.Policy]; len(rules) > 0 && (f.Verdict == finding.Fail || f.Verdict == finding.Unknown) {
			about := subjectOf(f.Resource)
			for _, n := range rules {
				some, all := w.rules[n].excuses(f)
				if !some || !w.rules[n].covers(about) {
					continue
				}
				uses[n]++
				if all && f.Waiver == nil && w.holds(w.rules[n]) {
					f.Waiver = w.rules[n].granted()
				}
			}
		}
		out[i] = f
	}
	return out, uses
}

// Len returns how many waivers there are.
func (w Waivers) Len() int { return len(w.rules) }

// judged reports whether a run held resources that the waiver could be about: its policies
// were selected, one of them judged something, nothing of their types was left unread, and
// the run looked where the waiver is for.
func (r rule) judged(run finding.Run) bool {
	if run.Interrupted || !r.within(run) {
		return false
	}
	seen := false
	for _, id := range r.policies {
		p, ok := run.Policy(id)
		if !ok {
			return false
		}
		for _, g := range run.Coverage.Gaps {
			if g.ID != "" || g.Path != "" { // a part: the resource has a verdict, unknown at worst
				continue
			}
			for _, t := range p.Types {
				if g.Type == "" || g.Type == t {
					return false
				}
			}
		}
		seen = seen || p.Counts.Total() > 0
	}
	return seen
}

// within reports whether the run looked at an account that the waiver is for, and at what
// is written where a comment stands.
func (r rule) within(run finding.Run) bool {
	if r.InSource && run.Mode != "gate" && run.IaC == nil {
		return false
	}
	return r.account.none() || slices.ContainsFunc(run.Scopes, func(s providers.Scope) bool {
		return r.account.match(s.ID) || s.Name != "" && r.account.match(s.Name)
	})
}
