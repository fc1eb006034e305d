package awskit

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/metsuke-dev/metsuke/providers"
)

func cellOf(a *Account, region string) *Cell { return &Cell{Account: a, Region: region, service: "s3"} }

func TestAClientIsMadeOncePerServiceAndRegionOfACollection(t *testing.T) {
	account := NewAccount(providers.Scope{Provider: "aws", ID: "111111111111"}, "aws", "us-east-1", nil, aws.Config{}, Limits{})
	first := Client(cellOf(account, ""), s3.NewFromConfig)
	if got := ClientFor(cellOf(account, "eu-west-1"), "s3", "us-east-1", s3.NewFromConfig); got != first {
		t.Error("the home region by its name got a client of its own")
	}
	other := Client(cellOf(account, "eu-west-1"), s3.NewFromConfig)
	if other == first || other.Options().Region != "eu-west-1" || first.Options().Region != "us-east-1" {
		t.Errorf("the clients of two regions are for %s and %s", first.Options().Region, other.Options().Region)
	}
	if got := ClientFor(cellOf(account, ""), "s3", "", sqs.NewFromConfig).Options().Region; got != "us-east-1" {
		t.Errorf("the client of another package under the same limit is for %s", got)
	}
	if Client(cellOf(account.fresh(time.Time{}), ""), s3.NewFromConfig) == first {
		t.Error("a new collection kept a client of the last one")
	}
}

func TestWhoWaitsForAnAnswerGivesUpWithItsOwnContext(t *testing.T) {
	c := cellOf(NewAccount(providers.Scope{}, "aws", "us-east-1", nil, aws.Config{}, Limits{}), "")
	asked, answer := make(chan struct{}), make(chan struct{})
	first := make(chan int)
	go func() {
		v, _ := OncePerAccount(t.Context(), c, "key", func(context.Context) (int, error) {
			close(asked)
			<-answer
			return 7, nil
		})
		first <- v
	}()
	<-asked
	again := func(ctx context.Context) (int, error) {
		return OncePerAccount(ctx, c, "key", func(context.Context) (int, error) {
			return 0, errors.New("asked a second time")
		})
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if v, err := again(cancelled); v != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled waiter got %d, %v; want 0 and that it was cancelled", v, err)
	}
	close(answer)
	if v := <-first; v != 7 {
		t.Errorf("who asked first got %d, want 7", v)
	}
	if v, err := again(t.Context()); v != 7 || err != nil {
		t.Errorf("who came later got %d, %v; want 7", v, err)
	}
}
