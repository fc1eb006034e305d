// Package metrics reads CloudWatch metrics of many resources with few calls.
// It says what was measured, day by day or hour by hour; it draws no conclusions.
package metrics

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

// operation is the call that everything here is read with.
const operation = "CloudWatch.GetMetricData"

// perCall is how many metrics one call may ask for: GetMetricData, "MetricDataQueries".
const perCall = 500

// Call is the call that a Detail with metrics makes.
func Call() providers.Call { return awskit.Call(operation, "cloudwatch:GetMetricData") }

// Series names a metric and how it is summed up.
type Series struct {
	Namespace string        // "AWS/RDS"
	Name      string        // "DatabaseConnections"
	Statistic string        // Maximum, Minimum, Average, Sum, SampleCount
	Period    time.Duration // what one point covers; default a day
	Days      int           // how many whole days to look back, besides today
}

// Point is what was measured in the period that begins at Start.
type Point struct {
	Start time.Time
	Value float64
}

// Result is one series of one resource.
type Result struct {
	// Points are the newest first. A period in which nothing was reported has none.
	Points []Point
	// Err says that CloudWatch could not answer for this series although the call
	// as a whole succeeded.
	Err error
}

// Set puts the series into an attribute as a list of {start, value}, or marks the
// attribute as unknown.
func (r Result) Set(d *awskit.Draft, attribute string) {
	if r.Err != nil {
		d.Fail(attribute, r.Err)
		return
	}
	points := make([]any, len(r.Points))
	for i, p := range r.Points {
		points[i] = map[string]any{"start": p.Start.UTC().Format(time.RFC3339), "value": p.Value}
	}
	d.Set(attribute, points)
}

// Read returns the series of every resource, results[i][j] for dimensions[i] and
// series[j]. Periods begin at multiples of their length since midnight UTC, and the
// last one is the one still running. AWS charges for every metric asked for.
func Read(ctx context.Context, c *awskit.Cell, dimensions []map[string]string, series ...Series) ([][]Result, error) {
	if c.Account.Now.IsZero() {
		return nil, &awskit.Unreadable{Call: operation, Reason: providers.Failed, Why: "the provider was made without a clock, so no metrics are read"}
	}
	results := make([][]Result, len(dimensions))
	byDays := map[int][]query{}
	for i, dims := range dimensions {
		results[i] = make([]Result, len(series))
		for j, s := range series {
			byDays[s.Days] = append(byDays[s.Days], query{dims: dims, series: s, into: &results[i][j]})
		}
	}
	client := awskit.ClientFor(c, "cloudwatch", c.Region, cloudwatch.NewFromConfig)
	for _, days := range slices.Sorted(maps.Keys(byDays)) {
		today := c.Account.Now.UTC().Truncate(24 * time.Hour)
		for some := range slices.Chunk(byDays[days], perCall) {
			if err := read(ctx, client, today.AddDate(0, 0, -days), today.AddDate(0, 0, 1), some); err != nil {
				return nil, err
			}
		}
	}
	return results, nil
}

type query struct {
	dims   map[string]string
	series Series
	into   *Result
}

func read(ctx context.Context, client *cloudwatch.Client, from, to time.Time, queries []query) error {
	in := &cloudwatch.GetMetricDataInput{StartTime: &from, EndTime: &to, ScanBy: types.ScanByTimestampDescending}
	byID := map[string]*Result{}
	status := map[string]types.StatusCode{}
	for i, q := range queries {
		id := fmt.Sprintf("m%d", i)
		byID[id] = q.into
		in.MetricDataQueries = append(in.MetricDataQueries, q.data(id))
	}
	pages := cloudwatch.NewGetMetricDataPaginator(client, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, r := range page.MetricDataResults {
			id := aws.ToString(r.Id)
			into := byID[id]
			if into == nil || len(r.Timestamps) != len(r.Values) {
				return &awskit.Unreadable{Call: operation, Reason: providers.Failed, Why: fmt.Sprintf("the answer for the query %q cannot be understood", id)}
			}
			status[id] = r.StatusCode
			for i, at := range r.Timestamps {
				into.Points = append(into.Points, Point{Start: at, Value: r.Values[i]})
			}
		}
	}
	for id, into := range byID {
		into.Err = problem(status[id])
		slices.SortFunc(into.Points, func(a, b Point) int { return b.Start.Compare(a.Start) })
	}
	return nil
}

// problem says what is wrong with a series whose last status is s. One that is
// still partial after the last page lacks points, and one that was never
// mentioned lacks all of them.
func problem(s types.StatusCode) error {
	switch s {
	case types.StatusCodeComplete:
		return nil
	case types.StatusCodeForbidden:
		return &awskit.Unreadable{Call: operation, Reason: providers.Denied, Why: "CloudWatch refuses the metric"}
	case "":
		return &awskit.Unreadable{Call: operation, Reason: providers.Failed, Why: "CloudWatch did not answer for the metric"}
	default:
		return &awskit.Unreadable{Call: operation, Reason: providers.Failed, Why: "CloudWatch answered for the metric with status " + string(s)}
	}
}

func (q query) data(id string) types.MetricDataQuery {
	period := q.series.Period
	if period == 0 {
		period = 24 * time.Hour
	}
	stat := &types.MetricStat{
		Metric: &types.Metric{Namespace: &q.series.Namespace, MetricName: &q.series.Name},
		Period: aws.Int32(int32(period / time.Second)),
		Stat:   &q.series.Statistic,
	}
	for _, name := range slices.Sorted(maps.Keys(q.dims)) {
		stat.Metric.Dimensions = append(stat.Metric.Dimensions, types.Dimension{Name: aws.String(name), Value: aws.String(q.dims[name])})
	}
	return types.MetricDataQuery{Id: &id, MetricStat: stat}
}
