package store

import (
	"strconv"
	"strings"
)

// dialect is in what the two databases differ.
type dialect int

const (
	sqlite dialect = iota
	postgres
)

// bind returns the statement with the placeholders of the database in the place of
// question marks. No statement of this package has one in a text.
func (d dialect) bind(query string) string {
	if d == sqlite {
		return query
	}
	var b strings.Builder
	n := 0
	for {
		before, after, found := strings.Cut(query, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		n++
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
		query = after
	}
}

// millis is the time of the database in milliseconds since 1970.
func (d dialect) millis() string {
	if d == sqlite {
		return "CAST(unixepoch('subsec') * 1000 AS INTEGER)"
	}
	return "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"
}
