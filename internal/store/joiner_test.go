package store

import (
	"errors"
	"testing"
)

func TestAFindingThatIsMissingInPartIsNotLeftOut(t *testing.T) {
	for _, statement := range []string{
		`DELETE FROM content WHERE id = (SELECT max(rule) FROM fact)`, `DELETE FROM content WHERE id = (SELECT max(resource) FROM fact)`,
		`DELETE FROM content WHERE id = (SELECT max(detail) FROM fact)`, `DELETE FROM fact WHERE id = (SELECT max(fact) FROM life_state)`,
	} {
		s := openTemp(t)
		first := scan{run: runOf(0, bucket("a"), bucket("b")), exist: []string{"a", "b"}}.save(t, s)
		last := scan{run: runOf(1), exist: []string{"a"}}.save(t, s)
		if _, err := s.db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
		var wanted *Error
		if _, err := s.Compare(t.Context(), first.Run.ID, last.Run.ID); !errors.As(err, &wanted) || wanted.Kind != ErrCorrupt {
			t.Errorf("after %s two runs are compared with %v", statement, err)
		}
		if _, err := s.Run(t.Context(), last.Run.ID); !errors.As(err, &wanted) || wanted.Kind != ErrCorrupt {
			t.Errorf("after %s the run is read with %v", statement, err)
		}
	}
}
