package main

import (
	"slices"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/scan"
	"github.com/metsuke-dev/metsuke/internal/spend"
	"github.com/metsuke-dev/metsuke/providers"
)

// asksSpend reports whether bills are read. A request for one is on the bill itself, so
// somebody has to ask for it, and a look at some policies or types does not repeat it.
func (s *setup) asksSpend(mode string) bool {
	asked := s.config.Providers.AWS != nil && s.config.Providers.AWS.Spend
	return (mode == "demo" || mode == "scan" && asked) && s.looksAtAll()
}

// looksAtAll reports whether no flag leaves out policies or types.
func (s *setup) looksAtAll() bool { return !s.flagged && len(s.given.types) == 0 }

// alsoSpend returns what a live provider is asked for besides what the policies read.
func (s *setup) alsoSpend(mode string, d providers.Description) []providers.Want {
	if w, ok := spend.Want(d); ok && s.asksSpend(mode) {
		return []providers.Want{w}
	}
	return nil
}

// withoutBills takes bills out of what an inventory of everything asks for, unless the
// configuration asks for them or an attribute names them: to read one is on the bill. Where
// they stay they are split by the owners' tags.
func (s *setup) withoutBills(t target, wants map[string][]providers.Want, attributes []string) {
	named := slices.Contains(attributes, spend.Attribute) || s.config.Providers.AWS != nil && s.config.Providers.AWS.Spend
	for _, prov := range t.providers {
		d := prov.Describe()
		if b, ok := prov.(interface{ SplitBills(keys []string) }); ok && named {
			b.SplitBills(s.owners.owners.TagKeys())
		}
		w, ok := spend.Want(d)
		if !ok || named || spend.Free(d) {
			continue
		}
		for i, have := range wants[d.Name] {
			if have.Type == w.Type {
				wants[d.Name][i].Attributes = slices.DeleteFunc(slices.Clone(have.Attributes), func(a string) bool { return a == spend.Attribute })
			}
		}
	}
}

// spending is the bills of one run. The zero value is none.
type spending struct {
	reader  spend.Reader
	asked   bool
	located bool // the run knows in which files resources are written
}

// into makes the run read bills: where that is asked for, and where an inventory has them.
func (x *spending) into(s *setup, t target, in *scan.Input) {
	x.located = t.code != nil
	in.Watcher = scan.Watchers(in.Watcher, &x.reader)
	in.Extra = func(d providers.Description) []providers.Want {
		also := s.alsoSpend(t.mode, d)
		if w, ok := spend.Want(d); ok && also == nil && spend.Free(d) && s.looksAtAll() && (t.mode == "scan" || t.mode == "demo") {
			also = []providers.Want{w}
		}
		x.asked = x.asked || also != nil
		return also
	}
}

// apply puts into the report whose the spend is.
func (x *spending) apply(s *setup, run *finding.Run) {
	if x.asked {
		x.reader.Apply(run, s.owners.owners, x.located)
	}
}
