package awssim

import (
	"embed"
	"io/fs"
	"slices"
	"time"
)

//go:embed all:estate
var estate embed.FS

// Accounts are the accounts of the demonstration estate: the organisation's
// management account and two members.
func Accounts() []string { return []string{"111111111111", "222222222222", "333333333333"} }

// Regions are the regions of the demonstration estate.
func Regions() []string { return []string{"eu-central-1", "us-east-1"} }

// Now is the demonstration estate's clock: its documents are written for this time.
func Now() time.Time { return time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC) }

// Demo returns the demonstration estate: an organisation of three accounts with
// two regions, in which some things are well kept and some are not.
func Demo() *Estate {
	files, err := fs.Sub(estate, "estate")
	if err != nil {
		panic(err) // the embedded folder is there or the program does not compile
	}
	return New(files, Ops()...)
}

// Ops returns every operation that the estate can answer.
func Ops() []Op {
	return slices.Concat(
		accountOps(),
		cloudtrailOps(),
		cloudwatchOps(),
		cloudwatchlogsOps(),
		costexplorerOps(),
		dynamodbOps(),
		ec2Ops(),
		elbOps(),
		iamOps(),
		kmsOps(),
		lambdaOps(),
		organizationsOps(),
		rdsOps(),
		resourcegroupstaggingapiOps(),
		s3Ops(),
		snsOps(),
		sqsOps(),
	)
}
