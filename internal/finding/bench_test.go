package finding

import (
	"fmt"
	"testing"

	"github.com/metsuke-dev/metsuke/providers"
)

// BenchmarkPacked packs a finding as a plan's are and takes it out again.
func BenchmarkPacked(b *testing.B) {
	fs := make([]Finding, 1000)
	for i := range fs {
		id := fmt.Sprintf("module.team[%q].aws_s3_bucket.logs[%d]", "a", i)
		fs[i] = Finding{
			Fingerprint: Fingerprint("aws-s3-versioning", Resource{ID: id}, ""), Policy: "aws-s3-versioning", Title: "S3 buckets keep versions of their objects",
			Category: Security, Severity: Severities()[i%4], Verdict: Fail, Owner: "team-a", Message: "versioning is off", Path: "versioning.enabled",
			Resource: Resource{Provider: "terraform", Scope: "plan.json", ScopeName: "plan.json", Type: "aws_s3_bucket", ID: id, Name: "logs", Region: "eu-central-1", Source: &providers.Source{Address: id, Action: "create"}},
		}
	}
	b.ReportAllocs()
	var bytes, n int
	for b.Loop() {
		var p Packed
		for i := range fs {
			p.Add(fs[i])
		}
		for range p.All() {
			n++
		}
		bytes = p.page.Len()
		for _, page := range p.pages {
			bytes += len(page)
		}
	}
	b.ReportMetric(float64(bytes)/float64(len(fs)), "bytes/finding")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/finding")
}
