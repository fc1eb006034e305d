package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// writable reports early whether replaceFile could write the file.
func writable(file string) error {
	target, special, err := place(file)
	if err != nil || special {
		return err
	}
	tmp, err := beside(target)
	if err != nil {
		return err
	}
	_ = tmp.Close()
	return os.Remove(tmp.Name())
}

// replaceFile writes a file beside its place and renames it there: it is whole or not
// there. A device or a pipe is written directly, and a link is followed.
func replaceFile(file string, content []byte) error {
	return replaceWith(file, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// replaceWith is replaceFile for content that is written piece by piece.
func replaceWith(file string, write func(io.Writer) error) error {
	target, special, err := place(file)
	if err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	if special {
		return writeSpecial(file, target, write)
	}
	tmp, err := beside(target)
	if err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	err = write(tmp)
	if info, statErr := os.Stat(target); statErr == nil {
		err = errors.Join(err, tmp.Chmod(info.Mode().Perm()))
	}
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), target)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", file, plainPathError(err))
	}
	return nil
}

// writeSpecial writes to what is no regular file.
func writeSpecial(file, target string, write func(io.Writer) error) error {
	f, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err == nil {
		err = errors.Join(write(f), f.Close())
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", file, plainPathError(err))
	}
	return nil
}

// place follows links to where the file is or will be, and tells what is no regular
// file.
func place(file string) (target string, special bool, err error) {
	target = file
	if real, err := filepath.EvalSymlinks(file); err == nil {
		target = real
	}
	info, err := os.Stat(target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return target, false, nil
	case err != nil:
		return "", false, plainPathError(err)
	case info.IsDir():
		return "", false, errors.New("is a directory")
	}
	return target, !info.Mode().IsRegular(), nil
}

// beside creates a temporary file next to the target, with the permissions of any new
// file. Its name is another one each time: of two processes in containers, each is process
// 1, and one that was killed has left its file.
func beside(target string) (*os.File, error) {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	name := filepath.Join(filepath.Dir(target), fmt.Sprintf(".%s.metsuke-%x", filepath.Base(target), b))
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o666)
	if err != nil {
		return nil, plainPathError(err)
	}
	return f, nil
}

// plainPathError drops the name of a temporary file from an error.
func plainPathError(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	var l *os.LinkError
	if errors.As(err, &l) {
		return l.Err
	}
	return err
}
