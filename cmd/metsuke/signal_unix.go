//go:build !windows

package main

import (
	"os/signal"
	"syscall"
)

// heedLimits makes a write beyond the size that files may have (ulimit -f) fail as one to
// a full disk does. Without it the process would be killed in the middle.
func heedLimits() { signal.Ignore(syscall.SIGXFSZ) }
