package terraform

// mappings lists every type that a plan can fill, one file each, in alphabetical
// order. Types that are not here are counted in Summary.Skipped.
func mappings() []mapping {
	return []mapping{
		awsCloudwatchLogGroup(),
		awsDBInstance(),
		awsDynamoDBTable(),
		awsEBSVolume(),
		awsEIP(),
		awsIAMAccountPasswordPolicy(),
		awsIAMGroup(),
		awsIAMPolicy(),
		awsIAMRole(),
		awsIAMServerCertificate(),
		awsIAMUser(),
		awsInstance(),
		awsKMSKey(),
		awsLB(),
		awsS3Bucket(),
		awsSecurityGroup(),
		awsSQSQueue(),
		awsVPC(),
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
