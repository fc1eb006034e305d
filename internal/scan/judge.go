package scan

import (
	"context"
	"maps"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/providers"
)

// judge is the Sink of one scope, or of several that are judged together. A resource is
// judged soon after it arrives and then forgotten, so that memory does not grow with the
// estate; only resources that policies join, or that are judged by a policy with joins,
// wait until the scope has been read.
type judge struct {
	run     *run
	scopes  []providers.Scope
	desc    providers.Description
	want    map[providers.Type]bool
	joined  map[providers.Type]bool   // kept for input.related
	joining map[providers.Type]bool   // judged when the scope has been read
	tagless map[providers.Type]bool   // read without their tags, because nobody asked for them
	locator locator                   // nil where the provider is none
	queue   chan []providers.Resource // of a batch each
	g       *errgroup.Group
	beside  *beside // set when the scope has been read; nil where nothing live is there

	mu      sync.Mutex
	related *engine.Related
	planned []providers.Resource // joined ones, where they are judged beside live ones
	waiting []providers.Resource
	batch   []providers.Resource // that is not full yet
	err     error
}

// batchSize is how many resources are handed to a worker at a time: to wake one for
// every resource of a plan costs more than to judge some of them.
const batchSize = 16

// queueLength bounds how many batches wait to be judged; a provider that is faster
// waits.
const queueLength = 16

func newJudge(ctx context.Context, r *run, p providers.Provider, scopes []providers.Scope, want []providers.Want) *judge {
	j := &judge{
		run: r, scopes: scopes, desc: p.Describe(), want: map[providers.Type]bool{}, joined: map[providers.Type]bool{}, joining: map[providers.Type]bool{}, tagless: map[providers.Type]bool{},
		queue: make(chan []providers.Resource, queueLength), related: engine.NewRelated(), g: &errgroup.Group{},
	}
	j.locator, _ = unwrap[locator](p)
	for _, w := range want {
		j.want[w.Type] = true
		if r.in.Owner != nil && !slices.Contains(w.Attributes, "tags") {
			j.tagless[w.Type] = hasTags(p, j.desc, w.Type)
		}
		for t := range r.in.Session.Joins(w.Type) {
			j.joining[w.Type] = true
			j.joined[t] = true
		}
	}
	if r.live != nil {
		for _, w := range r.joinedBy(r.in.Session.Types()) {
			j.joined[w.Type] = true
		}
	}
	for range workers() {
		j.g.Go(func() error {
			for batch := range j.queue {
				for _, res := range batch {
					if err := j.judge(ctx, res, nil); err != nil {
						j.fail(err)
					}
				}
			}
			return nil
		})
	}
	return j
}

func (j *judge) fail(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err == nil {
		j.err = err
	}
}

// Plan implements providers.Sink.
func (j *judge) Plan(cells ...providers.Cell) {
	j.run.log.Plan(cells...)
	j.run.in.Progress.Planned(len(cells))
}

// Done implements providers.Sink.
func (j *judge) Done(c providers.Cell) {
	j.run.log.Done(c)
	j.run.in.Progress.Done(c)
}

// Gap implements providers.Sink.
func (j *judge) Gap(g providers.Gap) { j.run.log.Gap(g) }

// Resource implements providers.Sink.
func (j *judge) Resource(r providers.Resource) {
	j.run.in.Progress.Resource()
	if !j.run.prior {
		if err := j.run.log.Resource(r); err != nil {
			j.fail(err)
			return
		}
	}
	if w := j.run.in.Watcher; w != nil {
		w.Seen(r)
	}
	if j.joined[r.Type] {
		j.mu.Lock()
		j.related.Add(r)
		if j.run.live != nil {
			j.planned = append(j.planned, r)
		}
		j.mu.Unlock()
	}
	switch {
	case !j.selected(r):
	case j.joining[r.Type], j.run.live != nil:
		j.mu.Lock()
		j.waiting = append(j.waiting, r)
		j.mu.Unlock()
	default:
		if full := j.add(r); full != nil {
			j.queue <- full
		}
	}
}

// add puts the resource into the batch, and returns that when it is full.
func (j *judge) add(r providers.Resource) []providers.Resource {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.batch == nil {
		j.batch = make([]providers.Resource, 0, batchSize)
	}
	if j.batch = append(j.batch, r); len(j.batch) < batchSize {
		return nil
	}
	full := j.batch
	j.batch = nil
	return full
}

// selected reports whether the resource itself is to be judged, and is not only
// there because a policy joins it.
func (j *judge) selected(r providers.Resource) bool {
	in := j.run.in
	return (in.Type == nil || in.Type(r.Type)) && (in.Region == nil || in.Region(r.Region)) && (j.run.skip == nil || !j.run.skip(r))
}

// finish judges what waited for the scope to be read, which was that of the provider.
func (j *judge) finish(ctx context.Context, p providers.Provider) error {
	j.queue <- j.batch
	close(j.queue)
	_ = j.g.Wait() // the workers report through fail
	for t := range j.joined {
		if why, missed := j.missed(t); missed {
			j.related.Miss(t, why)
		} else if _, ok := j.desc.Type(t); !ok {
			j.related.Miss(t, providers.Unsupported)
		}
	}
	b, err := j.run.beside(context.WithoutCancel(ctx), p, j)
	if err != nil {
		j.fail(err)
		return j.err
	}
	j.beside = b
	g := &errgroup.Group{}
	g.SetLimit(workers())
	for batch := range slices.Chunk(j.waiting, batchSize) {
		g.Go(func() error {
			for _, r := range batch {
				rel := j.related
				if b != nil {
					rel = b.relatedTo(r)
				}
				if err := j.judge(ctx, r, rel); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		j.fail(err)
	}
	if b != nil && !j.run.prior {
		if err := b.judgeMeeting(context.WithoutCancel(ctx)); err != nil {
			j.fail(err)
		}
		b.missedNotes()
	}
	return j.err
}

// missed says whether the type could not be listed in full in one of the scopes, and why.
func (j *judge) missed(t providers.Type) (providers.Reason, bool) {
	for _, s := range j.scopes {
		if why, missed := j.run.log.Missed(s, t); missed {
			return why, true
		}
	}
	return "", false
}

// asked marks tags that were not asked for as not read: that there are none says nothing
// of who the owner is then.
func (j *judge) asked(r providers.Resource) providers.Resource {
	if !j.tagless[r.Type] {
		return r
	}
	unknown := map[string]providers.Reason{"tags": providers.Uncollected}
	maps.Copy(unknown, r.Unknown)
	r.Unknown = unknown
	return r
}

// judge evaluates one resource. What was read before an interruption is still
// judged: the context of the policies is not the one of the calls.
func (j *judge) judge(ctx context.Context, r providers.Resource, rel *engine.Related) error {
	results, err := j.run.in.Session.Evaluate(context.WithoutCancel(ctx), j.beside.joined(r), rel)
	if err != nil {
		return wrap(r, err)
	}
	if j.beside != nil {
		if r, results, err = j.beside.complete(context.WithoutCancel(ctx), r, rel, results); err != nil {
			return wrap(r, err)
		}
	}
	j.run.tally.add(j.asked(r), results, j.locator)
	if w := j.run.in.Watcher; w != nil {
		for _, res := range results {
			w.Judged(r, res.Policy.ID, res.Verdict)
		}
	}
	return nil
}
