package snapshot_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/policies"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/providertest"
	"github.com/metsuke-dev/metsuke/providers/snapshot"
	"github.com/metsuke-dev/metsuke/report"
)

var (
	shop = providers.Scope{Provider: "aws", ID: "111111111111", Name: "shop", Labels: map[string]string{"organization_role": "member"}}
	bank = providers.Scope{Provider: "aws", ID: "222222222222"}
	org  = providers.Scope{Provider: "github", ID: "acme"}
)

// estate is a small inventory of two providers.
func estate() report.Inventory {
	return report.Inventory{
		Version: "1.2.3", Time: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC),
		Providers: []finding.ProviderStatus{{Name: "aws", Used: true, Scopes: 2}, {Name: "github", Used: true, Scopes: 1}},
		Scopes:    []providers.Scope{shop, bank, org},
		Wants: map[string][]providers.Want{
			"aws":    {{Type: "aws_instance", Attributes: []string{"state"}}, {Type: "aws_sqs_queue", Attributes: []string{"kms_master_key_id", "tags"}}},
			"github": {{Type: "github_repository", Attributes: []string{"private", "tags"}}},
		},
		Cells: []report.InventoryCell{
			{Cell: providers.Cell{Scope: shop, Type: "aws_instance", Region: "eu-west-1"}, Read: true},
			{Cell: providers.Cell{Scope: shop, Type: "aws_sqs_queue", Region: "eu-west-1"}, Read: true},
			{Cell: providers.Cell{Scope: bank, Type: "aws_sqs_queue", Region: "eu-west-1"}},
			{Cell: providers.Cell{Scope: org, Type: "github_repository"}, Read: true},
		},
		Resources: []providers.Resource{
			{Scope: shop, Type: "aws_instance", ID: "arn:i-1", Region: "eu-west-1", Tags: map[string]string{}, Attributes: map[string]any{"state": "running"}},
			{
				Scope: shop, Type: "aws_sqs_queue", ID: "arn:orders", Name: "orders", Region: "eu-west-1", Tags: map[string]string{"owner": "ann"},
				Created: time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC), Attributes: map[string]any{"kms_master_key_id": nil},
			},
			{
				Scope: org, Type: "github_repository", ID: "https://github.com/acme/shop", Name: "shop", Tags: map[string]string{},
				Attributes: map[string]any{}, Unknown: map[string]providers.Reason{"private": providers.Denied, "tags": providers.Unsupported},
			},
		},
		Gaps: []providers.Gap{
			{Scope: bank, Type: "aws_sqs_queue", Region: "eu-west-1", Call: "SQS.ListQueues", Permission: "sqs:ListQueues", Reason: providers.Denied, Err: "no"},
			{Scope: org, Type: "github_repository", ID: "https://github.com/acme/shop", Path: "private,tags", Reason: providers.Denied, Err: "no"},
		},
	}
}

func written(t *testing.T, format string, inv report.Inventory) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := report.WriteInventory(&b, format, report.Options{}, inv); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(text []byte, ds ...providers.Description) (*snapshot.Snapshot, error) {
	return snapshot.Open(bytes.NewReader(text), int64(len(text)), snapshot.Options{Name: "saved", Describe: ds})
}

func mustOpen(t *testing.T, text []byte, ds ...providers.Description) *snapshot.Snapshot {
	t.Helper()
	s, err := open(text, ds...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// kept is a Sink that keeps what it is sent.
type kept struct {
	mu        sync.Mutex
	cells     []providers.Cell
	done      []providers.Cell
	resources []providers.Resource
	gaps      []providers.Gap
}

func (k *kept) Plan(cells ...providers.Cell) {
	k.mu.Lock()
	k.cells = append(k.cells, cells...)
	k.mu.Unlock()
}
func (k *kept) Done(c providers.Cell) { k.mu.Lock(); k.done = append(k.done, c); k.mu.Unlock() }
func (k *kept) Gap(g providers.Gap)   { k.mu.Lock(); k.gaps = append(k.gaps, g); k.mu.Unlock() }
func (k *kept) Resource(r providers.Resource) {
	k.mu.Lock()
	k.resources = append(k.resources, r)
	k.mu.Unlock()
}

// again collects everything that a snapshot holds into an inventory.
func again(t *testing.T, s *snapshot.Snapshot, like report.Inventory) report.Inventory {
	t.Helper()
	out := report.Inventory{Version: s.Version(), Time: s.Time(), Interrupted: s.Interrupted(), Providers: like.Providers, Wants: map[string][]providers.Want{}}
	for _, p := range s.Providers() {
		d := p.Describe()
		out.Wants[d.Name] = d.Everything()
		scopes, err := p.Scopes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, sc := range scopes {
			k := &kept{}
			if err := p.Collect(t.Context(), sc, d.Everything(), k); err != nil {
				t.Fatal(err)
			}
			out.Scopes = append(out.Scopes, sc)
			for _, c := range k.cells {
				missed := slices.ContainsFunc(k.gaps, func(g providers.Gap) bool {
					return g.ID == "" && g.Path == "" && (g.Type == "" || g.Type == c.Type && g.Region == c.Region)
				})
				out.Cells = append(out.Cells, report.InventoryCell{Cell: c, Read: !missed})
			}
			out.Resources, out.Gaps = append(out.Resources, k.resources...), append(out.Gaps, k.gaps...)
		}
	}
	out.Sort()
	return out
}

func TestAnInventoryReadAgainIsTheSameByteForByte(t *testing.T) {
	for seed := range uint64(40) {
		inv := estate()
		if seed > 0 {
			inv = random(rand.New(rand.NewPCG(seed, 0)))
		}
		for _, format := range []string{"ndjson", "json"} {
			text := written(t, format, inv)
			if diff := cmp.Diff(string(text), string(written(t, format, again(t, mustOpen(t, text), inv)))); diff != "" {
				t.Fatalf("seed %d, %s (-saved +read again):\n%s", seed, format, diff)
			}
		}
	}
}

// random returns an inventory with every kind of value.
func random(dice *rand.Rand) report.Inventory {
	inv := estate()
	inv.Resources, inv.Gaps, inv.Interrupted = nil, nil, dice.IntN(2) == 0
	value := func(depth int) any { return nil }
	value = func(depth int) any {
		switch n := dice.IntN(9); {
		case n == 0:
			return nil
		case n == 1:
			return dice.IntN(2) == 0
		case n == 2:
			return dice.Int64()
		case n == 3:
			return dice.NormFloat64() * 1e12
		case n == 4 && depth > 0:
			return []any{value(depth - 1), value(depth - 1)}
		case n == 5 && depth > 0:
			return map[string]any{"a.b": value(depth - 1), "<&\u2028>": value(depth - 1)}
		default:
			return strings.Repeat("é\"\\\n\x01", dice.IntN(3))
		}
	}
	for i := range inv.Cells {
		c := &inv.Cells[i]
		c.Read = dice.IntN(3) > 0
		if !c.Read {
			inv.Gaps = append(inv.Gaps, providers.Gap{Scope: c.Scope, Region: c.Region, Type: c.Type, Reason: providers.Denied, Err: "no\nmore"})
		}
		w, _ := providers.Find(inv.Wants[c.Scope.Provider], c.Type)
		for n := range dice.IntN(4) {
			r := providers.Resource{
				Scope: c.Scope, Type: c.Type, Region: c.Region, ID: fmt.Sprintf("arn:%d", n), Tags: map[string]string{}, Attributes: map[string]any{},
			}
			for _, a := range w.Attributes {
				switch {
				case dice.IntN(4) == 0:
					if r.Unknown == nil {
						r.Unknown = map[string]providers.Reason{}
					}
					r.Unknown[a] = providers.Throttled
				case a == "tags":
					r.Tags["k ey"] = fmt.Sprint(value(0))
				default:
					r.Attributes[a] = value(3)
				}
			}
			inv.Resources = append(inv.Resources, r)
		}
	}
	inv.Sort()
	return inv
}

func TestWhatTheInventoryWasTakenWithoutIsUnknownAndAGap(t *testing.T) {
	live := providers.Description{Name: "aws", Title: "Amazon Web Services", Types: []providers.TypeInfo{
		{Type: "aws_instance", Attributes: []string{"monitoring", "state", "tags"}}, {Type: "aws_sqs_queue"}, {Type: "aws_vpc"},
	}}
	s := mustOpen(t, written(t, "ndjson", estate()), live)
	p := s.Providers()[0]
	k := &kept{}
	err := p.Collect(t.Context(), shop, []providers.Want{
		{Type: "aws_instance", Attributes: []string{"monitoring", "state", "tags"}},
		{Type: "aws_sqs_queue", Attributes: []string{"tags"}},
		{Type: "aws_vpc", Attributes: []string{"cidr_block"}},
		{Type: "aws_widget"},
	}, k)
	if err != nil {
		t.Fatal(err)
	}
	want := []providers.Resource{
		{
			Scope: shop, Type: "aws_instance", ID: "arn:i-1", Region: "eu-west-1", Tags: map[string]string{}, Attributes: map[string]any{"state": "running"},
			Unknown: map[string]providers.Reason{"monitoring": providers.Uncollected, "tags": providers.Uncollected},
		},
		{
			Scope: shop, Type: "aws_sqs_queue", ID: "arn:orders", Name: "orders", Region: "eu-west-1", Tags: map[string]string{"owner": "ann"},
			Created: time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC), Attributes: map[string]any{},
		},
	}
	if diff := cmp.Diff(want, k.resources); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
	gaps := []providers.Gap{
		{Scope: shop, Region: "eu-west-1", Type: "aws_instance", Path: "monitoring,tags", Reason: providers.Uncollected, Err: "the inventory was taken without it"},
		{Scope: shop, Type: "aws_vpc", Reason: providers.Uncollected, Err: "the inventory was taken without it"},
	}
	if diff := cmp.Diff(gaps, k.gaps); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(k.cells, k.done); diff != "" {
		t.Errorf("cells announced and done (-announced +done):\n%s", diff)
	}
}

func TestGapsAreAboutWhatIsWanted(t *testing.T) {
	s := mustOpen(t, written(t, "ndjson", estate()))
	k := &kept{}
	if err := s.Providers()[1].Collect(t.Context(), org, []providers.Want{{Type: "github_repository", Attributes: []string{"private"}}}, k); err != nil {
		t.Fatal(err)
	}
	want := []providers.Gap{{Scope: org, Type: "github_repository", ID: "https://github.com/acme/shop", Path: "private", Reason: providers.Denied, Err: "no"}}
	if diff := cmp.Diff(want, k.gaps); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]providers.Reason{"private": providers.Denied}, k.resources[0].Unknown); diff != "" {
		t.Errorf("unknown (-want +got):\n%s", diff)
	}
}

func TestAProviderThatCouldNotListItsAccountsStillSaysSo(t *testing.T) {
	inv := estate()
	whole := providers.Gap{Scope: providers.Scope{Provider: "aws"}, Reason: providers.Denied, Permission: "organizations:ListAccounts", Err: "may not be listed"}
	inv.Gaps = append(inv.Gaps, whole)
	scopes, err := mustOpen(t, written(t, "ndjson", inv)).Providers()[0].Scopes(t.Context())
	if diff := cmp.Diff([]providers.Scope{shop, bank}, scopes); diff != "" {
		t.Errorf("scopes (-want +got):\n%s", diff)
	}
	var told interface{ Gap() providers.Gap }
	if !errors.As(err, &told) || told.Gap().Permission != whole.Permission || err.Error() != "may not be listed" {
		t.Errorf("the error is %v", err)
	}
}

func TestACancelledCollectionIsAnError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p := mustOpen(t, written(t, "ndjson", estate())).Providers()[0]
	if err := p.Collect(ctx, shop, p.Describe().Everything(), &kept{}); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	if err := p.Collect(t.Context(), org, p.Describe().Everything(), &kept{}); err == nil {
		t.Error("a scope of another provider was collected")
	}
}

func TestWhatIsNoWholeInventoryIsRefusedWithItsLine(t *testing.T) {
	whole := string(written(t, "ndjson", estate()))
	lines := strings.SplitAfter(whole, "\n")
	without := func(i int) string { return strings.Join(slices.Delete(slices.Clone(lines), i, i+1), "") }
	again := "; take the inventory again"
	for name, c := range map[string]struct{ text, want string }{
		"empty":                {"", "saved: the file is empty; " + "`metsuke inventory -f ndjson` and `metsuke scan --save-inventory FILE` write one"},
		"a report":             {`{"kind": "metsuke.report", "version": 1}` + "\n", "saved:1: this is a metsuke.report, not an inventory"},
		"another version":      {strings.Replace(whole, `"version":1`, `"version":7`, 1), "saved:1: the inventory has version 7; version 1 is known"},
		"no time":              {strings.Replace(whole, "2026-07-01T00:00:00Z", "0001-01-01T00:00:00Z", 1), "saved:1: the inventory does not say when it was taken"},
		"no kind at all":       {"{}\n", "saved:1: this is no inventory: it does not begin with its kind"},
		"UTF-16":               {"\xff\xfe{\x00", "saved: the file is not in UTF-8"},
		"not JSON":             {"hello\n", "saved:1: this cannot be read as an inventory"},
		"cut between lines":    {strings.Join(lines[:6], ""), "saved:6: the inventory ends without its last line: it is not whole" + again},
		"cut in a line":        {whole[:len(whole)-60], "saved:11: this cannot be read: unexpected end of JSON input" + again},
		"a resource less":      {without(6), "saved:10: the inventory is not whole: there are 4 of 4 cells, 2 of 3 resources, 2 of 2 gaps" + again},
		"a cell less":          {without(1), "saved:10: the inventory is not whole: there are 3 of 4 cells, 3 of 3 resources, 2 of 2 gaps" + again},
		"a gap less":           {without(8), "saved:10: the inventory is not whole: there are 4 of 4 cells, 3 of 3 resources, 1 of 2 gaps" + again},
		"two in one":           {whole + whole, "saved:12: something follows the last line of the inventory: these are several in one file"},
		"a line of no kind":    {strings.Replace(whole, `{"kind":"cell",`, `{`, 1), "saved:2: the line has no kind"},
		"an unknown kind":      {strings.Replace(whole, `{"kind":"cell",`, `{"kind":"wish",`, 1), `saved:2: there is no line of the kind "wish" in an inventory`},
		"a scope of nobody":    {strings.Replace(whole, `{"kind":"cell","scope":{"provider":"aws","id":"111111111111"`, `{"kind":"cell","scope":{"provider":"aws","id":"9"`, 1), `saved:2: aws "9" is not among the scopes`},
		"a resource unasked":   {strings.ReplaceAll(whole, `"type":"aws_instance","id"`, `"type":"aws_vpc","id"`), "saved:6: there is a resource of type aws_vpc, of which aws 111111111111 announces no cell"},
		"attributes as a list": {strings.Replace(whole, `"attributes":{"state":"running"}`, `"attributes":[]`, 1), "saved:6: this cannot be read: tags, attributes and unknown are objects, not []"},
		"json cut":             {string(written(t, "json", estate())[:900]), "the inventory ends in the middle: it is not whole" + again},
		"json followed":        {string(written(t, "json", estate())) + "{}", "something follows the inventory"},
	} {
		_, err := open([]byte(c.text))
		var own *snapshot.Error
		if !errors.As(err, &own) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got the error\n%v\nwant\n%s", name, err, c.want)
		}
	}
}

func TestTheConformanceSuiteHoldsOfASavedInventory(t *testing.T) {
	schemas, err := fs.Sub(policies.Files, "schemas")
	if err != nil {
		t.Fatal(err)
	}
	text := written(t, "ndjson", conforming())
	providertest.Run(t, providertest.Config{
		Schemas: schemas,
		New: func(t *testing.T, _ providertest.Faults) providers.Provider {
			t.Helper()
			return mustOpen(t, text).Providers()[0]
		},
	})
}

// conforming is an inventory with two resources of a type with all its attributes.
func conforming() report.Inventory {
	inv := estate()
	inv.Scopes, inv.Gaps = []providers.Scope{shop}, nil
	inv.Wants = map[string][]providers.Want{"aws": {{Type: "aws_sqs_queue", Attributes: []string{"kms_master_key_id", "policy", "sqs_managed_sse_enabled", "tags"}}}}
	inv.Cells = inv.Cells[1:2]
	inv.Resources = nil
	for _, id := range []string{"arn:a", "arn:b"} {
		inv.Resources = append(inv.Resources, providers.Resource{
			Scope: shop, Type: "aws_sqs_queue", ID: id, Region: "eu-west-1", Tags: map[string]string{"owner": "ann"},
			Attributes: map[string]any{"kms_master_key_id": nil, "policy": nil, "sqs_managed_sse_enabled": true},
		})
	}
	return inv
}
