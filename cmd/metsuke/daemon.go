package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/metsuke-dev/metsuke/internal/config"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/serve"
	"github.com/metsuke-dev/metsuke/internal/store"
)

// daemon is what `metsuke serve` does at the times of its schedules.
type daemon struct {
	p       *process
	s       *setup
	at      storePlace
	store   *store.Store
	herald  *herald
	metrics *serve.Metrics
	figures figures
}

// scan runs `metsuke scan` as a schedule says, and tells what it found.
func (d *daemon) scan(ctx context.Context, job serve.Job) (serve.Outcome, error) {
	var sch config.Schedule
	for _, one := range d.s.config.Serve.Schedules {
		if one.Name == job.Schedule {
			sch = one
		}
	}
	if job.Resume {
		made, err := d.made(ctx, sch, job.Due)
		switch {
		case err != nil: // twice is better than never
			d.p.log.Error("it is not known whether the scan was saved before the process ended, and so it is made", "error", err)
		case made != nil:
			d.p.log.Info("the scan was saved before the process ended", "run", made.ID)
			d.tell(ctx, made.ID)
			return ended(made.CellsRead, made.CellsPlanned, made.Interrupted), nil
		}
	}
	saved, err := d.run(ctx, sch, job)
	if saved != nil { // whatever came after that
		d.tell(ctx, saved.ID)
	}
	// Findings and a coverage that is too small are no failure of the scan.
	var code exitCode
	failed := err != nil && (!errors.As(err, &code) || int(code) == exitError)
	switch {
	case saved == nil && ctx.Err() != nil:
		return serve.Interrupted, nil //nolint:nilerr // that it was stopped is all there is to say
	case failed:
		return serve.Failed, err
	case saved == nil:
		return serve.Failed, errors.New("the run could not be saved; the log says why, and whether it is kept on disk for the next scan to save")
	}
	return ended(saved.Coverage.CellsRead, saved.Coverage.CellsPlanned, saved.Interrupted), nil
}

// ended is how a scan that was saved ended.
func ended(read, planned int, interrupted bool) serve.Outcome {
	if read < planned || interrupted {
		return serve.Incomplete
	}
	return serve.Complete
}

// tell has a saved run announced, and brings the figures in line with it.
func (d *daemon) tell(ctx context.Context, run string) {
	d.herald.tell(run)
	if err := d.refresh(context.WithoutCancel(ctx)); err != nil {
		d.p.log.Error("the figures are old", "error", err)
	}
}

// made returns the run of a schedule that was saved since it was due; nil is that there is
// none. A process that was killed after it had saved the run, and before it could say that
// it had, would otherwise make the scan twice.
func (d *daemon) made(ctx context.Context, sch config.Schedule, due time.Time) (*store.RunInfo, error) {
	runs, err := d.store.Runs(ctx, store.Filter{Series: "scan", Since: due})
	if err != nil {
		return nil, err
	}
	asked, err := json.Marshal(patternsOf(selection{providers: sch.Providers, accounts: sch.Accounts, regions: sch.Regions, policies: sch.Policies}))
	if err != nil {
		return nil, err
	}
	for _, r := range runs {
		texts, err := d.store.Inputs(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		_, call, err := setupOf(texts)
		if err != nil {
			continue // it was saved without, and so by something else
		}
		if selected, err := json.Marshal(call.Selection); err == nil && bytes.Equal(selected, asked) && call.Config == d.s.file {
			return &r, nil
		}
	}
	return nil, nil //nolint:nilnil // none is an answer
}

// run runs the command, from what is left of an interrupted scan where there is any that
// was asked the same.
//
// It returns the run as it was saved, nil where it was not.
func (d *daemon) run(ctx context.Context, sch config.Schedule, job serve.Job) (saved *finding.Run, err error) {
	args := d.arguments(sch)
	if job.Resume {
		entries, err := d.at.runs.List()
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if e.Manifest.Mode != "scan" || e.Finished || e.InUse || e.Manifest.Started.Before(job.Due) {
				continue
			}
			if saved, err := d.command(ctx, append(args, "--resume="+e.ID)); !errors.Is(err, errAskedElse) && !errors.Is(err, errTooOld) {
				return saved, err
			}
		}
	}
	return d.command(ctx, args)
}

// arguments are those of `metsuke scan` for a schedule.
func (d *daemon) arguments(sch config.Schedule) []string {
	args := []string{"scan", "--store", d.at.url, "--config", d.s.file}
	for flag, values := range map[string][]string{"--provider": sch.Providers, "--account": sch.Accounts, "--region": sch.Regions, "--policy": sch.Policies} {
		for _, v := range values {
			args = append(args, flag+"="+v)
		}
	}
	if sch.Timeout > 0 {
		args = append(args, "--timeout="+time.Duration(sch.Timeout).String())
	}
	return args
}

// command runs a command in this process. What it has to say goes to the log; its report
// is what the configuration's outputs are.
func (d *daemon) command(ctx context.Context, args []string) (saved *finding.Run, err error) {
	p := *d.p
	p.saved = func(run finding.Run) { saved = &run }
	p.stdin, p.stdout, p.stderr = strings.NewReader(""), io.Discard, &lineLog{log: d.p.log}
	p.width, p.stderrTerminal = 0, false
	root := newRoot(&p)
	root.SetArgs(args)
	root.SetIn(p.stdin)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	root.PersistentPreRunE = nil // the log is there already
	err = root.ExecuteContext(ctx)
	return saved, err
}

// lineLog writes the lines that a command has for people to a log. It is safe for
// concurrent use.
type lineLog struct {
	log *slog.Logger
	mu  sync.Mutex
	buf []byte
}

func (w *lineLog) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.buf = append(w.buf, b...)
	for {
		line, rest, ok := bytes.Cut(w.buf, []byte("\n"))
		if !ok {
			return len(b), nil
		}
		w.log.Info(strings.TrimPrefix(string(line), "metsuke: "))
		w.buf = rest
	}
}

// tellNext says when the schedules are due.
func (d *daemon) tellNext(schedules []serve.Schedule) {
	for _, sch := range schedules {
		next := sch.When.Next(d.p.now())
		text := next.Format("2006-01-02 15:04 MST")
		if _, offset := next.Zone(); offset != 0 {
			text += next.UTC().Format(" (15:04 UTC)")
		}
		d.p.say("%s: next at %s", sch.Name, text)
	}
}
