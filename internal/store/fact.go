package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// A finding is kept in three texts that change at different times and are shared by
// different findings: what its policy is called, its resource, and the rest.

type rule struct {
	Policy   string           `json:"policy"`
	Title    string           `json:"title,omitempty"`
	Category finding.Category `json:"category,omitempty"`
}

type detail struct {
	Severity     finding.Severity `json:"severity,omitempty"`
	Verdict      finding.Verdict  `json:"verdict,omitempty"`
	Owner        string           `json:"owner,omitempty"`
	OwnerUnknown providers.Reason `json:"owner_unknown,omitempty"`
	Message      string           `json:"message,omitempty"`
	Path         string           `json:"path,omitempty"`
	Key          string           `json:"key,omitempty"`
	Defects      []string         `json:"defects,omitempty"`
	MonthlyCost  float64          `json:"cost,omitempty"`
	Reason       providers.Reason `json:"reason,omitempty"`
	Permission   string           `json:"permission,omitempty"`
	Change       finding.Change   `json:"change,omitempty"`
	Waiver       *finding.Waiver  `json:"waiver,omitempty"`
	Baseline     bool             `json:"baseline,omitempty"`
	WarnUntil    string           `json:"warn_until,omitempty"`
}

// brief is what scorecards go by. Many failures share one.
type brief struct {
	Policy       string           `json:"policy"`
	Category     finding.Category `json:"category,omitempty"`
	Severity     finding.Severity `json:"severity,omitempty"`
	Owner        string           `json:"owner,omitempty"`
	OwnerUnknown providers.Reason `json:"owner_unknown,omitempty"`
	Provider     string           `json:"provider,omitempty"`
	Scope        string           `json:"scope,omitempty"`
	ScopeName    string           `json:"scope_name,omitempty"`
}

func briefOf(f *finding.Finding) brief {
	return brief{f.Policy, f.Category, f.Severity, f.Owner, f.OwnerUnknown, f.Resource.Provider, f.Resource.Scope, f.Resource.ScopeName}
}

// texts are the three of a finding.
type texts struct{ rule, resource, detail []byte }

// hash names all three.
func (t texts) hash() hash {
	r, s, d := hashOf(t.rule), hashOf(t.resource), hashOf(t.detail)
	return hashOf(slices.Concat(r[:], s[:], d[:]))
}

// split returns the three texts of a finding.
func split(f *finding.Finding) (texts, error) {
	var t texts
	for into, part := range map[*[]byte]any{
		&t.rule: rule{f.Policy, f.Title, f.Category}, &t.resource: f.Resource,
		&t.detail: detail{
			f.Severity, f.Verdict, f.Owner, f.OwnerUnknown, f.Message, f.Path, f.Key, f.Defects, f.MonthlyCost, f.Reason, f.Permission, f.Change, f.Waiver, f.Baseline, f.WarnUntil,
		},
	} {
		b, err := encode(part)
		if err != nil {
			return texts{}, err
		}
		*into = b
	}
	return t, nil
}

// maxResources is how many resources a joiner keeps: findings on one are mostly close to
// each other.
const maxResources = 4096

// joiner puts findings together again. It keeps what it decoded last of what findings
// share.
type joiner struct {
	unpacker
	rules     map[int64]rule
	resources map[int64]finding.Resource
}

func newJoiner() (*joiner, error) {
	u, err := newUnpacker()
	return &joiner{unpacker: u, rules: map[int64]rule{}, resources: map[int64]finding.Resource{}}, err
}

// part is a text as it is in the database.
type part struct {
	id     int64
	packed bool
	body   []byte
}

func (j *joiner) decode(p part, into any) error {
	b, err := j.unpack(p.body, p.packed)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, into); err != nil {
		return &Error{Kind: ErrCorrupt, Detail: fmt.Sprintf("text %d: %v", p.id, err), Advice: "restore a copy of the database"}
	}
	return nil
}

func (j *joiner) join(fingerprint string, rulePart, resourcePart, detailPart part) (finding.Finding, error) {
	r, ok := j.rules[rulePart.id]
	if !ok {
		if err := j.decode(rulePart, &r); err != nil {
			return finding.Finding{}, err
		}
		j.rules[rulePart.id] = r
	}
	resource, ok := j.resources[resourcePart.id]
	if !ok {
		if err := j.decode(resourcePart, &resource); err != nil {
			return finding.Finding{}, err
		}
		if len(j.resources) == maxResources {
			clear(j.resources)
		}
		j.resources[resourcePart.id] = resource
	}
	var d detail
	if err := j.decode(detailPart, &d); err != nil {
		return finding.Finding{}, err
	}
	return finding.Finding{
		Fingerprint: fingerprint, Policy: r.Policy, Title: r.Title, Category: r.Category, Resource: resource,
		Severity: d.Severity, Verdict: d.Verdict, Owner: d.Owner, OwnerUnknown: d.OwnerUnknown, Message: d.Message, Path: d.Path, Key: d.Key, Defects: d.Defects, MonthlyCost: d.MonthlyCost,
		Reason: d.Reason, Permission: d.Permission, Change: d.Change, Waiver: d.Waiver, Baseline: d.Baseline, WarnUntil: d.WarnUntil,
	}, nil
}

// factColumns are what a joiner needs of a finding f, a fact a and its texts, for
// factTables.
const factColumns = `f.fingerprint, a.rule, r.packed, r.body, a.resource, s.packed, s.body, a.detail, d.packed, d.body`

const factTables = ` JOIN content r ON r.id = a.rule JOIN content s ON s.id = a.resource JOIN content d ON d.id = a.detail`

// scanned is a row of factColumns. Its texts are those of the database, which are there
// until the next row is.
type scanned struct {
	fingerprint            string
	rule, resource, detail part
	packed                 [3]int
	bodies                 [3]sql.RawBytes
}

// into returns where to scan a row, after other columns.
func (s *scanned) into(before ...any) []any {
	return append(before, &s.fingerprint, &s.rule.id, &s.packed[0], &s.bodies[0], &s.resource.id, &s.packed[1], &s.bodies[1], &s.detail.id, &s.packed[2], &s.bodies[2])
}

func (j *joiner) finding(s *scanned) (finding.Finding, error) {
	for i, p := range []*part{&s.rule, &s.resource, &s.detail} {
		p.packed, p.body = s.packed[i] == 1, s.bodies[i]
	}
	return j.join(s.fingerprint, s.rule, s.resource, s.detail)
}

// eachFact hands over the findings of the facts, chunk by chunk in the order of their ids:
// what was written together lies together.
func eachFact(ctx context.Context, t tx, facts []int64, f func(fact int64, f finding.Finding) error) error {
	slices.Sort(facts)
	j, err := newJoiner()
	if err != nil {
		return err
	}
	defer j.close()
	var id int64
	var row scanned
	into := row.into(&id)
	for chunk := range slices.Chunk(facts, batchArgs) {
		list := make([]any, len(chunk))
		for i, id := range chunk {
			list[i] = id
		}
		err := t.lookup(ctx, `SELECT a.id, `+factColumns+` FROM fact a JOIN finding f ON f.id = a.finding`+factTables+` WHERE a.id IN`, nil, list, func(scan func(...any) error) error {
			if err := scan(into...); err != nil {
				return err
			}
			one, err := j.finding(&row)
			if err != nil {
				return err
			}
			return f(id, one)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
