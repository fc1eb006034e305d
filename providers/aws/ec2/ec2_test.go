package ec2

import (
	"testing"

	"github.com/metsuke-dev/metsuke/providers/aws/internal/awstest"
)

func TestTheCollectorsKeepTheContract(t *testing.T) {
	awstest.Conform(t, nil, Collectors()...)
}
