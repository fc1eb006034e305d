package scan

import "github.com/metsuke-dev/metsuke/providers"

// unwrap returns the provider as a T, looking into what wraps it: a provider that wraps
// another one has an Unwrap method.
func unwrap[T any](p providers.Provider) (T, bool) {
	for {
		if t, ok := p.(T); ok {
			return t, true
		}
		w, ok := p.(interface{ Unwrap() providers.Provider })
		if !ok {
			var none T
			return none, false
		}
		p = w.Unwrap()
	}
}
