package rds

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

// lifecycle is how long a major version is supported.
type lifecycle struct {
	major              string
	standard, extended *time.Time
}

// openSource says for which engines AWS gives support dates:
// SupportedEngineLifecycle in the API reference.
func openSource(engine string) bool {
	switch engine {
	case "aurora-mysql", "aurora-postgresql", "mariadb", "mysql", "postgres":
		return true
	}
	return false
}

func readEngineSupport(ctx context.Context, c *awskit.Cell, i types.DBInstance, d *awskit.Draft) error {
	byEngine, err := awskit.Once(ctx, c, "major engine versions", func(ctx context.Context) (map[string][]lifecycle, error) {
		return listLifecycles(ctx, c)
	})
	if err != nil {
		return err
	}
	engine, version := aws.ToString(i.Engine), aws.ToString(i.EngineVersion)
	if !openSource(engine) {
		d.Set("engine_support", nil)
		return nil
	}
	best := lifecycle{}
	for _, l := range byEngine[engine] {
		if (version == l.major || strings.HasPrefix(version, l.major+".")) && len(l.major) > len(best.major) {
			best = l
		}
	}
	if best.standard == nil {
		d.Fail("engine_support", &awskit.Unreadable{
			Call: "RDS.DescribeDBMajorEngineVersions", Reason: providers.Unsupported,
			Why: fmt.Sprintf("AWS gives no support dates for %s %s", engine, version),
		})
		return nil
	}
	d.Set("engine_support", map[string]any{"major_version": best.major, "standard_until": best.standard, "extended_until": best.extended})
	return nil
}

// listLifecycles returns the supported major versions by engine. A version without
// dates is left out: the API may list one twice, with and without.
func listLifecycles(ctx context.Context, c *awskit.Cell) (map[string][]lifecycle, error) {
	out := map[string][]lifecycle{}
	pages := rds.NewDescribeDBMajorEngineVersionsPaginator(awskit.Client(c, rds.NewFromConfig), &rds.DescribeDBMajorEngineVersionsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, v := range page.DBMajorEngineVersions {
			l := lifecycle{major: aws.ToString(v.MajorEngineVersion)}
			for _, s := range v.SupportedEngineLifecycles {
				switch s.LifecycleSupportName {
				case types.LifecycleSupportNameOpenSourceRdsStandardSupport:
					l.standard = s.LifecycleSupportEndDate
				case types.LifecycleSupportNameOpenSourceRdsExtendedSupport:
					l.extended = s.LifecycleSupportEndDate
				}
			}
			if l.standard != nil {
				out[aws.ToString(v.Engine)] = append(out[aws.ToString(v.Engine)], l)
			}
		}
	}
	return out, nil
}
