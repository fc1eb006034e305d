package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"

	"github.com/metsuke-dev/metsuke/internal/demo"
)

// testProcess is a process without environment that writes to buffers.
func testProcess(env map[string]string) (*process, *bytes.Buffer, *bytes.Buffer) {
	var stdout, stderr bytes.Buffer
	p := &process{
		stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr, now: demo.Now,
		getenv: func(name string) string { return env[name] }, live: lives(),
	}
	p.setLog(slog.LevelError)
	return p, &stdout, &stderr
}

// commands returns every command that is not hidden.
func commands(cmd *cobra.Command) []*cobra.Command {
	out := []*cobra.Command{cmd}
	for _, c := range cmd.Commands() {
		if !c.Hidden {
			out = append(out, commands(c)...)
		}
	}
	return out
}

func TestEveryCommandExplainsItself(t *testing.T) {
	p, _, _ := testProcess(nil)
	for _, cmd := range commands(newRoot(p)) {
		t.Run(cmd.CommandPath(), func(t *testing.T) {
			for what, text := range map[string]string{
				"summary": cmd.Short, "description": cmd.Long, "example": cmd.Example, "exit code": cmd.Annotations[exitAnnotation],
			} {
				if text == "" {
					t.Errorf("the help has no %s", what)
				}
			}
			for _, line := range strings.Split(cmd.Example, "\n") {
				if !strings.Contains(line, "metsuke") && !strings.Contains(line, "terraform") {
					t.Errorf("the example %q does not show a command", line)
				}
			}
			if strings.HasSuffix(cmd.Short, ".") || cmd.Short[:1] != strings.ToUpper(cmd.Short[:1]) {
				t.Errorf("%q: a summary begins with a capital and ends without a full stop", cmd.Short)
			}
		})
	}
}

func TestHelpFitsATerminal(t *testing.T) {
	for _, width := range []int{0, 80, 120} {
		p, stdout, _ := testProcess(nil)
		p.width = width
		for _, cmd := range commands(newRoot(p)) {
			stdout.Reset()
			args := slices.Concat(strings.Fields(cmd.CommandPath())[1:], []string{"--help"})
			if code := run(context.Background(), p, args); code != exitOK {
				t.Errorf("%v exits with %d", args, code)
			}
			limit := 80
			if width == 120 {
				limit = helpWidth
			}
			for _, line := range strings.Split(stdout.String(), "\n") {
				if len(line) > limit {
					t.Errorf("%v: %d columns, want %d: %s", args, len(line), limit, line)
				}
			}
		}
	}
}

// examples returns the metsuke commands of an example.
func examples(text string) [][]string {
	var out [][]string
	for _, line := range strings.Split(text, "\n") {
		_, rest, ok := strings.Cut(line, "metsuke ")
		if !ok {
			continue
		}
		for _, end := range []string{"   ", ")", " > ", "|"} {
			rest, _, _ = strings.Cut(rest, end)
		}
		out = append(out, strings.Fields(strings.ReplaceAll(rest, "'", "")))
	}
	return out
}

func TestExamplesAreCommandsThatExist(t *testing.T) {
	p, _, _ := testProcess(nil)
	root := newRoot(p)
	for _, cmd := range commands(root) {
		for _, args := range examples(cmd.Example) {
			found, rest, err := root.Find(args)
			if err != nil || found == root {
				t.Errorf("%s: %v: %v", cmd.CommandPath(), args, err)
				continue
			}
			found.InitDefaultHelpFlag()
			if err := found.ParseFlags(rest); err != nil {
				t.Errorf("%s: %v: %v", cmd.CommandPath(), args, err)
			} else if err := found.ValidateArgs(found.Flags().Args()); err != nil {
				t.Errorf("%s: %v: %v", cmd.CommandPath(), args, err)
			}
		}
	}
}

func TestABrokenPipeIsNoErrorToTalkAbout(t *testing.T) {
	p, _, stderr := testProcess(nil)
	r, w := io.Pipe()
	_ = r.CloseWithError(errBrokenPipe)
	p.stdout = w
	if code := run(context.Background(), p, []string{"policies", "list"}); code != exitError || stderr.String() != "" {
		t.Errorf("exit code %d, standard error %q", code, stderr)
	}
}

var errBrokenPipe = &os.PathError{Op: "write", Path: "|1", Err: syscall.EPIPE}
