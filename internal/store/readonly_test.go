//go:build unix

package store

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/store/storetest"
)

// asNobody returns a command that opens the place in a process without rights: those who
// run the tests may be root, who can write everything.
func asNobody(t *testing.T, dir, place string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	attributes, err := storetest.Unprivileged(dir)
	if err != nil {
		t.Fatal(err)
	}
	if attributes != nil { // go test keeps the program where only root gets in
		self = copyProgram(t, self, dir)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "METSUKE_STORE_HELPER="+place, "METSUKE_STORE_ROUNDS=0")
	cmd.SysProcAttr, cmd.Dir = attributes, dir
	return cmd
}

func copyProgram(t *testing.T, path, dir string) string {
	t.Helper()
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	to := filepath.Join(dir, "helper")
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return to
}

func TestWhatCannotBeWrittenIsSaid(t *testing.T) {
	tests := []struct {
		name      string
		file, dir os.FileMode
		missing   bool // there is no file yet
		why       string
	}{
		{"a file that is read-only", 0o444, 0o777, false, "permission denied"},
		{"a file of somebody else", 0o600, 0o777, false, "permission denied"},
		{"a directory that is read-only", 0o666, 0o555, false, "SQLite cannot make its -wal file in the directory"},
		{"no file in a directory that is read-only", 0, 0o555, true, "permission denied"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.file == 0o600 && os.Getuid() != 0 {
				t.Skip("there is nobody else: the tests do not run as root")
			}
			top, err := os.MkdirTemp("", "metsuke-store") //nolint:usetesting // nobody gets into the directories of testing
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.RemoveAll(top) })
			dir := filepath.Join(top, "data")
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			place := filepath.Join(dir, "metsuke.db")
			if !tt.missing {
				s := openAt(t, place)
				scan{run: runOf(0, bucket("a"))}.save(t, s)
				_ = s.Close()
				if err := os.Chmod(place, tt.file); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Chmod(dir, tt.dir); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
			cmd := asNobody(t, top, place)
			var said bytes.Buffer
			cmd.Stderr = &said
			if err := cmd.Run(); err == nil {
				t.Fatal("it opens")
			}
			want := place + ": " + ErrReadOnly.Error()
			if !strings.HasPrefix(said.String(), want) || !strings.Contains(said.String(), "have to be writable") || !strings.Contains(said.String(), tt.why) {
				t.Errorf("it says %q, not %q", said.String(), want)
			}
		})
	}
}

// What a process that is killed leaves is there to be taken in, also where no file can be
// made any more.
func TestWhatAKilledProcessLeftOpensInADirectoryThatIsReadOnly(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "metsuke.db")
	s := openAt(t, whole)
	saved := scan{run: runOf(0, bucket("a"))}.save(t, s)
	top, err := os.MkdirTemp("", "metsuke-store") //nolint:usetesting // nobody gets into the directories of testing
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(top) })
	left := func(name string, endings ...string) string {
		dir := filepath.Join(top, name)
		ok(t, os.Mkdir(dir, 0o700))
		for _, ending := range endings {
			text, err := os.ReadFile(whole + ending)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(dir, "metsuke.db"+ending)
			ok(t, os.WriteFile(file, text, 0o600))
			ok(t, os.Chmod(file, 0o666))
		}
		return filepath.Join(dir, "metsuke.db")
	}
	if got := listed(t, openAt(t, left("without", ""))); len(got) != 0 {
		t.Fatalf("without the -wal file there are %v", got)
	}
	place := left("data", "", "-wal", "-shm")
	ok(t, os.Chmod(filepath.Dir(place), 0o555))
	t.Cleanup(func() { _ = os.Chmod(filepath.Dir(place), 0o700) })
	cmd := asNobody(t, top, place)
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("it does not open: %v\n%s", err, said.String())
	}
	ok(t, os.Chmod(filepath.Dir(place), 0o700))
	if diff := cmp.Diff([]string{saved.Run.ID}, listed(t, openAt(t, place))); diff != "" {
		t.Error(diff)
	}
}
