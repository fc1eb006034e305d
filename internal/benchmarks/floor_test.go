package benchmarks

import (
	"testing"
	"time"

	"github.com/metsuke-dev/metsuke/providers"
)

// BenchmarkPairFloor is what twelve of the policies cost when they are written in Go
// by hand, on the same resources: what no evaluator of Rego gets below. It judges
// only, and writes a message where the policy denies.
func BenchmarkPairFloor(b *testing.B) {
	estate := readAWS(b, shipped(b))
	checks := floor()
	pairs, denied := 0, 0
	begin := cpuTime(b)
	for b.Loop() {
		pairs = 0
		for _, c := range checks {
			for _, r := range estate.byType[c.typ] {
				pairs++
				if c.deny(r) {
					denied++
				}
			}
		}
	}
	if pairs == 0 || denied == 0 {
		b.Fatal("nothing was judged, or nothing denied")
	}
	b.ReportMetric(float64(cpuTime(b)-begin)/float64(b.N*pairs), "cpu-ns/pair")
	b.ReportMetric(float64(pairs), "pairs/op")
}

// BenchmarkPairTwelve judges by the same twelve policies through the engine.
func BenchmarkPairTwelve(b *testing.B) {
	var ids []string
	for _, c := range floor() {
		ids = append(ids, c.id)
	}
	s := shipped(b, ids...)
	estate := readAWS(b, shipped(b))
	pairs := 0
	begin := cpuTime(b)
	for b.Loop() {
		pairs = judgeAll(b, s, estate)
	}
	b.ReportMetric(float64(cpuTime(b)-begin)/float64(b.N*pairs), "cpu-ns/pair")
	b.ReportMetric(float64(pairs), "pairs/op")
}

type check struct {
	id   string
	typ  providers.Type
	deny func(providers.Resource) bool
}

// floor are twelve policies of all kinds: flags, numbers, lists, times.
func floor() []check {
	now := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	is := func(a string, want any) func(providers.Resource) bool {
		return func(r providers.Resource) bool { return r.Attributes[a] == want }
	}
	olderThan := func(v any, days int) bool {
		s, ok := v.(string)
		t, err := time.Parse(time.RFC3339, s)
		return ok && err == nil && now.Sub(t) > time.Duration(days)*24*time.Hour
	}
	number := func(v any) float64 {
		switch v := v.(type) {
		case int64:
			return float64(v)
		case float64:
			return v
		}
		return 0
	}
	return []check{
		{"aws-rds-instance-encrypted", "aws_db_instance", is("storage_encrypted", false)},
		{"aws-rds-public-access", "aws_db_instance", is("publicly_accessible", true)},
		{"aws-rds-gp2-storage", "aws_db_instance", func(r providers.Resource) bool {
			return r.Attributes["cluster_identifier"] == nil && r.Attributes["storage_type"] == "gp2"
		}},
		{"aws-rds-backup-retention", "aws_db_instance", func(r providers.Resource) bool {
			return r.Attributes["cluster_identifier"] == nil && r.Attributes["replicate_source_db"] == nil && number(r.Attributes["backup_retention_period"]) < 7
		}},
		{"aws-rds-minor-upgrade", "aws_db_instance", is("auto_minor_version_upgrade", false)},
		{"aws-ebs-volume-encrypted", "aws_ebs_volume", is("encrypted", false)},
		{"aws-ebs-gp2-volume", "aws_ebs_volume", is("type", "gp2")},
		{"aws-ebs-snapshot-old", "aws_ebs_snapshot", func(r providers.Resource) bool { return now.Sub(r.Created) > 365*24*time.Hour }},
		{"aws-logs-retention-unset", "aws_cloudwatch_log_group", func(r providers.Resource) bool {
			return r.Attributes["log_group_class"] != "DELIVERY" && r.Attributes["retention_in_days"] == nil
		}},
		{"aws-iam-server-certificate-expired", "aws_iam_server_certificate", func(r providers.Resource) bool { return olderThan(r.Attributes["expiration"], 0) }},
		{"aws-eip-unassociated", "aws_eip", is("association_id", nil)},
		{"aws-vpc-default-sg-closed", "aws_security_group", func(r providers.Resource) bool {
			in, _ := r.Attributes["ingress"].([]any)
			out, _ := r.Attributes["egress"].([]any)
			return r.Attributes["name"] == "default" && len(in)+len(out) > 0
		}},
	}
}
