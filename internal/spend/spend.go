// Package spend tells whose the spend on a bill is. Bills are resources' attributes, so
// that they are read, saved and replayed like everything else; this package takes them
// from what a run reads and has the owner rules judge their lines. It reads no bill
// itself.
package spend

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/providers"
)

// Provider is the one of which bills are read. Google Cloud exports its billing to BigQuery,
// GitHub has an API of its own for it; neither is read.
const Provider = "aws"

// accountType is the one type that has a bill.
const accountType providers.Type = "aws_account"

// Attribute is where the bill is.
const Attribute = "spend"

// Want is what a provider is asked for so that bills are read; false where it has none.
func Want(d providers.Description) (providers.Want, bool) {
	ti, ok := d.Type(accountType)
	return providers.Want{Type: accountType, Attributes: []string{Attribute}}, ok && slices.Contains(ti.AllAttributes(), Attribute)
}

// Free reports whether the provider has bills without a call: it is an inventory that was
// taken with them.
func Free(d providers.Description) bool {
	ti, _ := d.Type(accountType)
	return slices.Contains(ti.Attributes, Attribute)
}

// Concerns reports whether a gap is about a bill.
func Concerns(g providers.Gap) bool {
	return g.Type == accountType && slices.ContainsFunc(strings.Split(g.Path, ","), func(path string) bool {
		top, _, _ := strings.Cut(path, ".")
		return top == Attribute
	})
}

// Reader keeps the bills among what a run reads. It is a scan.Watcher; the zero value is
// ready.
type Reader struct {
	mu   sync.Mutex
	seen map[string]providers.Resource // by account
}

// Seen keeps the resource if it has a bill, or was to have one.
func (x *Reader) Seen(r providers.Resource) {
	if r.Type != accountType || r.Scope.Provider != Provider {
		return
	}
	if _, ok := r.Attributes[Attribute]; !ok && r.Unknown[Attribute] == "" {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.seen == nil {
		x.seen = map[string]providers.Resource{}
	}
	x.seen[r.Scope.ID] = r
}

// Judged is of no interest.
func (x *Reader) Judged(providers.Resource, string, finding.Verdict) {}

// Read is of no interest.
func (x *Reader) Read(providers.Cell) {}

// Apply puts the spend into the run, and what a person should know of it into its notes.
// located says that the run knows in which files resources are written.
func (x *Reader) Apply(run *finding.Run, owners *govern.Owners, located bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	j := judge{run: *run, owners: owners, located: located, open: map[string]finding.Sum{}}
	for _, s := range run.Scopes {
		if s.Provider != Provider {
			continue
		}
		if j.paidElsewhere(s) {
			continue
		}
		r, seen := x.seen[s.ID]
		bill := finding.Bill{Provider: s.Provider, Scope: s.ID}
		switch {
		case !seen:
			j.missing(&bill, s)
		case r.Unknown[Attribute] != "":
			bill.Unknown = r.Unknown[Attribute]
			j.explain(&bill, s)
		case r.Attributes[Attribute] == nil:
			bill.Unknown, bill.Error = providers.Uncollected, "it is on the bill of the account that pays, which was not read"
		default:
			j.read(&bill, r)
		}
		run.Spend = append(run.Spend, bill)
	}
	slices.SortFunc(run.Spend, finding.CompareBills)
	for _, why := range slices.Sorted(maps.Keys(j.open)) {
		run.Notes = append(run.Notes, fmt.Sprintf("whose %s of spend is cannot be told: %s", words(j.open[why]), why))
	}
}

// judge judges the bills of one run.
type judge struct {
	run     finding.Run
	owners  *govern.Owners
	located bool
	open    map[string]finding.Sum // whose owner is unknown, by why
}

// paidElsewhere reports whether the account that pays for a member is in the run: its bill
// holds the member's spend, whatever could be read of the member itself, or it says why
// the spend is not known.
func (j *judge) paidElsewhere(member providers.Scope) bool {
	return slices.ContainsFunc(j.run.Scopes, func(s providers.Scope) bool {
		return s.Provider == member.Provider && s.ID != member.ID && s.Labels["organization_role"] == "management" &&
			s.Labels["organization_id"] == member.Labels["organization_id"]
	})
}

// missing says why there is nothing of the account.
func (j *judge) missing(b *finding.Bill, s providers.Scope) {
	b.Unknown = providers.Failed
	if j.run.Interrupted {
		b.Unknown = providers.Interrupted
	}
	for _, g := range j.run.Coverage.Gaps {
		if g.Scope.Provider == s.Provider && g.Scope.ID == s.ID && g.ID == "" && g.Path == "" && (g.Type == "" || g.Type == accountType) {
			b.Unknown, b.Error, b.Permission = g.Reason, g.Err, g.Permission
		}
	}
}

// explain takes over what is known of a bill that could not be read.
func (j *judge) explain(b *finding.Bill, s providers.Scope) {
	for _, g := range j.run.Coverage.Gaps {
		if g.Scope.Provider == s.Provider && g.Scope.ID == s.ID && Concerns(g) {
			b.Error, b.Permission = g.Err, g.Permission
		}
	}
}

// document is a bill as the schema of the type has it.
type document struct {
	Start     string `json:"start"`
	End       string `json:"end"`
	Metric    string `json:"metric"`
	Estimated bool   `json:"estimated"`
	// LookedFor are the keys of tags of which lines tell. A bill that was read for other
	// rules tells nothing of the tags of these.
	LookedFor []string `json:"looked_for"`
	Lines     []line   `json:"lines"`
}

type line struct {
	Account  string `json:"account"`
	Name     string `json:"account_name"`
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
	Tags     []struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	} `json:"tags"`
	Untold []struct {
		Key    string           `json:"key"`
		Reason providers.Reason `json:"reason"`
	} `json:"untold"`
}

// read has the lines of a bill judged.
func (j *judge) read(b *finding.Bill, r providers.Resource) {
	var doc document
	text, err := json.Marshal(r.Attributes[Attribute])
	if err == nil {
		err = json.Unmarshal(text, &doc)
	}
	var charges []finding.Charge
	open := map[string]finding.Sum{}
	for _, l := range doc.Lines {
		var amount finding.Decimal
		if err == nil {
			amount, err = finding.ParseDecimal(l.Amount)
		}
		money := finding.Money{Amount: amount, Currency: l.Currency}
		c := j.charge(l, r.Scope)
		for _, key := range j.owners.TagKeysBut(doc.LookedFor) {
			c.Untold[key] = providers.Uncollected
		}
		of := j.owners.OfCharge(c)
		charges = append(charges, finding.Charge{Owner: of.Owner, OwnerUnknown: of.Unknown, Account: l.Account, AccountName: c.Scope.Name, Money: money})
		if of.Unknown != "" {
			open[openBecause(of)] = open[openBecause(of)].Plus(money)
		}
	}
	if err != nil {
		b.Unknown, b.Error = providers.Failed, "the bill cannot be read: "+err.Error()
		return
	}
	b.Start, b.End, b.Metric, b.Estimated, b.Charges = doc.Start, doc.End, doc.Metric, doc.Estimated, sum(charges)
	for why, sum := range open {
		for _, m := range sum {
			j.open[why] = j.open[why].Plus(m)
		}
	}
}

// charge is a line as owner rules see it. An account that the run reads has its name and
// its place in the organisation from there.
func (j *judge) charge(l line, payer providers.Scope) govern.Charge {
	c := govern.Charge{Scope: providers.Scope{Provider: payer.Provider, ID: l.Account, Name: l.Name}, Tags: map[string]string{}, Untold: map[string]providers.Reason{}, Located: j.located}
	if i := slices.IndexFunc(j.run.Scopes, func(s providers.Scope) bool { return s.Provider == payer.Provider && s.ID == l.Account }); i >= 0 {
		c.Scope = j.run.Scopes[i]
		c.Scope.Name = cmp.Or(c.Scope.Name, l.Name)
	}
	for _, t := range l.Tags {
		c.Tags[t.Key] = t.Value
	}
	for _, u := range l.Untold {
		c.Untold[u.Key] = u.Reason
	}
	return c
}

// openBecause says in words why it cannot be told whose a charge is.
func openBecause(of govern.ChargeOwner) string {
	rule := "the owner rule (" + of.Rule.Text + ")"
	if of.Rule.File != "" {
		rule = of.Rule.Place() + ": " + rule
	}
	if of.Unknown == providers.Unsupported {
		return rule + " asks for what is not on a bill, or what only the account that pays can tell"
	}
	if of.Unknown == providers.Disabled {
		return rule + " looks at a tag that was not active for cost allocation in all of the month"
	}
	return fmt.Sprintf("%s: %s (%s)", rule, of.Why, of.Unknown)
}

// sum adds up charges of the same owner, account and currency.
func sum(charges []finding.Charge) []finding.Charge {
	slices.SortStableFunc(charges, finding.CompareCharges)
	var out []finding.Charge
	for _, c := range charges {
		if n := len(out); n > 0 && finding.CompareCharges(out[n-1], c) == 0 {
			out[n-1].Amount = out[n-1].Amount.Add(c.Amount)
			continue
		}
		out = append(out, c)
	}
	return out
}

// words are amounts for people.
func words(s finding.Sum) string {
	var out []string
	for _, m := range s {
		out = append(out, m.Amount.Round(2)+" "+m.Currency)
	}
	return strings.Join(out, " and ")
}
