package terraform

import (
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/internal/iamdoc"
)

// document turns the JSON text of an AWS policy document into its normal form.
func document(v any) any {
	return then(v, func(v any) any {
		s, _ := v.(string)
		doc, err := iamdoc.Parse(s)
		if err != nil {
			return unknown{providers.Failed}
		}
		return doc
	})
}
