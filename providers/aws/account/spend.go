package account

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer/types"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/membership"
)

// readSpend reads the bill where it is paid. A member is asked for its own part only if
// the account that pays is not read.
func readSpend(ctx context.Context, c *awskit.Cell, _ item, d *awskit.Draft) error {
	org, err := membership.Of(ctx, c)
	if err != nil {
		return err
	}
	member := org != nil && org.ManagementID != c.Account.ID
	if member && c.Account.Beside != nil && c.Account.Beside(org.ManagementID) {
		d.Set("spend", nil)
		return nil
	}
	if c.Account.Now.IsZero() {
		return noBill("nobody says what time it is")
	}
	b := &bill{client: awskit.ClientFor(c, "ce", "", costexplorer.NewFromConfig), names: map[string]string{}}
	b.start, b.end = lastMonth(c.Account.Now)
	split := splitting{start: b.start}
	var problem error // why it is not known which tags tell something
	switch {
	case len(c.Account.BillTags) == 0:
	case member:
		problem = onlyManagement("CostExplorer.ListCostAllocationTags", org)
	default:
		split.listed, problem = costTags(ctx, c, "")
	}
	split.prepare(c.Account.BillTags, problem)
	lines, err := split.lines(ctx, b)
	if err != nil {
		return err
	}
	var by any
	if problem == nil {
		by = split.keys()
	}
	d.Set("spend", map[string]any{
		"start": b.start, "end": b.end, "metric": spendMetric, "estimated": b.estimated,
		"looked_for": split.wanted, "split_by": by, "lines": plainLines(lines, b.names),
	})
	if problem != nil {
		d.Fail("spend.split_by", problem)
	}
	return nil
}

// costTags lists the cost allocation tags with a status, "" being any. Without one, the
// list serves all who ask.
func costTags(ctx context.Context, c *awskit.Cell, status types.CostAllocationTagStatus) ([]types.CostAllocationTag, error) {
	list := func(ctx context.Context) ([]types.CostAllocationTag, error) {
		var out []types.CostAllocationTag
		pages := costexplorer.NewListCostAllocationTagsPaginator(awskit.ClientFor(c, "ce", "", costexplorer.NewFromConfig), &costexplorer.ListCostAllocationTagsInput{
			Status: status, MaxResults: aws.Int32(1000),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			out = append(out, page.CostAllocationTags...)
		}
		return out, nil
	}
	return awskit.OncePerAccount(ctx, c, "cost allocation tags "+string(status), list)
}

// splitting says by which tags a bill can be split, and what that leaves open. The keys
// that are wanted are those that owner rules look at; like them it takes no notice of case
// and separators, while on the bill Owner and owner are two tags.
type splitting struct {
	start  string // of the month
	listed []types.CostAllocationTag

	wanted []string            // as rules write them
	active []splitKey          // in the order in which they are asked for
	open   map[string][]unsure // by wanted key, comparable: tags of which the bill does not tell all
}

// splitKey is a tag by which the bill is split.
type splitKey struct {
	key, plain string
	at         int // where what is wanted stands that it is
}

// unsure is a tag that lines may have without the bill saying so.
type unsure struct {
	key    string // "" may be any way to write it
	reason providers.Reason
}

// prepare takes the wanted keys apart into tags. problem says why the list of cost
// allocation tags could not be read.
func (s *splitting) prepare(wanted []string, problem error) {
	s.open = map[string][]unsure{}
	for _, key := range wanted {
		if !slices.ContainsFunc(s.wanted, func(w string) bool { return plainKey(w) == plainKey(key) }) {
			s.wanted = append(s.wanted, key)
		}
	}
	for at, key := range s.wanted {
		plain := plainKey(key)
		if problem != nil {
			s.open[plain] = []unsure{{reason: awskit.ReasonOf(problem)}}
			continue
		}
		for _, t := range s.listed {
			if plainKey(deref(t.TagKey)) != plain {
				continue
			}
			k := splitKey{deref(t.TagKey), plain, at}
			switch {
			case t.Status == types.CostAllocationTagStatusActive:
				s.active = append(s.active, k)
				if !s.before(t.LastUpdatedDate, true) { // some of the month was before it was activated
					s.open[plain] = append(s.open[plain], unsure{k.key, providers.Disabled})
				}
			case !s.before(t.LastUsedDate, false):
				s.open[plain] = append(s.open[plain], unsure{k.key, providers.Disabled})
			}
		}
	}
	slices.SortFunc(s.active, func(a, b splitKey) int { return cmp.Or(cmp.Compare(a.at, b.at), strings.Compare(a.key, b.key)) })
	if len(s.active) == 0 && problem == nil {
		// A bill without any of the tags looks as if nobody owned anything. A key that is not
		// in the list is on no resource only where the list has another one.
		for _, key := range s.wanted {
			s.open[plainKey(key)] = []unsure{{reason: providers.Disabled}}
		}
	}
}

// keys are the tags by which the bill is split.
func (s *splitting) keys() []string {
	out := []string{}
	for _, k := range s.active {
		out = append(out, k.key)
	}
	return out
}

// before reports whether a date of the list is before the month begins; missing is what
// one is that is not there. LastUpdatedDate is when the tag was activated, and absent
// where that never changed; LastUsedDate is a month.
func (s *splitting) before(date *string, missing bool) bool {
	if deref(date) == "" {
		return missing
	}
	at, err := time.Parse(time.RFC3339, *date)
	return err == nil && at.UTC().Format(time.DateOnly) <= s.start && (missing || at.UTC().Format(time.DateOnly) < s.start)
}

// spendLine is a line with what is known of its tags.
type spendLine struct {
	billLine
	key    string // of the tag that it has; "" is none
	untold []any
}

// lines asks for the bill, tag by tag: each time for what has none of the tags before.
func (s *splitting) lines(ctx context.Context, b *bill) ([]spendLine, error) {
	var out []spendLine
	var rest []billLine // what has none of the tags so far
	if len(s.active) == 0 {
		var err error
		if rest, err = b.lines(ctx, "", nil); err != nil {
			return nil, err
		}
	}
	from := len(s.active) // the first tag that was not asked for
	var absent []string
	for i, k := range s.active {
		got, err := b.lines(ctx, k.key, absent)
		if err != nil {
			return nil, err
		}
		if i > 0 && !addUp(rest, got) {
			from = i
			break
		}
		for _, l := range got {
			if l.value != "" {
				out = append(out, spendLine{l, k.key, s.untoldOf(i)})
			}
		}
		absent = append(absent, k.key)
		if rest = withoutTag(got); len(rest) == 0 {
			break
		}
	}
	for _, l := range rest {
		out = append(out, spendLine{l, "", s.untoldFrom(from)})
	}
	slices.SortFunc(out, func(a, b spendLine) int {
		return cmp.Or(strings.Compare(a.account, b.account), strings.Compare(a.key, b.key), strings.Compare(a.value, b.value), strings.Compare(a.currency, b.currency))
	})
	return out, nil
}

// untoldOf returns the keys of which a line that has a tag does not tell whether it has
// them: those after it were not asked for.
func (s *splitting) untoldOf(i int) []any {
	var out []any
	own := s.active[i]
	for at, key := range s.wanted {
		plain := plainKey(key)
		reason := providers.Reason("")
		for _, u := range s.open[plain] {
			if at != own.at || u.key < own.key { // of the ways to write a key the first one counts
				reason = u.reason
			}
		}
		if at > own.at && slices.ContainsFunc(s.active, func(k splitKey) bool { return k.at == at }) {
			reason = providers.Uncollected
		}
		out = appendUntold(out, key, reason)
	}
	return out
}

// untoldFrom returns the keys of which a line without a tag does not tell, where the tags
// from there on could not be asked for.
func (s *splitting) untoldFrom(from int) []any {
	var out []any
	for at, key := range s.wanted {
		reason := providers.Reason("")
		for _, u := range s.open[plainKey(key)] {
			reason = u.reason
		}
		if slices.ContainsFunc(s.active[from:], func(k splitKey) bool { return k.at == at }) {
			reason = providers.Failed
		}
		out = appendUntold(out, key, reason)
	}
	return out
}

func appendUntold(to []any, key string, why providers.Reason) []any {
	if why == "" {
		return to
	}
	return append(to, map[string]any{"key": key, "reason": string(why)})
}

// plainLines turns lines into plain values.
func plainLines(lines []spendLine, names map[string]string) []any {
	out := []any{}
	for _, l := range lines {
		var name any
		if names[l.account] != "" {
			name = names[l.account]
		}
		tags, untold := []any{}, l.untold
		if l.key != "" {
			tags = append(tags, map[string]any{"key": l.key, "value": l.value})
		}
		if untold == nil {
			untold = []any{}
		}
		out = append(out, map[string]any{
			"account": l.account, "account_name": name, "amount": l.amount, "currency": l.currency, "tags": tags, "untold": untold,
		})
	}
	return out
}

// plainKey makes tag keys comparable whatever their case and separators, as owner rules
// do.
func plainKey(key string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", ".", "", " ", "").Replace(key))
}
