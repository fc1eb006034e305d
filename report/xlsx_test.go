package report

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

func workbook(t *testing.T, b string) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(strings.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func rowsOf(t *testing.T, f *excelize.File, sheet string) [][]string {
	t.Helper()
	rows, err := f.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// asText is what a person reads in a workbook: its sheets, and the cells of a row between
// bars.
func asText(t *testing.T, b string) string {
	t.Helper()
	f := workbook(t, b)
	var out strings.Builder
	for _, sheet := range f.GetSheetList() {
		fmt.Fprintf(&out, "# %s\n", sheet)
		for _, row := range rowsOf(t, f, sheet) {
			out.WriteString(strings.TrimRight(strings.Join(row, " | "), " |") + "\n")
		}
	}
	return out.String()
}

func TestAWorkbookHoldsNoFormula(t *testing.T) {
	run := rich()
	starts := []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=HYPERLINK(\"https://evil.example\")", "＝1", "=cmd|'/c calc'!A1"}
	for i, start := range starts {
		f := &run.Findings[i]
		f.Message, f.Owner, f.Resource.Name, f.Resource.ScopeName, f.Title = start, start, start, start, start
		f.Waiver = &finding.Waiver{Reason: start, Approver: start, Ticket: start, Expires: start}
		run.Notes = append(run.Notes, start)
	}
	book := render(t, "xlsx", Options{}, run)
	f := workbook(t, book)
	for _, sheet := range f.GetSheetList() {
		for r, row := range rowsOf(t, f, sheet) {
			for c, text := range row {
				name, err := excelize.CoordinatesToCellName(c+1, r+1)
				if err != nil {
					t.Fatal(err)
				}
				formula, err := f.GetCellFormula(sheet, name)
				if err != nil || formula != "" {
					t.Errorf("%s!%s is the formula %q (%v)", sheet, name, formula, err)
				}
				kind, err := f.GetCellType(sheet, name)
				if err != nil {
					t.Fatal(err)
				}
				if strings.ContainsAny(text[:min(1, len(text))], "=+-@") && kind != excelize.CellTypeInlineString {
					t.Errorf("%s!%s is %q and of type %v, not text", sheet, name, text, kind)
				}
			}
		}
	}
	z, err := zip.NewReader(strings.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range z.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte("<f>")) || bytes.Contains(text, []byte("externalLink")) {
			t.Errorf("%s holds a formula or a link to another workbook", part.Name)
		}
	}
}

func TestAWorkbookDependsOnNothingButTheRun(t *testing.T) {
	book := render(t, "xlsx", Options{}, rich())
	z, err := zip.NewReader(strings.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, part := range z.File {
		names = append(names, part.Name)
		if !part.Modified.Equal(rich().Time.Truncate(2 * time.Second)) { // which is as exact as it is there
			t.Errorf("%s is of %s, want %s", part.Name, part.Modified, rich().Time)
		}
	}
	if names[0] != "[Content_Types].xml" || !slices.IsSorted(names[1:]) {
		t.Errorf("parts out of order: %v", names)
	}
	props, err := workbook(t, book).GetDocProps()
	if err != nil {
		t.Fatal(err)
	}
	if props.Created != "2026-03-14T09:26:53Z" || props.Modified != props.Created {
		t.Errorf("created %s, modified %s", props.Created, props.Modified)
	}
}

func TestDaysAndSharesAreNumbersInAWorkbook(t *testing.T) {
	f := workbook(t, render(t, "xlsx", Options{}, watched()))
	raw := func(sheet, head string, row int) string {
		t.Helper()
		column := slices.Index(rowsOf(t, f, sheet)[0], head)
		name, err := excelize.CoordinatesToCellName(column+1, row)
		if err != nil {
			t.Fatal(err)
		}
		v, err := f.GetCellValue(sheet, name, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	serial := func(d time.Time) string {
		return fmt.Sprintf("%g", d.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours()/24)
	}
	got := map[string]string{
		"first seen": raw("Findings", "First seen", 4), "expires": raw("Waivers", "Expires", 2), "passing": raw("Scorecards", "Passing", 2),
	}
	want := map[string]string{
		"first seen": serial(time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)), "expires": serial(time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)), "passing": "0.85",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAWorkbookLinksToHarmlessPagesOnly(t *testing.T) {
	run := rich()
	run.Findings[0].Waiver = &finding.Waiver{Reason: "x", Expires: "2026-12-31", Ticket: "https://tickets.example/1"}
	run.Findings[1].Waiver = &finding.Waiver{Reason: "x", Expires: "2026-12-31", Ticket: "file:///etc/passwd"}
	f := workbook(t, render(t, "xlsx", Options{}, run))
	var got []string
	for _, sheet := range f.GetSheetList() {
		for r, row := range rowsOf(t, f, sheet) {
			for c := range row {
				name, err := excelize.CoordinatesToCellName(c+1, r+1)
				if err != nil {
					t.Fatal(err)
				}
				if ok, target, err := f.GetCellHyperLink(sheet, name); err != nil {
					t.Fatal(err)
				} else if ok {
					scheme, _, _ := strings.Cut(target, ":")
					got = append(got, sheet+" "+scheme)
				}
			}
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"Findings https", "Waivers https"}, slices.Compact(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAWorkbookSaysThatItDoesNotLinkEveryResource(t *testing.T) {
	const most = 40
	for n, want := range map[int]int{10: 0, most + 10: 1} {
		run := large(n)
		var b bytes.Buffer
		if err := (xlsxReporter{xlsxLimits{links: most}}).Report(&b, run); err != nil {
			t.Fatal(err)
		}
		f := workbook(t, b.String())
		linked, said := 0, 0
		for r := range rowsOf(t, f, "Findings") {
			if ok, _, err := f.GetCellHyperLink("Findings", fmt.Sprintf("H%d", r+1)); err != nil {
				t.Fatal(err)
			} else if ok {
				linked++
			}
		}
		for _, row := range rowsOf(t, f, "Summary") {
			if len(row) > 0 && strings.HasPrefix(row[0], "On the sheet Findings, the first 40 resources of ") {
				said++
			}
		}
		if linked > most || linked == 0 || said != want || want == 1 && linked != most {
			t.Errorf("%d findings: %d are linked, and that is said %d times", n, linked, said)
		}
	}
}

// The library takes minutes to make as many as Excel takes, so they are not made by it.
func TestLinksOfASheetLeadWhereTheySay(t *testing.T) {
	run := rich()
	p := testPolicies()["aws-s3-public-access-block"]
	run.Findings = nil
	ids := []string{"https://example.com/a?b=c&d=e", "arn:aws:s3:::b", "plain", "https://example.com/a?b=c&d=e", "https://example.com/" + strings.Repeat("x", xlsxAddress)}
	for i, id := range ids {
		f := live(p, finding.Fail, scopes()[0], "eu-west-1", fmt.Sprintf("r%d", i), "", "m", fmt.Sprintf("%02d", i))
		f.Resource.ID, f.Key = id, fmt.Sprintf("%02d", i)
		run.Findings = append(run.Findings, f)
	}
	slices.SortFunc(run.Findings, finding.Compare)
	book := workbook(t, render(t, "xlsx", Options{}, run))
	got := map[string]string{}
	for r, row := range rowsOf(t, book, "Findings")[1:] {
		if ok, to, err := book.GetCellHyperLink("Findings", fmt.Sprintf("H%d", r+2)); err != nil {
			t.Fatal(err)
		} else if ok {
			got[row[7]] = to
		}
	}
	want := map[string]string{"r0": ids[0], "r1": "https://console.aws.amazon.com/go/view?arn=arn%3Aaws%3As3%3A%3A%3Ab", "r3": ids[0]}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if tables, err := book.GetTables("Findings"); err != nil || len(tables) != 1 {
		t.Errorf("%d tables with filters, %v", len(tables), err)
	}
}

func TestWhatASheetCannotHoldIsLeftOutAndSaid(t *testing.T) {
	run := large(50)
	var b bytes.Buffer
	if err := (xlsxReporter{xlsxLimits{rows: 20}}).Report(&b, run); err != nil {
		t.Fatal(err)
	}
	rows := rowsOf(t, workbook(t, b.String()), "Findings")
	if len(rows) != 20 {
		t.Errorf("%d rows", len(rows))
	}
	want := fmt.Sprintf("%d more are left out: a sheet takes 20 rows. The JSON report has them all.", len(run.Findings)-18)
	if got := rows[len(rows)-1][0]; got != want {
		t.Errorf("the last row says %q, want %q", got, want)
	}
}

func TestLongTextsAreCutWithANote(t *testing.T) {
	for name, tt := range map[string]struct {
		in   string
		ends string
		full bool
	}{
		"as long as may be":              {strings.Repeat("x", xlsxCharacters), "x", true},
		"one too many":                   {strings.Repeat("x", xlsxCharacters+1), " ... (cut: 61 more characters)", false},
		"long in bytes only":             {strings.Repeat("東", 20_000), "東", true},
		"characters that count as two":   {strings.Repeat("😀", 20_000), " ... (cut: 3,647 more characters)", false},
		"far too much":                   {strings.Repeat("long ", 100_000), "more characters)", false},
		"what is not shown is escaped":   {"a\u202eb", `a\u202eb`, true},
		"a tab at the beginning is gone": {"\t=1", "=1", true},
	} {
		t.Run(name, func(t *testing.T) {
			got := xlsxText(tt.in)
			units := 0
			for _, r := range got {
				units++
				if r > 0xffff {
					units++
				}
			}
			if units > xlsxCharacters || !strings.HasSuffix(got, tt.ends) || tt.full != (got == clean(tt.in)) {
				t.Errorf("%d units, ends with %q", units, got[max(0, len(got)-50):])
			}
		})
	}
}
