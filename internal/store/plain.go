package store

import (
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// plain reads the JSON that this package writes of resources and details, several times as
// fast as encoding/json, which knows nothing of what is coming. It gives up where a text is
// not quite as a Go program writes it: then encoding/json is to read the whole of it.
type plain struct {
	in    []byte
	at    int
	first bool   // the next member is the first one of its object
	name  []byte // of the member whose value is next
	odd   bool   // it gave up
	words map[string]string
	room  []byte // for texts with escapes
}

// maxWords is how many texts that findings share are kept: names of owners, accounts,
// regions and types.
const maxWords = 4096

func newPlain() *plain { return &plain{words: map[string]string{}} }

// detail returns what the text says, and whether it could be read.
func (p *plain) detail(text []byte) (d detail, ok bool) {
	p.begin(text)
	for p.open(); p.next(); {
		switch string(p.name) {
		case "severity":
			d.Severity = finding.Severity(p.word())
		case "verdict":
			d.Verdict = finding.Verdict(p.word())
		case "owner":
			d.Owner = p.word()
		case "owner_unknown":
			d.OwnerUnknown = providers.Reason(p.word())
		case "message":
			d.Message = p.text()
		case "path":
			d.Path = p.word()
		case "key":
			d.Key = p.text()
		case "defects":
			d.Defects = p.list()
		case "cost":
			d.MonthlyCost = number[float64](p)
		case "reason":
			d.Reason = providers.Reason(p.word())
		case "permission":
			d.Permission = p.word()
		case "change":
			d.Change = finding.Change(p.word())
		case "waiver":
			d.Waiver = p.waiver()
		case "baseline":
			d.Baseline = p.flag()
		case "warn_until":
			d.WarnUntil = p.word()
		default:
			p.odd = true
		}
	}
	return d, p.ended()
}

func (p *plain) waiver() *finding.Waiver {
	var w finding.Waiver
	for p.open(); p.next(); {
		switch string(p.name) {
		case "reason":
			w.Reason = p.word()
		case "approver":
			w.Approver = p.word()
		case "ticket":
			w.Ticket = p.word()
		case "expires":
			w.Expires = p.word()
		case "in_source":
			w.InSource = p.flag()
		case "file":
			w.File = p.word()
		case "line":
			w.Line = number[int](p)
		default:
			p.odd = true
		}
	}
	return &w
}

// resource returns what the text says, and whether it could be read.
func (p *plain) resource(text []byte) (r finding.Resource, ok bool) {
	p.begin(text)
	for p.open(); p.next(); {
		switch string(p.name) {
		case "provider":
			r.Provider = p.word()
		case "scope":
			r.Scope = p.word()
		case "scope_name":
			r.ScopeName = p.word()
		case "type":
			r.Type = providers.Type(p.word())
		case "id":
			r.ID = p.text()
		case "name":
			r.Name = p.text()
		case "region":
			r.Region = p.word()
		case "source":
			r.Source = p.source()
		case "managed_by":
			r.ManagedBy = p.managedBy()
		default:
			p.odd = true
		}
	}
	return r, p.ended()
}

func (p *plain) managedBy() *finding.ManagedBy {
	var m finding.ManagedBy
	for p.open(); p.next(); {
		switch string(p.name) {
		case "tool":
			m.Tool = finding.Tool(p.word())
		case "state":
			m.State = p.word()
		case "address":
			m.Address = p.text()
		case "stack":
			m.Stack = p.word()
		case "source":
			m.Source = p.source()
		default:
			p.odd = true
		}
	}
	return &m
}

func (p *plain) source() *providers.Source {
	var s providers.Source
	for p.open(); p.next(); {
		switch string(p.name) {
		case "address":
			s.Address = p.text()
		case "module":
			s.Module = p.word()
		case "file":
			s.File = p.word()
		case "line":
			s.Line = number[int](p)
		case "action":
			s.Action = p.word()
		case "calls":
			p.each(func() { s.Calls = append(s.Calls, p.place()) })
		default:
			p.odd = true
		}
	}
	return &s
}

func (p *plain) place() providers.Place {
	var at providers.Place
	for p.open(); p.next(); {
		switch string(p.name) {
		case "address":
			at.Address = p.word()
		case "file":
			at.File = p.word()
		case "line":
			at.Line = number[int](p)
		default:
			p.odd = true
		}
	}
	return at
}
