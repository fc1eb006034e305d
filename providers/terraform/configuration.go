package terraform

import (
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/metsuke-dev/metsuke/providers"
)

// Configuration is a Terraform configuration without a plan: what there is to know from
// its files alone. It is safe for concurrent use.
type Configuration struct {
	s    *sources
	root *module

	mu   sync.Mutex
	read map[*module]bool
}

// OpenConfiguration returns the configuration whose root module is in the directory of
// the files, "" for their top.
func OpenConfiguration(files fs.FS, dir string) *Configuration {
	return &Configuration{s: newSources(files, dir), root: newModule(nil, ""), read: map[*module]bool{}}
}

// Locate returns the place of the resource with the address, with the calls that lead to
// it: that of the call where the module's files are not the user's, nil where there is no
// such resource.
func (c *Configuration) Locate(address string) *providers.Source {
	c.mu.Lock()
	defer c.mu.Unlock()
	m, key, ok := c.find(address)
	if m == nil {
		return nil
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	out := &providers.Source{Address: address, Calls: c.s.calls(m)}
	last := len(out.Calls) - 1
	switch src := c.s.modules[m]; {
	case c.s.elsewhere(m) && last >= 0:
		out.File, out.Line = out.Calls[last].File, out.Calls[last].Line
	case ok && src != nil && src.blocks[key] != nil:
		out.File, out.Line = src.blocks[key].file, src.blocks[key].line
	default:
		return nil
	}
	return out
}

// find returns the module of the address as far as there is one, and the name of the
// resource in it. It reports whether all of the modules on the way are there.
func (c *Configuration) find(address string) (m *module, key string, ok bool) {
	steps := parseSteps(address)
	m = c.root
	for ; len(steps) > 2 && steps[0].name == "module"; steps = steps[2:] {
		c.open(m)
		call := m.calls[steps[1].name]
		if call == nil {
			return nil, "", false
		}
		m = call.module
	}
	if len(steps) != 2 || steps[0].name == "module" {
		return nil, "", false
	}
	c.open(m)
	return m, steps[0].name + "." + steps[1].name, true
}

// open reads a module's files: what they declare stands for what a plan would have.
func (c *Configuration) open(m *module) {
	if c.read[m] {
		return
	}
	c.read[m] = true
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	dir, ok := c.s.dir(m)
	if !ok {
		return
	}
	src, err := c.s.read(dir)
	if err != nil || src == nil {
		c.s.module(m) // notes why
		return
	}
	for key, b := range src.blocks {
		if name, is := strings.CutPrefix(key, "module."); is {
			call := &moduleCall{module: newModule(m, name)}
			call.module.call = call
			if source := named(b.parts(), "source"); len(source) == 1 {
				call.source = source[0].text
			}
			m.calls[name] = call
		} else if !strings.HasPrefix(key, "output.") {
			m.resources[key] = &configBlock{}
		}
	}
	c.s.module(m)
}

// Missing returns those of the addresses that the configuration does not declare, sorted
// and without the keys of instances. What is in modules without files here is not among
// them.
func (c *Configuration) Missing(addresses []string) []string {
	out := map[string]bool{}
	for _, a := range addresses {
		if c.Locate(a) == nil {
			out[withoutKeys(a)] = true
		}
	}
	return slices.Sorted(maps.Keys(out))
}

// Notes returns what could not be read of the files, sorted.
func (c *Configuration) Notes() []string { return c.s.list() }

// withoutKeys takes the keys of instances out of an address.
func withoutKeys(address string) string {
	var names []string
	for _, st := range parseSteps(address) {
		names = append(names, st.name)
	}
	return strings.Join(names, ".")
}
