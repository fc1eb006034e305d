package store

import (
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
	return hashOfTexts(hashOf(t.rule), hashOf(t.resource), hashOf(t.detail))
}

// hashOfTexts names three texts by their names.
func hashOfTexts(rule, resource, detail hash) hash {
	return hashOf(slices.Concat(rule[:], resource[:], detail[:]))
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
