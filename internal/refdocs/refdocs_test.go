package refdocs_test

import (
	"errors"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/refdocs"
	"github.com/metsuke-dev/metsuke/policies"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws"
	"github.com/metsuke-dev/metsuke/providers/gcp"
	"github.com/metsuke-dev/metsuke/providers/github"
	"github.com/metsuke-dev/metsuke/providers/terraform"
)

var update = flag.Bool("update", false, "rewrite docs/reference")

func TestTheReferenceSaysWhatTheProgramKnows(t *testing.T) {
	dir := filepath.Join("..", "..", "docs", "reference")
	want := render(t)
	if diff := cmp.Diff(want, render(t)); diff != "" {
		t.Fatalf("the second rendering differs from the first:\n%s", diff)
	}
	t.Run("every link leads somewhere", func(t *testing.T) { checkLinks(t, want) })
	if *update {
		write(t, dir, want)
		return
	}
	got := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		b, err := os.ReadFile(p)
		got[filepath.ToSlash(rel)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			t.Errorf("docs/reference/%s is out of date: make generate writes it\n%s", name, firstDifference(want[name], got[name]))
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("docs/reference/%s is of nothing that is there: make generate removes it", name)
		}
	}
}

func checkLinks(t *testing.T, pages map[string]string) {
	t.Helper()
	for name, text := range pages {
		for _, target := range links(text) {
			file, anchor, _ := strings.Cut(target, "#")
			to := filepath.ToSlash(filepath.Join(filepath.Dir(name), file))
			if strings.HasPrefix(to, "../") {
				if _, err := os.Stat(filepath.Join("..", "..", "docs", "reference", to)); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				continue
			}
			page, ok := pages[to]
			if !ok {
				t.Errorf("%s links to %s, which is not there", name, target)
			} else if anchor != "" && !strings.Contains(page, "\n## "+anchor+"\n") {
				t.Errorf("%s links to %s: the page has no such section", name, target)
			}
		}
	}
}

// links returns the targets of [text](target).
func links(text string) []string {
	var out []string
	for _, part := range strings.Split(text, "](")[1:] {
		target, _, _ := strings.Cut(part, ")")
		out = append(out, target)
	}
	return out
}

func render(t *testing.T) map[string]string {
	t.Helper()
	e, err := engine.Load(engine.Source{FS: policies.Files, Builtin: true})
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := fs.Sub(policies.Files, "schemas")
	if err != nil {
		t.Fatal(err)
	}
	const empty = `{"format_version":"1.2","terraform_version":"1.9.0","resource_changes":[],"configuration":{}}`
	plan, err := terraform.Open(strings.NewReader(empty), int64(len(empty)), terraform.Options{Name: "plan", Schemas: schemas})
	if err != nil {
		t.Fatal(err)
	}
	pages, err := refdocs.Render(refdocs.Source{
		Engine: e,
		Live: []providers.Description{
			aws.New(aws.Config{}).Describe(), gcp.New(gcp.Config{}).Describe(), github.New(github.Config{}).Describe(),
		},
		Plan: plan.Describe(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

func write(t *testing.T, dir string, pages map[string]string) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for name, text := range pages {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// firstDifference shows the first line in which two texts differ.
func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range w {
		if i >= len(g) || w[i] != g[i] {
			have := ""
			if i < len(g) {
				have = g[i]
			}
			return cmp.Diff(w[i], have)
		}
	}
	return cmp.Diff(len(w), len(g))
}
