// Package finding holds what a run concludes: verdicts, findings, coverage. It
// is the data between evaluation and reporting and has no I/O and no opinion.
package finding

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/providers"
)

// Verdict is the answer of one policy on one resource.
type Verdict string

// The verdicts. There is no fifth: an error of a policy is Unknown with its message.
const (
	Pass          Verdict = "pass"
	Fail          Verdict = "fail"
	Unknown       Verdict = "unknown"        // something that decides could not be read
	NotApplicable Verdict = "not_applicable" // the policy has nothing to say about the resource
)

// Severity grades how bad a failing verdict is.
type Severity string

// The severities, the worst first.
const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
)

// Severities returns every severity, the worst first.
func Severities() []Severity { return []Severity{Critical, High, Medium, Low} }

// Rank orders severities: 0 is the worst; an unknown one comes last.
func (s Severity) Rank() int {
	switch s {
	case Critical:
		return 0
	case High:
		return 1
	case Medium:
		return 2
	case Low:
		return 3
	}
	return len(Severities())
}

// Weight is how much a verdict of a policy of the severity counts in a share: a critical
// one as much as ten low ones.
func (s Severity) Weight() int {
	switch s {
	case Critical:
		return 10
	case High:
		return 5
	case Medium:
		return 2
	case Low:
	}
	return 1
}

// Category is the field of governance that a policy belongs to.
type Category string

// The categories.
const (
	Tagging     Category = "tagging"
	Cost        Category = "cost"
	Security    Category = "security"
	Reliability Category = "reliability"
	Operations  Category = "operations"
)

// Categories returns every category in the order in which reports show them.
func Categories() []Category {
	return []Category{Security, Cost, Tagging, Reliability, Operations}
}

// Policy is what a report says of a policy.
type Policy struct {
	ID          string              `json:"id"`
	Title       string              `json:"title"`
	Description string              `json:"description,omitempty"`
	Severity    Severity            `json:"severity"`
	Category    Category            `json:"category"`
	Types       []providers.Type    `json:"types"`
	Remediation string              `json:"remediation,omitempty"`
	Terraform   string              `json:"terraform,omitempty"`  // HCL that mends a failure
	Frameworks  map[string][]string `json:"frameworks,omitempty"` // "cis-aws-5.0": ["2.1.4"]
	Deprecated  bool                `json:"deprecated,omitempty"`
	// Counts says how many resources got which verdict. All four zero: the policy
	// matched no resource, which must not look like a pass.
	Counts Counts `json:"counts"`
}

// Mending returns what mends a failure, as Markdown: the remediation, and the Terraform
// in a fence.
func (p Policy) Mending() string {
	if p.Terraform == "" {
		return p.Remediation
	}
	return strings.TrimSpace(p.Remediation + "\n\n```hcl\n" + p.Terraform + "\n```")
}

// Counts is a number of verdicts by kind.
type Counts struct {
	Pass          int `json:"pass"`
	Fail          int `json:"fail"`
	Unknown       int `json:"unknown"`
	NotApplicable int `json:"not_applicable"`
}

// Add counts n verdicts of kind v.
func (c *Counts) Add(v Verdict, n int) {
	switch v {
	case Pass:
		c.Pass += n
	case Fail:
		c.Fail += n
	case Unknown:
		c.Unknown += n
	case NotApplicable:
		c.NotApplicable += n
	}
}

// Total returns how many resources were judged.
func (c Counts) Total() int { return c.Pass + c.Fail + c.Unknown + c.NotApplicable }

// Resource is what a finding says of the resource it is about.
type Resource struct {
	Provider  string            `json:"provider"`
	Scope     string            `json:"scope"`                // Scope.ID
	ScopeName string            `json:"scope_name,omitempty"` // Scope.Name
	Type      providers.Type    `json:"type"`
	ID        string            `json:"id"`
	Name      string            `json:"name,omitempty"`
	Region    string            `json:"region,omitempty"`
	Source    *providers.Source `json:"source,omitempty"`
	ManagedBy *ManagedBy        `json:"managed_by,omitempty"` // nil where nobody asked
}

// Finding is one thing to know about one resource: a way in which it fails a
// policy, or that a policy could not judge it. A resource that passes has no
// finding unless passes were asked for.
type Finding struct {
	Fingerprint string   `json:"fingerprint"` // stable over runs: see Fingerprint
	Policy      string   `json:"policy"`      // the policy's id; its text is in Run.Policies
	Title       string   `json:"title"`
	Category    Category `json:"category"`
	Severity    Severity `json:"severity"` // of this finding; a policy may grade one differently
	Verdict     Verdict  `json:"verdict"`
	Resource    Resource `json:"resource"`
	Owner       string   `json:"owner,omitempty"` // "" is nobody
	// OwnerUnknown is why it cannot be told whose the resource is; "" where it can. Owner is
	// "" then, and does not mean nobody.
	OwnerUnknown providers.Reason `json:"owner_unknown,omitempty"`
	Message      string           `json:"message"`
	Path         string           `json:"path,omitempty"` // the attribute at fault, or the one that could not be read
	Key          string           `json:"key,omitempty"`  // tells findings of one policy on one resource apart
	// Defects are the parts of a fault that can grow under one fingerprint, sorted: the
	// tags that are missing, the ports that are open. None: it has no parts.
	Defects []string `json:"defects,omitempty"`
	// MonthlyCost is what mending it saves, in US dollars a month, as the policy
	// estimates it; 0 is not estimated.
	MonthlyCost float64 `json:"monthly_cost_usd,omitempty"`
	// Reason and Permission are set on unknown findings only: why the attribute
	// could not be read, and what would cure it.
	Reason     providers.Reason `json:"reason,omitempty"`
	Permission string           `json:"permission,omitempty"`

	// Change says what a plan has to do with it; "" where nothing is planned.
	Change Change `json:"change,omitempty"`
	// Waiver is the exception that was granted for it; nil is none.
	Waiver *Waiver `json:"waiver,omitempty"`
	// Baseline says that it was known when the baseline was written.
	Baseline bool `json:"baseline,omitempty"`
	// WarnUntil is the day, 2026-12-31, up to which its policy only warns; "" is not.
	WarnUntil string `json:"warn_until,omitempty"`
	// History is what earlier runs say of it; nil where runs are not saved, and on findings
	// that are no failures.
	History *History `json:"history,omitempty"`
}

// Ownership says whose a resource is.
type Ownership struct {
	Owner   string           // "" is nobody, unless Unknown says why it cannot be told
	Unknown providers.Reason // "" where the owner is certain
}

// UnknownOwner stands where reports name owners, for what cannot be told.
const UnknownOwner = "(unknown)"

// Ownership returns whose the resource of the finding is.
func (f Finding) Ownership() Ownership { return Ownership{f.Owner, f.OwnerUnknown} }

// Change is what a plan has to do with a finding.
type Change string

// The changes.
const (
	Introduced Change = "introduced" // the plan brings it: a new resource, or a new defect of one that exists
	Existing   Change = "existing"   // it is there already, and the plan leaves it there
	Fixed      Change = "fixed"      // it is there, and the plan mends it: only in Run.Fixed
)

// Waiver is an exception that was granted for a finding. A finding with a waiver
// stays visible and does not fail a run.
type Waiver struct {
	Reason   string `json:"reason"`
	Approver string `json:"approver,omitempty"`
	Ticket   string `json:"ticket,omitempty"`
	Expires  string `json:"expires"`             // the last day on which it holds: 2026-12-31
	InSource bool   `json:"in_source,omitempty"` // a comment in the Terraform sources, not the file of waivers
	File     string `json:"file,omitempty"`      // where it is written
	Line     int    `json:"line,omitempty"`
}

// Counts reports whether the finding is held against those who made it: it fails, and
// neither a waiver nor the baseline nor a policy that only warns excuses it. Whether
// what a plan leaves as it was counts is for the caller to say.
func (f Finding) Counts() bool {
	return f.Verdict == Fail && f.Waiver == nil && !f.Baseline && f.WarnUntil == ""
}

// WorseThan reports whether the finding is more of a fault, or graded worse, than one
// with its fingerprint that was graded so and had these defects.
func (f Finding) WorseThan(was Severity, defects []string) bool {
	return f.Severity.Rank() < was.Rank() || f.Outgrows(defects)
}

// Fingerprint identifies a finding over runs: the policy, the resource and what
// tells two findings of the same policy on it apart. The message is left out, so
// that rewording it does not make an old finding new.
func Fingerprint(policy string, r Resource, key string) string {
	var room [256]byte
	b := append(room[:0], policy...)
	for _, s := range []string{r.Provider, string(r.Type), r.ID, key} {
		b = append(append(b, 0), s...)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// Coverage says how much of what was asked for could be read.
type Coverage struct {
	CellsPlanned int `json:"cells_planned"`
	CellsRead    int `json:"cells_read"` // listed in full
	Resources    int `json:"resources"`
	// Gaps are the failed calls, sorted. A cell with a Gap of its own was not read.
	Gaps []providers.Gap `json:"gaps"`
	// Cures are the permissions whose grant would resolve most unknowns, the most
	// useful first.
	Cures []Cure `json:"cures"`
}

// Ratio returns the share of planned cells that were read, 0 to 1; 1 when
// nothing was planned.
func (c Coverage) Ratio() float64 {
	if c.CellsPlanned == 0 {
		return 1
	}
	return float64(c.CellsRead) / float64(c.CellsPlanned)
}

// Complete reports whether everything asked for was read.
func (c Coverage) Complete() bool { return c.CellsRead == c.CellsPlanned && len(c.Gaps) == 0 }

// Cure is a permission and what granting it would resolve.
type Cure struct {
	Permission string `json:"permission"`
	Unknowns   int    `json:"unknowns"`         // unknown verdicts
	Cells      int    `json:"cells"`            // cells that could not be listed
	Owners     int    `json:"owners,omitempty"` // resources with findings of which it cannot be told whose they are
}

// ProviderStatus says whether a provider took part in the run, and why not.
type ProviderStatus struct {
	Name   string `json:"name"`
	Used   bool   `json:"used"`
	Detail string `json:"detail,omitempty"` // the credential it found, or what it lacks
	Scopes int    `json:"scopes"`
}

// Run is everything that one run concluded. Findings are sorted with Less.
type Run struct {
	ID          string            `json:"id,omitempty"` // of the saved run; "" when it was not saved
	Mode        string            `json:"mode"`         // scan, gate, state or demo
	Version     string            `json:"version"`      // of metsuke
	Time        time.Time         `json:"time"`         // input.now of every policy
	Interrupted bool              `json:"interrupted,omitempty"`
	Providers   []ProviderStatus  `json:"providers"`
	Scopes      []providers.Scope `json:"scopes"`
	Policies    []Policy          `json:"policies"` // those selected, sorted by id
	Findings    []Finding         `json:"findings"`
	Fixed       []Finding         `json:"fixed,omitempty"` // what the plan mends, in the order of Findings
	Coverage    Coverage          `json:"coverage"`
	IaC         *IaC              `json:"iac,omitempty"`     // where states were given
	Digests     map[string]string `json:"digests"`           // SHA-256 of inventory, policies, parameters
	Notes       []string          `json:"notes,omitempty"`   // what a person should know, such as policies that matched nothing
	Tallies     []Tally           `json:"tallies,omitempty"` // in a scan: sorted by their fields from the left
	Spend       []Bill            `json:"spend,omitempty"`   // where bills were to be read: sorted by the account that was asked
	Since       *Since            `json:"since,omitempty"`   // what changed since the run before; nil where there is none
	// Earlier are what earlier runs counted, the earliest first, for drawing how shares
	// changed. They are no part of what this run says, and so not of its JSON.
	Earlier []Earlier `json:"-"`
}

// Earlier is what a run before counted.
type Earlier struct {
	Time    time.Time
	Tallies []Tally
	Spend   []Bill // as Run has it
}
