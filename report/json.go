package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// Version is the version of the JSON report that this package writes and reads;
// docs/schema/report.v1.json is its schema. It grows when a field is taken away
// or changes its meaning.
const Version = 1

// kind is what tells a report from any other JSON.
const kind = "metsuke.report"

// document is the JSON report: the run, and a summary that can be computed from
// it and saves its readers the arithmetic.
type document struct {
	Kind    string `json:"kind"`
	Version int    `json:"version"` // shadows the run's, which is metsuke's
	Metsuke string `json:"metsuke_version"`
	finding.Run
	Summary summary `json:"summary"`
}

// caused is a finding with its cause, which is computed from it; reading a report ignores it.
type caused struct {
	finding.Finding
	Cause string `json:"cause,omitempty"`
}

// summary is computed from the run; reading a report ignores it.
type summary struct {
	Verdicts    finding.Counts    `json:"verdicts"` // one for each resource that each policy judged
	Findings    int               `json:"findings"` // those that fail
	Unknown     int               `json:"unknown"`
	Changes     *changes          `json:"changes,omitempty"` // of those that fail, where something is planned
	Excused     excused           `json:"excused"`           // of those that fail
	BySeverity  map[string]counts `json:"by_severity"`
	ByCategory  map[string]counts `json:"by_category"`
	ByOwner     map[string]counts `json:"by_owner"` // "" is nobody
	MonthlyCost float64           `json:"monthly_cost_usd"`
	Unmatched   []string          `json:"unmatched_policies"`
	Complete    bool              `json:"complete"` // everything asked for was read
}

type counts struct {
	Fail    int `json:"fail"`
	Unknown int `json:"unknown"`
}

func summarise(run finding.Run) summary {
	money, _ := saving(run.Findings)
	return summary{
		Verdicts:    run.Totals(),
		Findings:    countOf(run.Findings, finding.Fail),
		Unknown:     countOf(run.Findings, finding.Unknown),
		Changes:     countChanges(run),
		Excused:     countExcused(run.Findings),
		BySeverity:  countMap(bySeverity(run.Findings)),
		ByCategory:  countMap(byCategory(run.Findings)),
		ByOwner:     countMap(byOwner(run.Findings)),
		MonthlyCost: money,
		Unmatched:   orEmpty(run.Unmatched()),
		Complete:    run.Coverage.Complete() && !run.Interrupted,
	}
}

func countMap(ts []tally) map[string]counts {
	out := map[string]counts{}
	for _, t := range ts {
		out[t.Name] = counts{t.Fail, t.Unknown}
	}
	return out
}

func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// filled returns the run with empty lists and maps in the place of nil ones: a
// reader of JSON should meet one of the two only.
func filled(run finding.Run) finding.Run {
	run.Time = run.Time.UTC()
	run.Providers = orEmpty(run.Providers)
	run.Scopes = orEmpty(run.Scopes)
	run.Findings = orEmpty(run.Findings)
	run.Coverage.Gaps = orEmpty(run.Coverage.Gaps)
	run.Coverage.Cures = orEmpty(run.Coverage.Cures)
	run.Policies = slices.Clone(orEmpty(run.Policies))
	for i := range run.Policies {
		run.Policies[i].Types = orEmpty(run.Policies[i].Types)
	}
	if run.Digests = maps.Clone(run.Digests); run.Digests == nil {
		run.Digests = map[string]string{}
	}
	return run
}

// jsonReporter writes the whole run as one JSON document, which ReadJSON reads.
type jsonReporter struct{}

// noFindings is how a document without findings has them.
const noFindings = `"findings": []`

// Report encodes the findings one by one: a run can have very many, and the whole
// document would have to be held several times.
func (jsonReporter) Report(w io.Writer, run finding.Run) error {
	doc := document{Kind: kind, Version: Version, Metsuke: run.Version, Run: filled(run), Summary: summarise(run)}
	doc.Findings = []finding.Finding{}
	b, err := marshal(doc, "  ")
	if err != nil {
		return err
	}
	before, after, ok := bytes.Cut(b, []byte("\n  "+noFindings))
	if !ok || len(run.Findings) == 0 {
		return write(w, b)
	}
	if err := write(w, fmt.Appendf(nil, "%s\n  \"findings\": ", before)); err != nil {
		return err
	}
	err = writeList(w, run.Findings, func(f *finding.Finding) any { return caused{*f, causeOf(*f)} })
	if err != nil {
		return err
	}
	return write(w, after)
}

// writeList writes findings as a list in a field of a document, element by element what
// encoded makes of them.
func writeList(w io.Writer, findings []finding.Finding, encoded func(*finding.Finding) any) error {
	if len(findings) == 0 {
		return write(w, []byte("[]"))
	}
	if err := write(w, []byte("[")); err != nil {
		return err
	}
	const prefix = "    "
	err := inChunks(len(findings), func(from, to int) ([]byte, error) {
		var one bytes.Buffer
		var out []byte
		e := json.NewEncoder(&one)
		e.SetEscapeHTML(false)
		for i := from; i < to; i++ {
			one.Reset()
			if err := e.Encode(encoded(&findings[i])); err != nil {
				return nil, fmt.Errorf("encode report: %w", err)
			}
			if i > 0 {
				out = append(out, ',')
			}
			out = append(append(out, '\n'), prefix...)
			out = appendIndented(out, bytes.TrimSuffix(one.Bytes(), []byte("\n")), prefix, "  ")
		}
		return out, nil
	}, func(b []byte) error { return write(w, b) })
	if err != nil {
		return err
	}
	return write(w, []byte("\n  ]"))
}

// write writes b and says so if less of it went out.
func write(w io.Writer, b []byte) error {
	n, err := w.Write(b)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// ReadJSON reads a report that the json format wrote. It is strict: a report of
// another version, with a field it does not know or with a verdict or severity
// that does not exist is an error, because a report must not lose findings on
// its way through.
func ReadJSON(r io.Reader) (finding.Run, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return finding.Run{}, fmt.Errorf("read report: %w", err)
	}
	var head struct {
		Kind    string `json:"kind"`
		Version int    `json:"version"`
		Metsuke string `json:"metsuke_version"`
	}
	if bytes.HasPrefix(b, []byte(`{"kind":"run",`)) {
		return finding.Run{}, errors.New("read report: a report in the ndjson format cannot be read again, one in the json format can")
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return finding.Run{}, fmt.Errorf("read report: %w", located(err, b))
	}
	if head.Kind != kind {
		return finding.Run{}, fmt.Errorf("read report: not a report in the json format of metsuke (its \"kind\" is %q, not %q)", head.Kind, kind)
	}
	if head.Version != Version {
		return finding.Run{}, fmt.Errorf("read report: the report has version %d, this metsuke reads version %d (metsuke %s wrote it)", head.Version, Version, clean(head.Metsuke))
	}
	var doc struct {
		document
		Findings []caused `json:"findings"` // shadow the run's
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&doc); err != nil {
		return finding.Run{}, fmt.Errorf("read report: %w", located(err, b))
	}
	run := doc.Run
	run.Version = doc.Metsuke
	if run.Findings = nil; doc.Findings != nil {
		run.Findings = make([]finding.Finding, len(doc.Findings))
	}
	for i, f := range doc.Findings {
		run.Findings[i] = f.Finding
	}
	if err := check(run); err != nil {
		return finding.Run{}, fmt.Errorf("read report: %w", err)
	}
	return run, nil
}

// located adds the line to an error of the JSON decoder, where it tells one.
func located(err error, b []byte) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	var offset int64
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	default:
		return err
	}
	return fmt.Errorf("line %d: %w", 1+bytes.Count(b[:min(int(offset), len(b))], []byte("\n")), err)
}

// check holds what the types do not: a verdict that no report knows would be
// shown nowhere.
func check(run finding.Run) error {
	for i, p := range run.Policies {
		if p.ID == "" {
			return fmt.Errorf("policy %d has no id", i)
		}
		if !slices.Contains(finding.Severities(), p.Severity) {
			return fmt.Errorf("policy %q has the severity %q, which does not exist", p.ID, p.Severity)
		}
	}
	for i, f := range slices.Concat(run.Findings, run.Fixed) {
		if fixed := i >= len(run.Findings); fixed != (f.Change == finding.Fixed) || !slices.Contains([]finding.Change{"", finding.Introduced, finding.Existing, finding.Fixed}, f.Change) {
			return fmt.Errorf("finding %d has the change %q, which does not exist there", i, f.Change)
		}
		if !slices.Contains([]finding.Verdict{finding.Pass, finding.Fail, finding.Unknown, finding.NotApplicable}, f.Verdict) {
			return fmt.Errorf("finding %d has the verdict %q, which does not exist", i, f.Verdict)
		}
		if !slices.Contains(finding.Severities(), f.Severity) {
			return fmt.Errorf("finding %d has the severity %q, which does not exist", i, f.Severity)
		}
	}
	return nil
}
