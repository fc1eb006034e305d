package terraform

import (
	"slices"
)

// among returns which of several blocks of one name the finding is about, by what they say
// that the plan has as well: a set of blocks has another order in the plan than in the
// sources. A value that is computed may be anything. It reports false where that leaves
// more than one.
func (l *lookup) among(w *written, found []element) (element, bool) {
	planned, _ := w.n.at(l.steps[0]).([]any)
	about := l.planned(planned)
	if w.foreign || len(about) == 0 || len(found) > len(planned) && !slices.ContainsFunc(found, element.generates) {
		return element{}, false
	}
	if l.index >= 0 && slices.Contains(l.d.ordered, l.steps[0]) && len(found) == len(planned) && !slices.ContainsFunc(found, element.generates) {
		return found[l.index], true
	}
	// What is written and is not in the plan, or the other way round, is told otherwise there:
	// a value that the provider writes in its own way. Then nothing here can be told.
	for _, e := range found {
		if !e.generates() && !slices.ContainsFunc(planned, e.mayBe) {
			return element{}, false
		}
	}
	at := -1
	for _, p := range about {
		for i, e := range found {
			switch {
			case !e.mayBe(p):
			case at >= 0 && at != i:
				return element{}, false
			default:
				at = i
			}
		}
	}
	if at < 0 {
		return element{}, false
	}
	return found[at], true
}

// planned returns those of the planned blocks that the finding may be about: the one whose
// place it names, or those that its key fits.
func (l *lookup) planned(blocks []any) []any {
	if l.index >= 0 {
		// The place is one in the attribute's list, which need not be that of the blocks.
		list, _ := l.value().([]any)
		if len(list) != len(blocks) || l.index >= len(blocks) || !agree(list[l.index], blocks[l.index]) {
			return nil
		}
		return blocks[l.index : l.index+1]
	}
	texts := make([][]string, len(blocks))
	for i, b := range blocks {
		texts[i] = leaves(b, nil)
	}
	var out []any
	for _, i := range pickByKey(l.key, texts, nil) {
		out = append(out, blocks[i])
	}
	if len(out) == len(blocks) && len(blocks) > 1 {
		return nil // the key tells nothing
	}
	return out
}

// agree reports whether two forms of a block say nothing different under one name: a
// mapping may have put its list into another order.
func agree(a, b any) bool {
	x, _ := a.(map[string]any)
	y, _ := b.(map[string]any)
	for name, v := range x {
		if w, ok := y[name]; ok && !isUnknown(v) && !isUnknown(w) && !slices.Equal(sorted(leaves(v, nil)), sorted(leaves(w, nil))) {
			return false
		}
	}
	return x != nil && y != nil
}

// value returns the attribute as the mapping makes it.
func (l *lookup) value() any {
	if get := l.d.attributes[l.steps[0]]; get != nil {
		defer func() { l.c.err = nil }() // what could not be read a second time tells nothing
		return get(l.n)
	}
	return l.n.at(l.steps[0])
}

// generates reports whether the element is a dynamic block, which may be any number.
func (e element) generates() bool { return e.open && e.parts != nil }

// mayBe reports whether a planned block may be what the element makes: whatever both of
// them have is the same.
func (e element) mayBe(planned any) bool {
	block, ok := planned.(map[string]any)
	if !ok {
		return true // unknown
	}
	for _, p := range e.parts {
		v, known := block[p.name]
		if _, later := v.(unknown); !known || later || p.parts != nil || p.open {
			continue
		}
		if !slices.Equal(sorted(words(p.text)), sorted(leaves(v, nil))) {
			return false
		}
	}
	return true
}

func sorted(texts []string) []string {
	slices.Sort(texts)
	return texts
}
