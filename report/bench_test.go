package report

import (
	"bytes"
	"io"
	"testing"
)

func BenchmarkReport(b *testing.B) {
	run := large(5000)
	for _, format := range Formats() {
		b.Run(format, func(b *testing.B) {
			r, err := New(format, Options{Width: 120, Color: true})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := r.Report(io.Discard, run); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkHTML is the page of a large organisation: its size is reported beside the time.
func BenchmarkHTML(b *testing.B) {
	run := huge(120_000)
	r, err := New("html", Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		var page bytes.Buffer
		if err := r.Report(&page, run); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(page.Len())/1e6, "MB")
	}
}
