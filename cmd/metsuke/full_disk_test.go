//go:build !windows

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/report"
)

// limited runs it where no file can get larger than so many blocks of 512 bytes, as on a
// disk that is full from then on.
func (v victim) limited(blocks int, args ...string) (int, string, string) {
	v.t.Helper()
	self, err := os.Executable()
	if err != nil {
		v.t.Fatal(err)
	}
	link := filepath.Join(v.t.TempDir(), "metsuke-sim")
	if err := os.Symlink(self, link); err != nil {
		v.t.Fatal(err)
	}
	cmd, stdout, stderr := v.command()
	limited := exec.CommandContext(v.t.Context(), "sh", append([]string{"-c", "ulimit -f " + strconv.Itoa(blocks) + ` && exec "$@"`, "sh", link}, args...)...)
	limited.Dir, limited.Env, limited.Stdout, limited.Stderr = cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr
	err = limited.Run()
	if limited.ProcessState == nil || !limited.ProcessState.Exited() {
		v.t.Fatalf("it did not end by itself: %v\n%s", err, stderr)
	}
	return limited.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// reports are the files of every format, in a directory that is made.
func (v victim) reports() (args, files []string) {
	v.t.Helper()
	dir := filepath.Join(v.dir, "reports")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		v.t.Fatal(err)
	}
	for _, f := range report.Formats() {
		file := filepath.Join(dir, f)
		args, files = append(args, "-o", f+"="+file), append(files, file)
	}
	return args, files
}

func TestAFullDiskLeavesNothingHalfAndIsSaid(t *testing.T) {
	whole := newVictim(t, t.TempDir())
	args, _ := whole.reports()
	code, table, stderr := whole.run(killedScan(args...)...)
	if code != exitOK {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	for _, blocks := range []int{0, 16, 160, 700} {
		t.Run(strconv.Itoa(blocks)+" blocks", func(t *testing.T) {
			v := newVictim(t, t.TempDir())
			args, files := v.reports()
			for _, f := range files {
				write(t, f, "before")
			}
			code, out, stderr := v.limited(blocks, killedScan(args...)...)
			failed := 0
			for _, f := range files {
				text, err := os.ReadFile(f)
				if err != nil {
					t.Fatal(err)
				}
				said := strings.Contains(stderr, "write "+f+": ")
				if string(text) == "before" != said {
					t.Errorf("%s has %d bytes; that it could not be written is said: %v", filepath.Base(f), len(text), said)
				}
				if said {
					failed++
				}
			}
			if failed == 0 || code != exitError {
				t.Errorf("%d reports failed, exit code %d", failed, code)
			}
			if diff := cmp.Diff(firstLines(table), firstLines(out)); diff != "" {
				t.Errorf("the report on standard output (-want +got):\n%s", diff)
			}
			if left, err := filepath.Glob(filepath.Join(v.dir, "reports", ".*")); err != nil || len(left) > 0 {
				t.Errorf("left is %q, %v", left, err)
			}
			full := strings.Contains(stderr, "the disk is full")
			kept, notSaved := strings.Contains(stderr, "the run is kept as "), strings.Contains(stderr, "the run is not saved")
			saved := len(v.saved())
			if saved == 1 && (kept || notSaved) || saved == 0 && kept == notSaved || saved == 0 && !full {
				t.Errorf("saved are %d; the store is called full: %v; said to be kept: %v, not saved: %v", saved, full, kept, notSaved)
			}
			if strings.Contains(stderr, "no such file") || strings.Contains(stderr, "I/O error") {
				t.Errorf("what it says is of no use:\n%s", stderr)
			}
			// There is room again.
			if code, _, stderr := v.run("runs", "sync"); code != exitOK {
				t.Errorf("runs sync: exit code %d\n%s", code, stderr)
			}
			if n := len(v.saved()); kept && n != 1 {
				t.Errorf("saved are %d after runs sync", n)
			}
			if code, _, stderr := v.run(killedScan(args...)...); code != exitOK {
				t.Errorf("the next scan: exit code %d\n%s", code, stderr)
			}
			if code, out, stderr := v.run("verify", "latest"); code != exitOK {
				t.Errorf("verify: exit code %d\n%s%s", code, out, stderr)
			}
		})
	}
}

// firstLines are those of a table that do not depend on the store.
func firstLines(table string) []string {
	lines := strings.Split(table, "\n")
	return lines[:min(len(lines), 12)]
}

func TestAnInventoryThatDoesNotFitIsSaidOnce(t *testing.T) {
	v := newVictim(t, t.TempDir())
	code, _, stderr := v.limited(16, killedScan("--no-save", "--save-inventory", "estate.ndjson")...)
	if code != exitError || !strings.HasSuffix(stderr, "simulated credentials\nmetsuke: save the inventory: keep what was read: file too large\n") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	left, err := os.ReadDir(v.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range left {
		if f.Name() != "metsuke.yaml" {
			t.Errorf("left is %s", f.Name())
		}
	}
}
