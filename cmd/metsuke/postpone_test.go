package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// keepOne runs a scan whose store cannot be opened, and returns the directory in which the
// run is kept. After that there is no store.
func keepOne(t *testing.T, v victim) string {
	t.Helper()
	write(t, v.store, strings.Repeat("This is no database. ", 10))
	if code, _, stderr := v.run("scan", "--provider", "github"); code != exitOK || !strings.Contains(stderr, "the run is kept as ") {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	if err := os.Remove(v.store); err != nil {
		t.Fatal(err)
	}
	kept, err := filepath.Glob(filepath.Join(v.kept, "*"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("kept are %v, %v", kept, err)
	}
	return kept[0]
}

func TestAKeptRunThatIsDamagedIsNotSaved(t *testing.T) {
	v := newVictim(t, t.TempDir())
	kept := keepOne(t, v)
	for name, want := range map[string]string{
		"report.json":   "report.json: it is not what was kept; it cannot be saved any more: remove " + kept + ", and scan again",
		"inventory":     "inventory: it is not what was kept; it cannot be saved any more: remove " + kept + ", and scan again",
		"finished.json": "finished.json: it is not what was kept; it cannot be saved any more: remove " + kept + ", and scan again",
		"manifest.json": kept + ": invalid character",
	} {
		path := filepath.Join(kept, name)
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		damaged := bytes.Clone(whole)
		damaged[0] ^= 1
		if name == "inventory" { // it stays readable
			damaged = bytes.Replace(whole, []byte(`"private"`), []byte(`"qrivate"`), 1)
		}
		if bytes.Equal(whole, damaged) {
			t.Fatalf("nothing of %s is damaged", name)
		}
		write(t, path, string(damaged))
		if code, out, stderr := v.run("runs", "sync"); code != exitError || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit code %d\n%s%s\nwant %s", name, code, out, stderr, want)
		}
		if n := len(v.saved()); n != 0 {
			t.Errorf("%s: saved are %d", name, n)
		}
		write(t, path, string(whole))
	}
	if code, out, stderr := v.run("runs", "sync"); code != exitOK || out != "Saved 1 run.\n" {
		t.Errorf("when it is whole: exit code %d\n%s%s", code, out, stderr)
	}
	if n := len(v.saved()); n != 1 {
		t.Errorf("when it is whole, saved are %d", n)
	}
}

func TestProcessesThatSaveKeptRunsAtOnceSaveEachOnce(t *testing.T) {
	v := newVictim(t, t.TempDir())
	for range 3 {
		one := newVictim(t, t.TempDir())
		kept := keepOne(t, one)
		if err := os.MkdirAll(v.kept, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(kept, filepath.Join(v.kept, filepath.Base(kept))); err != nil {
			t.Fatal(err)
		}
	}
	type process struct {
		*exec.Cmd
		out, stderr *bytes.Buffer
	}
	var processes []process
	for range 3 {
		cmd, out, stderr := v.command("runs", "sync")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		processes = append(processes, process{cmd, out, stderr})
	}
	sum := 0
	for _, p := range processes {
		if err := p.Wait(); err != nil || strings.Contains(p.stderr.String(), "still not saved") {
			t.Errorf("%v\n%s%s", err, p.out, p.stderr)
		}
		sum += strings.Count(p.stderr.String(), "is saved now")
	}
	left, err := filepath.Glob(filepath.Join(v.kept, "*"))
	if err != nil || len(left) > 0 || sum != 3 || len(v.saved()) != 3 {
		t.Errorf("they say that they saved %d; saved are %d; left is %v, %v", sum, len(v.saved()), left, err)
	}
}
