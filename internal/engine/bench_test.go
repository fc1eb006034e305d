package engine

import (
	"testing"

	"github.com/metsuke-dev/metsuke/policies"
)

// BenchmarkLoad is what every start of the program costs before a policy is compiled.
func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Load(Source{FS: policies.Files, Builtin: true}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCompile compiles the policies of every type, one evaluator a type.
func BenchmarkCompile(b *testing.B) {
	e, err := Load(Source{FS: policies.Files, Builtin: true})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		s := session(b, e)
		for _, t := range s.Types() {
			if _, err := s.of(t); err != nil {
				b.Fatal(err)
			}
		}
	}
}
