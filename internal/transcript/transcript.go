package transcript

import (
	"context"
	"encoding/json"

	"github.com/metsuke-dev/metsuke/providers"
)

// Plan is what judging asks of a plan. Packages providers and scan say what each method is
// for.
type Plan interface {
	providers.Provider
	Types() []providers.Type
	Generic() []providers.Type
	Touches(t providers.Type, id string) bool
	Alters(t providers.Type) bool
	Before(whole func(providers.Type) bool) providers.Provider
	Selves(ctx context.Context, types func(providers.Type) bool) ([]providers.Self, error)
	Complete(r, live providers.Resource) (providers.Resource, bool)
	Locate(r providers.Resource, path, key string) *providers.Source
}

// Transcript is what a plan answered. It is written as JSON.
type Transcript struct {
	Description providers.Description `json:"description"`
	Types       []providers.Type      `json:"types,omitempty"`
	Generic     []providers.Type      `json:"generic,omitempty"`
	Joint       bool                  `json:"joint,omitempty"` // its scopes are judged together
	After       View                  `json:"after"`
	// Before is what it answered of the resources before the change; nil when nobody asked.
	Before *View `json:"before,omitempty"`
}

// View is what a plan answered of its resources at one time, before or after the change.
// What is not among the answers was not asked, or answered with no.
type View struct {
	Touched   []Key            `json:"touched,omitempty"`
	Altered   []providers.Type `json:"altered,omitempty"`
	Selves    []providers.Self `json:"selves,omitempty"`
	Completed []Completed      `json:"completed,omitempty"`
	Located   []Located        `json:"located,omitempty"`
	// Collected is what it sent of each scope. Of the resources after the change it is
	// empty: they are in the inventory.
	Collected []Collected `json:"collected,omitempty"`
}

// Key identifies a resource of a plan.
type Key struct {
	Scope string         `json:"scope,omitempty"` // empty where the question does not name it
	Type  providers.Type `json:"type"`
	ID    string         `json:"id"`
}

func keyOf(r providers.Resource) Key { return Key{r.Scope.ID, r.Type, r.ID} }

// Completed is a resource that was filled from its live self.
type Completed struct {
	Key
	Resource json.RawMessage `json:"resource"`
}

// Located is the place of an attribute of a resource.
type Located struct {
	Key
	Path    string            `json:"path,omitempty"`
	Finding string            `json:"finding,omitempty"` // the key of the finding
	Source  *providers.Source `json:"source"`
}

// Collected is what was sent of one scope.
type Collected struct {
	Scope     providers.Scope   `json:"scope"`
	Cells     []providers.Cell  `json:"cells,omitempty"`
	Resources []json.RawMessage `json:"resources,omitempty"`
	Gaps      []providers.Gap   `json:"gaps,omitempty"`
	Done      []providers.Cell  `json:"done,omitempty"`
	Failed    *providers.Gap    `json:"failed,omitempty"` // why the scope could not be read as a whole
}
