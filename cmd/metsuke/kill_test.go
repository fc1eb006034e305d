package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/store"
)

// killMoments is how many processes are killed; METSUKE_KILL_MOMENTS says another number.
const killMoments = 12

// victim runs the simulated metsuke as a process of its own.
type victim struct {
	t     *testing.T
	dir   string
	store string // where its runs are saved
	kept  string // where the unfinished ones are
}

func (v victim) command(args ...string) (*exec.Cmd, *bytes.Buffer, *bytes.Buffer) {
	v.t.Helper()
	self, err := os.Executable()
	if err != nil {
		v.t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(v.t.Context(), self)
	cmd.Args = append([]string{"metsuke-sim"}, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = v.dir, &stdout, &stderr
	cmd.Env = append(os.Environ(), "HOME="+v.dir, "XDG_STATE_HOME=", "METSUKE_STORE="+v.store)
	return cmd, &stdout, &stderr
}

// run runs it to its end and returns the exit code and what it printed.
func (v victim) run(args ...string) (int, string, string) {
	v.t.Helper()
	cmd, stdout, stderr := v.command(args...)
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		v.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// kill runs it and kills it after the time, unless it has ended before. It reports whether
// it was killed.
func (v victim) kill(after time.Duration, args ...string) bool {
	v.t.Helper()
	cmd, _, _ := v.command(args...)
	if err := cmd.Start(); err != nil {
		v.t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	return cmd.Wait() != nil && cmd.ProcessState.ExitCode() == -1
}

// saved returns the runs in the store, which has to open.
func (v victim) saved() []store.RunInfo {
	v.t.Helper()
	code, out, stderr := v.run("runs", "list", "-f", "json")
	if code != exitOK {
		v.t.Fatalf("the store does not open: exit code %d\n%s", code, stderr)
	}
	var runs []store.RunInfo
	if err := json.Unmarshal([]byte(out), &runs); err != nil {
		v.t.Fatal(err)
	}
	return runs
}

// killedScan is a scan of accounts one after another, so that some are finished early.
func killedScan(more ...string) []string {
	return append([]string{"scan", "--provider", "github,aws", "--policy", "aws-s3-*,aws-rds-*,aws-iam-*,github-*"}, more...)
}

// newVictim makes one with a new SQLite file in the directory.
func newVictim(t *testing.T, dir string) victim {
	t.Helper()
	write(t, filepath.Join(dir, "metsuke.yaml"), "scan: {parallel: 1}\n")
	db := filepath.Join(dir, "runs.db")
	return victim{t, dir, db, db + ".runs"}
}

func TestAProcessThatIsKilledAnywhereLeavesNothingHalf(t *testing.T) {
	killAnywhere(t, killMoments, func(t *testing.T) victim { return newVictim(t, t.TempDir()) })
}

// killAnywhere kills scans of new victims, each up to three times, and lets them go on.
func killAnywhere(t *testing.T, moments int, fresh func(*testing.T) victim) {
	t.Helper()
	if n, err := strconv.Atoi(os.Getenv("METSUKE_KILL_MOMENTS")); err == nil {
		moments = n
	}
	whole := fresh(t)
	began := time.Now()
	if code, _, stderr := whole.run(killedScan()...); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	length := time.Since(began)
	_, want, _ := whole.run("runs", "show", "latest", "-f", "csv")
	if strings.Count(want, "\n") < 50 {
		t.Fatalf("little was found:\n%s", want)
	}
	rnd := rand.New(rand.NewPCG(11, 13))
	killed, resumed, saved := 0, 0, 0
	// Where the machine is busy, the moments may all be before or after the reading.
	for killed < moments || resumed == 0 && killed < 10*moments {
		v := fresh(t)
		args := killedScan()
		for range 3 { // making the store, reading, saving, and going on
			began = time.Now()
			if !v.kill(time.Duration(rnd.Float64()*float64(length)*1.1), args...) {
				length = min(length, time.Since(began)) // the machine was busy when it was measured
				break
			}
			killed++
			if len(v.saved()) > 0 {
				saved++
				break
			}
			if code, _, _ := v.run("runs", "list"); code != exitOK {
				t.Fatal("the runs cannot be listed")
			}
			if v.unfinished() {
				args = killedScan("--resume")
			}
		}
		if len(v.saved()) == 0 {
			args = killedScan()
			if v.unfinished() {
				resumed++
				args = killedScan("--resume")
			}
			if code, _, stderr := v.run(args...); code != exitOK {
				t.Fatalf("%v: exit code %d\n%s", args, code, stderr)
			}
		}
		if runs := v.saved(); len(runs) != 1 {
			t.Fatalf("%d runs are saved, want one: %+v", len(runs), runs)
		}
		if v.unfinished() {
			t.Error("a run that is saved is still among the unfinished ones")
		}
		if _, got, _ := v.run("runs", "show", "latest", "-f", "csv"); got != want {
			t.Fatalf("the report differs from that of an undisturbed scan (-want +got):\n%s", cmp.Diff(want, got))
		}
		if code, out, stderr := v.run("verify", "latest"); code != exitOK {
			t.Fatalf("verify: exit code %d\n%s%s", code, out, stderr)
		}
	}
	t.Logf("%d processes were killed; %d scans went on to their end, %d had been saved", killed, resumed, saved)
	if resumed == 0 {
		t.Error("no scan went on: nothing was tried")
	}
}

// unfinished reports whether a run can be gone on with. One whose name begins with a dot
// is being removed.
func (v victim) unfinished() bool {
	v.t.Helper()
	found, err := filepath.Glob(filepath.Join(v.kept, "[^.]*", "manifest.json"))
	if err != nil {
		v.t.Fatal(err)
	}
	return len(found) > 0
}
