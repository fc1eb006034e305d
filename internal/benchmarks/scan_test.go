package benchmarks

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/metsuke-dev/metsuke/internal/demo"
	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/internal/scan"
	"github.com/metsuke-dev/metsuke/internal/simcloud/awssim"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws"
)

const (
	accounts      = 50
	latency       = 20 * time.Millisecond
	scopesAtOnce  = 8  // scan.Input.Parallel
	cellsAtOnce   = 16 // awskit.Provider.Cells
	callsAtOnce   = 8  // awskit.Limits.PerService
	management    = "111111111111"
	member        = "222222222222"
	regionOfFiles = "eu-central-1"
)

func regions() []string { return []string{"eu-central-1", "eu-west-1", "us-east-1", "us-west-2"} }

// BenchmarkScan scans 50 accounts in 4 regions, every call taking 20 ms. The ideal is
// what the limits allow: every account's busiest service may have callsAtOnce calls
// under way and an account cellsAtOnce, and scopesAtOnce accounts are read at once.
func BenchmarkScan(b *testing.B) {
	for b.Loop() {
		var mu sync.Mutex
		calls, byService := 0, map[string]int{}
		s := shipped(b)
		if _, err := s.Wants(s.Types()); err != nil { // compiles
			b.Fatal(err)
		}
		p := fleet(b, func(op string) {
			service, _, _ := strings.Cut(op, ".")
			mu.Lock()
			defer mu.Unlock()
			calls++
			byService[service]++
		})
		before, begin := cpuTime(b), time.Now()
		run := scanAWS(b, s, p)
		wall := time.Since(begin)
		busiest := 0
		for n := range maps.Values(byService) {
			busiest = max(busiest, n)
		}
		ideal := max(
			time.Duration(busiest)*latency/(scopesAtOnce*callsAtOnce),
			time.Duration(calls)*latency/(scopesAtOnce*cellsAtOnce),
		)
		b.ReportMetric(float64(calls), "calls")
		b.ReportMetric(float64(run.Coverage.Resources), "resources")
		b.ReportMetric(float64(run.Coverage.CellsPlanned), "cells")
		b.ReportMetric(wall.Seconds(), "wall-s")
		b.ReportMetric(ideal.Seconds(), "ideal-s")
		b.ReportMetric(wall.Seconds()/ideal.Seconds(), "wall/ideal")
		b.ReportMetric((cpuTime(b) - before).Seconds(), "cpu-s")
	}
}

// BenchmarkScanMemory scans one account with 10,000 and with 100,000 log groups, of
// which a hundred fail, and reports the largest heap.
func BenchmarkScanMemory(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(20)) // little garbage: what is held shows
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprintf("resources=%d", n), func(b *testing.B) {
			for b.Loop() {
				s := shipped(b, "aws-logs-retention-unset")
				e := awssim.New(fstest.MapFS{}, awssim.Ops()...)
				e.Handle("EC2.DescribeRegions", regionsAnswer(regions()[:1]))
				e.Handle("CloudWatchLogs.DescribeLogGroups", logGroups(n, 100))
				p := aws.New(aws.Config{Base: e.Config(management, regionOfFiles, awssim.Faults{}), Clock: demo.Now})
				peak := watchHeap(b)
				run := scanAWS(b, s, p)
				b.ReportMetric(float64(peak())/1e6, "peak-MB")
				b.ReportMetric(float64(run.Coverage.Resources), "resources")
				b.ReportMetric(float64(len(run.Findings)), "findings")
			}
		})
	}
}

func scanAWS(b testing.TB, s *engine.Session, p providers.Provider) finding.Run {
	b.Helper()
	run, err := scan.Run(b.Context(), scan.Input{Mode: "scan", Now: demo.Now(), Providers: []providers.Provider{p}, Session: s, Owner: govern.OwnersByTags([]string{"owner"}).Of, Parallel: scopesAtOnce})
	if err != nil {
		b.Fatal(err)
	}
	if run.Coverage.Resources == 0 {
		b.Fatalf("nothing was read: %v", run.Coverage.Gaps)
	}
	return run
}

// fleet is an organisation of accounts that are all like the demonstration's, each
// under its own id and in every region. All of its files are read beforehand: what
// answers is no part of what is measured.
func fleet(b testing.TB, observe func(string)) providers.Provider {
	b.Helper()
	e := awssim.New(fleetFiles(b), awssim.Ops()...)
	if err := e.Load(); err != nil {
		b.Fatal(err)
	}
	e.Latency = latency
	e.Handle("EC2.DescribeRegions", regionsAnswer(regions()))
	return aws.New(aws.Config{Base: e.Config(management, "us-east-1", awssim.Faults{Observe: observe}), Organization: &aws.Organization{}, Clock: demo.Now})
}

// fleetFiles makes the files of all accounts of those of two, and those of every
// region of those of one.
func fleetFiles(b testing.TB) fs.FS {
	b.Helper()
	out := fstest.MapFS{}
	estate := os.DirFS("../simcloud/awssim/estate")
	for i := range accounts {
		account, from := accountID(i), member
		if account == management {
			from = management
		}
		copyFiles(b, estate, path.Join(from, "global"), out, path.Join(account, "global"), from, account)
		for _, region := range regions() {
			copyFiles(b, estate, path.Join(from, regionOfFiles), out, path.Join(account, region), from, account, regionOfFiles, region)
		}
	}
	out[path.Join(management, "global", "organizations.json")] = &fstest.MapFile{Data: organization()}
	return out
}

// copyFiles copies a folder, and replaces in its files every other string by the one
// after it.
func copyFiles(b testing.TB, from fs.FS, folder string, to fstest.MapFS, under string, replace ...string) {
	b.Helper()
	entries, err := fs.ReadDir(from, folder)
	if err != nil {
		b.Fatal(err)
	}
	r := strings.NewReplacer(replace...)
	for _, entry := range entries {
		text, err := fs.ReadFile(from, path.Join(folder, entry.Name()))
		if err != nil {
			b.Fatal(err)
		}
		to[path.Join(under, entry.Name())] = &fstest.MapFile{Data: []byte(r.Replace(string(text)))}
	}
}

// accountID numbers the accounts; the first is the management account.
func accountID(n int) string {
	if n == 0 {
		return management
	}
	return fmt.Sprintf("4%011d", n)
}

// organization is the file of an organisation of all accounts.
func organization() []byte {
	var list []string
	for i := range accounts {
		list = append(list, fmt.Sprintf(`{"Id": %q, "Name": "account-%02d", "Status": "ACTIVE", "State": "ACTIVE"}`, accountID(i), i))
	}
	return fmt.Appendf(nil, `{"DescribeOrganization": {"Organization": {"Id": "o-7kq2m4x9pd", "MasterAccountId": %q}}, "ListAccounts": {"Accounts": [%s]}}`, management, strings.Join(list, ","))
}

func regionsAnswer(names []string) awssim.Hook {
	return func(_, _ string, _ any) (any, error) {
		out := &ec2.DescribeRegionsOutput{}
		for _, n := range names {
			out.Regions = append(out.Regions, ec2types.Region{RegionName: &n, OptInStatus: awssdk.String("opt-in-not-required")})
		}
		return out, nil
	}
}

// logGroups answers with n log groups, fifty a page, of which the first ones have no
// retention period.
func logGroups(n, failing int) awssim.Hook {
	return func(account, region string, input any) (any, error) {
		in, ok := input.(*cloudwatchlogs.DescribeLogGroupsInput)
		if !ok {
			return nil, fmt.Errorf("input is a %T", input)
		}
		from := 0
		if in.NextToken != nil {
			if _, err := fmt.Sscan(*in.NextToken, &from); err != nil {
				return nil, err
			}
		}
		out := &cloudwatchlogs.DescribeLogGroupsOutput{}
		for i := from; i < min(from+50, n); i++ {
			name := fmt.Sprintf("/aws/lambda/function-%06d", i)
			g := logtypes.LogGroup{
				LogGroupName: &name, Arn: awssdk.String(fmt.Sprintf("arn:aws:logs:%s:%s:log-group:%s:*", region, account, name)),
				CreationTime: awssdk.Int64(1700000000000), StoredBytes: awssdk.Int64(int64(i)), LogGroupClass: logtypes.LogGroupClassStandard,
			}
			if i >= failing {
				g.RetentionInDays = awssdk.Int32(30)
			}
			out.LogGroups = append(out.LogGroups, g)
		}
		if from+50 < n {
			out.NextToken = awssdk.String(fmt.Sprint(from + 50))
		}
		return out, nil
	}
}
