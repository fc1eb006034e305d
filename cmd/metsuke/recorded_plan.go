package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/internal/store"
	"github.com/metsuke-dev/metsuke/internal/transcript"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/terraform"
)

// inputPlan is the name of what is saved of plans and states that were judged.
const inputPlan = "plan"

// judgedPlan is what is judged of Terraform: plans, or a state.
type judgedPlan interface {
	transcript.Plan
	Notes() []string
	Comments(prefix string) []terraform.Comment
}

// recordingPlan is a plan whose answers are kept.
type recordingPlan struct {
	*transcript.Recorder
	plan judgedPlan
}

func newRecordingPlan(plan judgedPlan) recordingPlan {
	return recordingPlan{transcript.Record(plan), plan}
}

// Notes returns what there is to know of the plan.
func (r recordingPlan) Notes() []string { return r.plan.Notes() }

// Comments returns the comments in the sources that begin with the prefix.
func (r recordingPlan) Comments(prefix string) []terraform.Comment { return r.plan.Comments(prefix) }

// recorded returns the plan as what is judged, its answers kept where the run is saved.
func (s *setup) recorded(plan judgedPlan) []providers.Provider {
	if s.store.save {
		return []providers.Provider{newRecordingPlan(plan)}
	}
	return []providers.Provider{plan}
}

// recordedPlan is what a run went by that rests on plans or a state, besides their
// resources, which are the inventory. Plans themselves can hold secrets and are not saved.
type recordedPlan struct {
	transcript.Transcript
	Comments []terraform.Comment `json:"comments,omitempty"`
}

// record returns what is saved of the plan.
func (r recordingPlan) record() (store.Input, error) {
	answers, err := r.Transcript()
	if err != nil {
		return store.Input{}, fmt.Errorf("save what the plan says: %w", err)
	}
	text, err := json.Marshal(recordedPlan{answers, r.plan.Comments(govern.CommentPrefix)})
	if err != nil {
		return store.Input{}, fmt.Errorf("save what the plan says: %w", err)
	}
	return store.Input{Name: inputPlan, Text: text}, nil
}

// replayedPlan is a plan that answers as the one that was recorded.
type replayedPlan struct {
	*transcript.Replayed
	comments []terraform.Comment
}

// Comments returns the comments in the sources, of the prefix that all of metsuke's have.
func (r replayedPlan) Comments(string) []terraform.Comment { return slices.Clone(r.comments) }

// planOf is the reverse of record: what answers as the plan did, of which after has the
// resources.
func planOf(texts []store.Input, after providers.Provider) (providers.Provider, error) {
	i := slices.IndexFunc(texts, func(in store.Input) bool { return in.Name == inputPlan })
	if i < 0 {
		return nil, errors.New("what its plan says was not saved: gates are verified only from the version of metsuke on that saves it")
	}
	var rec recordedPlan
	if err := json.Unmarshal(texts[i].Text, &rec); err != nil {
		return nil, fmt.Errorf("what was saved of its plan: %w", err)
	}
	p, err := transcript.Replay(rec.Transcript, after)
	if err != nil {
		return nil, fmt.Errorf("what was saved of its plan: %w", err)
	}
	return replayedPlan{p, rec.Comments}, nil
}
