package inventory

import (
	"errors"

	"github.com/metsuke-dev/metsuke/providers"
)

// Classified is implemented by errors of providers that know why a scope could not
// be read.
type Classified interface {
	error
	Gap() providers.Gap
}

// GapOf is the Gap of a scope that could not be read as a whole.
func GapOf(s providers.Scope, err error) providers.Gap {
	var c Classified
	if errors.As(err, &c) {
		g := c.Gap()
		g.Scope = s
		return g
	}
	return providers.Gap{Scope: s, Reason: providers.Failed, Err: err.Error()}
}
