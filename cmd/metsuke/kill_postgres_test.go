//go:build unix

package main

import (
	"path/filepath"
	"testing"

	"github.com/metsuke-dev/metsuke/internal/store/storetest"
)

func TestAProcessThatIsKilledAnywhereLeavesNothingHalfOnPostgreSQL(t *testing.T) {
	server := storetest.Postgres(t)
	t.Cleanup(storetest.Stop)
	killAnywhere(t, killMoments/2, func(t *testing.T) victim {
		v := newVictim(t, t.TempDir())
		v.store, v.kept = server.NewSchema(t), filepath.Join(v.dir, ".local", "state", "metsuke", "runs")
		return v
	})
}
