package finding

import (
	"encoding/binary"
	"math"
	"math/bits"
	"time"

	"github.com/metsuke-dev/metsuke/providers"
)

// codec passes over the parts of a finding to write or to read them, so that both go the
// same way. What is read was written by the same program.
type codec struct {
	names   *names
	place   int    // how many names there have been
	reading bool   // from in, and not to out
	in      string // what is left of it
	out     []byte
}

// code passes over every field of a finding.
func code(c *codec, f *Finding) {
	c.text(&f.Fingerprint)
	name(c, &f.Policy)
	name(c, &f.Title)
	name(c, &f.Category)
	name(c, &f.Severity)
	name(c, &f.Verdict)
	codeResource(c, &f.Resource)
	name(c, &f.Owner)
	name(c, &f.OwnerUnknown)
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
	if there(c, &f.History) {
		codeHistory(c, f.History)
	}
}

// codeList passes over names that many findings have. An empty list comes out as nil.
func codeList(c *codec, list *[]string) {
	n := len(*list)
	integer(c, &n)
	if *list == nil && n > 0 {
		*list = make([]string, n)
	}
	for i := range *list {
		name(c, &(*list)[i])
	}
}

func codeResource(c *codec, r *Resource) {
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
func codeSource(c *codec, s *providers.Source, address string) {
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

func codeWaiver(c *codec, w *Waiver) {
	name(c, &w.Reason)
	name(c, &w.Approver)
	name(c, &w.Ticket)
	name(c, &w.Expires)
	flag(c, &w.InSource)
	name(c, &w.File)
	integer(c, &w.Line)
}

func codeHistory(c *codec, h *History) {
	name(c, &h.Status)
	for _, t := range []*time.Time{&h.FirstSeen, &h.LastSeen, &h.Since} {
		seconds, nanoseconds := uint64(t.Unix()), uint64(t.Nanosecond())
		c.number(&seconds)
		c.number(&nanoseconds)
		*t = time.Unix(int64(seconds), int64(nanoseconds)).UTC()
	}
	integer(c, &h.Reopened)
}

// there passes over whether a pointer leads somewhere.
func there[T any](c *codec, p **T) bool {
	is := *p != nil
	if flag(c, &is); is && *p == nil {
		*p = new(T)
	}
	return is
}

func flag(c *codec, b *bool) {
	var n uint64
	if *b {
		n = 1
	}
	c.number(&n)
	*b = n == 1
}

// integer passes over a number that is not negative.
func integer(c *codec, i *int) {
	n := uint64(*i)
	c.number(&n)
	*i = int(n)
}

func (c *codec) number(n *uint64) {
	if c.reading {
		*n = c.next()
	} else {
		c.out = binary.AppendUvarint(c.out, *n)
	}
}

// text passes over a string that few findings have.
func (c *codec) text(s *string) {
	if c.reading {
		n := c.next()
		*s, c.in = c.in[:n], c.in[n:]
	} else {
		c.out = append(binary.AppendUvarint(c.out, uint64(len(*s))), *s...)
	}
}

// name passes over a string that many findings have.
func name[S ~string](c *codec, s *S) {
	if c.reading {
		*s = S(c.names.all[c.next()])
	} else {
		c.out = binary.AppendUvarint(c.out, c.names.number(string(*s), c.place))
		c.place++
	}
}

// next reads a number.
func (c *codec) next() uint64 {
	var n uint64
	for i := 0; ; i++ {
		b := c.in[i]
		n |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			c.in = c.in[i+1:]
			return n
		}
	}
}
