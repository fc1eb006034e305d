package report

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// htmlData are the findings as the page's script reads them: every text once, in a list of
// its own, and the findings as columns of indexes into those lists. A column that is all
// zeros is left out. The first entry of a list that can lack a value is "".
type htmlData struct {
	Version    int         `json:"version"`
	Time       int64       `json:"time"`     // of the run, in seconds since 1970; 0 is not known
	Policies   [][2]string `json:"policies"` // id, title; the section policy-<index> has the rest
	Accounts   [][3]string `json:"accounts"` // provider, id, name
	Regions    []string    `json:"regions"`
	Types      []string    `json:"types"`
	Owners     []string    `json:"owners"`
	Messages   []string    `json:"messages"`
	Paths      []string    `json:"paths"`
	Cures      [][2]string `json:"cures"` // why something is unknown, what would cure it
	Places     []string    `json:"places"`
	Keepers    []string    `json:"keepers"` // what keeps a resource as it is
	Causes     []string    `json:"causes"`  // blocks of Terraform
	Excuses    []string    `json:"excuses"`
	Waivers    [][]string  `json:"waivers"`  // reason, approver, ticket, expires, place
	Warnings   []string    `json:"warnings"` // last days of policies that only warn
	Resources  htmlColumns `json:"resources"`
	Findings   htmlColumns `json:"findings"`
	Prints     []string    `json:"prints"` // fingerprints
	Ids        []string    `json:"ids"`    // of the resources
	Names      []string    `json:"names"`  // "" where the id says it all
	Statuses   []string    `json:"statuses"`
	Verdicts   []string    `json:"verdicts"`
	Severities []string    `json:"severities"`
	Categories []string    `json:"categories"`
	Changes    []string    `json:"changes"`
}

// htmlColumns are columns of numbers by name.
type htmlColumns map[string][]int64

// dictionary numbers values in the order in which they come.
type dictionary[T comparable] struct {
	at   map[T]int64
	list []T
}

func newDictionary[T comparable](first ...T) *dictionary[T] {
	d := &dictionary[T]{at: map[T]int64{}, list: []T{}}
	for _, v := range first {
		d.of(v)
	}
	return d
}

func (d *dictionary[T]) of(v T) int64 {
	i, ok := d.at[v]
	if !ok {
		i = int64(len(d.list))
		d.at[v] = i
		d.list = append(d.list, v)
	}
	return i
}

// cleaned returns the texts as they may be shown.
func cleaned(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = clean(s)
	}
	return out
}

// resourceKey is what tells resources apart.
type resourceKey struct{ provider, scope, kind, id string }

// columns collects the columns of the findings.
type columns struct {
	regions, types, owners, messages, paths, places, keepers, warnings, causes *dictionary[string]
	policies                                                                   *dictionary[string] // ids
	titles                                                                     []string            // of the policies
	cures                                                                      *dictionary[[2]string]
	accounts                                                                   *dictionary[[3]string]
	waivers                                                                    *dictionary[finding.Waiver]
	resources                                                                  *dictionary[resourceKey]
	seen                                                                       identities
	data                                                                       htmlData
}

// excuses name what keeps a failing finding from counting, as the page filters by it.
func excuses() []string { return []string{"", "waived", "baseline", "warning"} }

// dataOf returns the findings of the run, in their order, for the page's script.
func dataOf(run finding.Run, findings []finding.Finding) htmlData {
	c := columns{
		regions: newDictionary(""), types: newDictionary[string](), owners: newDictionary(""), messages: newDictionary[string](),
		paths: newDictionary(""), places: newDictionary(""), keepers: newDictionary(""), warnings: newDictionary(""), causes: newDictionary(""),
		policies: newDictionary[string](), cures: newDictionary([2]string{}), accounts: newDictionary[[3]string](),
		waivers: newDictionary(finding.Waiver{}), resources: newDictionary[resourceKey](), seen: identities{},
		data: htmlData{Version: 1, Resources: htmlColumns{}, Findings: htmlColumns{}, Prints: []string{}, Ids: []string{}, Names: []string{}},
	}
	for _, p := range run.Policies {
		c.policy(p.ID, p.Title)
	}
	for i := range findings {
		c.add(&findings[i])
	}
	d := c.data
	if !run.Time.IsZero() {
		d.Time = run.Time.Unix()
	}
	d.Policies, d.Cures = make([][2]string, len(c.titles)), make([][2]string, len(c.cures.list))
	for i, title := range c.titles {
		d.Policies[i] = [2]string{clean(c.policies.list[i]), clean(title)}
	}
	for i, p := range c.cures.list {
		d.Cures[i] = [2]string{clean(p[0]), clean(p[1])}
	}
	d.Accounts = make([][3]string, len(c.accounts.list))
	for i, a := range c.accounts.list {
		d.Accounts[i] = [3]string{clean(a[0]), clean(a[1]), clean(a[2])}
	}
	d.Regions, d.Types, d.Owners = cleaned(c.regions.list), cleaned(c.types.list), cleaned(c.owners.list)
	d.Messages, d.Paths, d.Places, d.Keepers = cleaned(c.messages.list), cleaned(c.paths.list), cleaned(c.places.list), cleaned(c.keepers.list)
	d.Causes = cleaned(c.causes.list)
	d.Warnings, d.Excuses, d.Changes = cleaned(c.warnings.list), excuses(), texts(changeKinds())
	d.Statuses, d.Verdicts = append([]string{""}, texts(finding.Statuses())...), texts(verdicts())
	d.Severities, d.Categories = texts(finding.Severities()), texts(finding.Categories())
	d.Waivers = [][]string{}
	for _, w := range c.waivers.list {
		d.Waivers = append(d.Waivers, cleaned([]string{w.Reason, w.Approver, w.Ticket, w.Expires, waiverPlace(w)}))
	}
	for _, cols := range []htmlColumns{d.Resources, d.Findings} {
		for name, col := range cols {
			if allZero(col) {
				delete(cols, name)
			}
		}
	}
	return d
}

func verdicts() []finding.Verdict {
	return []finding.Verdict{finding.Fail, finding.Unknown, finding.Pass, finding.NotApplicable}
}

func changeKinds() []finding.Change {
	return []finding.Change{"", finding.Introduced, finding.Existing, finding.Fixed}
}

func (c *columns) add(f *finding.Finding) {
	put := func(name string, v int64) { c.data.Findings[name] = append(c.data.Findings[name], v) }
	put("verdict", position0(verdicts(), f.Verdict))
	put("severity", position0(finding.Severities(), f.Severity))
	put("category", position0(finding.Categories(), f.Category))
	put("policy", c.policy(f.Policy, f.Title))
	put("resource", c.resource(f.Resource))
	put("owner", c.owners.of(ownerText(*f)))
	put("message", c.messages.of(f.Message))
	put("path", c.paths.of(f.Path))
	put("cure", c.cures.of([2]string{string(f.Reason), cure(string(f.Reason), f.Permission)}))
	put("change", position0(changeKinds(), f.Change))
	put("cause", c.causes.of(causeOf(*f)))
	put("cents", int64(math.Round(f.MonthlyCost*100)))
	put("excuse", excuseOf(*f))
	var w finding.Waiver
	if f.Waiver != nil {
		w = *f.Waiver
	}
	put("waiver", c.waivers.of(w))
	put("warning", c.warnings.of(f.WarnUntil))
	var h finding.History
	if f.History != nil {
		h = *f.History
	}
	put("status", position0(append([]finding.Status{""}, finding.Statuses()...), h.Status))
	put("first", seconds(h.FirstSeen))
	put("since", seconds(h.Since))
	put("reopened", int64(h.Reopened))
	c.data.Prints = append(c.data.Prints, c.seen.of(*f))
}

// policy numbers the policy: those of the run first, in their order.
func (c *columns) policy(id, title string) int64 {
	i := c.policies.of(id)
	if int(i) == len(c.titles) {
		c.titles = append(c.titles, title)
	}
	return i
}

// resource numbers the resource, and keeps what the page says of it.
func (c *columns) resource(r finding.Resource) int64 {
	i := c.resources.of(resourceKey{r.Provider, r.Scope, string(r.Type), r.ID})
	if int(i) < len(c.data.Ids) {
		return i
	}
	put := func(name string, v int64) { c.data.Resources[name] = append(c.data.Resources[name], v) }
	put("account", c.accounts.of([3]string{r.Provider, r.Scope, r.ScopeName}))
	put("type", c.types.of(string(r.Type)))
	put("region", c.regions.of(r.Region))
	put("place", c.places.of(position(r)))
	keeper := ""
	if r.ManagedBy != nil {
		keeper = strings.TrimSpace(string(r.ManagedBy.Tool) + " " + r.ManagedBy.State + r.ManagedBy.Stack)
	}
	put("keeper", c.keepers.of(keeper))
	c.data.Ids = append(c.data.Ids, clean(r.ID))
	name := clean(resourceName(r))
	if name == clean(r.ID) {
		name = ""
	}
	c.data.Names = append(c.data.Names, name)
	return i
}

// position0 is the place of v in the list; what is not in it, which no run has, is the last.
func position0[T comparable](list []T, v T) int64 {
	for i, l := range list {
		if l == v {
			return int64(i)
		}
	}
	return int64(len(list) - 1)
}

func excuseOf(f finding.Finding) int64 {
	switch {
	case f.Waiver != nil:
		return 1
	case f.Baseline:
		return 2
	case f.WarnUntil != "":
		return 3
	}
	return 0
}

// waiverPlace is where a waiver is written.
func waiverPlace(w finding.Waiver) string {
	if w.File == "" {
		return ""
	}
	return fileLine(w.File, w.Line)
}

func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func allZero(col []int64) bool {
	for _, v := range col {
		if v != 0 {
			return false
		}
	}
	return true
}

// resourceLink is a web page about the resource: its id where that is one, and the page
// of the AWS console that finds a resource by its ARN. It is "" where there is none.
func resourceLink(r finding.Resource) string {
	switch {
	case r.ID != clean(r.ID):
		return "" // what cannot be shown as it is, is not to be followed
	case strings.HasPrefix(r.ID, "arn:aws:"):
		return "https://console.aws.amazon.com/go/view?arn=" + url.QueryEscape(r.ID)
	}
	return webAddress(r.ID)
}

// webAddress returns s if it is an address that can be opened without harm, "" otherwise.
func webAddress(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || s != clean(s) {
		return ""
	}
	return u.String()
}

// packed are findings in the page: plain JSON while they are few, so that the file can be
// read and searched; compressed and in base64 where they are many.
type packed struct {
	Encoding string // "json" or "zlib"
	Text     string
}

// plainBytes is up to which size the findings stay as they are.
const plainBytes = 256 << 10

func pack(d htmlData) (packed, error) {
	b, err := json.Marshal(d) // with <, > and & escaped: nothing ends the element
	if err != nil {
		return packed{}, fmt.Errorf("encode report: %w", err)
	}
	if b = escapeJSON(b); len(b) <= plainBytes {
		return packed{"json", string(b)}, nil
	}
	var z bytes.Buffer
	out, err := zlib.NewWriterLevel(&z, zlib.BestCompression)
	if err != nil {
		return packed{}, fmt.Errorf("compress report: %w", err)
	}
	if _, err := out.Write(b); err != nil {
		return packed{}, fmt.Errorf("compress report: %w", err)
	}
	if err := out.Close(); err != nil {
		return packed{}, fmt.Errorf("compress report: %w", err)
	}
	return packed{"zlib", base64.StdEncoding.EncodeToString(z.Bytes())}, nil
}

// policyAnchor is the id of the section about the policy with the index.
func policyAnchor(i int) string { return "policy-" + strconv.Itoa(i) }
