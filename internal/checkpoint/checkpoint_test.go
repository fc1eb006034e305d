package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/report"
)

var began = time.Date(2026, 7, 1, 2, 0, 0, 0, time.UTC)

func scope(id string) providers.Scope {
	return providers.Scope{Provider: "test", ID: id, Name: "the " + id, Labels: map[string]string{"floor": "1"}}
}

// house is a provider with a scope for each name, which says what is called.
type house struct {
	scopes []string
	fails  map[string]error  // by scope
	ends   map[string]func() // called in the middle of a scope
	mu     sync.Mutex
	calls  []string
}

func (h *house) note(call string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls = append(h.calls, call)
}

func (h *house) Describe() providers.Description { return providers.Description{Name: "test"} }

func (h *house) Scopes(context.Context) ([]providers.Scope, error) {
	h.note("scopes")
	var out []providers.Scope
	for _, s := range h.scopes {
		out = append(out, scope(s))
	}
	return out, h.fails[""]
}

func (h *house) Collect(ctx context.Context, s providers.Scope, want []providers.Want, out providers.Sink) error {
	h.note("collect " + s.ID)
	if err := h.fails[s.ID]; err != nil {
		return err
	}
	cells := []providers.Cell{{Scope: s, Type: "test_door", Region: "east"}, {Scope: s, Type: "test_door", Region: "west"}, {Scope: s, Type: "test_guard"}}
	out.Plan(cells...)
	for _, side := range []string{"west", "east"} {
		out.Resource(providers.Resource{
			Scope: s, Type: "test_door", ID: s.ID + "/" + side, Region: side, Tags: map[string]string{"owner": "a<b"}, Created: began,
			Attributes: map[string]any{"count": 3, "share": 0.25, "big": 12345678901234567, "none": nil, "names": []any{"x", map[string]any{"y": true}}},
			Unknown:    map[string]providers.Reason{"lock": providers.Denied},
			Source:     &providers.Source{Address: "a.b", Line: 3},
		})
	}
	out.Gap(providers.Gap{Scope: s, Type: "test_guard", Call: "Guards.List", Permission: "guards:List", Reason: providers.Denied, Err: "no"})
	if end := h.ends[s.ID]; end != nil {
		end()
		return ctx.Err()
	}
	for _, c := range cells {
		out.Done(c)
	}
	return nil
}

// heard is a Sink that writes down what it is sent.
type heard struct {
	mu    sync.Mutex
	lines []string
}

func (h *heard) note(what string, v any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r, ok := v.(providers.Resource); ok {
		b, err := r.MarshalJSON()
		if err != nil {
			panic(err)
		}
		v = string(b)
	}
	h.lines = append(h.lines, fmt.Sprintf("%s %+v", what, v))
}

func (h *heard) Plan(cells ...providers.Cell) {
	for _, c := range cells {
		h.note("plan", c)
	}
}
func (h *heard) Resource(r providers.Resource) { h.note("resource", r) }
func (h *heard) Gap(g providers.Gap)           { h.note("gap", g) }
func (h *heard) Done(c providers.Cell)         { h.note("done", c) }

var wants = []providers.Want{{Type: "test_door", Attributes: []string{"count", "tags"}}, {Type: "test_guard"}}

// read lists and collects the scopes through the run, and says what came.
func read(t *testing.T, ctx context.Context, r *Run, p providers.Provider) []string {
	t.Helper()
	p = r.Reading(r.Listing([]providers.Provider{p}))[0]
	scopes, err := p.Scopes(ctx)
	if err != nil {
		t.Log(err)
	}
	out := &heard{}
	for _, s := range scopes {
		if err := p.Collect(ctx, s, wants, out); err != nil {
			out.note("error", err)
		}
	}
	return out.lines
}

func inventoryOf(t *testing.T, r *Run) string {
	t.Helper()
	in, err := r.Inventory(report.Inventory{Version: "test", Time: began})
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func create(t *testing.T, d Dir) *Run {
	t.Helper()
	r, err := d.Create(Manifest{Metsuke: "test", Mode: "scan", Started: began, Now: began, Asked: map[string]string{"policies": "abc"}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func reopen(t *testing.T, d Dir, r *Run) *Run {
	t.Helper()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	out, err := d.Open(r.ID())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = out.Close() })
	return out
}

func diff(t *testing.T, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func TestARunThatGoesOnReadsOnlyWhatIsLeft(t *testing.T) {
	d := Dir(filepath.Join(t.TempDir(), "runs"))
	all := []string{"attic", "cellar", "garden"}
	undisturbed := create(t, d)
	whole := &house{scopes: all}
	want := read(t, t.Context(), undisturbed, whole)
	wantInventory := inventoryOf(t, undisturbed)

	ctx, cancel := context.WithCancel(t.Context())
	killed := create(t, d)
	first := &house{scopes: all, ends: map[string]func(){"cellar": cancel}}
	read(t, ctx, killed, first)
	if !strings.Contains(inventoryOf(t, killed), `"id":"cellar/west"`) {
		t.Error("what was read of the interrupted scope is not in the inventory")
	}

	again := reopen(t, d, killed)
	second := &house{scopes: []string{"elsewhere"}}
	got := read(t, t.Context(), again, second)
	diff(t, "calls of the second process", []string{"collect cellar", "collect garden"}, second.calls)
	// Within a scope the replay has an order of its own.
	diff(t, "what came", sorted(want), sorted(got))
	diff(t, "the inventory", wantInventory, inventoryOf(t, again))
	diff(t, "the manifest", killed.Manifest(), again.Manifest())
}

func sorted(lines []string) map[string]int {
	out := map[string]int{}
	for _, l := range lines {
		out[l]++
	}
	return out
}

func TestWhatFailedAsAWholeIsReadAgain(t *testing.T) {
	d := Dir(t.TempDir())
	r := create(t, d)
	read(t, t.Context(), r, &house{scopes: []string{"attic", "cellar"}, fails: map[string]error{"cellar": errors.New("the role cannot be assumed"), "": errors.New("there may be more")}})
	text := inventoryOf(t, r)
	for _, want := range []string{`"error":"the role cannot be assumed"`, `"error":"there may be more"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the inventory lacks %s", want)
		}
	}
	r = reopen(t, d, r)
	again := &house{scopes: []string{"attic", "cellar"}}
	read(t, t.Context(), r, again)
	diff(t, "calls", []string{"scopes", "collect cellar"}, again.calls)
	if strings.Contains(inventoryOf(t, r), "the role cannot be assumed") {
		t.Error("the failure of the first process is still in the inventory")
	}
}

func TestASegmentThatIsNotWholeIsReadAgain(t *testing.T) {
	for name, spoil := range map[string]func(string) string{
		"cut off":         func(s string) string { return s[:len(s)*2/3] },
		"without its end": func(s string) string { return s[:strings.LastIndex(s, `{"kind":"end"`)] },
		"without a resource": func(s string) string {
			i := strings.Index(s, `{"kind":"resource"`)
			return s[:i] + s[i+strings.Index(s[i:], "\n")+1:]
		},
		"doubled":          func(s string) string { return s + s },
		"empty":            func(string) string { return "" },
		"of another scope": func(s string) string { return strings.ReplaceAll(s, `"attic"`, `"tower"`) },
	} {
		t.Run(name, func(t *testing.T) {
			d := Dir(t.TempDir())
			r := create(t, d)
			read(t, t.Context(), r, &house{scopes: []string{"attic"}})
			want := inventoryOf(t, r)
			file := r.path(segmentName(scope("attic")) + segmentEnding)
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(spoil(string(b))), 0o600); err != nil {
				t.Fatal(err)
			}
			r = reopen(t, d, r)
			again := &house{scopes: []string{"attic"}}
			read(t, t.Context(), r, again)
			diff(t, "calls", []string{"collect attic"}, again.calls)
			diff(t, "the inventory", want, inventoryOf(t, r))
		})
	}
}

func TestAScopeOfWhichSomethingElseIsWantedIsReadAgain(t *testing.T) {
	d := Dir(t.TempDir())
	r := create(t, d)
	read(t, t.Context(), r, &house{scopes: []string{"attic"}})
	r = reopen(t, d, r)
	again := &house{scopes: []string{"attic"}}
	err := r.Reading([]providers.Provider{again})[0].Collect(t.Context(), scope("attic"), wants[:1], &heard{})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "calls", []string{"collect attic"}, again.calls)
}

func TestOnlyOneProcessIsAtARun(t *testing.T) {
	d := Dir(t.TempDir())
	r := create(t, d)
	if _, err := d.Open(r.ID()); !errors.Is(err, ErrInUse) {
		t.Errorf("the run opens a second time: %v", err)
	}
	read(t, t.Context(), r, &house{scopes: []string{"attic"}})
	entries, err := d.List()
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "entries", []Entry{{ID: r.ID(), Manifest: r.Manifest(), InUse: true, Scopes: 1}}, entries)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	entries, err = d.List()
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "entries", []Entry{{ID: r.ID(), Manifest: r.Manifest(), Scopes: 1}}, entries)
}

func TestARunThatIsRemovedLeavesNothing(t *testing.T) {
	d := Dir(t.TempDir())
	r := create(t, d)
	read(t, t.Context(), r, &house{scopes: []string{"attic"}, ends: map[string]func(){"attic": func() {}}})
	if err := r.Put("note.json", strings.NewReader("{}")); err != nil {
		t.Fatal(err)
	}
	if err := r.Remove(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(string(d))
	if err != nil || len(left) > 0 {
		t.Errorf("left is %v, %v", left, err)
	}
}

func TestWhatAKilledProcessLeftInTheMiddleIsCleaned(t *testing.T) {
	d := Dir(t.TempDir())
	for _, name := range []string{".new-20260701-020000-00000000", ".old-20260701-020000-00000001"} {
		if err := os.MkdirAll(filepath.Join(string(d), name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	r := create(t, d)
	entries, err := d.List()
	if err != nil || len(entries) != 1 {
		t.Errorf("entries are %v, %v", entries, err)
	}
	if err := d.Clean(time.Now().Add(-time.Hour)); err != nil { // too early to tell
		t.Fatal(err)
	}
	count := func() int {
		left, err := os.ReadDir(string(d))
		if err != nil {
			t.Fatal(err)
		}
		return len(left)
	}
	if n := count(); n != 3 {
		t.Errorf("%d directories are left, want 3", n)
	}
	if err := d.Clean(time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if n := count(); n != 1 {
		t.Errorf("%d directories are left, want only that of the run", n)
	}
	if err := r.Put("x", strings.NewReader("")); err != nil {
		t.Error(err)
	}
}

func TestADirectoryIsTheUsersOwn(t *testing.T) {
	d := Dir(filepath.Join(t.TempDir(), "a", "runs"))
	r := create(t, d)
	read(t, t.Context(), r, &house{scopes: []string{"attic"}})
	err := filepath.WalkDir(filepath.Join(string(d), ".."), func(p string, e os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has the permissions %s", p, info.Mode().Perm())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestADifferentQuestionIsNamed(t *testing.T) {
	a := Manifest{Metsuke: "1", Mode: "scan", Asked: map[string]string{"policies": "a", "--account": "x", "parameters": "p"}}
	b := Manifest{Metsuke: "2", Mode: "scan", Asked: map[string]string{"policies": "b", "--region": "eu", "parameters": "p"}}
	diff(t, "differences", []string{"--account", "--region", "policies", "version of metsuke"}, a.Differences(b))
	if d := a.Differences(a); len(d) > 0 {
		t.Errorf("it differs from itself in %v", d)
	}
}

func TestWhatCannotBeWrittenIsSaidAndTheRunIsReadAllTheSame(t *testing.T) {
	d := Dir(t.TempDir())
	r := create(t, d)
	if err := os.RemoveAll(r.path("")); err != nil {
		t.Fatal(err)
	}
	h := &house{scopes: []string{"attic"}}
	if got := read(t, t.Context(), r, h); len(got) != 9 {
		t.Errorf("what came is %q", got)
	}
	if r.Err() == nil {
		t.Error("nobody says that nothing is kept")
	}
	if _, err := r.Inventory(report.Inventory{}); err == nil {
		t.Error("an inventory is made of what was not kept")
	}
}

func TestAFileOfAFinishedRunThatIsNotWhatWasKeptIsNotGivenBack(t *testing.T) {
	for _, name := range []string{"report.json", finishedFile, sumsFile} {
		for what, damage := range map[string]func([]byte) []byte{
			"a bit":   func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
			"its end": func(b []byte) []byte { return b[:len(b)-3] },
			"all":     func([]byte) []byte { return nil },
		} {
			dir := Dir(t.TempDir())
			r, err := dir.Create(Manifest{Mode: "scan", Started: began})
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(r.Put("report.json", strings.NewReader(`{"it":"is whole"}`)), r.Finish([]byte(`{"it":"is finished"}`)), r.Close()); err != nil {
				t.Fatal(err)
			}
			again := func() ([]byte, error) {
				kept, err := dir.Open(r.ID())
				if err != nil {
					t.Fatal(err)
				}
				text, err := kept.Finished()
				return text, errors.Join(err, kept.Close())
			}
			if text, err := again(); err != nil || string(text) != `{"it":"is finished"}` {
				t.Fatalf("what was kept is %q, %v", text, err)
			}
			path := filepath.Join(string(dir), r.ID(), name)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if what == "all" && name == sumsFile {
				continue // as it is of a run that was kept before there were digests
			}
			if err := os.WriteFile(path, damage(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if text, err := again(); !errors.Is(err, ErrDamaged) {
				t.Errorf("%s of %s is gone: %q, %v", what, name, text, err)
			}
		}
	}
}

func TestARunWhoseManifestCannotBeReadIsNamed(t *testing.T) {
	dir := Dir(t.TempDir())
	var broken string
	for _, manifest := range []string{"", `{"kind"`, `{"kind":"metsuke.checkpoint","version":7}`} {
		r, err := dir.Create(Manifest{Mode: "scan", Started: began})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if manifest == "" {
			continue
		}
		broken = filepath.Join(string(dir), r.ID())
		if err := os.WriteFile(filepath.Join(broken, manifestFile), []byte(manifest), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(string(dir), "something else"), 0o700); err != nil {
		t.Fatal(err)
	}
	bad, err := dir.Unreadable()
	if err != nil || len(bad) != 2 {
		t.Fatalf("it names %v, %v", bad, err)
	}
	if !strings.Contains(fmt.Sprint(bad), broken+": it is no run that this version of metsuke knows (metsuke.checkpoint 7)") {
		t.Errorf("it says %v", bad)
	}
	if runs, err := dir.List(); err != nil || len(runs) != 1 {
		t.Errorf("listed are %v, %v", runs, err)
	}
}
