package engine

import (
	"encoding/json"
	"strconv"
)

// indexText is what a line of the index says of a policy.
func (p *Policy) indexText(t *planText) {
	t.text(&p.ID)
	p.source.indexText(t)
	if !t.reading() {
		p.digest = p.Digest()
	}
	t.text(&p.digest)
	t.text(&p.Title)
	t.text(&p.Description)
	word(t, &p.Severity)
	word(t, &p.Category)
	words(t, &p.Types)
	words(t, &p.Patterns)
	t.text(&p.Remediation)
	t.text(&p.Terraform)
	table(t, &p.Frameworks, func(list *[]string) { words(t, list) })
	t.flag(&p.Deprecated)
	t.text(&p.Plan)
	words(t, &p.Aliases)
	table(t, &p.Uses, func(list *[]string) { words(t, list) })
	table(t, &p.Params, func(param *Param) { param.indexText(t) })
	if t.paths(&p.IndexedReads); p.IndexedReads == nil {
		p.IndexedReads = [][]string{} // nothing, and nobody has to find out
	}
}

func (s *source) indexText(t *planText) {
	t.text(&s.File)
	t.text(&s.Package)
	words(t, &s.Imports)
	t.flag(&s.Applicable)
}

func (p *Param) indexText(t *planText) {
	t.text(&p.Type)
	t.text(&p.Description)
	var value string
	if !t.reading() {
		b, err := json.Marshal(p.Default)
		if err != nil {
			t.fail("%v", err)
		}
		value = string(b)
	}
	t.text(&value)
	if !t.reading() {
		return
	}
	switch value { // most are one of these
	case "true", "false":
		p.Default = value == "true"
		return
	case "[]":
		p.Default = []any{}
		return
	case "{}":
		p.Default = map[string]any{}
		return
	}
	if n, err := strconv.ParseFloat(value, 64); err == nil {
		p.Default = n
		return
	}
	if err := json.Unmarshal([]byte(value), &p.Default); err != nil {
		t.fail("the default of a parameter is not JSON: %v", err)
	}
}
