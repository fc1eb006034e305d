// Command genpolicies adds copies of the shipped policies to them, to measure what a
// start costs with many policies aboard: each copy has a package, and so an id, of its
// own and judges as the policy it was made from.
//
// Usage: genpolicies COUNT DIRECTORY adds copies below DIRECTORY, which holds the shipped
// policies, until there are COUNT policies. `make generate` and `make build` then make a
// program of them; git clean takes the copies away.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "genpolicies:", err)
		os.Exit(2)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: genpolicies COUNT DIRECTORY")
	}
	count, err := strconv.Atoi(args[0])
	if err != nil {
		return fmt.Errorf("the count is %s, which is no number", args[0])
	}
	dir := args[1]
	var shipped []string
	err = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(p) != ".rego" || strings.HasSuffix(p, "_test.rego") || filepath.Dir(p) == filepath.Join(dir, "lib") {
			return err
		}
		shipped = append(shipped, p)
		return nil
	})
	if err != nil {
		return err
	}
	if len(shipped) == 0 {
		return fmt.Errorf("%s holds no policy", dir)
	}
	for n := len(shipped); n < count; n++ {
		if err := copyPolicy(shipped[n%len(shipped)], dir, fmt.Sprintf("copy%d", n/len(shipped))); err != nil {
			return err
		}
	}
	return nil
}

// copyPolicy writes the policy once more, under a package of the name. Former ids stay
// with the original.
func copyPolicy(file, dir, name string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	text = regexp.MustCompile(`(?m)^package metsuke\.`).ReplaceAll(text, []byte("package metsuke."+name+"."))
	text = regexp.MustCompile(`(?m)^#   aliases: .*\n`).ReplaceAll(text, nil)
	rel, err := filepath.Rel(dir, file)
	if err != nil {
		return err
	}
	to := filepath.Join(dir, name, rel)
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o644)
}
