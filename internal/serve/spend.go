package serve

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// SpendGroup is what spend is counted by.
type SpendGroup struct {
	Owner    string // "" is nobody; or UnknownOwner, or OtherOwners
	Currency string
}

// Bills is what the last scan that was to read bills says of them. The zero value is that
// of none.
type Bills struct {
	Read, Unread int
	Month        time.Time // the first day of the month that they are of; zero where none was read
	// Spend is what was spent in it; nil where it is not known in full, because a bill could
	// not be read.
	Spend map[SpendGroup]float64
}

// BillsOf sums up the bills of a run.
func BillsOf(bills []finding.Bill) Bills {
	month := finding.LatestMonth(bills)
	out := Bills{Read: len(month.Read), Unread: len(month.Unread)}
	start, err := time.Parse(time.DateOnly, month.Start)
	if err != nil { // none was read
		return out
	}
	out.Month = start
	if out.Unread > 0 {
		return out
	}
	all, owners := map[SpendGroup]finding.Decimal{}, map[string]float64{}
	told := true
	for _, b := range month.Read {
		for _, c := range b.Charges {
			g := SpendGroup{label(c.Owner), label(c.Currency)}
			if c.OwnerUnknown != "" {
				g.Owner, told = UnknownOwner, false
			}
			all[g] = all[g].Add(c.Amount)
			owners[g.Owner] += c.Amount.Abs().Float()
		}
	}
	as, sums := shownAs(owners), map[SpendGroup]finding.Decimal{}
	for g, sum := range all {
		g.Owner = as(g.Owner)
		sums[g] = sums[g].Add(sum)
	}
	out.Spend = map[SpendGroup]float64{}
	for g, sum := range sums {
		out.Spend[g] = sum.Float()
		if nobody := (SpendGroup{"", g.Currency}); told && sums[nobody] == "" {
			out.Spend[nobody] = 0 // which is known
		}
	}
	return out
}

// collectSpend tells what is known of the bills.
func (m *Metrics) collectSpend(b Bills, gauge func(*prometheus.Desc, float64, ...string)) {
	if b.Read+b.Unread == 0 {
		return
	}
	gauge(m.descs.bills, float64(b.Read), "read")
	gauge(m.descs.bills, float64(b.Unread), "unread")
	if b.Spend == nil {
		return
	}
	gauge(m.descs.month, float64(b.Month.Unix()))
	for g, amount := range b.Spend {
		gauge(m.descs.spend, amount, g.Owner, g.Currency)
	}
}
