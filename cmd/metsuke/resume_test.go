package main

import (
	"context"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/metsuke-dev/metsuke/internal/demo"
)

const kept = "policies: {select: [\"aws-*\"]}\nstore: {url: metsuke.db}\n"

// cutShort begins a scan and interrupts it at the call.
func (w *world) cutShort(call int64, args ...string) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	defer cancel()
	var calls atomic.Int64
	w.faults.Observe = func(string) {
		if calls.Add(1) == call {
			cancel()
		}
	}
	p, _, stderr := w.process()
	if code := run(ctx, p, append(args, "--config", w.file("metsuke.yaml"))); code != exitInterrupted {
		w.t.Fatalf("exit code %d\n%s", code, stderr)
	}
	w.faults.Observe = nil
}

// after runs a command so long after the time of the estate.
func (w *world) after(d time.Duration, args ...string) (stderr string, code int) {
	w.t.Helper()
	p, _, complaint := w.process()
	p.now = func() time.Time { return demo.Now().Add(d) }
	code = run(w.t.Context(), p, append(args, "--config", w.file("metsuke.yaml")))
	return complaint.String(), code
}

func TestAReportThatWentOnSaysWhichPartOfItIsOlder(t *testing.T) {
	w := newWorld(t, kept)
	w.cutShort(150, "scan", "--provider", "aws")
	report := w.file("report.json")
	if stderr, code := w.after(5*time.Hour, "scan", "--provider", "aws", "--resume", "-o", report); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	text, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	const note = `"the scan was cut short and went on at 2026-07-01T05:00:00Z: [1-9][0-9]* of [1-9][0-9]* cells are as they were read between 2026-07-01T00:00:00Z and then"`
	if !regexp.MustCompile(note).Match(text) {
		t.Errorf("the report does not say %s", note)
	}
	// The note belongs to the run: judged again, the report is the same.
	if stdout, stderr, code := w.run("verify", "latest"); code != exitOK {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
}

func TestARunThatIsTooOldIsNotGoneOnWith(t *testing.T) {
	w := newWorld(t, kept)
	w.cutShort(150, "scan", "--provider", "aws")
	for _, d := range []time.Duration{25 * time.Hour, -25 * time.Hour} { // also when the clock was wrong
		stderr, code := w.after(d, "scan", "--provider", "aws", "--resume")
		if code != exitError || !strings.Contains(stderr, "was begun at 2026-07-01T00:00:00Z, and it is "+demo.Now().Add(d).Format(time.RFC3339)+" now: a run is gone on with for 24 hours; begin a new scan without --resume") {
			t.Errorf("exit code %d\n%s", code, stderr)
		}
	}
	if stderr, code := w.after(23*time.Hour, "scan", "--provider", "aws", "--resume"); code != exitOK {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}
