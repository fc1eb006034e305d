package awssim

import "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"

func resourcegroupstaggingapiOps() []Op {
	return []Op{
		Answer[resourcegroupstaggingapi.GetResourcesOutput]("ResourceGroupsTaggingAPI.GetResources"),
	}
}
