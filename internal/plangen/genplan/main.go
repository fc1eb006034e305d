// Command genplan writes a synthetic Terraform plan to standard output: for
// measuring metsuke and other tools on the same file (BENCHMARKS.md).
package main

import (
	"fmt"
	"os"
	"strconv"

	"github.com/metsuke-dev/metsuke/internal/plangen"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: genplan RESOURCES > plan.json")
		os.Exit(2)
	}
	n, err := strconv.Atoi(os.Args[1])
	if err == nil {
		err = plangen.Write(os.Stdout, plangen.Options{Resources: n, Seed: 1})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "genplan:", err)
		os.Exit(2)
	}
}
