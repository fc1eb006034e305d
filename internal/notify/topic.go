package notify

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// Topic is what one issue is about: the failures of a policy in an account that an owner
// answers for. One without a policy is known by its ID only, and to be closed.
type Topic struct {
	ID      string            `json:"id"` // the same for ever: it finds the issue again
	Policy  string            `json:"policy"`
	Title   string            `json:"title"`
	Worst   finding.Severity  `json:"worst"`
	Kind    finding.Category  `json:"kind"`
	Owner   string            `json:"owner"`
	Account string            `json:"account"`
	Failing []finding.Finding `json:"failing"`
	// Hidden could not be looked at: as long as there is one, the issue is not closed.
	Hidden  []finding.Finding `json:"hidden"`
	Mending string            `json:"mending"`
	Link    string            `json:"link"`
	Run     finding.RunRef    `json:"run"`
}

// Open reports whether the issue is to be open.
func (t Topic) Open() bool { return len(t.Failing)+len(t.Hidden) > 0 }

// topics returns what there is an issue about, or was, sorted: the topics in which something
// fails, and those that a tracker knows and that have nothing any more, such as when it was
// fixed or waived, or when their resources got another owner.
func topics(news News, channel string, least finding.Severity, owns func(string) bool, link string) []Topic {
	by := map[string]*Topic{}
	of := func(f finding.Finding) *Topic {
		id := topicID(f)
		if by[id] == nil {
			by[id] = &Topic{
				ID: id, Policy: f.Policy, Title: f.Title, Worst: f.Severity, Kind: f.Category, Owner: f.Owner, Account: account(f.Resource), Link: link,
				Run: finding.RunRef{ID: news.Run.ID, Time: news.Run.Time},
			}
			if p, ok := news.Run.Policy(f.Policy); ok {
				by[id].Title, by[id].Mending = p.Title, p.Mending()
			}
		}
		t := by[id]
		if f.Severity.Rank() < t.Worst.Rank() {
			t.Worst = f.Severity
		}
		return t
	}
	wanted := func(f finding.Finding) bool { return f.Severity.Rank() <= least.Rank() && owns(f.Owner) }
	var anybodys []finding.Finding // whose owner could not be told this time
	for _, f := range news.Alive {
		if f.Verdict != finding.Fail || !wanted(f) || f.History == nil {
			continue
		}
		if f.OwnerUnknown != "" {
			anybodys = append(anybodys, f)
			continue
		}
		t := of(f)
		switch {
		case f.History.Status == finding.StatusNotVisible:
			t.Hidden = append(t.Hidden, f)
		case f.Counts():
			t.Failing = append(t.Failing, f)
		}
	}
	if s := news.Run.Since; s != nil { // of what ended, the issue says what it was about
		for _, list := range [][]finding.Finding{s.Fixed, s.Gone} {
			for _, f := range list {
				if wanted(f) && f.OwnerUnknown == "" {
					of(f)
				}
			}
		}
	}
	for _, f := range anybodys { // it may belong to each of them: none of them is done
		for _, t := range by {
			if t.Policy == f.Policy && t.Account == account(f.Resource) {
				t.Hidden = append(t.Hidden, f)
			}
		}
	}
	known := map[string]bool{}
	for _, id := range slices.AppendSeq(slices.Clone(news.Open[channel]), maps.Keys(news.Told[channel])) {
		known[id] = true
	}
	var out []Topic
	for id, t := range by {
		if t.Open() || known[id] {
			out = append(out, *t)
		}
	}
	for id := range known {
		if by[id] == nil && len(anybodys) == 0 {
			out = append(out, Topic{ID: id, Run: finding.RunRef{ID: news.Run.ID, Time: news.Run.Time}})
		}
	}
	slices.SortFunc(out, func(a, b Topic) int {
		return cmp.Or(cmp.Compare(a.Worst.Rank(), b.Worst.Rank()), cmp.Compare(a.Policy, b.Policy), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// says is a digest of what an issue at a place says. Which run said it is no news, nor is a
// message that counts days.
func (t Topic) says(place string) string {
	if !t.Open() {
		return digestOf("closed")
	}
	var failing, hidden []string
	for _, f := range t.Failing {
		failing = append(failing, f.Fingerprint+" "+string(f.Severity))
	}
	for _, f := range t.Hidden {
		hidden = append(hidden, f.Fingerprint)
	}
	slices.Sort(failing)
	slices.Sort(hidden)
	return digestOf(place, t.headline(), t.Owner, t.Mending, t.Link, failing, hidden)
}

func topicID(f finding.Finding) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%s", f.Policy, f.Resource.Provider, f.Resource.Scope, f.Owner))
	return fmt.Sprintf("%x", sum[:8])
}

// headline is the title of the issue.
func (t Topic) headline() string {
	return cut(oneLine(fmt.Sprintf("[%s] %s in %s", t.Worst, t.Title, t.Account)), 200)
}

// resources returns lines about what fails, written so that they are no markup: so many at
// most, and in so many bytes; and how many more there are.
func (t Topic) resources(most, room int, plain func(string) string) (lines []string, more int) {
	for i, f := range t.Failing {
		line := fmt.Sprintf("%s %s: %s", f.Severity, place(f), oneLine(f.Message))
		if s := source(f.Resource); s != "" {
			line += " (" + s + ")"
		}
		line = plain(cut(line, 500))
		if room -= len(line); i == most || room < 0 {
			return lines, len(t.Failing) - i
		}
		lines = append(lines, line)
	}
	return lines, 0
}

// source says where the resource is written; "" is not known.
func source(r finding.Resource) string {
	s := r.Source
	if r.ManagedBy != nil && r.ManagedBy.Source != nil {
		s = r.ManagedBy.Source
	}
	if s == nil || s.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", s.File, s.Line)
}

// Memory remembers by which name a place knows a topic.
type Memory interface {
	Recall(ctx context.Context, channel, topic string) (reference string, err error) // "" is none
	Remember(ctx context.Context, channel, topic, reference string, open bool) error
}

// tracker is a place that has issues.
type tracker interface {
	// place names where the issues are, for a reference.
	place() string
	// find looks for the issue of a topic; "" is none.
	find(ctx context.Context, t Topic) (reference string, err error)
	// create makes one, open.
	create(ctx context.Context, t Topic) (reference string, err error)
	// update brings one in line with the topic, and opens or closes it. It returns false
	// when there is no such issue any more.
	update(ctx context.Context, reference string, t Topic) (there bool, err error)
}

// issues is a channel that keeps one issue for every topic.
type issues struct {
	name   string
	least  finding.Severity
	owns   func(owner string) bool
	link   string
	memory Memory
	tracker
}

// Compose implements Channel: a message for every topic of which the issue is to say
// something else than it was told last.
func (c issues) Compose(news News) ([]Envelope, error) {
	var out []Envelope
	for _, t := range topics(news, c.name, c.least, c.owns, c.link) {
		says := t.says(c.place())
		if news.Told[c.name][t.ID] == says {
			continue
		}
		t.Failing, t.Hidden = lean(t.Failing), lean(t.Hidden)
		body, err := json.Marshal(t)
		if err != nil {
			return nil, fmt.Errorf("compose an issue about %s: %w", t.Policy, err)
		}
		out = append(out, Envelope{
			Key: strings.Join([]string{c.name, news.Run.ID, t.ID}, "/"), Channel: c.name, Run: news.Run.ID, To: t.ID, Body: body, Tells: map[string]string{t.ID: says},
		})
	}
	return out, nil
}

// lean returns findings without what no issue shows.
func lean(list []finding.Finding) []finding.Finding {
	out := make([]finding.Finding, len(list))
	for i, f := range list {
		f.Title, f.History = "", nil
		out[i] = f
	}
	return out
}

// Send implements Channel. What it does can be done twice: an issue that is there is found
// and brought in line.
func (c issues) Send(ctx context.Context, e Envelope) error {
	var t Topic
	if err := json.Unmarshal(e.Body, &t); err != nil {
		return fmt.Errorf("%w: the message in the outbox cannot be read: %w", ErrPermanent, err)
	}
	known, err := c.memory.Recall(ctx, c.name, t.ID)
	if err != nil {
		return err
	}
	remembered := func() (string, error) {
		ref, here := strings.CutPrefix(known, c.place())
		if !here { // at another place, that name is of an issue of somebody else
			return "", nil
		}
		return ref, nil
	}
	// It may have been made by a process that died before it could say so. One that is not
	// there any more is looked for as well: places say so of what they do not show, too, and
	// what cannot be looked for is not done with.
	found := func() (string, error) { return c.find(ctx, t) }
	tried := ""
	for _, look := range []func() (string, error){remembered, found} {
		ref, err := look()
		if err != nil {
			return err
		}
		if ref == "" || ref == tried {
			continue
		}
		there, err := c.update(ctx, ref, t)
		if err != nil {
			return err
		}
		if there {
			return c.memory.Remember(ctx, c.name, t.ID, c.place()+ref, t.Open())
		}
		tried = ref
	}
	if !t.Open() { // there is none to close
		if known == "" {
			return nil
		}
		return c.memory.Remember(ctx, c.name, t.ID, known, false)
	}
	ref, err := c.create(ctx, t)
	if err != nil {
		if errors.Is(err, ErrPermanent) {
			return err
		}
		return &Unsure{After: settling, Err: err}
	}
	return c.memory.Remember(ctx, c.name, t.ID, c.place()+ref, true)
}

// settling is how long an issue may not be found after it was made: Jira Cloud says of its
// search that it takes seconds to minutes.
const settling = 5 * time.Minute
