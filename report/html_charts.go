package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// htmlChart is a table with a bar in each row: who does not see the bars reads the
// numbers.
type htmlChart struct {
	Title, Note, Head, Sum string
	Columns                []string // what the parts of a bar are
	Rows                   []htmlBar
	Left                   string // how many rows are not shown
}

type htmlBar struct {
	Name, Link, Total string
	Parts             []htmlPart
	Numbers           []string // of each column
}

// htmlPart is a part of a bar, in thousandths of the chart's width.
type htmlPart struct{ Class, X, W, Title string }

// charted is how many rows a chart has at most.
const charted = 10

// parts are the colours of a bar: the severities, and what is unknown.
func parts() []string { return append(texts(finding.Severities()), "unknown") }

// barsBy counts findings that fail by severity, and such as are unknown, under one name
// each. Names come in the order of first, then the most failures first.
func barsBy(findings []finding.Finding, first []string, name func(*finding.Finding) string) ([]string, map[string][]int) {
	by := map[string][]int{}
	for i := range findings {
		f := &findings[i]
		if f.Verdict != finding.Fail && f.Verdict != finding.Unknown {
			continue
		}
		n := name(f)
		if n == "" {
			continue
		}
		if by[n] == nil {
			by[n] = make([]int, len(parts()))
		}
		part := len(parts()) - 1
		if f.Verdict == finding.Fail {
			part = min(f.Severity.Rank(), part-1)
		}
		by[n][part]++
	}
	var rest, out []string
	for n := range by {
		if !slices.Contains(first, n) {
			rest = append(rest, n)
		}
	}
	fails := func(n string) int { return sum(by[n][:len(finding.Severities())]) }
	slices.SortFunc(rest, func(a, b string) int {
		return cmp.Or(cmp.Compare(fails(b), fails(a)), cmp.Compare(sum(by[b]), sum(by[a])), cmp.Compare(a, b))
	})
	for _, n := range first {
		if by[n] != nil {
			out = append(out, n)
		}
	}
	return append(out, rest...), by
}

// chart draws the rows.
func chart(c htmlChart, names []string, by map[string][]int, link func(name string) string) *htmlChart {
	most := 0
	for _, n := range names {
		most = max(most, sum(by[n]))
	}
	if most == 0 {
		return nil
	}
	c.Columns, c.Sum = parts(), "total"
	if left := len(names) - charted; left > 0 {
		c.Left = fmt.Sprintf("%s more.", number(left))
		names = names[:charted]
	}
	for _, n := range names {
		bar := htmlBar{Name: clean(n), Link: link(n), Total: number(sum(by[n]))}
		x := 0.0
		for i, v := range by[n] {
			bar.Numbers = append(bar.Numbers, zeroDot(v))
			if v == 0 {
				continue
			}
			w := max(float64(v)/float64(most)*1000, 4) // so that one of a hundred thousand is seen
			bar.Parts = append(bar.Parts, htmlPart{Class: parts()[i], X: thousandths(x), W: thousandths(min(w, 1000-x)), Title: number(v) + " " + parts()[i]})
			x += w
		}
		c.Rows = append(c.Rows, bar)
	}
	return &c
}

func thousandths(v float64) string { return strconv.FormatFloat(max(v, 0), 'f', 1, 64) }

func sum(in []int) int {
	n := 0
	for _, v := range in {
		n += v
	}
	return n
}

func chartsOf(run finding.Run, findings []finding.Finding) []htmlChart {
	var out []htmlChart
	add := func(c *htmlChart) {
		if c != nil {
			out = append(out, *c)
		}
	}
	names, by := barsBy(findings, texts(finding.Categories()), func(f *finding.Finding) string { return string(f.Category) })
	add(chart(htmlChart{Title: "By category", Head: "Category"}, names, by, func(n string) string { return where("category", n) }))
	names, by = barsBy(findings, nil, func(f *finding.Finding) string { return cmp.Or(ownerText(*f), nobody) })
	add(chart(htmlChart{Title: "By owner", Head: "Owner"}, names, by, func(n string) string { return where("owner", strings.TrimSuffix(n, nobody)) }))
	called := accountNames(findings)
	accounts := map[string]string{}
	names, by = barsBy(findings, nil, func(f *finding.Finding) string {
		name := called(f.Resource)
		accounts[name] = f.Resource.Provider + "/" + f.Resource.Scope
		return name
	})
	add(chart(htmlChart{Title: "By account", Head: "Account"}, names, by, func(n string) string { return where("account", accounts[n]) }))
	add(ageChart(run, findings))
	return out
}

// accountNames returns what people call the account of a resource, with its provider, and
// with its id where another account has the same name.
func accountNames(findings []finding.Finding) func(finding.Resource) string {
	name := func(r finding.Resource) string { return r.Provider + " " + scopeName(r.Scope, r.ScopeName) }
	first, shared := map[string]string{}, map[string]bool{}
	for i := range findings {
		r := findings[i].Resource
		if id, ok := first[name(r)]; ok && id != r.Scope {
			shared[name(r)] = true
		}
		first[name(r)] = r.Scope
	}
	return func(r finding.Resource) string {
		if n := name(r); !shared[n] || r.ScopeName == "" {
			return n
		}
		return name(r) + " (" + r.Scope + ")"
	}
}

// nobody stands where reports name owners.
const nobody = "(nobody)"

// ageChart says for how long failures have been there, where earlier runs were saved.
func ageChart(run finding.Run, findings []finding.Finding) *htmlChart {
	ages := []struct {
		name string
		days int
	}{{"under a week", 7}, {"under 30 days", 30}, {"under 90 days", 90}, {"under a year", 365}}
	const older = "older"
	var first []string
	for _, a := range ages {
		first = append(first, a.name)
	}
	first = append(first, older)
	names, by := barsBy(findings, first, func(f *finding.Finding) string {
		if f.History == nil || f.Verdict != finding.Fail {
			return ""
		}
		for _, a := range ages {
			if run.Time.Sub(f.History.FirstSeen) < time.Duration(a.days)*24*time.Hour {
				return a.name
			}
		}
		return older
	})
	return chart(htmlChart{Title: "By age", Note: "Since the first run that found it.", Head: "Age"}, names, by, func(string) string { return where("sort", "oldest") })
}
