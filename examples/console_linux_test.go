package examples_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// columns is the width of the terminal in which the documents show their commands.
const columns = 110

// The blocks marked console show commands after "$ " and what they write below. They
// are run in their order in a copy of the examples: those of examples/x/README.md in
// x, those of the other documents beside examples.
func TestTheDocumentsShowWhatTheCommandsWrite(t *testing.T) {
	for _, doc := range documents(t) {
		t.Run(strings.TrimPrefix(filepath.ToSlash(doc), "../"), func(t *testing.T) {
			lines := strings.Split(read(t, doc), "\n")
			dir := filepath.Dir(copyOf(t))
			if rel, err := filepath.Rel(filepath.Join(root, "examples"), filepath.Dir(doc)); err == nil && !strings.HasPrefix(rel, "..") {
				dir = filepath.Join(dir, "examples", rel)
			}
			var out []string
			at := 0
			for _, b := range blocks(lines) {
				if b.language != "console" {
					continue
				}
				out = append(append(out, lines[at:b.from]...), console(t, dir, b.indent, lines[b.from:b.to])...)
				at = b.to
			}
			got := strings.Join(append(out, lines[at:]...), "\n")
			if *update {
				write(t, doc, got)
			} else if diff := cmp.Diff(strings.Join(lines, "\n"), got); diff != "" {
				t.Errorf("%s shows what is not written any more: make generate brings it up to date (-shown +written)\n%s", doc, diff)
			}
		})
	}
}

// console runs the commands of a block and returns the block as it would be now.
func console(t *testing.T, dir, indent string, lines []string) []string {
	t.Helper()
	var out []string
	code := 0
	for _, l := range lines {
		command, ok := strings.CutPrefix(l, indent+"$ ")
		if !ok {
			continue
		}
		out = append(out, l)
		if command == "echo $?" {
			out = append(out, indent+strconv.Itoa(code))
			continue
		}
		var text string
		text, code = inTerminal(t, dir, command)
		text = strings.TrimRight(text, "\n")
		for _, l := range strings.Split(text, "\n") {
			if text != "" {
				out = append(out, strings.TrimRight(indent+l, " "))
			}
		}
	}
	return out
}

// inTerminal runs a command with a terminal as its standard output. What it writes to
// standard error comes first: it is no terminal, so that no progress is drawn.
func inTerminal(t *testing.T, dir, command string) (string, int) {
	t.Helper()
	master, slave, err := terminal(columns)
	if err != nil {
		t.Skipf("there is no terminal to be had: %v", err)
	}
	defer func() { _ = master.Close() }()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
	var complaint, out bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, environment(), slave, &complaint
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = slave.Close()
	_, _ = io.Copy(&out, master) // ends with an error when nobody has the other end any more
	code := exitCode(t, cmd.Wait())
	return complaint.String() + strings.ReplaceAll(out.String(), "\r\n", "\n"), code
}

// terminal opens a pseudo terminal.
func terminal(columns uint16) (master, slave *os.File, err error) {
	master, err = os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		return nil, nil, err
	}
	fd := int(master.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 50, Col: columns})
	}
	if err == nil {
		slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		_ = master.Close()
		return nil, nil, err
	}
	return master, slave, nil
}
