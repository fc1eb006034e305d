package config

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/metsuke-dev/metsuke/internal/yamlfile"
)

// Store says where runs are saved, and for how long.
type Store struct {
	URL  string `yaml:"url" json:"url,omitempty" jsonschema_description:"Path of a SQLite file, relative to this file, or postgres://USER@HOST/DATABASE. A password belongs into the environment (PGPASSWORD) or ~/.pgpass. Default: metsuke/metsuke.db in the user's directory for state."`
	Keep Keep   `yaml:"keep" json:"keep,omitempty" jsonschema_description:"What is taken away after a run was saved. Default: nothing."`
}

// Keep says which runs stay.
type Keep struct {
	Age         Age   `yaml:"age" json:"age,omitempty" jsonschema_description:"Runs that are older are deleted: 400d."`
	Runs        Whole `yaml:"runs" json:"runs,omitempty" jsonschema_description:"How many runs stay, the latest of each kind."`
	Inventories Whole `yaml:"inventories" json:"inventories,omitempty" jsonschema_description:"How many of them keep what they read; without it a run cannot be verified."`
}

// Age is a time span of whole days, 400d, or as Go writes it.
type Age time.Duration

// UnmarshalYAML reads an age.
func (a *Age) UnmarshalYAML(n ast.Node) error {
	if s, ok := n.(*ast.StringNode); ok {
		if v, ok := ParseAge(s.Value); ok {
			*a = Age(v)
			return nil
		}
	}
	return yamlfile.Wrong(n, "%s is not an age: write 400d or 36h", n)
}

// ParseAge reads a time span of whole days, 400d, or as Go writes it. It is more than 0.
func ParseAge(s string) (time.Duration, bool) {
	const day = 24 * time.Hour
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		return time.Duration(n) * day, err == nil && n > 0 && n <= int(math.MaxInt64/int64(day))
	}
	v, err := time.ParseDuration(s)
	return v, err == nil && v > 0
}
