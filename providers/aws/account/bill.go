package account

import (
	"context"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer/types"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

// spendMetric is the cost that is read: purchases in advance are spread over the time
// that they are for, and negotiated discounts are taken off. So a month shows what the
// account used in it and what that comes to, not what happened to be paid then.
const spendMetric = "NetAmortizedCost"

const getCostAndUsage = "CostExplorer.GetCostAndUsage"

// leftOut are charges that belong to nobody's resources and would hide what does: value
// added tax is on all of them, credits and refunds are the payer's. The values are those
// of the dimension RECORD_TYPE.
func leftOut() []string { return []string{"Credit", "Refund", "Tax"} }

// bill is one account's bill of one month.
type bill struct {
	client     *costexplorer.Client
	start, end string // the first day, and the first one of the next month
	estimated  bool
	names      map[string]string // of accounts
}

// billLine is an amount of it.
type billLine struct {
	account  string
	value    string // of the tag by which it is split; "" is none
	amount   string
	currency string
	exact    *big.Rat // the amount
}

// lastMonth returns the first day of the last full month and of the one after it: the
// current one is not over, and would grow from run to run.
func lastMonth(now time.Time) (start, end string) {
	first := time.Date(now.UTC().Year(), now.UTC().Month(), 1, 0, 0, 0, 0, time.UTC)
	return first.AddDate(0, -1, 0).Format(time.DateOnly), first.Format(time.DateOnly)
}

// lines asks for the amounts by account and by the tag, "" being no tag, of what has
// none of the tags absent.
func (b *bill) lines(ctx context.Context, tag string, absent []string) ([]billLine, error) {
	in := &costexplorer.GetCostAndUsageInput{
		Granularity: types.GranularityMonthly, Metrics: []string{spendMetric},
		TimePeriod: &types.DateInterval{Start: &b.start, End: &b.end},
		GroupBy:    []types.GroupDefinition{{Type: types.GroupDefinitionTypeDimension, Key: aws.String(string(types.DimensionLinkedAccount))}},
		Filter:     billFilter(absent),
	}
	if tag != "" {
		in.GroupBy = append(in.GroupBy, types.GroupDefinition{Type: types.GroupDefinitionTypeTag, Key: &tag})
	}
	var out []billLine
	told := false
	for {
		page, err := b.client.GetCostAndUsage(ctx, in)
		if err != nil {
			return nil, costError(err)
		}
		for _, a := range page.DimensionValueAttributes {
			b.names[deref(a.Value)] = a.Attributes["description"] // of an account its name
		}
		for _, month := range page.ResultsByTime {
			if month.TimePeriod == nil || deref(month.TimePeriod.Start) != b.start {
				return nil, noBill("the answer is about another time than was asked for")
			}
			told = true
			b.estimated = b.estimated || month.Estimated
			for _, g := range month.Groups {
				line, err := lineOf(g, tag)
				if err != nil {
					return nil, err
				}
				out = append(out, line)
			}
		}
		before := deref(in.NextPageToken)
		if in.NextPageToken = page.NextPageToken; deref(in.NextPageToken) == "" {
			break
		}
		if *in.NextPageToken == before { // each page is on the bill
			return nil, noBill("the answer has the same page again and again")
		}
	}
	if !told {
		return nil, noBill("the answer holds no month")
	}
	return out, nil
}

// billFilter leaves out what is no spend, and what has one of the tags.
func billFilter(absent []string) *types.Expression {
	counted := types.Expression{Not: &types.Expression{Dimensions: &types.DimensionValues{Key: types.DimensionRecordType, Values: leftOut()}}}
	if len(absent) == 0 {
		return &counted
	}
	all := []types.Expression{counted}
	for _, key := range absent {
		all = append(all, types.Expression{Tags: &types.TagValues{Key: &key, MatchOptions: []types.MatchOption{types.MatchOptionAbsent}}})
	}
	return &types.Expression{And: all}
}

// lineOf reads a group of the answer. Its keys are in the order in which was grouped; that
// of a tag is Owner$payments, and Owner$ where there is none.
func lineOf(g types.Group, tag string) (billLine, error) {
	m, ok := g.Metrics[spendMetric]
	want := 1
	if tag != "" {
		want = 2
	}
	if !ok || len(g.Keys) != want {
		return billLine{}, noBill("a group of the answer lacks " + spendMetric + " or what it was grouped by")
	}
	line := billLine{account: g.Keys[0], amount: deref(m.Amount), currency: deref(m.Unit)}
	if line.exact, ok = exactly(line.amount); !ok || line.currency == "" {
		return billLine{}, noBill("a group of the answer has no amount in a currency")
	}
	if tag != "" {
		if line.value, ok = strings.CutPrefix(g.Keys[1], tag+"$"); !ok {
			return billLine{}, noBill("a group of the answer is of another tag than " + tag)
		}
	}
	return line, nil
}

// decimal is how Cost Explorer writes amounts.
var decimal = regexp.MustCompile(`^-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?$`)

func exactly(amount string) (*big.Rat, bool) {
	if !decimal.MatchString(amount) {
		return nil, false
	}
	return new(big.Rat).SetString(amount)
}

// costError says of what Cost Explorer answers where it has never been switched on that
// this is so: the code is that of a missing permission, and only the message differs.
func costError(err error) error {
	if awskit.Is(err, "AccessDeniedException") && strings.Contains(strings.ToLower(message(err)), "not enabled for cost explorer") {
		return &awskit.Unreadable{Call: getCostAndUsage, Reason: providers.Disabled, Why: "Cost Explorer is not enabled: the account that pays enables it in the Billing console, and may have to let its members use it"}
	}
	return err
}

func noBill(why string) error {
	return &awskit.Unreadable{Call: getCostAndUsage, Reason: providers.Failed, Why: why}
}

// addUp reports whether the parts come to the whole, account by account, but for what
// rounding does. Where they do not, the bill has changed in between, or a filter means
// something else than is thought here.
func addUp(whole, parts []billLine) bool {
	sums := map[[2]string]*big.Rat{}
	add := func(lines []billLine, sign int64) {
		for _, l := range lines {
			k := [2]string{l.account, l.currency}
			if sums[k] == nil {
				sums[k] = new(big.Rat)
			}
			sums[k].Add(sums[k], new(big.Rat).Mul(big.NewRat(sign, 1), l.exact))
		}
	}
	add(whole, 1)
	add(parts, -1)
	cent := big.NewRat(1, 100)
	for _, left := range sums {
		if left.Abs(left).Cmp(cent) >= 0 {
			return false
		}
	}
	return true
}

// withoutTag returns the lines that the tag does not have.
func withoutTag(lines []billLine) []billLine {
	return slices.DeleteFunc(slices.Clone(lines), func(l billLine) bool { return l.value != "" })
}
