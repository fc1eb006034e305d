package terraform

// mappings lists every type that a plan can fill, one file each, in alphabetical
// order. Types that are not here are counted in Summary.Skipped.
func mappings() []mapping {
	return []mapping{
		awsCloudwatchLogGroup(),
		awsDBInstance(),
		awsDynamoDBTable(),
		awsIAMAccountPasswordPolicy(),
		awsIAMGroup(),
		awsIAMPolicy(),
		awsIAMRole(),
		awsIAMServerCertificate(),
		awsIAMUser(),
		awsS3Bucket(),
		awsSecurityGroup(),
		awsSQSQueue(),
		githubActionsOrganizationPermissions(),
		githubMembership(),
		githubOrganization(),
		githubRepository(),
		googleBigQueryDataset(),
		googleComputeAddress(),
		googleComputeDisk(),
		googleComputeFirewall(),
		googleComputeInstance(),
		googleFolder(),
		googleKMSCryptoKey(),
		googleProjectType(),
		googleProjectIAM(),
		googleServiceAccount(),
		googleServiceAccountKey(),
		googleSQLDatabaseInstance(),
		googleStorageBucket(),
	}
}
