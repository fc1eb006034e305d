package terraform

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/metsuke-dev/metsuke/providers"
)

// FuzzOpen reads anything. What is refused is refused with an *Error; what is read
// ends without a panic, with every wanted attribute present or unknown.
func FuzzOpen(f *testing.F) {
	for _, pattern := range []string{"testdata/*.json", "testdata/*/plan.json"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range names {
			b, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(b))
		}
	}
	f.Add(smallPlan)
	f.Add(fixture(f, s3Satellites()...))
	f.Add(fixture(f, moduleQueue()))
	all := schemas(f)
	f.Fuzz(func(t *testing.T, plan string) {
		p, err := Open(strings.NewReader(plan), int64(len(plan)), Options{Name: "plan.json", Schemas: all})
		if err != nil {
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("not an *Error: %v", err)
			}
			return
		}
		for _, r := range collect(t, p).resources {
			w := everything(p, r.Type)
			for _, a := range w.Attributes {
				if _, ok := r.Attributes[a]; !ok && a != "tags" && r.Unknown[a] == "" {
					t.Errorf("%s: %s is neither there nor unknown", r.ID, a)
				}
			}
		}
		_ = p.Summary()
		_ = p.Types()
		want := []providers.Want{}
		if len(collect(t, p, append(want, providers.Want{Type: "none"})...).resources) > 0 {
			t.Error("asked for nothing, got resources")
		}
	})
}
