package checkpoint

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/providers"
)

// castle is a provider of one scope whose cells are read one after another: doors in two
// regions, a guard of which a detail cannot be read, a moat that cannot be listed, and
// towers, which are listed once and stand in both regions.
type castle struct {
	forgetful bool                      // it does not ask what is there already
	before    func(cell providers.Cell) // called before a cell is read
	read      []string                  // cells
}

func (*castle) Describe() providers.Description { return providers.Description{Name: "test"} }

func (*castle) Scopes(context.Context) ([]providers.Scope, error) {
	return []providers.Scope{scope("castle")}, nil
}

func (c *castle) Collect(ctx context.Context, s providers.Scope, _ []providers.Want, out providers.Sink) error {
	cells := []providers.Cell{
		{Scope: s, Type: "test_door", Region: "east"},
		{Scope: s, Type: "test_door", Region: "west"},
		{Scope: s, Type: "test_guard", Region: "east"},
		{Scope: s, Type: "test_moat", Region: "east"},
		{Scope: s, Type: "test_tower"},
	}
	out.Gap(providers.Gap{Scope: s, Path: "lord", Reason: providers.Denied}) // of the scope, before any cell
	out.Plan(cells...)
	send := func(t providers.Type, region string, unknown map[string]providers.Reason) {
		for i := range 2 {
			out.Resource(providers.Resource{
				Scope: s, Type: t, ID: fmt.Sprintf("%s %s %d", t, region, i), Region: region, Tags: map[string]string{}, Unknown: unknown,
				Attributes: map[string]any{"big": 12345678901234567, "share": 0.1, "text": "a<b\u2028\n"},
			})
		}
	}
	for _, cell := range cells {
		if !c.forgetful && providers.Had(out, cell) {
			continue
		}
		if c.before != nil {
			c.before(cell)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		c.read = append(c.read, strings.TrimSpace(string(cell.Type)+" "+cell.Region))
		switch cell.Type {
		case "test_guard":
			out.Gap(providers.Gap{Scope: s, Type: cell.Type, Region: cell.Region, Path: "name", Reason: providers.Denied, Err: "no"})
			send(cell.Type, cell.Region, map[string]providers.Reason{"name": providers.Denied})
		case "test_moat":
			send(cell.Type, cell.Region, nil)
			out.Gap(providers.Gap{Scope: s, Type: cell.Type, Region: cell.Region, Reason: providers.Throttled, Err: "later"})
		case "test_tower":
			send(cell.Type, "east", nil)
			send(cell.Type, "west", nil)
		default:
			send(cell.Type, cell.Region, nil)
		}
		out.Done(cell)
	}
	return nil
}

// readTo reads the castle through the run until it is about to read the nth cell.
func readTo(t *testing.T, r *Run, n int) *castle {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := &castle{}
	c.before = func(providers.Cell) {
		if len(c.read) == n {
			cancel()
		}
	}
	read(t, ctx, r, c)
	return c
}

func TestCellsThatWereReadAreNotReadAgain(t *testing.T) {
	all := []string{"test_door east", "test_door west", "test_guard east", "test_moat east", "test_tower"}
	undisturbed := create(t, Dir(t.TempDir()))
	want := read(t, t.Context(), undisturbed, &castle{})
	wantInventory := inventoryOf(t, undisturbed)
	for n := range all {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			d := Dir(t.TempDir())
			r := create(t, d)
			diff(t, "what the first process reads", all[:n], append([]string{}, readTo(t, r, n).read...))
			r = reopen(t, d, r)
			again := &castle{}
			got := read(t, t.Context(), r, again)
			left, kept := all[n:], min(n, 3)
			if n > 3 { // the moat was not read whole
				left = all[3:]
			}
			diff(t, "what the second process reads", left, again.read)
			diff(t, "cells that are not read again", kept, r.Reused())
			diff(t, "what came", sorted(want), sorted(got))
			diff(t, "the inventory", wantInventory, inventoryOf(t, r))
		})
	}
}

func TestAScanMayBeCutShortAgainAndAgain(t *testing.T) {
	d := Dir(t.TempDir())
	undisturbed := create(t, d)
	read(t, t.Context(), undisturbed, &castle{})
	want := inventoryOf(t, undisturbed)
	r := create(t, d)
	var cells []string
	for range 4 {
		cells = append(cells, readTo(t, r, 1).read...)
		r = reopen(t, d, r)
	}
	// The fourth cell cannot be read whole, and is tried first by everybody after that.
	diff(t, "what they read", []string{"test_door east", "test_door west", "test_guard east", "test_moat east"}, cells)
	last := &castle{}
	read(t, t.Context(), r, last)
	diff(t, "what the last one reads", []string{"test_moat east", "test_tower"}, last.read)
	diff(t, "the inventory", want, inventoryOf(t, r))
}

func TestAProviderThatDoesNotAskReadsTheScopeFromItsStart(t *testing.T) {
	d := Dir(t.TempDir())
	r := create(t, d)
	readTo(t, r, 2)
	r = reopen(t, d, r)
	c := &castle{forgetful: true}
	got := read(t, t.Context(), r, c)
	diff(t, "cells", 5, len(c.read))
	undisturbed := create(t, d)
	diff(t, "what came", sorted(read(t, t.Context(), undisturbed, &castle{})), sorted(got))
	diff(t, "the inventory", inventoryOf(t, undisturbed), inventoryOf(t, r))
}

// hasty says that a cell is done although it was cut short.
type hasty struct{ castle }

func (h *hasty) Collect(ctx context.Context, s providers.Scope, _ []providers.Want, out providers.Sink) error {
	cell := providers.Cell{Scope: s, Type: "test_door", Region: "east"}
	out.Plan(cell)
	if !providers.Had(out, cell) {
		h.before(cell)
		out.Done(cell)
	}
	return ctx.Err()
}

func TestACellThatIsDoneAfterTheInterruptIsReadAgain(t *testing.T) {
	d := Dir(t.TempDir())
	r := create(t, d)
	ctx, cancel := context.WithCancel(t.Context())
	read(t, ctx, r, &hasty{castle{before: func(providers.Cell) { cancel() }}})
	r = reopen(t, d, r)
	calls := 0
	read(t, t.Context(), r, &hasty{castle{before: func(providers.Cell) { calls++ }}})
	diff(t, "how often it is read by the second process", 1, calls)
}

// spoilt opens a run whose journal of the castle is as given, reads on, and returns what
// was read and the inventory.
func spoilt(t *testing.T, d Dir, journal []byte) (cells []string, inventory string) {
	t.Helper()
	r := create(t, d)
	file := r.path(segmentName(scope("castle")) + spoolEnding)
	if err := os.WriteFile(file, journal, 0o600); err != nil {
		t.Fatal(err)
	}
	c := &castle{}
	read(t, t.Context(), r, c)
	inventory = inventoryOf(t, r)
	if err := r.Remove(); err != nil {
		t.Fatal(err)
	}
	return c.read, inventory
}

// journalOf returns the journal of a castle of which four cells were read, and the
// inventory of an undisturbed one.
func journalOf(t *testing.T, d Dir) (journal []byte, inventory string) {
	t.Helper()
	undisturbed := create(t, d)
	read(t, t.Context(), undisturbed, &castle{})
	r := create(t, d)
	readTo(t, r, 4)
	journal, err := os.ReadFile(r.path(segmentName(scope("castle")) + spoolEnding))
	if err != nil {
		t.Fatal(err)
	}
	return journal, inventoryOf(t, undisturbed)
}

// believed is how much of a journal is trusted, and of which cells.
func believed(t *testing.T, journal []byte) (cells []string, length int64) {
	t.Helper()
	first, _, _ := bytes.Cut(journal, []byte("\n"))
	head, _ := unsealed(append(slices.Clone(first), '\n'))
	kept, length, err := readJournal(bytes.NewReader(journal), head)
	if err != nil {
		t.Fatal(err)
	}
	for c, read := range kept {
		cells = append(cells, fmt.Sprintf("%s %s %d", c.Type, c.Region, len(read.lines)))
	}
	slices.Sort(cells)
	return cells, length
}

// before returns what there is of the journal up to the last whole record in the first n
// bytes, and the cells that are done in it and were read whole.
func before(journal []byte, n int) (cells []string, length int64) {
	whole := journal[:bytes.LastIndexByte(journal[:n], '\n')+1]
	for done, cell := range map[string]string{
		`{"kind":"done","type":"test_door","region":"east"`:  "test_door east 2",
		`{"kind":"done","type":"test_door","region":"west"`:  "test_door west 2",
		`{"kind":"done","type":"test_guard","region":"east"`: "test_guard east 2",
	} {
		if bytes.Contains(whole, []byte(done)) {
			cells = append(cells, cell)
		}
	}
	slices.Sort(cells)
	return cells, int64(len(whole))
}

// stride is how far the places are apart at which a whole run goes on with a torn journal.
const stride = 211

func TestAJournalThatIsTornAnywhereHoldsUpToItsLastWholeRecord(t *testing.T) {
	d := Dir(t.TempDir())
	journal, want := journalOf(t, d)
	for n := range journal {
		cells, length := before(journal, n)
		got, trusted := believed(t, journal[:n])
		diff(t, fmt.Sprintf("cells after %d bytes", n), cells, got)
		diff(t, fmt.Sprintf("length after %d bytes", n), length, trusted)
		if n%stride > 0 {
			continue
		}
		again, inventory := spoilt(t, d, journal[:n])
		diff(t, fmt.Sprintf("the inventory after %d bytes", n), want, inventory)
		diff(t, fmt.Sprintf("how many cells are read after %d bytes", n), 5-len(cells), len(again))
	}
}

func TestAJournalThatIsNotAsItWasWrittenIsNotBelievedFromThereOn(t *testing.T) {
	d := Dir(t.TempDir())
	journal, want := journalOf(t, d)
	for n := bytes.IndexByte(journal, '\n') + 1; n < len(journal); n++ {
		changed := slices.Clone(journal)
		changed[n] ^= 1
		cells, length := before(journal, n)
		got, trusted := believed(t, changed)
		diff(t, fmt.Sprintf("cells with another byte at %d", n), cells, got)
		diff(t, fmt.Sprintf("length with another byte at %d", n), length, trusted)
		if n%stride > 0 {
			continue
		}
		again, inventory := spoilt(t, d, changed)
		diff(t, fmt.Sprintf("the inventory with another byte at %d", n), want, inventory)
		diff(t, fmt.Sprintf("how many cells are read with another byte at %d", n), 5-len(cells), len(again))
	}
	for name, change := range map[string]func([]byte) []byte{
		"of zeros at its end":  func(b []byte) []byte { return append(slices.Clone(b), make([]byte, 4096)...) },
		"without a resource":   func(b []byte) []byte { return without(b, `{"kind":"resource"`) },
		"without its head":     func(b []byte) []byte { return without(b, `{"kind":"head"`) },
		"without what is plan": func(b []byte) []byte { return without(b, `{"kind":"plan"`) },
		"of something else":    func([]byte) []byte { return []byte("PK\x03\x04\n") },
		"of another version": func(b []byte) []byte {
			first, rest, _ := bytes.Cut(b, []byte("\n"))
			return append(sealed(append(bytes.Replace(first[checksumLength:], []byte(`"version":1`), []byte(`"version":2`), 1), '\n')), rest...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			if _, got := spoilt(t, d, change(journal)); got != want {
				t.Errorf("the inventory differs (-want +got):\n%s", cmp.Diff(want, got))
			}
		})
	}
}

// without leaves out the first line of a journal with the text.
func without(journal []byte, text string) []byte {
	at := bytes.Index(journal, []byte(text)) - checksumLength
	end := at + bytes.IndexByte(journal[at:], '\n') + 1
	return append(slices.Clone(journal[:at]), journal[end:]...)
}

func TestAJournalOfWhatElseWasWantedIsBegunAnew(t *testing.T) {
	d := Dir(t.TempDir())
	r := create(t, d)
	readTo(t, r, 4)
	r = reopen(t, d, r)
	c := &castle{}
	if err := r.Reading([]providers.Provider{c})[0].Collect(t.Context(), scope("castle"), wants[:1], &heard{}); err != nil {
		t.Fatal(err)
	}
	diff(t, "cells", 5, len(c.read))
}

func TestWhatIsNotPlannedAnyMoreIsLeftOut(t *testing.T) {
	d := Dir(t.TempDir())
	r := create(t, d)
	readTo(t, r, 2)
	r = reopen(t, d, r)
	out := &heard{}
	house := &house{scopes: []string{"castle"}} // has no region but those of its doors, and no tower
	if err := r.Reading([]providers.Provider{house})[0].Collect(t.Context(), scope("castle"), wants, out); err != nil {
		t.Fatal(err)
	}
	lines := slices.Collect(maps.Keys(sorted(out.lines)))
	if slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, "test_door east 0") }) {
		t.Errorf("what is there from before is sent without being asked for: %q", lines)
	}
}

func TestARunThatWaitsToBeSavedKeepsNothingToGoOnWith(t *testing.T) {
	d := Dir(t.TempDir())
	r := create(t, d)
	readTo(t, r, 2)
	if err := r.Finish([]byte("{}")); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(r.path(""))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range left {
		names = append(names, f.Name())
	}
	diff(t, "files", []string{finishedFile, lockFile, manifestFile, sumsFile}, slices.DeleteFunc(names, func(n string) bool { return strings.HasPrefix(n, "scopes-") }))
}
