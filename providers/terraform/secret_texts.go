package terraform

import (
	"slices"
	"strings"
)

// Terraform does not mask tags_all and effective_labels, which the provider makes of the
// tags of the resource and of its own defaults. What comes from a sensitive variable may
// get there by way of local values and functions that the plan does not show.

// leastPart is how long a secret has to be so that a tag is masked that only contains it.
const leastPart = 8

// findSecrets notes the texts that the sensitive variables of the root module hold.
func (ix *index) findSecrets() {
	var add func(v any)
	add = func(v any) {
		switch v := v.(type) {
		case string:
			if v != "" {
				ix.secrets = append(ix.secrets, v)
			}
		case []any:
			for _, e := range v {
				add(e)
			}
		case map[string]any:
			for _, e := range v {
				add(e)
			}
		}
	}
	for name := range ix.root.sensitive {
		add(decode(ix.variables[name], nil, nil))
	}
}

// isSecret reports whether a value is, or contains, what a sensitive variable holds.
func (ix *index) isSecret(v any) bool {
	text, ok := v.(string)
	return ok && slices.ContainsFunc(ix.secrets, func(secret string) bool {
		return text == secret || len(secret) >= leastPart && strings.Contains(text, secret)
	})
}
