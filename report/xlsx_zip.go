package report

import (
	"archive/zip"
	"bytes"
	"cmp"
	"compress/flate"
	"errors"
	"hash/crc32"
	"io"
	"io/fs"
	"slices"
	"time"
)

// sortedZip is a ZIP file whose bytes depend on nothing but its parts: they are written
// in the order of their names and with the same time. It holds them compressed.
type sortedZip struct {
	w     io.Writer
	stamp time.Time
	parts []*zipPart
}

// zipPart is a file in it.
type zipPart struct {
	name       string
	compressed bytes.Buffer
	flate      *flate.Writer
	size       uint64
	crc        uint32
}

// Create adds a file.
func (z *sortedZip) Create(name string) (io.Writer, error) {
	p := &zipPart{name: name}
	out, err := flate.NewWriter(&p.compressed, flate.DefaultCompression)
	if err != nil {
		return nil, err
	}
	p.flate = out
	z.parts = append(z.parts, p)
	return p, nil
}

func (p *zipPart) Write(b []byte) (int, error) {
	n, err := p.flate.Write(b)
	p.size += uint64(n)
	p.crc = crc32.Update(p.crc, crc32.IEEETable, b[:n])
	return n, err
}

// AddFS is not needed: workbooks are made of files that Create adds.
func (z *sortedZip) AddFS(fs.FS) error {
	return errors.New("add files of a file system: not supported")
}

// Close writes the file. The list of the parts' types comes first, as readers of streams
// like it.
func (z *sortedZip) Close() error {
	const types = "[Content_Types].xml"
	slices.SortFunc(z.parts, func(a, b *zipPart) int {
		switch {
		case a.name == types:
			return -1
		case b.name == types:
			return 1
		}
		return cmp.Compare(a.name, b.name)
	})
	out := zip.NewWriter(z.w)
	for _, p := range z.parts {
		if err := p.flate.Close(); err != nil {
			return err
		}
		head := &zip.FileHeader{Name: p.name, Method: zip.Deflate, CRC32: p.crc, CompressedSize64: uint64(p.compressed.Len()), UncompressedSize64: p.size}
		head.SetModTime(z.stamp) //nolint:staticcheck // CreateRaw reads no other field of the time
		w, err := out.CreateRaw(head)
		if err != nil {
			return err
		}
		if _, err := p.compressed.WriteTo(w); err != nil {
			return err
		}
	}
	return out.Close()
}
