package govern

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// BaselineVersion is the version of the baseline file that this package writes and
// reads; docs/schema/baseline.v1.json is its schema.
const BaselineVersion = 1

// baselineKind tells a baseline from any other JSON.
const baselineKind = "metsuke.baseline"

// Baseline is what was known to fail when it was written. What is in it does not fail a
// run; what is not, is new and does. It shrinks and never grows by itself.
type Baseline struct {
	Kind    string    `json:"kind" jsonschema:"enum=metsuke.baseline" jsonschema_description:"Tells a baseline from any other JSON."`
	Version int       `json:"version" jsonschema:"enum=1" jsonschema_description:"Version of this schema."`
	Written time.Time `json:"written" jsonschema_description:"Time of the run that it was written from."`
	Known   []Known   `json:"known" jsonschema_description:"The findings that do not fail a run, sorted by policy, account and resource."`
}

// Known is a finding of a baseline.
type Known struct {
	Fingerprint string         `json:"fingerprint" jsonschema:"pattern=^[0-9a-f]{32}$" jsonschema_description:"Identity of the finding. The other fields say to people what it stands for, and have to agree with it."`
	Policy      string         `json:"policy" jsonschema_description:"Id of the policy."`
	Provider    string         `json:"provider" jsonschema_description:"Provider of the resource."`
	Account     string         `json:"account" jsonschema_description:"Account, project, organisation or plan in which it is."`
	Region      string         `json:"region,omitempty" jsonschema_description:"Region; absent for a global resource."`
	Type        providers.Type `json:"type" jsonschema_description:"Kind of resource."`
	Resource    string         `json:"resource" jsonschema_description:"Id of the resource."`
	Key         string         `json:"key,omitempty" jsonschema_description:"What tells findings of one policy on one resource apart."`
	Defects     []string       `json:"defects,omitempty" jsonschema_description:"The parts of the fault that were known, sorted. A finding with another one is new. Absent: all of it is known."`
}

// fingerprint is that of the finding under the id of the policy.
func (k Known) fingerprint(policy string) string {
	return finding.Fingerprint(policy, finding.Resource{Provider: k.Provider, Type: k.Type, ID: k.Resource}, k.Key)
}

// Subject is what the finding is about.
func (k Known) Subject() finding.Subject {
	return finding.Subject{Policy: k.Policy, Provider: k.Provider, Scope: k.Account, Region: k.Region, Type: k.Type, Resource: k.Resource}
}

// Subjects are what the findings of the baseline are about.
func (b Baseline) Subjects() iter.Seq[finding.Subject] {
	return func(yield func(finding.Subject) bool) {
		for _, k := range b.Known {
			if !yield(k.Subject()) {
				return
			}
		}
	}
}

func compareKnown(a, b Known) int {
	return cmp.Or(
		cmp.Compare(a.Policy, b.Policy), cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region),
		cmp.Compare(a.Type, b.Type), cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Fingerprint, b.Fingerprint), slices.Compare(a.Defects, b.Defects),
	)
}

// NewBaseline returns the baseline of a run: what fails in it. A waived finding is left
// out, because it is excused only as long as its waiver holds.
func NewBaseline(run finding.Run) Baseline {
	out := Baseline{Kind: baselineKind, Version: BaselineVersion, Written: run.Time.UTC(), Known: []Known{}}
	for _, f := range run.Findings {
		if f.Verdict != finding.Fail || f.Waiver != nil {
			continue
		}
		k := Known{
			Fingerprint: f.Fingerprint, Policy: f.Policy, Provider: f.Resource.Provider, Account: f.Resource.Scope, Region: f.Resource.Region,
			Type: f.Resource.Type, Resource: f.Resource.ID, Key: cmp.Or(f.Key, f.Path), Defects: f.Defects,
		}
		out.Known = append(out.Known, k)
	}
	slices.SortFunc(out.Known, compareKnown)
	out.Known = slices.CompactFunc(out.Known, func(a, b Known) bool { return compareKnown(a, b) == 0 })
	return out
}

// ParseBaseline reads a baseline file, strictly. name stands in errors.
func ParseBaseline(text []byte, name string) (Baseline, error) {
	var b Baseline
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&b); err != nil {
		return Baseline{}, fmt.Errorf("%s%w; `metsuke baseline write` writes a baseline", placed(name, err, text, d.InputOffset()), err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Baseline{}, fmt.Errorf("%s: something follows the baseline", name)
	}
	if b.Kind != baselineKind {
		return Baseline{}, fmt.Errorf("%s: it is no baseline (its \"kind\" is %q, not %q); `metsuke baseline write` writes one", name, b.Kind, baselineKind)
	}
	if b.Version != BaselineVersion {
		return Baseline{}, fmt.Errorf("%s: the baseline has version %d, this metsuke reads version %d", name, b.Version, BaselineVersion)
	}
	for i, k := range b.Known {
		if k.fingerprint(k.Policy) != k.Fingerprint {
			return Baseline{}, fmt.Errorf("%s: known[%d]: the fingerprint %q is not that of %s on %s; a baseline is not edited by hand, only lines of it are taken out", name, i, k.Fingerprint, k.Policy, k.Resource)
		}
	}
	return b, nil
}

// placed is name:line: for an error of the JSON decoder, which has read up to the offset.
func placed(name string, err error, text []byte, offset int64) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	case errors.Is(err, io.ErrUnexpectedEOF):
		offset = int64(len(text))
	}
	return fmt.Sprintf("%s:%d: ", name, 1+bytes.Count(text[:min(int(offset), len(text))], []byte("\n")))
}

// Text is the baseline as it stands in its file.
func (b Baseline) Text() ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if b.Known == nil {
		b.Known = []Known{}
	}
	if err := e.Encode(b); err != nil {
		return nil, fmt.Errorf("encode the baseline: %w", err)
	}
	return out.Bytes(), nil
}

// today returns the entry under the id that its policy has now.
func (k Known) today(renamed map[string]string) Known {
	if id, ok := renamed[k.Policy]; ok {
		k.Policy, k.Fingerprint = id, k.fingerprint(id)
	}
	return k
}

// Mark returns the findings, those that fail and are in the baseline marked. One that
// has grown since is not: it counts in whole until it is back at what was known. names
// tells the former ids of policies, so that renaming one makes nothing new.
func (b Baseline) Mark(findings []finding.Finding, names Names) []finding.Finding {
	known, renamed := map[string][]Known{}, names.Renamed()
	for _, k := range b.Known {
		k = k.today(renamed)
		known[k.Fingerprint] = append(known[k.Fingerprint], k)
	}
	out := slices.Clone(findings)
	for i, f := range out {
		if f.Verdict == finding.Fail {
			out[i].Baseline = slices.ContainsFunc(known[f.Fingerprint], func(k Known) bool { return !f.Outgrows(k.Defects) })
		}
	}
	return out
}
