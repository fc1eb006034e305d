package report

import (
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
