package report

import (
	"bytes"
	"encoding/xml"
	"fmt"

	"github.com/xuri/excelize/v2"
)

// xlsxLinks is how many cells of a sheet are links: Excel takes no more (Excel
// specifications and limits, of Microsoft). The summary says so where there are more.
const xlsxLinks = 65_530

// xlsxAddress is how long the address of a link may be; Excel offers to repair a file with
// a longer one.
const xlsxAddress = 2_000

// putLinks makes links, at most limit of them, of cells in n rows, of which the first is at
// the row first. It is to be called before a sheet, the nth of the file, is written.
//
// The library looks through all links for each that is set, which takes minutes for as many
// as a sheet can have. So it gets an empty sheet that has them, as from a file that it
// opened. Cells with one address share the relationship that holds it.
func putLinks(f *excelize.File, nth int, s xlsxSheet, first, n, limit int) error {
	var cells, addresses bytes.Buffer
	ids := map[string]int{}
	links := 0
	for i := range n {
		for column, v := range s.row(i) {
			l, ok := v.(xlsxLink)
			if !ok || !l.leads() || links == limit {
				continue
			}
			links++
			if ids[l.address] == 0 {
				ids[l.address] = len(ids) + 1
				fmt.Fprintf(&addresses, `<Relationship Id="rId%d" Type="%s" TargetMode="External" Target="`, ids[l.address], excelize.SourceRelationshipHyperLink)
				if err := xml.EscapeText(&addresses, []byte(l.address)); err != nil {
					return err
				}
				addresses.WriteString(`"/>`)
			}
			name, err := excelize.CoordinatesToCellName(column+1, first+i)
			if err != nil {
				return err
			}
			fmt.Fprintf(&cells, `<hyperlink ref="%s" r:id="rId%d"/>`, name, ids[l.address])
		}
	}
	if links == 0 {
		return nil
	}
	const schemas = "http://schemas.openxmlformats.org/"
	path := fmt.Sprintf("xl/worksheets/sheet%d.xml", nth)
	f.Sheet.Delete(path)
	f.Pkg.Store(path, []byte(xml.Header+`<worksheet xmlns="`+schemas+`spreadsheetml/2006/main" xmlns:r="`+schemas+`officeDocument/2006/relationships"><sheetData/><hyperlinks>`+
		cells.String()+`</hyperlinks></worksheet>`))
	f.Pkg.Store(fmt.Sprintf("xl/worksheets/_rels/sheet%d.xml.rels", nth), []byte(xml.Header+`<Relationships xmlns="`+schemas+`package/2006/relationships">`+addresses.String()+`</Relationships>`))
	return nil
}

// leads reports whether a cell can be a link.
func (l xlsxLink) leads() bool { return l.address != "" && len(l.address) <= xlsxAddress }
