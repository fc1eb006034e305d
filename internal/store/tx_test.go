package store

import (
	"context"
	"database/sql"
	"errors"
	"testing"
)

func TestWhatIsCancelledAtItsVeryEndSaysThatItWas(t *testing.T) {
	s := openTemp(t)
	for name, do := range map[string]func(context.Context, string, func(tx) error) error{"read": s.read, "write": s.write} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			err := do(ctx, "look", func(tx tx) error {
				cancel()
				for !errors.Is(tx.exec(context.Background(), `SELECT 1`), sql.ErrTxDone) { // it is rolled back beside this
				}
				return nil
			})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("it says %v", err)
			}
		})
	}
}
