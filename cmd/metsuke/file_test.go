package main

import (
	"io"
	"os"
	"path/filepath"
	"testing"
)

// Two schedules write the same report, and processes in containers have the same number as
// one that was killed while it wrote.
func TestWhoWritesAFileIsNotInTheWayOfAnotherOne(t *testing.T) {
	file := filepath.Join(t.TempDir(), "report.json")
	err := replaceWith(file, func(w io.Writer) error {
		if err := replaceFile(file, []byte("first")); err != nil {
			return err
		}
		_, err := w.Write([]byte("second"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "second" {
		t.Errorf("it holds %q, %v", text, err)
	}
	left, err := os.ReadDir(filepath.Dir(file))
	if err != nil || len(left) != 1 {
		t.Errorf("left are %v, %v", left, err)
	}
}
