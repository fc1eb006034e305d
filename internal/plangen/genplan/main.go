// Command genplan writes a synthetic Terraform plan to standard output: for
// measuring metsuke and other tools on the same file (BENCHMARKS.md).
package main

import (
	"flag"
	"fmt"
	"os"
	"strconv"

	"github.com/metsuke-dev/metsuke/internal/plangen"
)

func main() {
	large := flag.Bool("large", false, "resources of about 4 KB instead of 2.5 KB")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: genplan [-large] RESOURCES > plan.json")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	n, err := strconv.Atoi(flag.Arg(0))
	if err == nil {
		err = plangen.Write(os.Stdout, plangen.Options{Resources: n, Seed: 1, Large: *large})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "genplan:", err)
		os.Exit(2)
	}
}
