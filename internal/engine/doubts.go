package engine

import (
	"context"
	"errors"
)

// verdict returns what the program says of a policy. It is an error where that says
// nothing.
func (ev *evaluator) verdict(ctx context.Context, m *machine, i int, spots []blind) (Result, error) {
	p, e := ev.policies[i].Policy, ev.program.entries[i]
	if len(spots) == 0 {
		return m.judge(p, e)
	}
	doubts, key, keyed := m.doubtsOf(e, spots)
	if kept, ok := doubts[key]; keyed && ok {
		return kept, nil
	}
	res, err := m.judge(p, e)
	if !errors.Is(err, errDoubt) {
		return res, err
	}
	pair, depends := ev.depends(m, i, spots)
	if !depends {
		if part, sure := ev.partless(ctx, m, i, spots); sure {
			return part, nil
		}
		return res, err
	}
	res = unknownResult(p, ev.deciding(m, i, spots, pair).why)
	if keyed {
		keep(doubts, key, res)
	}
	return res, nil
}

// maxDoubts bounds for how many ways of being unknown a machine keeps verdicts.
const maxDoubts = 256

// doubtsOf returns the verdicts that were found to depend on what is unknown in such a way
// of a resource, and under which key that of a policy is kept there: what is known has an
// identity, what of it is unknown belongs to that, and the spots say why.
func (m *machine) doubtsOf(e entry, spots []blind) (map[memoKey]Result, memoKey, bool) {
	if e.deny == nil {
		return nil, memoKey{}, false
	}
	key, keyed := m.key(e.deny, e.inputs)
	if !keyed {
		return nil, key, false
	}
	m.text = m.text[:0]
	for _, b := range spots {
		m.writePath('a', b.at)
		m.writePath('w', b.why.path)
		m.writeText('r', string(b.why.reason))
	}
	of := m.doubts[string(m.text)]
	if of == nil {
		if len(m.doubts) >= maxDoubts {
			clear(m.doubts)
		}
		of = map[memoKey]Result{}
		m.doubts[string(m.text)] = of
	}
	return of, key, true
}
