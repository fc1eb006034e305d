package awskit

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/providers"
)

func TestCellsOfAServiceAreSpreadAndTheLargestOfThemBegunFirst(t *testing.T) {
	var tasks []task
	add := func(service, name string, weight int) {
		tasks = append(tasks, task{
			cell: &Cell{Region: name}, read: Collector{service: service}, weight: weight,
		})
	}
	add("ec2", "ec2 small", 1)
	add("ec2", "ec2 large", 3)
	add("ec2", "ec2 middle", 2)
	add("iam", "iam", 1)
	add("s3", "s3", 9)
	add("sqs", "sqs one", 2)
	add("sqs", "sqs two", 2)
	order(tasks)
	var got []string
	for _, c := range tasks {
		got = append(got, c.cell.Region)
	}
	want := []string{"s3", "ec2 large", "sqs one", "iam", "ec2 middle", "sqs two", "ec2 small"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestTheWeightOfACellIsWhatIsWantedOfItsResources(t *testing.T) {
	info := providers.TypeInfo{
		Calls: []providers.Call{Call("X.List")},
		Details: []providers.Detail{
			{Attributes: []string{"a"}, Calls: []providers.Call{Call("X.A")}},
			{Attributes: []string{"b", "c"}, Calls: []providers.Call{Call("X.B"), Call("X.C")}},
		},
	}
	global := info
	global.Global = true
	got := []int{
		weightOf(info, map[string]bool{}, 4),
		weightOf(info, map[string]bool{"a": true}, 4),
		weightOf(info, map[string]bool{"a": true, "c": true}, 4),
		weightOf(global, map[string]bool{"a": true}, 4),
		weightOf(global, map[string]bool{"a": true}, 0),
	}
	want := []int{2, 2 + itemsGuessed, 2 + 3*itemsGuessed, 2 + 4*itemsGuessed, 2 + itemsGuessed}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
