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

// BenchmarkLarge writes what people look through for a large organisation: the size is
// reported beside the time.
func BenchmarkLarge(b *testing.B) {
	run := huge(120_000)
	for _, format := range []string{"html", "xlsx"} {
		b.Run(format, func(b *testing.B) {
			r, err := New(format, Options{})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				var out bytes.Buffer
				if err := r.Report(&out, run); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(out.Len())/1e6, "MB")
			}
		})
	}
}
