package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// SecurityHub imports findings about AWS accounts into their AWS Security Hub, as findings
// of the account's own product.
//
// Sources: docs.aws.amazon.com, BatchImportFindings (the caller is in the account of the
// findings; 100 findings and 6 MB in a call; what was imported under an Id is updated) and
// "Required top-level ASFF attributes" with their lengths, FindingProviderFields.
type SecurityHub struct {
	Name   string
	Region string
	Least  finding.Severity
	Link   string
	// Import sends the body of BatchImportFindings, signed with credentials of the account.
	Import func(ctx context.Context, account string, body []byte) (status int, answer []byte, err error)
}

// asff is a finding in the AWS Security Finding Format.
type asff struct {
	SchemaVersion   string            `json:"SchemaVersion"`
	ID              string            `json:"Id"`
	ProductArn      string            `json:"ProductArn"`
	ProductName     string            `json:"ProductName"`
	CompanyName     string            `json:"CompanyName"`
	GeneratorID     string            `json:"GeneratorId"`
	AwsAccountID    string            `json:"AwsAccountId"`
	Provided        asffProvided      `json:"FindingProviderFields"`
	CreatedAt       time.Time         `json:"CreatedAt"`
	UpdatedAt       time.Time         `json:"UpdatedAt"`
	FirstObservedAt time.Time         `json:"FirstObservedAt"`
	LastObservedAt  time.Time         `json:"LastObservedAt"`
	Title           string            `json:"Title"`
	Description     string            `json:"Description"`
	Remediation     map[string]any    `json:"Remediation,omitempty"`
	ProductFields   map[string]string `json:"ProductFields,omitempty"`
	Resources       []asffResource    `json:"Resources"`
	Compliance      map[string]any    `json:"Compliance"`
	RecordState     string            `json:"RecordState"` // ACTIVE, ARCHIVED
}

// asffProvided are the fields of which the account's own people have the last word: the
// fields of these names above them are theirs, and an import must not overwrite them.
type asffProvided struct {
	Severity map[string]string `json:"Severity"`
	Types    []string          `json:"Types"`
}

type asffResource struct {
	Type      string `json:"Type"`
	ID        string `json:"Id"`
	Partition string `json:"Partition,omitempty"`
	Region    string `json:"Region,omitempty"`
}

// securityHubBatch is how many findings go into a call.
const securityHubBatch = 100

// imported is what is kept in the outbox.
type imported struct {
	Account  string `json:"account"`
	Findings []asff `json:"findings"`
}

// Channel makes a Channel of it.
func (s SecurityHub) Channel() Channel { return s }

// Compose implements Channel.
func (s SecurityHub) Compose(news News) ([]Envelope, error) {
	var out []Envelope
	for i, batch := range batches(sightings(news, s.Name, "aws", s.Least), securityHubBatch) {
		m := imported{Account: batch[0].Resource.Scope}
		for _, one := range batch {
			m.Findings = append(m.Findings, s.asff(one, news.Run))
		}
		body, err := json.Marshal(m)
		if err != nil {
			return nil, fmt.Errorf("compose findings for Security Hub: %w", err)
		}
		out = append(out, Envelope{
			Key: fmt.Sprintf("%s/%s/%s/%d", s.Name, news.Run.ID, m.Account, i), Channel: s.Name, Run: news.Run.ID, To: m.Account, Body: body, Tells: tells(batch),
		})
	}
	return out, nil
}

func (s SecurityHub) asff(one sighting, run finding.Run) asff {
	r := one.Resource
	partition := "aws"
	if parts := strings.SplitN(r.ID, ":", 3); len(parts) == 3 && parts[0] == "arn" {
		partition = parts[1]
	}
	status, state := "FAILED", "ACTIVE"
	if !one.Active {
		state = "ARCHIVED"
		if one.Waiver == nil {
			status = "PASSED"
		}
	}
	out := asff{
		SchemaVersion: "2018-10-08", ID: "metsuke/" + one.Fingerprint, ProductName: "metsuke", CompanyName: "metsuke",
		ProductArn:  fmt.Sprintf("arn:%s:securityhub:%s:%s:product/%s/default", partition, s.Region, r.Scope, r.Scope),
		GeneratorID: "metsuke/" + one.Policy, AwsAccountID: r.Scope,
		Provided:  asffProvided{map[string]string{"Label": strings.ToUpper(string(one.Severity)), "Original": string(one.Severity)}, []string{asffType(one.Category)}},
		CreatedAt: one.History.FirstSeen.UTC(), FirstObservedAt: one.History.FirstSeen.UTC(), LastObservedAt: one.History.LastSeen.UTC(), UpdatedAt: run.Time.UTC(),
		Title: cut(oneLine(one.Title), 256), Description: cut(oneLine(cmp.Or(one.Message, one.Title)), 1024),
		Resources:     []asffResource{{Type: asffResourceType(string(r.Type)), ID: cut(r.ID, 512), Partition: partition, Region: r.Region}},
		ProductFields: map[string]string{"metsuke/policy": one.Policy, "metsuke/type": string(r.Type)},
		Compliance:    map[string]any{"Status": status}, RecordState: state,
	}
	switch {
	case one.OwnerUnknown != "":
		out.ProductFields["metsuke/owner"], out.ProductFields["metsuke/ownerUnknown"] = finding.UnknownOwner, string(one.OwnerUnknown)
	case one.Owner != "":
		out.ProductFields["metsuke/owner"] = cut(one.Owner, 1024)
	}
	if one.Waiver != nil {
		out.ProductFields["metsuke/waived"] = cut(one.Waiver.Reason, 1024)
	}
	recommendation := map[string]string{}
	if p, ok := run.Policy(one.Policy); ok {
		if p.Remediation != "" {
			recommendation["Text"] = cut(oneLine(p.Remediation), 512)
		}
		if related := requirements(p); len(related) > 0 {
			out.Compliance["RelatedRequirements"] = related
		}
	}
	if s.Link != "" {
		recommendation["Url"] = s.Link
	}
	if len(recommendation) > 0 {
		out.Remediation = map[string]any{"Recommendation": recommendation}
	}
	return out
}

// requirements are the controls that the policy is about, at most as many as ASFF takes.
func requirements(p finding.Policy) []string {
	var out []string
	for _, framework := range slices.Sorted(maps.Keys(p.Frameworks)) {
		for _, control := range p.Frameworks[framework] {
			if len(out) < 32 {
				out = append(out, cut(framework+" "+control, 64))
			}
		}
	}
	return out
}

// asffType is the finding's place in the taxonomy of ASFF.
func asffType(c finding.Category) string {
	if c == finding.Security {
		return "Software and Configuration Checks/Industry and Regulatory Standards"
	}
	return "Software and Configuration Checks/AWS Well-Architected/" + string(c)
}

// asffResourceType names a type as Security Hub does, where it has a name for it.
func asffResourceType(t string) string {
	known := map[string]string{
		"aws_account": "AwsAccount", "aws_cloudtrail": "AwsCloudTrailTrail", "aws_db_instance": "AwsRdsDbInstance", "aws_dynamodb_table": "AwsDynamoDbTable",
		"aws_ebs_volume": "AwsEc2Volume", "aws_eip": "AwsEc2Eip", "aws_iam_group": "AwsIamGroup", "aws_iam_policy": "AwsIamPolicy", "aws_iam_role": "AwsIamRole",
		"aws_iam_user": "AwsIamUser", "aws_instance": "AwsEc2Instance", "aws_kms_key": "AwsKmsKey", "aws_lambda_function": "AwsLambdaFunction", "aws_lb": "AwsElbv2LoadBalancer",
		"aws_network_interface": "AwsEc2NetworkInterface", "aws_rds_cluster": "AwsRdsDbCluster", "aws_s3_bucket": "AwsS3Bucket", "aws_security_group": "AwsEc2SecurityGroup",
		"aws_sns_topic": "AwsSnsTopic", "aws_sqs_queue": "AwsSqsQueue", "aws_subnet": "AwsEc2Subnet", "aws_vpc": "AwsEc2Vpc",
	}
	if name, ok := known[t]; ok {
		return name
	}
	return "Other"
}

// Send implements Channel. A finding that is imported twice is one.
func (s SecurityHub) Send(ctx context.Context, e Envelope) error {
	var m imported
	if err := json.Unmarshal(e.Body, &m); err != nil {
		return fmt.Errorf("%w: the message in the outbox cannot be read: %w", ErrPermanent, err)
	}
	body, err := json.Marshal(map[string]any{"Findings": m.Findings})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	status, answer, err := s.Import(ctx, m.Account, body)
	if err != nil {
		return fmt.Errorf("account %s: %w", m.Account, err)
	}
	if status != http.StatusOK {
		err := fmt.Errorf("AWS Security Hub of account %s in %s answered %d%s", m.Account, s.Region, status, said(answer))
		if status == http.StatusTooManyRequests || status >= http.StatusInternalServerError || strings.Contains(string(answer), "LimitExceeded") || strings.Contains(string(answer), "Throttling") {
			return &Busy{Err: err}
		}
		return fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	var result struct {
		FailedCount    int
		FailedFindings []struct{ ErrorCode, ErrorMessage string }
	}
	if err := json.Unmarshal(answer, &result); err != nil {
		return errors.New("the answer of Security Hub cannot be read")
	}
	if result.FailedCount > 0 {
		why := ""
		if len(result.FailedFindings) > 0 {
			why = fmt.Sprintf(": %s %s", result.FailedFindings[0].ErrorCode, cut(oneLine(result.FailedFindings[0].ErrorMessage), 200))
		}
		err := fmt.Errorf("AWS Security Hub of account %s took %d of %d findings%s", m.Account, len(m.Findings)-result.FailedCount, len(m.Findings), why)
		if strings.Contains(why, "InternalException") || strings.Contains(why, "LimitExceeded") {
			return &Busy{Err: err}
		}
		return fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	return nil
}
