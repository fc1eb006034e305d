package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/iac"
	"github.com/metsuke-dev/metsuke/internal/store"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/terraform"
)

// inputCode is the name of what is saved of infrastructure as code.
const inputCode = "infrastructure as code"

// recordedCode is what a run went by to tell what infrastructure as code keeps. The states
// themselves are full of secrets and are not saved.
type recordedCode struct {
	Read     []iac.State         `json:"read"`
	States   []finding.State     `json:"states"` // that were given, read or not
	Places   []recordedPlace     `json:"places,omitempty"`
	Comments []terraform.Comment `json:"comments,omitempty"`
	Notes    []string            `json:"notes,omitempty"`
}

// recordedPlace is where a resource of a state is written.
type recordedPlace struct {
	State   string            `json:"state"`
	Address string            `json:"address"`
	Source  *providers.Source `json:"source"`
}

// record returns what is saved of it.
func (c *asCode) record() (store.Input, error) {
	rec := recordedCode{Read: c.read, States: c.states, Comments: c.comments, Notes: c.notes}
	for at, source := range c.places {
		rec.Places = append(rec.Places, recordedPlace{at.state, at.address, source})
	}
	slices.SortFunc(rec.Places, func(a, b recordedPlace) int {
		return cmp.Or(cmp.Compare(a.State, b.State), cmp.Compare(a.Address, b.Address))
	})
	text, err := json.Marshal(rec)
	if err != nil {
		return store.Input{}, fmt.Errorf("save what infrastructure as code keeps: %w", err)
	}
	return store.Input{Name: inputCode, Text: text}, nil
}

// codeOf is the reverse of record; nil where nothing was saved.
func codeOf(texts []store.Input) (*asCode, error) {
	i := slices.IndexFunc(texts, func(in store.Input) bool { return in.Name == inputCode })
	if i < 0 {
		return nil, nil //nolint:nilnil // without states there is nothing to tell
	}
	var rec recordedCode
	if err := json.Unmarshal(texts[i].Text, &rec); err != nil {
		return nil, fmt.Errorf("what was saved of infrastructure as code: %w", err)
	}
	c := newAsCode(rec.Read, rec.States)
	c.comments, c.notes = rec.Comments, rec.Notes
	for _, p := range rec.Places {
		c.places[placed{p.State, p.Address}] = p.Source
	}
	return c, nil
}
