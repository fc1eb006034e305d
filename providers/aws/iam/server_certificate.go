package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

func serverCertificate() awskit.Collector {
	return awskit.New(awskit.Type[types.ServerCertificateMetadata]{
		Name:    "aws_iam_server_certificate",
		Service: "iam",
		Global:  true,
		Calls:   []providers.Call{awskit.Call("IAM.ListServerCertificates", "iam:ListServerCertificates")},
		List: func(ctx context.Context, c *awskit.Cell, yield func(types.ServerCertificateMetadata) error) error {
			pages := iam.NewListServerCertificatesPaginator(client(c), &iam.ListServerCertificatesInput{})
			for pages.HasMorePages() {
				page, err := pages.NextPage(ctx)
				if err != nil {
					return err
				}
				for _, m := range page.ServerCertificateMetadataList {
					if err := yield(m); err != nil {
						return err
					}
				}
			}
			return nil
		},
		Attributes: []string{"expiration", "path", "upload_date"},
		Describe: func(_ *awskit.Cell, m types.ServerCertificateMetadata, d *awskit.Draft) {
			d.ID, d.Name = deref(m.Arn), deref(m.ServerCertificateName)
			if m.UploadDate != nil {
				d.Created = m.UploadDate.UTC()
			}
			d.Set("expiration", m.Expiration)
			d.Set("path", m.Path)
			d.Set("upload_date", m.UploadDate)
		},
		Details: []awskit.Detail[types.ServerCertificateMetadata]{{
			Attributes: []string{"tags"},
			Calls:      []providers.Call{awskit.Call("IAM.ListServerCertificateTags", "iam:ListServerCertificateTags")},
			Read: func(ctx context.Context, c *awskit.Cell, m types.ServerCertificateMetadata, d *awskit.Draft) error {
				pages := iam.NewListServerCertificateTagsPaginator(client(c), &iam.ListServerCertificateTagsInput{ServerCertificateName: m.ServerCertificateName})
				for pages.HasMorePages() {
					page, err := pages.NextPage(ctx)
					if err != nil {
						return gone(err)
					}
					setTags(d, page.Tags)
				}
				return nil
			},
		}},
	})
}
