// Command metsuke is the governance scanner of a Cloud Center of Excellence.
// This package is the only one that touches the process: arguments, environment,
// clock, terminal, signals and exit codes.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	tuneMemory()
	os.Exit(runMain(newProcess()))
}

// runMain runs the process's own arguments. The first interrupt ends what is under
// way and reports what there is; a second one ends the process at once.
func runMain(p *process) int {
	heedLimits()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	defer context.AfterFunc(ctx, stop)()
	return run(ctx, p, os.Args[1:])
}
