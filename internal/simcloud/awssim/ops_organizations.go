package awssim

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"
)

func organizationsOps() []Op {
	return []Op{
		Answer[organizations.DescribeOrganizationOutput]("Organizations.DescribeOrganization"),
		Answer[organizations.DescribeOrganizationalUnitOutput]("Organizations.DescribeOrganizationalUnit"),
		Answer[organizations.ListAccountsOutput]("Organizations.ListAccounts"),
		Answer[organizations.ListDelegatedAdministratorsOutput]("Organizations.ListDelegatedAdministrators"),
		Answer[organizations.ListParentsOutput]("Organizations.ListParents"),
		Answer[organizations.ListTagsForResourceOutput]("Organizations.ListTagsForResource"),
	}
}

// answerIdentity answers what no document can: whose credentials these are, those
// of another account, and the regions, which are the same everywhere.
func (e *Estate) answerIdentity() {
	e.Handle("STS.GetCallerIdentity", func(account, _ string, _ any) (any, error) {
		return &sts.GetCallerIdentityOutput{
			Account: &account,
			Arn:     aws.String(fmt.Sprintf("arn:aws:sts::%s:assumed-role/metsuke/scan", account)),
			UserId:  aws.String("AROASIM" + account + ":scan"),
		}, nil
	})
	e.Handle("STS.AssumeRole", func(_, _ string, input any) (any, error) {
		in, ok := input.(*sts.AssumeRoleInput)
		if !ok {
			return nil, fmt.Errorf("awssim: STS.AssumeRole: input is a %T", input)
		}
		role, err := arn.Parse(aws.ToString(in.RoleArn))
		name, isRole := strings.CutPrefix(role.Resource, "role/")
		if err != nil || !isRole {
			return nil, errors.Join(err, &smithy.GenericAPIError{Code: "ValidationError", Message: aws.ToString(in.RoleArn) + " is invalid"})
		}
		return &sts.AssumeRoleOutput{
			AssumedRoleUser: &ststypes.AssumedRoleUser{
				Arn:           aws.String(fmt.Sprintf("arn:aws:sts::%s:assumed-role/%s/%s", role.AccountID, name, aws.ToString(in.RoleSessionName))),
				AssumedRoleId: aws.String("AROASIM" + role.AccountID + ":" + aws.ToString(in.RoleSessionName)),
			},
			Credentials: &ststypes.Credentials{
				AccessKeyId:     aws.String(AccessKey(role.AccountID)),
				SecretAccessKey: aws.String("simulated"),
				SessionToken:    aws.String("simulated"),
				// Far enough away that a session outlives every simulated scan.
				Expiration: aws.Time(time.Date(2199, 1, 1, 0, 0, 0, 0, time.UTC)),
			},
		}, nil
	})
	e.Handle("EC2.DescribeRegions", func(_, _ string, _ any) (any, error) {
		out := &ec2.DescribeRegionsOutput{Regions: []ec2types.Region{region("af-south-1", "not-opted-in")}}
		for _, r := range Regions() {
			out.Regions = append(out.Regions, region(r, "opt-in-not-required"))
		}
		return out, nil
	})
}

func region(name, status string) ec2types.Region {
	return ec2types.Region{RegionName: &name, OptInStatus: &status, Endpoint: aws.String("ec2." + name + ".amazonaws.com")}
}
