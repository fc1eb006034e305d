package store

import (
	"cmp"
	"slices"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// life is that of a failure.
type life struct {
	id      int64
	finding int64     // its row under its name of today
	fact    int64     // as it was last seen
	about   int64     // the text of the brief of that
	made    bool      // by the last run that moved lives
	state   int64     // the row of its status
	begun   time.Time // when the failure was found that lasts, or that ended
	finding.History
}

// failure is what this run makes under one fingerprint.
type failure struct {
	id      *identity
	others  []*identity // with the same fingerprint
	finding *finding.Finding
	fact    int64
	about   int64
	waived  bool // each one is
}

// lives gives the failure its life.
func (f *failure) lives(id int64) {
	for _, i := range append([]*identity{f.id}, f.others...) {
		if i.life != id {
			i.life, i.dirty = id, true
		}
	}
}

// saveLives moves the lives of the failures of the series.
func (v *saving) saveLives(all []madeNow) error {
	failures := failuresOf(all)
	if err := v.lookUpFormer(failures); err != nil {
		return err
	}
	lives, err := v.loadLives(failures)
	if err != nil {
		return err
	}
	v.passOn(failures, lives)
	absent, err := v.absent(lives, failures)
	if err != nil {
		return err
	}
	m := &moves{v: v}
	for fingerprint, f := range failures {
		l := lives[f.id.life]
		if l == nil {
			l = &life{}
			if l.id, err = v.id("life"); err != nil {
				return err
			}
		}
		f.lives(l.id)
		how := made
		if f.waived {
			how = excused
		}
		h := next(l.History, how, v.info.Time)
		if err := m.move(l, h, life{id: l.id, finding: f.id.id, fact: f.fact, about: f.about, made: true}); err != nil {
			return err
		}
		v.history[fingerprint], v.present[l.id] = h, presence{joining: joining{fingerprint: fingerprint}}
	}
	for l, how := range absent {
		now := life{id: l.id, finding: l.finding, fact: l.fact, about: l.about}
		if err := m.move(l, next(l.History, how, v.info.Time), now); err != nil {
			return err
		}
	}
	return m.flush()
}

// failuresOf returns the failures of the run by fingerprint.
func failuresOf(all []madeNow) map[string]*failure {
	out := map[string]*failure{}
	for _, m := range all {
		if m.finding.Verdict != finding.Fail || m.name.kind != 0 {
			continue
		}
		waived := m.finding.Waiver != nil
		if f := out[m.name.fingerprint]; f != nil {
			f.waived = f.waived && waived
			f.others = append(f.others, m.id)
			continue
		}
		out[m.name.fingerprint] = &failure{id: m.id, finding: m.finding, fact: m.fact, about: m.about, waived: waived}
	}
	return out
}

// lifeColumns and lifeTables are what scanLife takes, of lives and their open statuses.
const (
	lifeColumns = `l.id, l.finding, l.fact, l.about, l.made, st.id, st.status, l.first_seen, l.last_seen, st.since, st.reopened, st.begun`
	lifeTables  = ` FROM life_state st JOIN life l ON l.id = st.life`
	lifeOpen    = ` WHERE st.to_seq = 2147483647 AND `
	lifeQuery   = `SELECT ` + lifeColumns + lifeTables + lifeOpen
)

// trackedStatus are the statuses of failures whose life goes on.
const trackedStatus = `st.status IN ('new', 'open', 'reopened', 'waived', 'not_visible')`

// scanLife scans a row of lifeColumns, and more columns into more. The failures that the
// last run made were last seen at its time.
func scanLife(scan func(...any) error, last series, more ...any) (*life, error) {
	var l life
	var made int
	var first, seen, since, begun int64
	into := []any{&l.id, &l.finding, &l.fact, &l.about, &made, &l.state, &l.Status, &first, &seen, &since, &l.Reopened, &begun}
	if err := scan(append(into, more...)...); err != nil {
		return nil, err
	}
	l.made = made == 1
	l.FirstSeen, l.LastSeen, l.Since, l.begun = fromNanos(first), fromNanos(seen), fromNanos(since), fromNanos(begun)
	if l.made {
		l.LastSeen = last.time
	}
	return &l, nil
}

// loadLives returns the lives that go on, and those of the failures of this run.
func (v *saving) loadLives(failures map[string]*failure) (map[int64]*life, error) {
	out := map[int64]*life{}
	if v.before.moved == 0 {
		return out, nil
	}
	keep := func(scan func(...any) error) error {
		l, err := scanLife(scan, v.before)
		if err != nil {
			return err
		}
		out[l.id] = l
		return nil
	}
	if err := v.tx.rows(v.ctx, lifeQuery+`st.series = ? AND `+trackedStatus, []any{v.series.id}, keep); err != nil {
		return nil, err
	}
	var ended []any
	for _, f := range failures {
		for _, id := range append([]int64{f.id.life}, v.formerLives(f)...) {
			if id != 0 && out[id] == nil {
				ended = append(ended, id)
			}
		}
	}
	return out, v.tx.lookup(v.ctx, lifeQuery+`st.life IN`, nil, ended, keep)
}

// formerNames are those of a failure without a life: it had them while its policy had other
// ids.
func (v *saving) formerNames(f *failure) []name {
	if f.id.life != 0 {
		return nil
	}
	var out []name
	for _, id := range v.rec.Names[f.finding.Policy] {
		out = append(out, name{fingerprint: finding.Fingerprint(id, f.finding.Resource, cmp.Or(f.finding.Key, f.finding.Path))})
	}
	return out
}

// lookUpFormer reads the rows of the former names.
func (v *saving) lookUpFormer(failures map[string]*failure) error {
	var list []any
	for _, f := range failures {
		for _, n := range v.formerNames(f) {
			if v.findings[n] == nil {
				list = append(list, n.fingerprint)
			}
		}
	}
	return v.lookUp(list)
}

// formerLives are those that the failure had under its former names.
func (v *saving) formerLives(f *failure) []int64 {
	var out []int64
	for _, n := range v.formerNames(f) {
		if id := v.findings[n]; id != nil && id.life != 0 {
			out = append(out, id.life)
		}
	}
	return out
}

// passOn gives failures without a life the one that they had under a former name, rather
// one that goes on than one that ended.
func (v *saving) passOn(failures map[string]*failure, lives map[int64]*life) {
	for _, f := range failures {
		former := v.formerLives(f)
		slices.SortStableFunc(former, func(a, b int64) int { return cmp.Compare(lives[a].rank(), lives[b].rank()) })
		if len(former) > 0 && lives[former[0]] != nil {
			f.lives(former[0])
		}
	}
}

// rank is lower for lives that go on.
func (l *life) rank() int {
	switch {
	case l == nil:
		return 2
	case l.Status == finding.StatusFixed || l.Status == finding.StatusGone:
		return 1
	}
	return 0
}

// absent returns the lives that go on and of which the run made no failure, with what it
// has to say of them. A failure of a renamed policy is looked for under its new name.
func (v *saving) absent(lives map[int64]*life, failures map[string]*failure) (map[*life]sighting, error) {
	present := map[int64]bool{}
	for _, f := range failures {
		present[f.id.life] = true
	}
	byFact := map[int64]*life{}
	var facts []int64
	for _, l := range lives {
		if !present[l.id] {
			byFact[l.fact] = l
			facts = append(facts, l.fact)
		}
	}
	out := map[*life]sighting{}
	renamed := v.rec.Names.Renamed()
	err := eachFact(v.ctx, v.tx, facts, func(fact int64, f finding.Finding) error {
		l := byFact[fact]
		if id, ok := renamed[f.Policy]; ok {
			f.Policy = id
			if failures[finding.Fingerprint(id, f.Resource, cmp.Or(f.Key, f.Path))] != nil {
				// It was there under both names: nobody judges the old one any more.
				out[l] = silent
				if v.asked(f.Subject()) && !v.info.Interrupted {
					out[l] = hidden
				}
				return nil
			}
		}
		s := f.Subject()
		out[l] = lookedFor(v.rec.Watch, s, v.asked(s), v.info.Interrupted)
		return nil
	})
	return out, err
}

func (v *saving) asked(s finding.Subject) bool { return v.rec.Asked == nil || v.rec.Asked(s) }

// moves gathers what changes in the tables of lives.
type moves struct {
	v      *saving
	lives  [][]any
	over   []any
	states [][]any
}

// move gives the life its next history. now has its row as it is to be; when it was last
// seen is taken from the history.
func (m *moves) move(l *life, h finding.History, now life) error {
	v := m.v
	if l.state == 0 || now.finding != l.finding || now.fact != l.fact || now.made != l.made {
		made := 0
		if now.made {
			made = 1
		}
		m.lives = append(m.lives, []any{l.id, v.series.id, now.finding, now.fact, now.about, toNanos(h.FirstSeen), toNanos(h.LastSeen), made})
	}
	if l.Status == h.Status {
		return nil
	}
	if l.state != 0 {
		m.over = append(m.over, l.state)
	}
	id, err := v.id("life_state")
	if err != nil {
		return err
	}
	fact := int64(0)
	if !h.Status.Failing() {
		fact = now.fact
	}
	begun := l.begun
	if begins(l.Status, h.Status) {
		begun = v.info.Time
	}
	m.states = append(m.states, []any{id, v.series.id, l.id, v.series.last, forever, string(h.Status), toNanos(v.info.Time), toNanos(h.Since), h.Reopened, toNanos(h.LastSeen), fact, toNanos(begun)})
	return nil
}

func (m *moves) flush() error {
	v := m.v
	if err := v.tx.insert(v.ctx, "life", "id, series, finding, fact, about, first_seen, last_seen, made",
		" ON CONFLICT (id) DO UPDATE SET finding = excluded.finding, fact = excluded.fact, about = excluded.about, last_seen = excluded.last_seen, made = excluded.made", m.lives); err != nil {
		return err
	}
	if err := v.end("life_state", m.over); err != nil {
		return err
	}
	return v.tx.insert(v.ctx, "life_state", "id, series, life, from_seq, to_seq, status, at, since, reopened, last_seen, fact, begun", "", m.states)
}
