// Package userdata looks for credentials in the start script of a machine, in any
// of the forms in which cloud-init takes one: plain, base64, gzip, MIME parts, and
// files in a cloud-config. It returns kinds of credentials and never text.
package userdata

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"regexp"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/providers/internal/secrets"
)

const (
	// maxSize bounds what a script may unpack to; EC2 takes at most 16 KB of it packed.
	maxSize = 8 << 20
	// maxDepth bounds forms within forms: a gzip of a MIME part of base64.
	maxDepth = 8
)

// Encoded returns the kinds of secrets in a script that is base64 encoded, as the
// EC2 API gives it, sorted; nil when there are none.
func Encoded(text string) ([]string, error) {
	b, err := decode64([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("decode user data: %w", err)
	}
	return Raw(b)
}

// Raw is Encoded for a script that is not, or no longer, base64 encoded.
func Raw(b []byte) ([]string, error) {
	found := map[string]bool{}
	if err := scan(b, found, 0); err != nil {
		return nil, fmt.Errorf("unpack user data: %w", err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	return slices.Sorted(maps.Keys(found)), nil
}

var errTooBig = errors.New("it unpacks to more than 8 MiB")

func scan(b []byte, found map[string]bool, depth int) error {
	if depth > maxDepth {
		return errors.New("it is packed too often")
	}
	if bytes.HasPrefix(b, []byte{0x1f, 0x8b}) {
		zr, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			return err
		}
		plain, err := limited(zr)
		if err != nil {
			return err
		}
		return scan(plain, found, depth+1)
	}
	for _, k := range secrets.Text(string(b)) {
		found[k] = true
	}
	for _, m := range longBase64.FindAll(b, -1) {
		if plain, err := decode64(m); err == nil && (bytes.HasPrefix(plain, []byte{0x1f, 0x8b}) || printable(plain)) {
			// What only looks like base64 is no error: nobody says that it is.
			_ = scan(plain, found, depth+1)
		}
	}
	return scanParts(b, found, depth)
}

// scanParts scans the parts of a MIME message; the whole of it was scanned as text.
func scanParts(b []byte, found map[string]bool, depth int) error {
	head := bytes.ToLower(b[:min(len(b), 4096)])
	if !bytes.Contains(head, []byte("content-type:")) || !bytes.Contains(head, []byte("multipart/")) {
		return nil
	}
	r := textproto.NewReader(bufio.NewReader(bytes.NewReader(bytes.TrimLeft(b, "\r\n\t "))))
	header, err := r.ReadMIMEHeader()
	if err != nil {
		return fmt.Errorf("read MIME header: %w", err)
	}
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(kind, "multipart/") {
		return nil //nolint:nilerr // a script that only talks of MIME is no multipart text
	}
	parts := multipart.NewReader(r.R, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read MIME part: %w", err)
		}
		var body io.Reader = part
		if strings.EqualFold(part.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
			body = quotedprintable.NewReader(part)
		}
		plain, err := limited(body)
		if err != nil {
			return fmt.Errorf("read MIME part: %w", err)
		}
		if strings.EqualFold(part.Header.Get("Content-Transfer-Encoding"), "base64") {
			if plain, err = decode64(plain); err != nil {
				return fmt.Errorf("decode MIME part: %w", err)
			}
		}
		if err := scan(plain, found, depth+1); err != nil {
			return err
		}
	}
}

// longBase64 matches what may be a file in a cloud-config (write_files with the
// encoding b64 or gz+b64).
var longBase64 = regexp.MustCompile(`[A-Za-z0-9+/]{64,}={0,2}`)

func decode64(b []byte) ([]byte, error) {
	compact := bytes.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == ' ' || r == '\t' {
			return -1
		}
		return r
	}, b)
	out := make([]byte, base64.StdEncoding.DecodedLen(len(compact)))
	n, err := base64.StdEncoding.Decode(out, compact)
	if err != nil {
		return nil, err
	}
	return out[:n], nil
}

func limited(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxSize+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxSize {
		return nil, errTooBig
	}
	return b, nil
}

// printable reports whether bytes are text, so that chance hits are not scanned.
func printable(b []byte) bool {
	for _, c := range b {
		if c < 0x09 || c > 0x0d && c < 0x20 {
			return false
		}
	}
	return true
}
