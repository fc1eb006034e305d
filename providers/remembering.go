package providers

// Remembering is a Sink that has cells of a scope already, from a run that was cut short
// and is gone on with.
type Remembering interface {
	Sink
	// Has reports whether the cell is there. Where it is, the Sink tells by itself what is
	// in it, and that it is done. The cell was planned.
	Has(c Cell) bool
}

// Had reports whether the Sink has the planned cell already. A provider whose cells can
// be read without one another asks before it makes the first call for a cell, and does
// nothing more about one that is there: it calls neither the API nor Done. One that never
// asks reads the scope from its start.
//
// A Sink that wraps another one has a method Unwrap that returns it.
func Had(out Sink, c Cell) bool {
	for {
		if r, ok := out.(Remembering); ok {
			return r.Has(c)
		}
		w, ok := out.(interface{ Unwrap() Sink })
		if !ok {
			return false
		}
		out = w.Unwrap()
	}
}
