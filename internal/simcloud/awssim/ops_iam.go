package awssim

import (
	"errors"
	"io/fs"
	"path"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"
)

func iamOps() []Op {
	return []Op{
		Answer[iam.GenerateCredentialReportOutput]("IAM.GenerateCredentialReport"),
		Answer[iam.GetAccountAuthorizationDetailsOutput]("IAM.GetAccountAuthorizationDetails"),
		Answer[iam.GetAccountPasswordPolicyOutput]("IAM.GetAccountPasswordPolicy"),
		Answer[iam.GetAccountSummaryOutput]("IAM.GetAccountSummary"),
		Answer[iam.GetCredentialReportOutput]("IAM.GetCredentialReport"),
		Answer[iam.ListAccountAliasesOutput]("IAM.ListAccountAliases"),
		Answer[iam.ListEntitiesForPolicyOutput]("IAM.ListEntitiesForPolicy"),
		Answer[iam.ListOrganizationsFeaturesOutput]("IAM.ListOrganizationsFeatures"),
		Answer[iam.ListPolicyTagsOutput]("IAM.ListPolicyTags"),
		Answer[iam.ListSAMLProvidersOutput]("IAM.ListSAMLProviders"),
		Answer[iam.ListServerCertificateTagsOutput]("IAM.ListServerCertificateTags"),
		Answer[iam.ListServerCertificatesOutput]("IAM.ListServerCertificates"),
		Answer[iam.ListVirtualMFADevicesOutput]("IAM.ListVirtualMFADevices"),
	}
}

// answerCredentialReport answers with <account>/global/credential_report.csv, which
// the API carries as one long value.
func (e *Estate) answerCredentialReport() {
	e.Handle("IAM.GetCredentialReport", func(account, _ string, _ any) (any, error) {
		content, err := fs.ReadFile(e.files, path.Join(account, "global", "credential_report.csv"))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, &smithy.GenericAPIError{Code: "ReportNotPresent", Message: "Report is not present."}
		}
		if err != nil {
			return nil, err
		}
		return &iam.GetCredentialReportOutput{
			Content: content, ReportFormat: types.ReportFormatTypeTextCsv,
			GeneratedTime: aws.Time(time.Date(2026, 6, 30, 22, 0, 0, 0, time.UTC)),
		}, nil
	})
}
