package report

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// csvReporter writes rows for a spreadsheet. CSV knows no comments and one
// shape of row only, so the column "kind" says what a row is:
//
//	finding   a finding, the column "verdict" says which; filter on verdict = fail
//	fixed     a finding of what is there that the plan mends
//	since_fixed, since_gone, since_not_visible
//	          a finding of the run before that this run did not make; it has no verdict
//	gap       something that could not be read
//	unmatched a policy that matched no resource: neither passed nor failed
//	coverage  always the last row: how much was read, and what would help most
//
// Where it cannot be told whose a resource is, the column "owner" says (unknown) and
// "owner_unknown" why; nobody is an empty cell.
//
// Cells that a spreadsheet would take for a formula begin with an apostrophe,
// which makes them text. Text is UTF-8; the cost is a plain number.
type csvReporter struct{}

// csvHead names the columns. New ones are added at the end: people refer to them
// by position.
func csvHead() []string {
	return []string{
		"kind", "verdict", "severity", "category", "policy", "title", "provider", "account", "account_name", "region", "type",
		"resource_id", "resource_name", "owner", "message", "path", "monthly_cost_usd", "reason", "permission",
		"address", "file", "line", "fingerprint",
		"excuse", "excuse_until", "waiver_approver", "waiver_ticket", "waiver_place",
		"change", "owner_unknown", "cause",
		"history", "first_seen", "since",
	}
}

func (csvReporter) Report(w io.Writer, run finding.Run) error {
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	rows := []map[string]string{}
	for _, f := range ordered(run) {
		rows = append(rows, csvFinding(f))
	}
	for _, f := range run.Fixed {
		row := csvFinding(f)
		row["kind"] = "fixed"
		rows = append(rows, row)
	}
	for _, part := range endedSince(run) {
		for _, f := range part.findings {
			row := csvFinding(f)
			row["kind"], row["verdict"] = part.words, ""
			rows = append(rows, row)
		}
	}
	for _, g := range run.Coverage.Gaps {
		rows = append(rows, map[string]string{
			"kind": "gap", "provider": g.Scope.Provider, "account": g.Scope.ID, "account_name": g.Scope.Name, "region": g.Region,
			"type": string(g.Type), "resource_id": g.ID, "path": g.Path, "reason": string(g.Reason), "permission": g.Permission,
			"message": strings.TrimSpace(g.Call + " " + g.Err),
		})
	}
	byID := policies(run)
	for _, id := range run.Unmatched() {
		p := byID[id]
		rows = append(rows, map[string]string{
			"kind": "unmatched", "severity": string(p.Severity), "category": string(p.Category), "policy": p.ID, "title": p.Title,
			"message": "the policy matched no resource, so it neither passed nor failed",
		})
	}
	heading, lines := cureLines(run)
	rows = append(rows, map[string]string{
		"kind":    "coverage",
		"message": strings.TrimSpace(verdictLine(run) + ". " + sentence(changeLine(run)) + strings.Join(append([]string{coverageLine(run)}, sinceLines(run)...), " ") + " " + heading + " " + strings.Join(lines, "; ")),
	})
	records := [][]string{csvHead()}
	for _, row := range rows {
		record := make([]string, len(csvHead()))
		for i, column := range csvHead() {
			record[i] = cellText(row[column])
			if column == "monthly_cost_usd" {
				record[i] = row[column]
			}
		}
		records = append(records, record)
	}
	if err := out.WriteAll(records); err != nil {
		return fmt.Errorf("encode report: %w", err)
	}
	return write(w, b.Bytes())
}

func csvFinding(f finding.Finding) map[string]string {
	row := map[string]string{
		"kind": "finding", "verdict": string(f.Verdict), "severity": string(f.Severity), "category": string(f.Category),
		"policy": f.Policy, "title": f.Title, "provider": f.Resource.Provider, "account": f.Resource.Scope,
		"account_name": f.Resource.ScopeName, "region": f.Resource.Region, "type": string(f.Resource.Type),
		"resource_id": f.Resource.ID, "resource_name": f.Resource.Name, "owner": ownerText(f), "owner_unknown": string(f.OwnerUnknown), "message": f.Message, "path": f.Path,
		"reason": string(f.Reason), "permission": f.Permission, "fingerprint": f.Fingerprint, "change": string(f.Change), "cause": causeOf(f),
	}
	if f.MonthlyCost != 0 {
		row["monthly_cost_usd"] = strconv.FormatFloat(f.MonthlyCost, 'f', 2, 64)
	}
	row["excuse"] = excuse(f)
	if w := f.Waiver; w != nil {
		row["excuse_until"], row["waiver_approver"], row["waiver_ticket"] = w.Expires, w.Approver, w.Ticket
		if row["waiver_place"] = w.File; w.Line > 0 {
			row["waiver_place"] += ":" + strconv.Itoa(w.Line)
		}
	} else if !f.Baseline {
		row["excuse_until"] = f.WarnUntil
	}
	if h := f.History; h != nil {
		row["history"], row["first_seen"], row["since"] = string(h.Status), h.FirstSeen.UTC().Format(time.RFC3339), h.Since.UTC().Format(time.RFC3339)
	}
	if s := f.Resource.Source; s != nil {
		row["address"], row["file"] = s.Address, s.File
		if s.Line > 0 {
			row["line"] = strconv.Itoa(s.Line)
		}
	}
	return row
}

// CellText makes a string safe in a cell of a spreadsheet: it cannot become a formula.
func CellText(s string) string { return cellText(s) }

// cellText makes a string safe in a cell. The characters are those that OWASP
// names for formula injection, in their full-width forms too; tabs and line
// breaks are gone after clean.
func cellText(s string) string {
	s = clean(s)
	for _, start := range []string{"=", "+", "-", "@", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(s, start) {
			return "'" + s
		}
	}
	return s
}
