package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/metsuke-dev/metsuke/providers"
)

// progress draws how far a run is on standard error, when that is a terminal.
type progress struct {
	found     *found
	bars      *mpb.Progress
	bar       *mpb.Bar
	planned   atomic.Int64
	resources atomic.Int64
}

func newProgress(p *process, sel *found) *progress {
	logging := p.log.Enabled(context.Background(), slog.LevelWarn) // lines and a bar do not mix
	if !p.stderrTerminal || logging || p.getenv("TERM") == "dumb" {
		return &progress{found: sel}
	}
	g := &progress{found: sel, bars: mpb.New(mpb.WithOutput(p.stderr), mpb.WithWidth(40))}
	g.bar = g.bars.AddBar(0,
		mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name("reading "), decor.CountersNoUnit("%d/%d cells")),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return fmt.Sprintf(" %d resources", g.resources.Load()) })),
	)
	return g
}

// Scopes implements scan.Progress.
func (g *progress) Scopes(string, int) {}

// Planned implements scan.Progress.
func (g *progress) Planned(cells int) {
	if g.bar != nil {
		g.bar.SetTotal(g.planned.Add(int64(cells)), false)
	}
}

// Done implements scan.Progress.
func (g *progress) Done(c providers.Cell) {
	g.found.saw(c.Region)
	if g.bar != nil {
		g.bar.Increment()
	}
}

// Resource implements scan.Progress.
func (g *progress) Resource() { g.resources.Add(1) }

// stop removes the display, so that the report stands alone.
func (g *progress) stop() {
	if g.bar != nil {
		g.bar.Abort(true)
		g.bars.Wait()
	}
}
