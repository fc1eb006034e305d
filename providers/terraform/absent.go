package terraform

import (
	"encoding/json"
	"hash/maphash"
	"slices"
	"strings"
)

// absence finds what a plan leaves out without saying so. Terraform says since 1.8
// whether a plan is complete; OpenTofu does not, and its lifecycle argument enabled leaves
// out resources of plans that are complete, so that this is worth a note and no more.
//
// A resource block without count and for_each, in modules without either, has one instance,
// and a plan that is not there to destroy has a change for it, which may be a no-op.
type absence struct {
	seed  maphash.Seed
	plain map[uint64]struct{} // hashes of the addresses without keys, of resources that stay
	types map[string]bool     // Terraform types of the blocks without any change
}

func newAbsence() absence {
	return absence{seed: maphash.MakeSeed(), plain: map[uint64]struct{}{}, types: map[string]bool{}}
}

// saw notes a change of a managed resource.
func (a *absence) saw(address string) {
	if !strings.Contains(address, "[") {
		a.plain[maphash.String(a.seed, address)] = struct{}{}
	}
}

// find returns the addresses of the blocks below the module that have no change.
func (a *absence) find(m *module, prefix string) []string {
	var out []string
	for key, block := range m.resources {
		if block.repeated || strings.HasPrefix(key, "data.") || strings.HasPrefix(key, "ephemeral.") {
			continue
		}
		if _, ok := a.plain[maphash.String(a.seed, prefix+key)]; !ok {
			typ, _, _ := strings.Cut(key, ".")
			a.types[typ] = true
			out = append(out, prefix+key)
		}
	}
	for name, call := range m.calls {
		if !call.repeated {
			out = append(out, a.find(call.module, prefix+"module."+name+".")...)
		}
	}
	return out
}

// leavesOut are the resources that a plan lacks which does not say whether it is
// complete. A plan that makes and keeps nothing has only what it destroys.
func (ix *index) leavesOut() []string {
	if ix.saysComplete || !slices.ContainsFunc(ix.entries, func(e entry) bool { return e.flags&(flagGone|flagData|flagOther) == 0 }) {
		return nil
	}
	return ix.absence.find(ix.root, "")
}

// failedChecks reports whether a condition of a resource or an output was not met, which
// ends a run. Before 1.6 Terraform saved the plan of such a run and did not say in it that
// it is one. Failed check blocks end no run.
func failedChecks(b []byte) bool {
	var checks []struct {
		Address struct{ Kind string }
		Status  string
	}
	if json.Unmarshal(b, &checks) != nil {
		return false
	}
	for _, c := range checks {
		if (c.Address.Kind == "resource" || c.Address.Kind == "output_value") && (c.Status == "fail" || c.Status == "error") {
			return true
		}
	}
	return false
}
