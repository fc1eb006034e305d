package serve

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// Group is what failing findings are counted by.
type Group struct {
	Severity finding.Severity
	Category finding.Category
	Owner    string // "" is nobody; or UnknownOwner
	Waived   bool
}

// UnknownOwner is the owner of what nobody can tell the owner of.
const UnknownOwner = "(unknown)"

// Standing is what the last saved scans say of the estate.
type Standing struct {
	Findings     map[Group]int // that fail
	Unknown      int           // verdicts of the last scan that could not be reached
	CellsPlanned int           // of the last scan
	CellsRead    int
	LastRun      time.Time // zero is never
	// LastComplete is, by provider, the time of the last scan that left nothing of it out,
	// and read everything it asked for. Without an entry there was none.
	LastComplete map[string]time.Time
	Bills        Bills
}

// Metrics are the figures of a server in the format of Prometheus. They are safe for
// concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	scans    *prometheus.CounterVec
	duration *prometheus.HistogramVec
	took     *prometheus.GaugeVec
	running  *prometheus.GaugeVec
	due      *prometheus.GaugeVec
	descs    descs

	mu       sync.Mutex
	standing Standing
	known    bool // a standing was set
	traffic  map[string]*providers.Traffic
}

// NewMetrics returns figures that count nothing yet. traffic is by provider.
func NewMetrics(version string, traffic map[string]*providers.Traffic) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(), traffic: traffic, descs: newDescs(),
		scans: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "metsuke_scans_total", Help: "Scheduled scans that ended, by how they did.",
		}, []string{"schedule", "outcome"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "metsuke_scan_duration_seconds", Help: "How long scheduled scans took, waiting for their turn left out.",
			Buckets: []float64{10, 30, 60, 180, 300, 600, 1200, 1800, 3600, 7200, 14400},
		}, []string{"schedule"}),
		took: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "metsuke_last_scan_duration_seconds", Help: "How long the last scheduled scan took.",
		}, []string{"schedule"}),
		running: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "metsuke_scan_running", Help: "1 while a scan of the schedule is under way in this process.",
		}, []string{"schedule"}),
		due: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "metsuke_last_due_timestamp_seconds", Help: "The time for which the last scan of the schedule was due.",
		}, []string{"schedule"}),
	}
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "metsuke_build_info", Help: "Always 1."}, []string{"version"})
	build.WithLabelValues(version).Set(1)
	m.registry.MustRegister(m.scans, m.duration, m.took, m.running, m.due, build, m,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Announce makes the figures of a schedule appear before its first scan.
func (m *Metrics) Announce(schedule string) {
	m.running.WithLabelValues(schedule).Set(0)
	for _, o := range []Outcome{Complete, Incomplete, Failed, Interrupted} {
		m.scans.WithLabelValues(schedule, string(o))
	}
}

// Watch counts scans; it is for Config.Watch.
func (m *Metrics) Watch(e Event) {
	if e.Ended.IsZero() {
		m.running.WithLabelValues(e.Schedule).Set(1)
		m.due.WithLabelValues(e.Schedule).Set(float64(e.Due.Unix()))
		return
	}
	m.running.WithLabelValues(e.Schedule).Set(0)
	m.scans.WithLabelValues(e.Schedule, string(e.Outcome)).Inc()
	if e.Outcome == Interrupted {
		return
	}
	took := e.Ended.Sub(e.Begun).Seconds()
	m.duration.WithLabelValues(e.Schedule).Observe(took)
	m.took.WithLabelValues(e.Schedule).Set(took)
}

// Set replaces what the last scans say.
func (m *Metrics) Set(s Standing) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.standing, m.known = s, true
}

// descs are those of what is told anew at every request.
type descs struct {
	findings, unknown, cells, lastRun, lastComplete, calls, throttled *prometheus.Desc
	bills, spend, month                                               *prometheus.Desc
}

func newDescs() descs {
	return descs{
		findings:     prometheus.NewDesc("metsuke_findings", "Findings that fail, by what the last scans saw of them.", []string{"severity", "category", "owner", "waived"}, nil),
		unknown:      prometheus.NewDesc("metsuke_unknown_verdicts", "Verdicts of the last scan that could not be reached.", nil, nil),
		cells:        prometheus.NewDesc("metsuke_cells", "Cells of the last scan: planned is what it asked for, read what it read in full.", []string{"state"}, nil),
		lastRun:      prometheus.NewDesc("metsuke_last_run_timestamp_seconds", "Time of the last saved scan.", nil, nil),
		lastComplete: prometheus.NewDesc("metsuke_last_complete_run_timestamp_seconds", "Time of the last saved scan of the whole provider that read everything it asked for; time() minus it is its age.", []string{"provider"}, nil),
		bills:        prometheus.NewDesc("metsuke_bills", "Bills of the last scan that was to read them, by whether it could.", []string{"state"}, nil),
		spend:        prometheus.NewDesc("metsuke_spend", "What was spent in the month of the bills, by owner; absent where a bill could not be read.", []string{"owner", "currency"}, nil),
		month:        prometheus.NewDesc("metsuke_spend_month_timestamp_seconds", "When the month of metsuke_spend begins.", nil, nil),
		calls:        prometheus.NewDesc("metsuke_api_calls_total", "Requests sent to the APIs of a provider, tries for themselves.", []string{"provider"}, nil),
		throttled:    prometheus.NewDesc("metsuke_api_throttled_total", "Requests that a provider refused for rate.", []string{"provider"}, nil),
	}
}

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.descs.findings, m.descs.unknown, m.descs.cells, m.descs.lastRun, m.descs.lastComplete, m.descs.calls, m.descs.throttled, m.descs.bills, m.descs.spend, m.descs.month} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	for name, t := range m.traffic {
		out <- prometheus.MustNewConstMetric(m.descs.calls, prometheus.CounterValue, float64(t.Calls()), name)
		out <- prometheus.MustNewConstMetric(m.descs.throttled, prometheus.CounterValue, float64(t.Throttled()), name)
	}
	m.mu.Lock()
	s, known := m.standing, m.known
	m.mu.Unlock()
	if !known {
		return // 0 would be a claim
	}
	waived := map[bool]string{false: "false", true: "true"}
	for g, n := range s.Findings {
		gauge(m.descs.findings, float64(n), string(g.Severity), string(g.Category), g.Owner, waived[g.Waived])
	}
	if !s.LastRun.IsZero() {
		gauge(m.descs.unknown, float64(s.Unknown))
		gauge(m.descs.cells, float64(s.CellsPlanned), "planned")
		gauge(m.descs.cells, float64(s.CellsRead), "read")
		gauge(m.descs.lastRun, float64(s.LastRun.Unix()))
	}
	for provider, at := range s.LastComplete {
		gauge(m.descs.lastComplete, float64(at.Unix()), provider)
	}
	m.collectSpend(s.Bills, gauge)
}

// MostOwners is how many owners figures name: those with the most findings, or who spent the
// most. The others are counted together, under OtherOwners: where tags name owners there can be any number of
// them, and a server of Prometheus keeps a series of each for ever.
const MostOwners = 500

// OtherOwners is the owner of what belongs to owners that are not named.
const OtherOwners = "(others)"

// Groups counts findings that fail, by their owners, of whom MostOwners are named.
func Groups(findings []finding.Finding) map[Group]int {
	all, owners := map[Group]int{}, map[string]float64{}
	for _, f := range findings {
		if f.Verdict == finding.Fail {
			owner := label(f.Owner)
			if f.OwnerUnknown != "" {
				owner = UnknownOwner
			}
			all[Group{f.Severity, f.Category, owner, f.Waiver != nil}]++
			owners[owner]++
		}
	}
	as := shownAs(owners)
	out := map[Group]int{}
	for g, n := range all {
		g.Owner = as(g.Owner)
		out[g] += n
	}
	return out
}

// shownAs says under which names figures show owners, by how much they weigh.
func shownAs(owners map[string]float64) func(owner string) string {
	ranked := slices.SortedFunc(maps.Keys(owners), func(a, b string) int {
		return cmp.Or(cmp.Compare(owners[b], owners[a]), strings.Compare(a, b))
	})
	named := map[string]bool{"": true, UnknownOwner: true}
	for _, owner := range ranked[:min(len(ranked), MostOwners)] {
		named[owner] = true
	}
	return func(owner string) string {
		if named[owner] {
			return owner
		}
		return OtherOwners
	}
}

// label is a text as the value of a label may be: one that is no UTF-8 would keep all
// figures from being shown.
func label(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }
