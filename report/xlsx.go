package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// xlsxReporter writes a workbook: a summary, the findings, what was read and what was
// not, the waivers, the scorecards, and what changed where anything did.
//
// Text from the accounts is in cells as text, never as a formula, whatever it begins
// with. What a sheet cannot hold is cut with a note that says so.
type xlsxReporter struct{ limits xlsxLimits }

// xlsxLimits are of one sheet; 0 is as many as Excel takes.
type xlsxLimits struct{ rows, links int }

// What Excel takes (Excel specifications and limits, of Microsoft): rows of a sheet, and
// characters of a cell, counted in units of UTF-16.
const (
	xlsxRows       = 1_048_576
	xlsxCharacters = 32_767
)

// xlsxFont is the font of cells without a style of their own.
const xlsxFont = "Calibri"

// xlsxStyles are the looks of cells.
type xlsxStyles struct{ head, title, text, day, percent, money, link int }

func (r xlsxReporter) Report(w io.Writer, run finding.Run) (err error) {
	f := excelize.NewFile()
	defer func() {
		if closeErr := f.Close(); err == nil && closeErr != nil {
			err = fmt.Errorf("remove temporary files: %w", closeErr)
		}
	}()
	stamp := run.Time.UTC()
	if run.Time.IsZero() {
		stamp = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC) // the first that a ZIP file can hold
	}
	f.SetZipWriter(func(w io.Writer) excelize.ZipWriter { return &sortedZip{w: w, stamp: stamp} })
	if err := f.SetDocProps(&excelize.DocProperties{
		Title: clean(titleOf(run)), Creator: "metsuke", LastModifiedBy: "metsuke", Created: stamp.Format(time.RFC3339), Modified: stamp.Format(time.RFC3339),
	}); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	styles, err := newXlsxStyles(f)
	if err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	limits := xlsxLimits{cmp.Or(r.limits.rows, xlsxRows), cmp.Or(r.limits.links, xlsxLinks)}
	for i, sheet := range sheetsOf(run, limits) {
		if i == 0 {
			err = f.SetSheetName("Sheet1", sheet.name)
		} else {
			_, err = f.NewSheet(sheet.name)
		}
		if err == nil {
			err = writeSheet(f, i+1, sheet, styles, limits)
		}
		if err != nil {
			return fmt.Errorf("write sheet %s: %w", sheet.name, err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return write(w, b.Bytes())
}

func newXlsxStyles(f *excelize.File) (xlsxStyles, error) {
	var s xlsxStyles
	var failed error
	add := func(style excelize.Style) int {
		id, err := f.NewStyle(&style)
		if err != nil {
			failed = err
		}
		return id
	}
	top := &excelize.Alignment{Vertical: "top"}
	day, money := "yyyy-mm-dd", `"$"#,##0.00`
	s.head = add(excelize.Style{Font: &excelize.Font{Bold: true, Family: xlsxFont}, Alignment: top})
	s.title = add(excelize.Style{Font: &excelize.Font{Bold: true, Size: 14, Family: xlsxFont}})
	s.text = add(excelize.Style{Alignment: top, NumFmt: 49}) // 49: text
	s.day = add(excelize.Style{Alignment: top, CustomNumFmt: &day})
	s.percent = add(excelize.Style{Alignment: top, NumFmt: 9}) // 9: 0%
	s.money = add(excelize.Style{Alignment: top, CustomNumFmt: &money})
	s.link = add(excelize.Style{Alignment: top, NumFmt: 49, Font: &excelize.Font{Color: "0A57B5", Underline: "single", Family: xlsxFont}})
	return s, failed
}

// xlsxSheet is a sheet: a table with a head, or lines where there is no head.
type xlsxSheet struct {
	name   string
	head   []xlsxColumn
	widths []float64 // where there is no head
	n      int       // rows
	row    func(i int) []any
	note   string // below the table
}

type xlsxColumn struct {
	name  string
	width float64 // in characters
}

// Values of cells besides strings, which are text, and ints.
type (
	xlsxTitle string // a heading
	xlsxDay   time.Time
	xlsxShare int // percent; below 0 is none
	xlsxMoney float64
	xlsxLink  struct{ text, address string }
)

// writeSheet writes the nth sheet. Its last row says what was left out.
func writeSheet(f *excelize.File, nth int, s xlsxSheet, styles xlsxStyles, limits xlsxLimits) error {
	n, head, after := s.n, min(1, len(s.head)), 0 // lines below the table
	if s.note != "" {
		after = 2
	}
	if left := n + head + after - limits.rows; left > 0 {
		n -= left + 1 // and the line that says so
	}
	if err := putLinks(f, nth, s, head+1, n, limits.links); err != nil {
		return err
	}
	out, err := f.NewStreamWriter(s.name)
	if err != nil {
		return err
	}
	widths := s.widths
	for _, c := range s.head {
		widths = append(widths, c.width)
	}
	for i, width := range widths {
		if err := out.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	at, links := 1, 0
	put := func(values []any, style *int) error {
		cells := make([]any, len(values))
		for i, v := range values {
			if l, ok := v.(xlsxLink); ok {
				if !l.leads() || links == limits.links {
					v = l.text
				} else {
					links++
				}
			}
			cells[i] = xlsxCell(v, styles)
			if style != nil {
				cells[i] = excelize.Cell{StyleID: *style, Value: v}
			}
		}
		name, err := excelize.CoordinatesToCellName(1, at)
		if err != nil {
			return err
		}
		at++
		return out.SetRow(name, cells)
	}
	if len(s.head) > 0 {
		if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
			return err
		}
		names := make([]any, len(s.head))
		for i, c := range s.head {
			names[i] = c.name
		}
		if err := put(names, &styles.head); err != nil {
			return err
		}
	}
	for i := range n {
		if err := put(s.row(i), nil); err != nil {
			return err
		}
	}
	if len(s.head) > 0 && n > 0 {
		end, err := excelize.CoordinatesToCellName(len(s.head), n+1)
		if err != nil {
			return err
		}
		if err := out.AddTable(&excelize.Table{Range: "A1:" + end, Name: s.name, StyleName: "TableStyleLight1"}); err != nil {
			return err
		}
	}
	if n < s.n {
		if err := put([]any{fmt.Sprintf("%s more are left out: a sheet takes %s rows. The JSON report has them all.", number(s.n-n), number(limits.rows))}, nil); err != nil {
			return err
		}
	}
	if s.note != "" {
		at++
		if err := put([]any{s.note}, nil); err != nil {
			return err
		}
	}
	return out.Flush()
}

// xlsxCell is a value with its look.
func xlsxCell(v any, styles xlsxStyles) any {
	switch v := v.(type) {
	case string:
		return excelize.Cell{StyleID: styles.text, Value: xlsxText(v)}
	case xlsxTitle:
		return excelize.Cell{StyleID: styles.title, Value: xlsxText(string(v))}
	case xlsxLink:
		return excelize.Cell{StyleID: styles.link, Value: xlsxText(v.text)}
	case xlsxDay:
		if time.Time(v).IsZero() {
			return nil
		}
		return excelize.Cell{StyleID: styles.day, Value: time.Time(v).UTC()}
	case xlsxShare:
		if v < 0 {
			return nil
		}
		return excelize.Cell{StyleID: styles.percent, Value: float64(v) / 100}
	case xlsxMoney:
		if v == 0 {
			return nil
		}
		return excelize.Cell{StyleID: styles.money, Value: float64(v)}
	default:
		return v
	}
}

// xlsxText is a text as a cell takes it: safe to show, and not too long.
func xlsxText(s string) string {
	s = clean(s)
	if len(s) <= xlsxCharacters { // no text has fewer bytes than characters
		return s
	}
	units, cutAt := 0, len(s)
	const note = 60 // room for the note
	for i, r := range s {
		units += utf16.RuneLen(r)
		if units > xlsxCharacters-note && cutAt == len(s) {
			cutAt = i
		}
	}
	if units <= xlsxCharacters {
		return s
	}
	return s[:cutAt] + fmt.Sprintf(" ... (cut: %s more characters)", number(utf8.RuneCountInString(s[cutAt:])))
}
