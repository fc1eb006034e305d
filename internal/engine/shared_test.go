package engine

import (
	"sync"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/metsuke-dev/metsuke/providers"
)

// Append of OPA's ast.Body numbers the expression that it is given. One of the residual
// belongs to every resource that is judged at the same time.
func TestJudgingLeavesTheResidualAsItIs(t *testing.T) {
	s := session(t, library(t, idioms()))
	var wg sync.WaitGroup
	for _, unknown := range []string{"rules", "rules.0.cidrs", "rules.0.port", "tags", "tags.a", "encrypted", "kms_key", "retention", "versioning", "settings"} {
		wg.Go(func() {
			r := thing(map[string]any{"rules": []any{map[string]any{"port": int64(22), "cidrs": []any{"c"}, "peer": nil}}})
			r.Unknown = map[string]providers.Reason{unknown: providers.Deferred}
			if _, err := s.Evaluate(t.Context(), r, nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	evaluators, err := s.of("test_thing")
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	check := func(id string, body ast.Body) {
		looked++
		for i, expr := range body {
			if expr.Index != i {
				t.Errorf("%s: expression %d is numbered %d in %v", id, i, expr.Index, body)
			}
		}
	}
	for _, ev := range evaluators {
		for _, p := range ev.policies {
			for _, left := range []*residual{&p.denyLeft, &p.appLeft} {
				for _, body := range left.bodies {
					check(p.ID, body)
				}
				for _, rules := range left.support {
					for _, rule := range rules {
						check(p.ID, rule.Body)
					}
				}
			}
		}
	}
	if looked < 20 {
		t.Errorf("only %d bodies were left by partial evaluation", looked)
	}
}
