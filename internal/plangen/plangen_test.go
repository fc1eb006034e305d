package plangen

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func write(t *testing.T, opt Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, opt); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTheSameOptionsGiveTheSameBytes(t *testing.T) {
	a := write(t, Options{Resources: 500, Seed: 7})
	if !bytes.Equal(a, write(t, Options{Resources: 500, Seed: 7})) {
		t.Error("two plans of one seed differ")
	}
	if bytes.Equal(a, write(t, Options{Resources: 500, Seed: 8})) {
		t.Error("the seed changes nothing")
	}
}

func TestAPlanIsJSONOfTheAnnouncedSizeWithUniqueAddresses(t *testing.T) {
	isPlan(t, Options{Resources: 4000, Seed: 1}, 2000, 3000)
}

func TestALargePlanIsJSONOfTheAnnouncedSizeToo(t *testing.T) {
	isPlan(t, Options{Resources: 4000, Seed: 1, Large: true}, 3900, 4200)
}

// isPlan checks a plan that has between so many bytes for every resource.
func isPlan(t *testing.T, opt Options, least, most int) {
	t.Helper()
	n, b := opt.Resources, write(t, opt)
	var plan struct {
		Changes []struct{ Address, Type string } `json:"resource_changes"`
	}
	if err := json.Unmarshal(b, &plan); err != nil {
		t.Fatal(err)
	}
	seen, types, modules := map[string]bool{}, map[string]bool{}, 0
	for _, c := range plan.Changes {
		if seen[c.Address] {
			t.Errorf("%s occurs twice", c.Address)
		}
		seen[c.Address], types[c.Type] = true, true
		if strings.HasPrefix(c.Address, "module.") {
			modules++
		}
	}
	if len(seen) != n || len(types) != 20 || modules != n*3/10 {
		t.Errorf("%d resources of %d types, %d in modules", len(seen), len(types), modules)
	}
	if per := len(b) / n; per < least || per > most {
		t.Errorf("%d bytes a resource", per)
	}
}
