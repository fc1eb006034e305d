package store

import (
	"encoding/json"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// cellName is how a cell is called in the database.
func cellName(c providers.Cell) ([]byte, error) {
	return encode([]string{c.Scope.Provider, c.Scope.ID, c.Region, string(c.Type)})
}

// cellOf is the reverse of cellName; the scope says more of the account.
func cellOf(name []byte, scope providers.Scope) (providers.Cell, error) {
	var parts []string
	if err := json.Unmarshal(name, &parts); err != nil || len(parts) != 4 {
		return providers.Cell{}, &Error{Kind: ErrCorrupt, Detail: "the name of a cell", Advice: "restore a copy of the database"}
	}
	return providers.Cell{Scope: scope, Region: parts[2], Type: providers.Type(parts[3])}, nil
}

// openCell is what is known of a cell before the run.
type openCell struct {
	id, state int64
	read      int
	scope     int64
}

// saveCells keeps which cells could be read, as intervals. Those that the run was not
// asked for, and those that it did not reach before it was interrupted, stay as they
// were.
func (v *saving) saveCells() error {
	if v.rec.Watch == nil {
		return nil
	}
	open := map[string]openCell{}
	err := v.tx.rows(v.ctx, `SELECT c.id, c.name, st.id, st.was_read, st.scope FROM cell_state st JOIN cell c ON c.id = st.cell WHERE st.series = ? AND st.to_seq = ?`,
		[]any{v.series.id, forever}, func(scan func(...any) error) error {
			var o openCell
			var name []byte
			err := scan(&o.id, &name, &o.state, &o.read, &o.scope)
			open[string(name)] = o
			return err
		})
	if err != nil {
		return err
	}
	read := v.rec.Watch.Cells()
	scopes := make([]hash, len(read))
	for i, c := range read {
		b, err := encode(c.Scope)
		if err != nil {
			return err
		}
		scopes[i] = v.contents.want(b)
	}
	if err := v.contents.flush(v.ctx); err != nil {
		return err
	}
	var cells, states [][]any
	var over []any
	change := func(cell int64, read int, scope int64) error {
		id, err := v.id("cell_state")
		states = append(states, []any{id, v.series.id, cell, v.series.last, forever, read, scope})
		return err
	}
	for i, c := range read {
		name, err := cellName(c)
		if err != nil {
			return err
		}
		scope := v.contents.id(scopes[i])
		o, ok := open[string(name)]
		delete(open, string(name))
		switch {
		case !ok:
			if o.id, err = v.id("cell"); err != nil {
				return err
			}
			cells = append(cells, []any{o.id, v.series.id, name})
		case o.read == 1 && o.scope == scope:
			continue
		default:
			over = append(over, o.state)
		}
		if err := change(o.id, 1, scope); err != nil {
			return err
		}
	}
	for name, o := range open {
		if o.read == 0 || v.info.Interrupted {
			continue
		}
		c, err := cellOf([]byte(name), providers.Scope{})
		if err != nil {
			return err
		}
		if !v.askedForCell([]byte(name), c) {
			continue
		}
		over = append(over, o.state)
		if err := change(o.id, 0, o.scope); err != nil {
			return err
		}
	}
	if err := v.end("cell_state", over); err != nil {
		return err
	}
	if err := v.tx.insert(v.ctx, "cell", "id, series, name", "", cells); err != nil {
		return err
	}
	return v.tx.insert(v.ctx, "cell_state", "id, series, cell, from_seq, to_seq, was_read, scope", "", states)
}

func (v *saving) askedForCell(name []byte, c providers.Cell) bool {
	var parts [4]string
	if err := json.Unmarshal(name, &parts); err != nil {
		return false
	}
	return v.asked(finding.Subject{Provider: parts[0], Scope: parts[1], Region: c.Region, Type: c.Type})
}
