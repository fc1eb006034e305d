// Command metsuke is the governance scanner of a Cloud Center of Excellence.
// This package is the only one that touches the process: arguments, environment,
// clock, terminal, signals and exit codes.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400) // a command lives briefly: fewer collections, not less memory
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, newProcess(), os.Args[1:])
	stop()
	os.Exit(code)
}
