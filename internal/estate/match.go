package estate

import (
	"regexp"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/providers"
)

// Key identifies a resource of a plan.
type Key struct {
	Type providers.Type
	ID   string
}

// place identifies a live resource.
type place struct {
	scope  ScopeID
	typ    providers.Type
	region string
	id     string
}

func placeOf(r providers.Resource) place { return place{IDOf(r.Scope), r.Type, r.Region, r.ID} }

// Match says where the resources of a plan are among the live ones.
type Match struct {
	scopes map[Key]ScopeID
	live   map[Key]providers.Resource
	taken  map[place]bool
	doubt  map[providers.Type]bool
	held   map[ScopeID]bool

	// Assumed are scopes that were taken because the inventory has no other of the
	// provider: the plan does not say which account it is for.
	Assumed []ScopeID
	// Elsewhere are accounts that the plan names and the inventory does not hold.
	Elsewhere []string
	// Unplaced is how many resources are in no account that could be told.
	Unplaced int
	// Missing is how many resources exist, says the plan, and are not in the inventory.
	Missing int
}

// Scope returns the live account that a planned resource is in, false where that cannot
// be told.
func (m *Match) Scope(k Key) (ScopeID, bool) {
	s, ok := m.scopes[k]
	return s, ok
}

// Holds reports whether a resource of the plan is in the live account.
func (m *Match) Holds(s ScopeID) bool { return m.held[s] }

// Live returns the live resource that the one of the plan is or stands in for.
func (m *Match) Live(k Key) (providers.Resource, bool) {
	r, ok := m.live[k]
	return r, ok
}

// Taken reports whether a resource of the plan takes the place of the live one, or
// destroys it.
func (m *Match) Taken(r providers.Resource) bool { return m.taken[placeOf(r)] }

// Doubtful reports whether a resource of the type exists of which it cannot be told
// which live one it is: together with the live ones, it might count twice.
func (m *Match) Doubtful(t providers.Type) bool { return m.doubt[t] }

// matcher finds the live resources of selves.
type matcher struct {
	*Match
	e        *Estate
	accounts []string // that the user names
	strong   map[providers.Type]map[string][]providers.Resource
	byName   map[providers.Type]map[string][]providers.Resource
	// told are the scopes of a provider configuration, by provider and configuration;
	// the zero ScopeID is one that the inventory does not hold.
	told map[[2]string]map[ScopeID]bool
	// asked is what named answered, by provider and account: few are named by many resources.
	asked map[[2]string]answer
	// projects are the scopes in which there are resources of a project, by provider and
	// project: the first one where there are several.
	projects map[ScopeID]ScopeID
}

// answer is a scope, or that there is none.
type answer struct {
	in    ScopeID
	known bool
}

// Match finds the live account and the live self of the plan's resources, among the
// types that were needed. The accounts, by id or name, are those of resources for which the
// plan names none, one for each provider.
func (e *Estate) Match(selves []providers.Self, accounts []string) *Match {
	m := &matcher{
		Match: &Match{scopes: map[Key]ScopeID{}, live: map[Key]providers.Resource{}, taken: map[place]bool{}, doubt: map[providers.Type]bool{}, held: map[ScopeID]bool{}},
		e:     e, accounts: accounts, strong: map[providers.Type]map[string][]providers.Resource{}, byName: map[providers.Type]map[string][]providers.Resource{},
		told: map[[2]string]map[ScopeID]bool{}, asked: map[[2]string]answer{}, projects: map[ScopeID]ScopeID{},
	}
	asked := map[string]bool{}
	for _, s := range selves {
		for _, name := range s.Names {
			for _, spelling := range spellings(name) {
				asked[spelling] = true
			}
		}
	}
	for t, k := range e.types() {
		m.index(t, k, asked)
	}
	for _, s := range selves {
		m.first(s)
	}
	for _, s := range selves {
		m.place(s)
	}
	for _, s := range selves {
		if !s.Outside {
			m.find(s)
		}
	}
	for _, s := range selves {
		if s.Outside {
			m.find(s)
		}
	}
	slices.Sort(m.Elsewhere)
	m.Elsewhere = slices.Compact(m.Elsewhere)
	slices.SortFunc(m.Assumed, func(a, b ScopeID) int { return strings.Compare(a.Provider+a.ID, b.Provider+b.ID) })
	m.Assumed = slices.Compact(m.Assumed)
	return m.Match
}

// index notes which resources of a type are known under the names that are asked for.
func (m *matcher) index(t providers.Type, k *kept, asked map[string]bool) {
	m.strong[t], m.byName[t] = map[string][]providers.Resource{}, map[string][]providers.Resource{}
	for _, list := range k.resources {
		for _, r := range list {
			for _, name := range namesOf(r.ID) {
				if asked[name] {
					m.strong[t][name] = append(m.strong[t][name], r)
				}
			}
			if asked[r.Name] {
				m.byName[t][r.Name] = append(m.byName[t][r.Name], r)
			}
			in := IDOf(r.Scope)
			for _, project := range projectsIn(r.ID) {
				p := ScopeID{in.Provider, project}
				if was, ok := m.projects[p]; !ok || in.ID < was.ID {
					m.projects[p] = in
				}
			}
		}
	}
}

// namesOf returns the names that an id of a live resource goes by: itself, its last part
// (of an ARN, i-0123), and the path of a full resource name or URL
// (//compute.googleapis.com/projects/..., https://github.com/org/name).
func namesOf(id string) []string {
	out := []string{id}
	if i := strings.LastIndexAny(id, "/:"); i >= 0 && i+1 < len(id) {
		out = append(out, id[i+1:])
	}
	if _, path, ok := strings.Cut(id, "//"); ok {
		if _, path, ok := strings.Cut(path, "/"); ok {
			out = append(out, path)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// spellings returns a name as the plan has it, and as the full resource name would:
// https://www.googleapis.com/compute/v1/projects/p/... is projects/p/...
func spellings(name string) []string {
	out := []string{name}
	if i := strings.Index(name, "/projects/"); i >= 0 {
		out = append(out, name[i+1:])
	}
	return out
}

// among returns the live resources with one of the names, in the scope if that is given:
// those with the first name that any has.
func among(by map[string][]providers.Resource, names []string, in *ScopeID) []providers.Resource {
	for _, name := range names {
		for _, spelling := range spellings(name) {
			found := slices.DeleteFunc(slices.Clone(by[spelling]), func(r providers.Resource) bool { return in != nil && IDOf(r.Scope) != *in })
			if len(found) > 0 {
				return found
			}
		}
	}
	return nil
}

// of returns the name of the live provider of the type.
func (m *matcher) of(t providers.Type) string {
	if p := m.e.provider(t); p != nil {
		return p.Describe().Name
	}
	return ""
}

// first looks for what the plan tells by itself: the account that it names, or a live
// resource that has the name and no other has.
func (m *matcher) first(s providers.Self) {
	provider, key := m.of(s.Type), Key{s.Type, s.ID}
	if provider == "" {
		return
	}
	in, known := m.named(provider, s.Account)
	switch {
	case known:
	case s.Account != "" && !m.contains(provider):
		m.Elsewhere = append(m.Elsewhere, s.Account)
		in = ScopeID{Provider: provider}
		known = true
	case s.Exists:
		if found := among(m.strong[s.Type], slices.DeleteFunc(slices.Clone(s.Names), ambiguous), nil); len(found) == 1 {
			in, known = IDOf(found[0].Scope), true
		}
	}
	if !known {
		return
	}
	m.scopes[key] = in
	if s.Config != "" {
		c := [2]string{provider, s.Config}
		if m.told[c] == nil {
			m.told[c] = map[ScopeID]bool{}
		}
		m.told[c][in] = true
	}
}

// unique are the ids that AWS makes up, such as sg-0123456789abcdef0.
var unique = regexp.MustCompile(`^[a-z]+-[0-9a-f]{8,17}$`)

// ambiguous reports whether a resource of another account may have the name too.
func ambiguous(name string) bool {
	return !strings.ContainsAny(name, ":/") && !unique.MatchString(name)
}

// named returns the scope that an account is or, by its live resources, is in.
func (m *matcher) named(provider, account string) (ScopeID, bool) {
	if account == "" {
		return ScopeID{}, false
	}
	given := [2]string{provider, account}
	if got, ok := m.asked[given]; ok {
		return got.in, got.known
	}
	in, known := m.lookUp(provider, account)
	m.asked[given] = answer{in, known}
	return in, known
}

// lookUp goes through the scopes, and knows projects by what is in them.
func (m *matcher) lookUp(provider, account string) (ScopeID, bool) {
	for _, s := range m.e.scopes {
		if s.Provider == provider && (strings.EqualFold(s.ID, account) || s.Name == account || strings.HasSuffix(s.ID, "/"+account)) {
			return IDOf(s), true
		}
	}
	in, ok := m.projects[ScopeID{provider, account}]
	return in, ok
}

// projectsIn returns the projects that an id names: //.../projects/p/zones/z is in p.
func projectsIn(id string) []string {
	var out []string
	for {
		_, rest, ok := strings.Cut(id, "/projects/")
		if !ok {
			return out
		}
		name, _, more := strings.Cut(rest, "/")
		if !more {
			return out
		}
		out, id = append(out, name), "/"+rest
	}
}

// contains reports whether a scope of the provider is an organisation or folder, which
// may hold accounts that no resource of the inventory names.
func (m *matcher) contains(provider string) bool {
	return slices.ContainsFunc(m.e.scopes, func(s providers.Scope) bool {
		return s.Provider == provider && strings.Contains(s.ID, "/") && !strings.HasPrefix(s.ID, "projects/")
	})
}

// place decides which account a resource is in.
func (m *matcher) place(s providers.Self) {
	key, provider := Key{s.Type, s.ID}, m.of(s.Type)
	in, ok := m.scopes[key]
	if told := m.told[[2]string{provider, s.Config}]; !ok && s.Config != "" && len(told) == 1 {
		for in = range told {
			ok = true
		}
	}
	if !ok && provider != "" {
		in, ok = m.fallback(provider)
	}
	if !ok || in.ID == "" { // in.ID is empty where the plan names another account
		delete(m.scopes, key)
		m.Unplaced++
		return
	}
	m.scopes[key], m.held[in] = in, true
}

// fallback is the account that the user names, or the only one of the provider.
func (m *matcher) fallback(provider string) (ScopeID, bool) {
	for _, account := range m.accounts {
		if in, ok := m.named(provider, account); ok {
			return in, true
		}
	}
	var only []ScopeID
	for _, s := range m.e.scopes {
		if s.Provider == provider {
			only = append(only, IDOf(s))
		}
	}
	if len(only) != 1 {
		return ScopeID{}, false
	}
	m.Assumed = append(m.Assumed, only[0])
	return only[0], true
}

// find looks for the live self of a resource in its account.
func (m *matcher) find(s providers.Self) {
	key := Key{s.Type, s.ID}
	in, ok := m.scopes[key]
	if !ok || !s.Exists || m.strong[s.Type] == nil {
		return
	}
	found := among(m.strong[s.Type], s.Names, &in)
	if len(found) != 1 {
		if byName := among(m.byName[s.Type], s.Names, &in); len(found) == 0 || len(byName) == 1 {
			found = byName
		}
	}
	switch {
	case len(found) == 1 && s.Outside:
		if !m.taken[placeOf(found[0])] {
			m.live[key] = found[0]
		}
	case len(found) == 1:
		m.live[key] = found[0]
		m.taken[placeOf(found[0])] = true
	case len(found) > 1 || len(s.Names) == 0:
		m.doubt[s.Type] = m.doubt[s.Type] || !s.Outside
	case !s.Outside:
		m.Missing++
	}
}
