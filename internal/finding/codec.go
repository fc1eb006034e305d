package finding

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/metsuke-dev/metsuke/providers"
)

// coder passes over the parts of a finding to write or to read them. What is read was
// written by the same program.
type coder interface {
	number(n *uint64)
	text(s *string)
	name(s *string) // that many findings have
}

// code passes over every field of a finding.
func code(c coder, f *Finding) {
	c.text(&f.Fingerprint)
	name(c, &f.Policy)
	name(c, &f.Title)
	name(c, &f.Category)
	name(c, &f.Severity)
	name(c, &f.Verdict)
	codeResource(c, &f.Resource)
	name(c, &f.Owner)
	c.text(&f.Message)
	name(c, &f.Path)
	c.text(&f.Key)
	codeList(c, &f.Defects)
	cost := bits.ReverseBytes64(math.Float64bits(f.MonthlyCost)) // round amounts are short so
	c.number(&cost)
	f.MonthlyCost = math.Float64frombits(bits.ReverseBytes64(cost))
	name(c, &f.Reason)
	name(c, &f.Permission)
	name(c, &f.Change)
	if there(c, &f.Waiver) {
		codeWaiver(c, f.Waiver)
	}
	flag(c, &f.Baseline)
	name(c, &f.WarnUntil)
}

// codeList passes over names that many findings have. An empty list comes out as nil.
func codeList(c coder, list *[]string) {
	n := len(*list)
	integer(c, &n)
	if *list == nil && n > 0 {
		*list = make([]string, n)
	}
	for i := range *list {
		name(c, &(*list)[i])
	}
}

func codeResource(c coder, r *Resource) {
	name(c, &r.Provider)
	name(c, &r.Scope)
	name(c, &r.ScopeName)
	name(c, &r.Type)
	c.text(&r.ID)
	c.text(&r.Name)
	name(c, &r.Region)
	if there(c, &r.Source) {
		codeSource(c, r.Source, r.ID)
	}
	if there(c, &r.ManagedBy) {
		m := r.ManagedBy
		name(c, &m.Tool)
		name(c, &m.State)
		c.text(&m.Address)
		name(c, &m.Stack)
		if there(c, &m.Source) {
			codeSource(c, m.Source, m.Address)
		}
	}
}

// codeSource passes over a source, whose address most often is the one given.
func codeSource(c coder, s *providers.Source, address string) {
	same := s.Address == address
	flag(c, &same)
	if same {
		s.Address = address
	} else {
		c.text(&s.Address)
	}
	name(c, &s.Module)
	name(c, &s.File)
	integer(c, &s.Line)
	name(c, &s.Action)
	calls := len(s.Calls)
	integer(c, &calls)
	if s.Calls == nil && calls > 0 {
		s.Calls = make([]providers.Place, calls)
	}
	for i := range s.Calls {
		name(c, &s.Calls[i].Address)
		name(c, &s.Calls[i].File)
		integer(c, &s.Calls[i].Line)
	}
}

func codeWaiver(c coder, w *Waiver) {
	name(c, &w.Reason)
	name(c, &w.Approver)
	name(c, &w.Ticket)
	name(c, &w.Expires)
	flag(c, &w.InSource)
	name(c, &w.File)
	integer(c, &w.Line)
}

// there passes over whether a pointer leads somewhere.
func there[T any](c coder, p **T) bool {
	is := *p != nil
	if flag(c, &is); is && *p == nil {
		*p = new(T)
	}
	return is
}

func flag(c coder, b *bool) {
	var n uint64
	if *b {
		n = 1
	}
	c.number(&n)
	*b = n == 1
}

// integer passes over a number that is not negative.
func integer(c coder, i *int) {
	n := uint64(*i)
	c.number(&n)
	*i = int(n)
}

func name[S ~string](c coder, s *S) {
	t := string(*s)
	c.name(&t)
	*s = S(t)
}

// writer is a coder that appends to b.
type writer struct {
	names *names
	b     []byte
}

func (w *writer) number(n *uint64) { w.b = binary.AppendUvarint(w.b, *n) }

func (w *writer) text(s *string) {
	w.b = append(binary.AppendUvarint(w.b, uint64(len(*s))), *s...)
}

func (w *writer) name(s *string) { w.b = binary.AppendUvarint(w.b, w.names.number(*s)) }

// reader is a coder that takes from the front of s.
type reader struct {
	names *names
	s     string
}

func (r *reader) number(n *uint64) {
	*n = 0
	for shift := 0; ; shift += 7 {
		b := r.s[0]
		r.s = r.s[1:]
		*n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return
		}
	}
}

func (r *reader) text(s *string) {
	var n uint64
	r.number(&n)
	*s, r.s = r.s[:n], r.s[n:]
}

func (r *reader) name(s *string) {
	var n uint64
	r.number(&n)
	*s = r.names.all[n]
}
