// Package lambda reads the functions of AWS Lambda: what they run on, who may
// invoke them, and whether their environment holds credentials. It reads no code,
// and no value of a variable leaves it.
package lambda

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awstags"
	"github.com/metsuke-dev/metsuke/providers/internal/iamdoc"
	"github.com/metsuke-dev/metsuke/providers/internal/secrets"
)

// Collectors returns the types of this service.
func Collectors() []awskit.Collector { return []awskit.Collector{function()} }

func function() awskit.Collector {
	return awskit.New(awskit.Type[types.FunctionConfiguration]{
		Name:       "aws_lambda_function",
		Service:    "lambda",
		Calls:      []providers.Call{awskit.Call("Lambda.ListFunctions", "lambda:ListFunctions")},
		List:       listFunctions,
		Attributes: []string{"architectures", "environment", "kms_key_arn", "memory_size", "package_type", "role", "runtime", "timeout"},
		Describe:   describe,
		Details: []awskit.Detail[types.FunctionConfiguration]{
			awstags.Detail("lambda:function", func(_ *awskit.Cell, f types.FunctionConfiguration) string { return aws.ToString(f.FunctionArn) }),
			{
				Attributes: []string{"policy"},
				Calls:      []providers.Call{awskit.Call("Lambda.GetPolicy", "lambda:GetPolicy")},
				Read:       readPolicy,
			},
		},
	})
}

func listFunctions(ctx context.Context, c *awskit.Cell, yield func(types.FunctionConfiguration) error) error {
	pages := lambda.NewListFunctionsPaginator(awskit.Client(c, lambda.NewFromConfig), &lambda.ListFunctionsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, f := range page.Functions {
			if err := yield(f); err != nil {
				return err
			}
		}
	}
	return nil
}

func describe(_ *awskit.Cell, f types.FunctionConfiguration, d *awskit.Draft) {
	d.ID, d.Name = aws.ToString(f.FunctionArn), aws.ToString(f.FunctionName)
	architectures := f.Architectures
	if len(architectures) == 0 {
		architectures = []types.Architecture{types.ArchitectureX8664} // the default
	}
	d.Set("architectures", architectures)
	d.Set("kms_key_arn", orNull(aws.ToString(f.KMSKeyArn)))
	d.Set("memory_size", aws.ToInt32(f.MemorySize))
	packaged := f.PackageType
	if packaged == "" {
		packaged = types.PackageTypeZip // before there were images
	}
	d.Set("package_type", packaged)
	d.Set("role", aws.ToString(f.Role))
	d.Set("runtime", orNull(string(f.Runtime)))
	d.Set("timeout", aws.ToInt32(f.Timeout))
	setEnvironment(d, f.Environment)
}

// setEnvironment keeps of every variable its name and what its value is like.
// Lambda lists the function without variables, and says why, when it cannot decrypt
// them for the caller.
func setEnvironment(d *awskit.Draft, env *types.EnvironmentResponse) {
	switch {
	case env == nil:
		d.Set("environment", nil)
	case env.Error != nil:
		d.Fail("environment", undecrypted(env.Error))
	case len(env.Variables) == 0:
		d.Set("environment", nil)
	default:
		variables := []any{}
		for _, name := range slices.Sorted(maps.Keys(env.Variables)) {
			value := env.Variables[name]
			variables = append(variables, map[string]any{
				"name": name, "form": secrets.Form(value), "secret": orNull(secrets.Variable(name, value)),
			})
		}
		d.Set("environment", map[string]any{"variables": variables})
	}
}

// undecrypted says why Lambda could not decrypt the variables. It names the call
// that Lambda makes on the caller's behalf.
func undecrypted(e *types.EnvironmentError) error {
	reason := providers.Failed
	if strings.HasPrefix(aws.ToString(e.ErrorCode), "AccessDenied") {
		reason = providers.Denied
	}
	return awskit.Lacking("kms:Decrypt", &awskit.Unreadable{
		Call: "KMS.Decrypt", Reason: reason,
		Why: fmt.Sprintf("Lambda cannot decrypt the environment for the caller: %s: %s", aws.ToString(e.ErrorCode), aws.ToString(e.Message)),
	})
}

// readPolicy reads the policy of the function itself. The API answers alike for a
// function without one and for one that is not there, but for the message.
func readPolicy(ctx context.Context, c *awskit.Cell, f types.FunctionConfiguration, d *awskit.Draft) error {
	out, err := awskit.Client(c, lambda.NewFromConfig).GetPolicy(ctx, &lambda.GetPolicyInput{FunctionName: f.FunctionName})
	var api smithy.APIError
	switch {
	case awskit.Is(err, "ResourceNotFoundException") && errors.As(err, &api):
		if strings.HasPrefix(api.ErrorMessage(), "Function not found") {
			return awskit.ErrGone
		}
		d.Set("policy", nil)
		return nil
	case err != nil:
		return err
	}
	policy, err := iamdoc.Parse(aws.ToString(out.Policy))
	if err != nil {
		return &awskit.Unreadable{Call: "Lambda.GetPolicy", Reason: providers.Failed, Why: err.Error()}
	}
	d.Set("policy", policy)
	return nil
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
