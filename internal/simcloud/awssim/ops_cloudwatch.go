package awssim

import (
	"encoding/json"
	"fmt"
	"path"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

func cloudwatchOps() []Op {
	return []Op{{name: "CloudWatch.GetMetricData", compute: metricData}}
}

// series is the document of one metric:
// "GetMetricData/AWS/RDS/DatabaseConnections/Maximum/<value of its dimension>".
type series struct {
	Last   time.Time        // the newest datapoint
	Period int32            // seconds between two; default a day
	Values []float64        // the newest first
	Repeat int              // how many times the values are repeated; default once
	Status types.StatusCode // default Complete
}

// metricData answers every query from its document. A metric without one has no
// datapoints, as in CloudWatch.
func metricData(docs map[string]json.RawMessage, input any) (any, error) {
	in, ok := input.(*cloudwatch.GetMetricDataInput)
	if !ok {
		return nil, fmt.Errorf("awssim: GetMetricData of a %T", input)
	}
	out := &cloudwatch.GetMetricDataOutput{}
	for _, q := range in.MetricDataQueries {
		m := q.MetricStat.Metric
		key := path.Join("GetMetricData", *m.Namespace, *m.MetricName, *q.MetricStat.Stat)
		for _, d := range m.Dimensions {
			key = key + "/" + *d.Value
		}
		var s series
		if doc, ok := docs[key]; ok {
			if err := json.Unmarshal(doc, &s); err != nil {
				return nil, fmt.Errorf("awssim: %s: %w", key, err)
			}
		}
		out.MetricDataResults = append(out.MetricDataResults, s.result(q, *in.StartTime, *in.EndTime))
	}
	return out, nil
}

func (s series) result(q types.MetricDataQuery, from, to time.Time) types.MetricDataResult {
	r := types.MetricDataResult{Id: q.Id, Label: q.MetricStat.Metric.MetricName, StatusCode: types.StatusCodeComplete}
	if s.Status != "" {
		r.StatusCode = s.Status
	}
	period := 24 * time.Hour
	if s.Period > 0 {
		period = time.Duration(s.Period) * time.Second
	}
	if period != time.Duration(aws.ToInt32(q.MetricStat.Period))*time.Second {
		return r // the document was written for another period
	}
	at := s.Last
	for range max(s.Repeat, 1) {
		for _, v := range s.Values {
			if !at.Before(from) && at.Before(to) {
				r.Timestamps, r.Values = append(r.Timestamps, at), append(r.Values, v)
			}
			at = at.Add(-period)
		}
	}
	return r
}
