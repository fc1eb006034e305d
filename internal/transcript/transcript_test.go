package transcript_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/scan"
	"github.com/metsuke-dev/metsuke/internal/transcript"
	"github.com/metsuke-dev/metsuke/providers"
)

// What judging asks of a plan, it can ask of a transcript.
var (
	_ transcript.Plan = (*transcript.Replayed)(nil)
	_ scan.Changing   = (*transcript.Replayed)(nil)
	_ scan.Planned    = (*transcript.Replayed)(nil)
	_ scan.Joint      = (*transcript.Replayed)(nil)
	_ scan.Joint      = (*transcript.Recorder)(nil)
)

// plan is a plan of two scopes, of which one cannot be read as it was before.
type plan struct{ before bool }

var scopes = []providers.Scope{{Provider: "terraform", ID: "a.json"}, {Provider: "terraform", ID: "b.json", Name: "b", Labels: map[string]string{"x": "y"}}}

func resource(s providers.Scope, id string) providers.Resource {
	return providers.Resource{
		Scope: s, Type: "aws_s3_bucket", ID: id, Name: "logs", Region: "eu-west-1", Tags: map[string]string{"Owner": "a<b"},
		Created: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC),
		Attributes: map[string]any{
			"versioning": nil, "none": "", "list": []any{true, "x", map[string]any{"deep": nil}},
			"big": json.Number("12345678901234567890"), "share": json.Number("0.25"),
		},
		Unknown: map[string]providers.Reason{"policy": providers.Deferred},
		Source:  &providers.Source{Address: id, File: "main.tf", Line: 3, Action: "update", Calls: []providers.Place{{Address: "module.m", File: "main.tf", Line: 1}}},
	}
}

func (plan) Describe() providers.Description {
	return providers.Description{Name: "terraform", Title: "Terraform plan", Types: []providers.TypeInfo{{Type: "aws_s3_bucket", Global: true, Attributes: []string{"versioning", "tags"}}}}
}
func (plan) Scopes(context.Context) ([]providers.Scope, error) { return scopes, nil }
func (plan) Types() []providers.Type                           { return []providers.Type{"aws_s3_bucket"} }

func (plan) Generic() []providers.Type                           { return []providers.Type{"aws_new"} }
func (plan) Joint() bool                                         { return true }
func (plan) Touches(_ providers.Type, id string) bool            { return id == "aws_s3_bucket.touched" }
func (plan) Alters(t providers.Type) bool                        { return t == "aws_s3_bucket" }
func (plan) Before(func(providers.Type) bool) providers.Provider { return plan{before: true} }
func (p plan) Selves(_ context.Context, types func(providers.Type) bool) ([]providers.Self, error) {
	if !types("aws_s3_bucket") {
		return nil, nil
	}
	return []providers.Self{{Type: "aws_s3_bucket", ID: "aws_s3_bucket.touched", Exists: p.before, Names: []string{"arn"}, Account: "1", Config: "aws", Outside: true}}, nil
}

func (p plan) Complete(r, live providers.Resource) (providers.Resource, bool) {
	if r.ID != "aws_s3_bucket.touched" {
		return r, false
	}
	r.Name = fmt.Sprintf("%s, before: %t", live.Name, p.before)
	return r, true
}

func (p plan) Locate(r providers.Resource, path, key string) *providers.Source {
	if path == "" {
		return nil
	}
	return &providers.Source{Address: r.ID, File: path + key + ".tf", Line: map[bool]int{false: 1, true: 2}[p.before]}
}

func (p plan) Collect(_ context.Context, s providers.Scope, _ []providers.Want, out providers.Sink) error {
	if p.before && s.ID == "b.json" {
		return refused{}
	}
	cell := providers.Cell{Scope: s, Type: "aws_s3_bucket"}
	out.Plan(cell)
	for _, id := range []string{"aws_s3_bucket.touched", "aws_s3_bucket.left"} {
		out.Resource(resource(s, id))
	}
	out.Gap(providers.Gap{Scope: s, Type: "aws_s3_bucket", Path: "policy", Reason: providers.Deferred})
	out.Done(cell)
	return nil
}

type refused struct{}

func (refused) Error() string { return "not to be read" }
func (refused) Gap() providers.Gap {
	return providers.Gap{Reason: providers.Denied, Err: "not to be read"}
}

// heard is a Sink that keeps what it is sent.
type heard struct {
	mu        sync.Mutex
	Cells     []providers.Cell
	Resources []providers.Resource
	Gaps      []providers.Gap
	Over      []providers.Cell
}

func (h *heard) do(f func())                  { h.mu.Lock(); defer h.mu.Unlock(); f() }
func (h *heard) Plan(cells ...providers.Cell) { h.do(func() { h.Cells = append(h.Cells, cells...) }) }

func (h *heard) Resource(r providers.Resource) { h.do(func() { h.Resources = append(h.Resources, r) }) }
func (h *heard) Gap(g providers.Gap)           { h.do(func() { h.Gaps = append(h.Gaps, g) }) }
func (h *heard) Done(c providers.Cell)         { h.do(func() { h.Over = append(h.Over, c) }) }

// interview asks everything of a plan, and of what it was before, and says what it answers.
func interview(t *testing.T, p transcript.Plan) []any {
	t.Helper()
	all := func(providers.Type) bool { return true }
	was, ok := p.Before(all).(transcript.Plan)
	if !ok {
		t.Fatal("what was before is no plan")
	}
	joint, _ := p.(scan.Joint)
	out := []any{p.Describe(), p.Types(), p.Generic(), joint.Joint()}
	for _, v := range []transcript.Plan{p, was} {
		for _, s := range scopes {
			h := &heard{}
			err := v.Collect(t.Context(), s, nil, h)
			var told interface{ Gap() providers.Gap }
			if err != nil {
				told, _ = err.(interface{ Gap() providers.Gap })
				out = append(out, err.Error(), told.Gap())
			}
			out = append(out, h.Cells, h.Resources, h.Gaps, h.Over)
			for _, id := range []string{"aws_s3_bucket.touched", "aws_s3_bucket.left"} {
				r := resource(s, id)
				full, filled := v.Complete(r, providers.Resource{Name: "live"})
				out = append(out, v.Touches(r.Type, id), full, filled, v.Locate(r, "versioning", "k"), v.Locate(r, "", "k"))
			}
		}
		selves, err := v.Selves(t.Context(), all)
		out = append(out, selves, err, v.Alters("aws_s3_bucket"), v.Alters("aws_instance"))
	}
	return out
}

// replay writes a transcript as it is saved and reads it again.
func replay(t *testing.T, r *transcript.Recorder) *transcript.Replayed {
	t.Helper()
	tr, err := r.Transcript()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(tr)
	if err != nil {
		t.Fatal(err)
	}
	var read transcript.Transcript
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	out, err := transcript.Replay(read, plan{})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestATranscriptAnswersAsThePlanDid(t *testing.T) {
	r := transcript.Record(plan{})
	want := interview(t, r)
	if diff := cmp.Diff(interview(t, plan{}), want); diff != "" {
		t.Errorf("to be recorded changes the answers (-alone +recorded):\n%s", diff)
	}
	if diff := cmp.Diff(want, interview(t, replay(t, r))); diff != "" {
		t.Errorf("the answers of the plan and of its transcript (-plan +transcript):\n%s", diff)
	}
}

func TestATranscriptDoesNotDependOnTheOrderOfTheQuestions(t *testing.T) {
	texts := make([]string, 2)
	for i := range texts {
		r := transcript.Record(plan{})
		ids := []string{"aws_s3_bucket.touched", "aws_s3_bucket.left", "aws_s3_bucket.touched"}
		if i == 1 {
			slices.Reverse(ids)
		}
		var g sync.WaitGroup
		for _, id := range ids {
			ask := func() {
				r.Touches("aws_s3_bucket", id)
				r.Locate(resource(scopes[0], id), "versioning", "")
				r.Complete(resource(scopes[0], id), providers.Resource{Name: "live"})
			}
			g.Go(ask)
		}
		g.Wait()
		tr, err := r.Transcript()
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.MarshalIndent(tr, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		texts[i] = string(text)
	}
	if diff := cmp.Diff(texts[0], texts[1]); diff != "" {
		t.Error(diff)
	}
}

func TestAGateThatNobodyAskedOfTheTimeBeforeHasNothingOfIt(t *testing.T) {
	r := transcript.Record(plan{})
	tr, err := r.Transcript()
	if err != nil {
		t.Fatal(err)
	}
	if tr.Before != nil {
		t.Errorf("it has %+v", tr.Before)
	}
	h := &heard{}
	if err := replay(t, r).Before(nil).Collect(t.Context(), scopes[0], nil, h); err != nil || len(h.Resources) > 0 {
		t.Errorf("it sends %v, %v", h.Resources, err)
	}
}
