package govern

import (
	"fmt"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// Problem is what is to be known about a waiver.
type Problem string

// The problems, in the order in which they are listed.
const (
	Faulty   Problem = "error"      // it waives nothing because of a mistake
	Expired  Problem = "expired"    // it waives nothing any more
	Unused   Problem = "unused"     // nothing in the run is waived by it
	Broad    Problem = "over-broad" // it waives more than an exception should
	Expiring Problem = "expiring"   // it ends within ExpiringDays
)

func problemOrder() []Problem { return []Problem{Faulty, Expired, Unused, Broad, Expiring} }

// When a waiver is over-broad: it matches more findings than broadFindings, or more
// than half of the findings where there are broadLeast of them or more.
const (
	broadFindings = 100
	broadLeast    = 20
)

// ExpiringDays is how many days before its end a waiver is said to expire.
const ExpiringDays = 30

// Issue is a problem of a waiver.
type Issue struct {
	Problem Problem `json:"problem"`
	Waiver  Waiver  `json:"waiver"`
	Message string  `json:"message"`
	// Matches is how many failing and unknown findings of the run the waiver is about; 0
	// without a run.
	Matches int `json:"matches"`
}

// Review says what is to be known about the waivers by themselves: mistakes, and what
// has expired or is about to. They come by problem, then in their order.
func (w Waivers) Review() []Issue {
	return w.review(make(Uses, len(w.rules)), func(r rule, _ int) (Problem, string) {
		if w.holds(r) && r.coversAnything() {
			return Broad, "it is for every policy and every resource"
		}
		return "", ""
	})
}

// ReviewRun says besides which waivers the run did not need, and which match more than
// an exception should. uses is what Waive returned for the findings of the run.
func (w Waivers) ReviewRun(run finding.Run, uses Uses) []Issue {
	judged := 0
	for _, f := range run.Findings {
		if f.Verdict == finding.Fail || f.Verdict == finding.Unknown {
			judged++
		}
	}
	return w.review(uses, func(r rule, n int) (Problem, string) {
		switch {
		case !w.holds(r):
		case r.coversAnything():
			return Broad, "it is for every policy and every resource"
		case n > broadFindings:
			return Broad, fmt.Sprintf("it matches %d findings", n)
		case judged >= broadLeast && 2*n > judged:
			return Broad, fmt.Sprintf("it matches %d of %d findings", n, judged)
		case n == 0 && r.judged(run):
			return Unused, "it matches nothing that fails or is unknown"
		}
		return "", ""
	})
}

// review lists what every rule's fault and day say, and what more says of it.
func (w Waivers) review(uses Uses, more func(r rule, n int) (Problem, string)) []Issue {
	var out []Issue
	for i, r := range w.rules {
		add := func(p Problem, format string, args ...any) {
			out = append(out, Issue{Problem: p, Waiver: r.Waiver, Message: fmt.Sprintf(format, args...), Matches: uses[i]})
		}
		switch {
		case r.Fault != "":
			add(Faulty, "%s", r.Fault)
		case over(r.day, w.now):
			add(Expired, "it expired on %s", r.Expires)
		case !r.day.After(w.now.AddDate(0, 0, ExpiringDays)):
			add(Expiring, "it expires on %s", r.Expires)
		}
		if p, message := more(r, uses[i]); p != "" {
			add(p, "%s", message)
		}
	}
	order := problemOrder()
	slices.SortStableFunc(out, func(a, b Issue) int { return slices.Index(order, a.Problem) - slices.Index(order, b.Problem) })
	return out
}

// coversAnything reports whether the waiver says neither which policy nor which
// resources it is for.
func (w Waiver) coversAnything() bool {
	return !w.InSource && anything(w.Policy) && anything(w.Resource) && anything(w.Account) && anything(w.Region) && anything(w.Type)
}

// Notes tells the readers of a run what they should know of the waivers. A file of
// waivers serves many runs, so what has nothing to do with this one is left to
// `metsuke waivers check`, unless whole says that the run looks at everything.
func Notes(issues []Issue, whole bool) []string {
	const most = 10 // of each problem
	var out []string
	said, besides := map[Problem]int{}, map[Problem][]string{}
	for _, i := range issues {
		text := i.note()
		switch {
		case text == "" && whole:
			besides[i.Problem] = append(besides[i.Problem], i.Waiver.Place())
		case text == "":
		case said[i.Problem] < most:
			out = append(out, text)
			said[i.Problem]++
		default:
			said[i.Problem]++
		}
	}
	for _, p := range problemOrder() {
		if left := said[p] - most; left > 0 {
			out = append(out, fmt.Sprintf("%s: %s; `metsuke waivers check` lists all of them.", count(left, "more waiver", "more waivers"), p))
		}
	}
	if places := besides[Expired]; len(places) > 0 {
		out = append(out, fmt.Sprintf("%s that would match nothing in this run: %s.", count(len(places), "waiver has expired", "waivers have expired"), few(places)))
	}
	if places := besides[Unused]; len(places) > 0 {
		out = append(out, fmt.Sprintf("%s nothing that fails or is unknown: %s.", count(len(places), "waiver matches", "waivers match"), few(places)))
	}
	return out
}

// note is what a run says of an issue that has to do with it, "" where it has not.
func (i Issue) note() string {
	w := i.Waiver
	switch {
	case i.Problem == Faulty:
		return fmt.Sprintf("%s: the waiver%s waives nothing: %s", w.Place(), of(w), ended(i.Message))
	case i.Problem == Expired && i.Matches > 0:
		return fmt.Sprintf("%s: the waiver of %s expired on %s and waives nothing; it was for %s.", w.Place(), w.about(), w.Expires, count(i.Matches, "finding", "findings"))
	case i.Problem == Expiring && i.Matches > 0:
		return fmt.Sprintf("%s: the waiver of %s expires on %s; then %s.", w.Place(), w.about(), w.Expires, count(i.Matches, "finding counts", "findings count"))
	case i.Problem == Broad:
		return fmt.Sprintf("%s: the waiver of %s is over-broad: %s.", w.Place(), w.about(), i.Message)
	case i.Problem == Unused && w.InSource:
		return fmt.Sprintf("%s: the waiver of %s is not needed: %s.", w.Place(), w.about(), i.Message)
	}
	return ""
}

// of names what a faulty waiver is for, as far as that can be told.
func of(w Waiver) string {
	if w.Policy == "" {
		return ""
	}
	if w.InSource && len(w.Addresses) == 0 {
		return " of " + w.Policy
	}
	return " of " + w.about()
}

// ended is a sentence with its full stop.
func ended(s string) string {
	if strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}

// few lists places, the first ones by name.
func few(places []string) string {
	const most = 5
	if len(places) <= most {
		return strings.Join(places, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(places[:most], ", "), len(places)-most)
}
