//go:build !windows

package checkpoint

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// takeLock locks the file until it is closed or the process ends, however it ends. It
// does not wait: the error is ErrInUse while another one has it.
func takeLock(file string) (*os.File, error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == nil {
		return f, nil
	}
	_ = f.Close()
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, ErrInUse
	}
	return nil, err
}
