package organizations

import (
	"testing"

	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/simcloud/awssim"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awstest"
	"github.com/metsuke-dev/metsuke/providers/providertest"
)

func TestTheCollectorsKeepTheContract(t *testing.T) {
	awstest.Conform(t, nil, Collectors()...)
}

func TestAMemberHasNoOrganisationOfItsOwn(t *testing.T) {
	p := awstest.Member(awssim.Demo(), awssim.Faults{}, "222222222222", true, Collectors()...)
	resources, gaps := providertest.Collect(t, p, p.Describe().Everything())
	if len(resources)+len(gaps) > 0 {
		t.Errorf("resources %+v, gaps %+v", resources, gaps)
	}
}

func TestWithoutTrustedAccessNoFeatureIsOn(t *testing.T) {
	e := awssim.Demo()
	e.Handle("IAM.ListOrganizationsFeatures", func(string, string, any) (any, error) {
		return nil, &smithy.GenericAPIError{Code: "ServiceAccessNotEnabledException", Message: "IAM service access is not enabled."}
	})
	p := awstest.Provider(e, awssim.Faults{}, organization())
	resources, gaps := providertest.Collect(t, p, p.Describe().Everything())
	if len(resources) != 1 || len(gaps) > 0 {
		t.Fatalf("resources %+v, gaps %+v", resources, gaps)
	}
	want := map[string]any{"feature_set": "ALL", "iam_features": []any{}}
	if diff := cmp.Diff(want, resources[0].Attributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}
