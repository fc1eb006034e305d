package report

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// htmlReporter writes one page that needs nothing besides itself: no network, no server.
//
// What a person reads first is HTML and works without JavaScript. The findings are data,
// which the page's script filters, groups and shows as far as they are in view, so that a
// hundred thousand of them open at once. The page may run nothing but that script, whose
// hash is in its content security policy, and load nothing at all; the script writes what
// comes from the accounts as text only.
type htmlReporter struct{}

// htmlFiles are the template, the style and the script. The script is in parts, which
// are one scope in the page.
//
//go:embed html/page.html html/style.css html/*.js
var htmlFiles embed.FS

// scriptParts are the parts of the script in their order.
func scriptParts() []string {
	return []string{"inflate.js", "model.js", "query.js", "list.js", "detail.js", "paper.js", "main.js"}
}

// Report writes the page. It is made in memory but for the findings, which can be many.
func (htmlReporter) Report(w io.Writer, run finding.Run) error {
	t, err := template.ParseFS(htmlFiles, "html/page.html")
	if err != nil {
		return fmt.Errorf("read page: %w", err)
	}
	style, err := htmlFiles.ReadFile("html/style.css")
	if err != nil {
		return fmt.Errorf("read page: %w", err)
	}
	script, err := htmlScript()
	if err != nil {
		return err
	}
	findings := ordered(run)
	data, err := pack(dataOf(run, findings))
	if err != nil {
		return err
	}
	page := pageOf(run, findings)
	page.Style = template.CSS(style)  //nolint:gosec // a file of this package
	page.Script = template.JS(script) //nolint:gosec // files of this package
	page.Policy = "default-src 'none'; script-src " + hashSource(script) + "; style-src " + hashSource(style) +
		"; base-uri 'none'; form-action 'none'"
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "head", page); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	fmt.Fprintf(&b, "<script type=\"application/json\" id=\"data\" data-encoding=\"%s\">", data.Encoding)
	if err := write(w, b.Bytes()); err != nil {
		return err
	}
	if err := write(w, []byte(data.Text)); err != nil {
		return err
	}
	b.Reset()
	b.WriteString("</script>\n")
	if err := t.ExecuteTemplate(&b, "tail", page); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return write(w, b.Bytes())
}

// htmlScript returns the script, whose parts share one scope and leave nothing outside.
func htmlScript() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("(function () {\n\"use strict\";\n")
	for _, part := range scriptParts() {
		text, err := htmlFiles.ReadFile("html/" + part)
		if err != nil {
			return nil, fmt.Errorf("read page: %w", err)
		}
		b.Write(text)
	}
	b.WriteString("})();\n")
	return b.Bytes(), nil
}

// hashSource is how a content security policy names a text that may run.
func hashSource(text []byte) string {
	sum := sha256.Sum256(text)
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
