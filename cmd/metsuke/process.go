package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/metsuke-dev/metsuke/internal/demo"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/report"
)

// process is what a command sees of the world around it.
type process struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	now            func() time.Time
	// width is the number of columns of standard output; 0 when it is no terminal.
	width int
	// stderrTerminal says that progress may be drawn on standard error.
	stderrTerminal bool
	log            *slog.Logger // errors only, until --log-level says otherwise
	// traffic counts the requests to the providers, by name; nil is nobody.
	traffic map[string]*providers.Traffic
	// saved is told the run that a command saves, with its ID; nil is nobody.
	saved func(run finding.Run)
	// live lists the providers of live accounts.
	live []live
	// faults is how the simulated estate misbehaves: not at all, but in tests.
	faults demo.Faults
}

func newProcess() *process {
	p := &process{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv, now: time.Now, live: lives()}
	if fd := int(os.Stdout.Fd()); term.IsTerminal(fd) {
		p.width = 80
		if w, _, err := term.GetSize(fd); err == nil && w > 0 {
			p.width = w
		}
	}
	p.stderrTerminal = term.IsTerminal(int(os.Stderr.Fd()))
	p.setLog(slog.LevelError)
	return p
}

// setLog makes the logger write to standard error from the level on.
func (p *process) setLog(level slog.Level) {
	p.log = slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: level}))
}

// page is how tables on standard output look.
func (p *process) page() report.Options {
	return report.Options{Color: p.width > 0 && p.getenv("NO_COLOR") == "" && p.getenv("TERM") != "dumb", Width: p.width}
}

// say writes a line for people to standard error.
func (p *process) say(format string, args ...any) {
	fmt.Fprintf(p.stderr, "metsuke: "+format+"\n", args...)
}

// Exit codes, as every command's help states them.
const (
	exitOK          = 0   // nothing at or above the threshold
	exitFindings    = 1   // findings at or above --fail-on
	exitError       = 2   // usage, configuration or internal error
	exitIncomplete  = 3   // coverage below --require-coverage, or --incomplete=fail
	exitInterrupted = 130 // interrupted; what was read is reported
)

// exitCode is an error that only says how the process ends: what there was to say
// has been said.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// run executes the command line and returns the exit code.
func run(ctx context.Context, p *process, args []string) int {
	root := newRoot(p)
	root.SetArgs(args)
	root.SetIn(p.stdin)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	err := root.ExecuteContext(ctx)
	var code exitCode
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		return int(code)
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		p.say("interrupted")
		return exitInterrupted
	case errors.Is(err, syscall.EPIPE):
		return exitError // nobody reads any more: there is nobody to tell
	}
	p.say("%v", err)
	return exitError
}
