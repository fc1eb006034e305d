package snapshot_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/snapshot"
	"github.com/metsuke-dev/metsuke/report"
)

// FuzzOpen reads inventories of any text. What is refused is refused with an *Error; of what
// is read, every wanted attribute of a resource is there or unknown.
func FuzzOpen(f *testing.F) {
	for _, format := range []string{"ndjson", "json"} {
		var b bytes.Buffer
		if err := report.WriteInventory(&b, format, report.Options{}, estate()); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
		f.Add(b.Bytes()[:b.Len()/2])
		f.Add(bytes.ReplaceAll(b.Bytes(), []byte(`"attributes"`), []byte(`"attribute"`)))
	}
	f.Add([]byte("{}"))
	f.Add([]byte("\xef\xbb\xbf{\"kind\":\"metsuke.inventory\",\"version\":1}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := open(text)
		var refused *snapshot.Error
		switch {
		case errors.As(err, &refused):
			return
		case err != nil:
			t.Fatalf("not an *Error: %v", err)
		}
		for _, p := range s.Providers() {
			scopes, err := p.Scopes(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			d := p.Describe()
			for _, scope := range scopes {
				k := &kept{}
				if err := p.Collect(t.Context(), scope, d.Everything(), k); err != nil {
					if !errors.As(err, &refused) {
						t.Fatalf("not an *Error: %v", err)
					}
					continue
				}
				for _, r := range k.resources {
					w, _ := providers.Find(d.Everything(), r.Type)
					for _, a := range w.Attributes {
						if _, ok := r.Attributes[a]; !ok && a != "tags" && r.Unknown[a] == "" {
							t.Errorf("%s: %s is neither there nor unknown", r.ID, a)
						}
					}
				}
			}
		}
	})
}
