package transcript

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"

	"github.com/metsuke-dev/metsuke/providers"
)

// Recorder is a Plan that notes what it answers. It is safe for concurrent use.
type Recorder struct {
	Plan
	collecting bool // what is sent is noted too

	mu        sync.Mutex
	err       error // the first: a resource that cannot be written
	before    *Recorder
	touched   map[Key]bool
	altered   map[providers.Type]bool
	selves    []providers.Self
	completed map[Key]json.RawMessage
	located   map[Located]*providers.Source // without Source
	collected []Collected
}

// Record returns the plan as one whose answers are noted.
func Record(p Plan) *Recorder {
	return &Recorder{
		Plan: p, touched: map[Key]bool{}, altered: map[providers.Type]bool{},
		completed: map[Key]json.RawMessage{}, located: map[Located]*providers.Source{},
	}
}

// Transcript returns what was answered until now, in an order that does not depend on that
// of the questions.
func (r *Recorder) Transcript() (Transcript, error) {
	t := Transcript{Description: r.Describe(), Types: r.Types(), Generic: r.Generic(), Joint: r.Joint()}
	var err error
	if t.After, err = r.answers(); err != nil {
		return t, err
	}
	r.mu.Lock()
	before := r.before
	r.mu.Unlock()
	if before == nil {
		return t, nil
	}
	was, err := before.answers()
	t.Before = &was
	return t, err
}

func (r *Recorder) answers() (View, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := View{Selves: r.selves, Collected: slices.Clone(r.collected)}
	for k := range r.touched {
		out.Touched = append(out.Touched, k)
	}
	for t := range r.altered {
		out.Altered = append(out.Altered, t)
	}
	for k, text := range r.completed {
		out.Completed = append(out.Completed, Completed{k, text})
	}
	for l, source := range r.located {
		l.Source = source
		out.Located = append(out.Located, l)
	}
	slices.SortFunc(out.Touched, compareKeys)
	slices.Sort(out.Altered)
	slices.SortFunc(out.Completed, func(a, b Completed) int { return compareKeys(a.Key, b.Key) })
	slices.SortFunc(out.Located, func(a, b Located) int {
		return cmp.Or(compareKeys(a.Key, b.Key), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Finding, b.Finding))
	})
	slices.SortFunc(out.Collected, func(a, b Collected) int { return cmp.Compare(a.Scope.ID, b.Scope.ID) })
	return out, r.err
}

func compareKeys(a, b Key) int {
	return cmp.Or(cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID))
}

// Joint reports whether the scopes of the plan are judged together.
func (r *Recorder) Joint() bool {
	j, ok := r.Plan.(interface{ Joint() bool })
	return ok && j.Joint()
}

// Touches implements Plan.
func (r *Recorder) Touches(t providers.Type, id string) bool {
	yes := r.Plan.Touches(t, id)
	if yes {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.touched[Key{Type: t, ID: id}] = true
	}
	return yes
}

// Alters implements Plan.
func (r *Recorder) Alters(t providers.Type) bool {
	yes := r.Plan.Alters(t)
	if yes {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.altered[t] = true
	}
	return yes
}

// Before implements Plan: what the answer answers is noted as well.
func (r *Recorder) Before(whole func(providers.Type) bool) providers.Provider {
	p := r.Plan.Before(whole)
	plan, ok := p.(Plan)
	if !ok {
		return p
	}
	before := Record(plan)
	before.collecting = true
	r.mu.Lock()
	defer r.mu.Unlock()
	r.before = before
	return before
}

// Selves implements Plan.
func (r *Recorder) Selves(ctx context.Context, types func(providers.Type) bool) ([]providers.Self, error) {
	out, err := r.Plan.Selves(ctx, types)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.selves = slices.Clone(out)
	return out, err
}

// Complete implements Plan.
func (r *Recorder) Complete(res, live providers.Resource) (providers.Resource, bool) {
	full, filled := r.Plan.Complete(res, live)
	if !filled {
		return full, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if k := keyOf(res); r.completed[k] == nil {
		r.completed[k] = r.text(full)
	}
	return full, true
}

// Locate implements Plan.
func (r *Recorder) Locate(res providers.Resource, path, key string) *providers.Source {
	source := r.Plan.Locate(res, path, key)
	if source != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.located[Located{Key: keyOf(res), Path: path, Finding: key}] = source
	}
	return source
}

// text writes a resource. The caller holds the lock.
func (r *Recorder) text(res providers.Resource) json.RawMessage {
	text, err := res.MarshalJSON()
	if err != nil && r.err == nil {
		r.err = err
	}
	return text
}

// Collect implements Plan.
func (r *Recorder) Collect(ctx context.Context, s providers.Scope, want []providers.Want, out providers.Sink) error {
	if !r.collecting {
		return r.Plan.Collect(ctx, s, want, out)
	}
	noted := &noting{Sink: out, of: r, sent: Collected{Scope: s}}
	err := r.Plan.Collect(ctx, s, want, noted)
	if err != nil {
		failed := providers.Gap{Reason: providers.Failed, Err: err.Error()}
		var told interface{ Gap() providers.Gap }
		if errors.As(err, &told) {
			failed = told.Gap()
		}
		noted.sent.Failed = &failed
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.collected = append(r.collected, noted.sent)
	return err
}

// noting is a Sink that notes what it is sent.
type noting struct {
	providers.Sink
	of   *Recorder
	sent Collected // guarded by of.mu
}

// Plan implements providers.Sink.
func (n *noting) Plan(cells ...providers.Cell) {
	n.of.mu.Lock()
	n.sent.Cells = append(n.sent.Cells, cells...)
	n.of.mu.Unlock()
	n.Sink.Plan(cells...)
}

// Resource implements providers.Sink.
func (n *noting) Resource(r providers.Resource) {
	n.of.mu.Lock()
	n.sent.Resources = append(n.sent.Resources, n.of.text(r))
	n.of.mu.Unlock()
	n.Sink.Resource(r)
}

// Gap implements providers.Sink.
func (n *noting) Gap(g providers.Gap) {
	n.of.mu.Lock()
	n.sent.Gaps = append(n.sent.Gaps, g)
	n.of.mu.Unlock()
	n.Sink.Gap(g)
}

// Done implements providers.Sink.
func (n *noting) Done(c providers.Cell) {
	n.of.mu.Lock()
	n.sent.Done = append(n.sent.Done, c)
	n.of.mu.Unlock()
	n.Sink.Done(c)
}
