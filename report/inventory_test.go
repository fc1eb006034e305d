package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

func inventoryFixture() Inventory {
	s := providers.Scope{Provider: "aws", ID: "111111111111", Name: "=cmd()"}
	inv := Inventory{
		Version: "v1", Time: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), Scopes: []providers.Scope{s},
		Wants: map[string][]providers.Want{"aws": {{Type: "aws_sqs_queue", Attributes: []string{"name", "tags"}}}},
		Cells: []InventoryCell{
			{Cell: providers.Cell{Scope: s, Region: "us-east-1", Type: "aws_sqs_queue"}},
			{Cell: providers.Cell{Scope: s, Region: "eu-central-1", Type: "aws_sqs_queue"}, Read: true},
		},
		Resources: []providers.Resource{
			{
				Scope: s, Type: "aws_sqs_queue", ID: "arn:b", Name: "+1\x1b[31m", Region: "eu-central-1", Tags: map[string]string{"a": "@x", "b": "y"},
				Attributes: map[string]any{"name": "+1\x1b[31m"},
			},
			{
				Scope: s, Type: "aws_sqs_queue", ID: "arn:a", Name: "a", Region: "eu-central-1", Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
				Tags: map[string]string{}, Attributes: map[string]any{"name": "a"}, Unknown: map[string]providers.Reason{"tags": providers.Denied},
			},
		},
		Gaps: []providers.Gap{{Scope: s, Region: "us-east-1", Type: "aws_sqs_queue", Call: "SQS.ListQueues", Permission: "sqs:ListQueues", Reason: providers.Denied, Err: "=no"}},
	}
	inv.Sort()
	return inv
}

func written(t *testing.T, format string, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteInventory(&b, format, o, inventoryFixture()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAnInventoryInLinesCanBeReadAgain(t *testing.T) {
	want := inventoryFixture()
	var resources []providers.Resource
	var cells []InventoryCell
	var gaps []providers.Gap
	var kinds []string
	for _, line := range strings.Split(strings.TrimSpace(written(t, "ndjson", Options{})), "\n") {
		var head struct{ Kind string }
		if err := json.Unmarshal([]byte(line), &head); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		kinds = append(kinds, head.Kind)
		var err error
		switch head.Kind {
		case "resource":
			resources = append(resources, providers.Resource{})
			err = json.Unmarshal([]byte(line), &resources[len(resources)-1])
		case "cell":
			cells = append(cells, InventoryCell{})
			err = json.Unmarshal([]byte(line), &cells[len(cells)-1])
		case "gap":
			gaps = append(gaps, providers.Gap{})
			err = json.Unmarshal([]byte(line), &gaps[len(gaps)-1])
		}
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	if diff := cmp.Diff([]string{inventoryKind, "cell", "cell", "resource", "resource", "gap", "end"}, kinds); diff != "" {
		t.Errorf("lines -want +got:\n%s", diff)
	}
	for what, diff := range map[string]string{
		"resources": cmp.Diff(want.Resources, resources), "cells": cmp.Diff(want.Cells, cells), "gaps": cmp.Diff(want.Gaps, gaps),
	} {
		if diff != "" {
			t.Errorf("%s -want +got:\n%s", what, diff)
		}
	}
}

func TestAnInventoryIsSafeWhereverItIsOpened(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(written(t, "csv", Options{}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		for _, c := range row {
			if c != "" && strings.ContainsAny(c[:1], "=+-@") {
				t.Errorf("a spreadsheet takes %q for a formula", c)
			}
		}
	}
	for _, format := range InventoryFormats() {
		if text := written(t, format, Options{}); strings.Contains(text, "\x1b") {
			t.Errorf("%s: an escape sequence reaches the terminal: %q", format, text)
		}
	}
}

func TestAnInventorySaysWhatIsMissing(t *testing.T) {
	for _, width := range []int{0, 60, 80, 160} {
		text := written(t, "table", Options{Width: width})
		for _, want := range []string{"NOT READ", "Read 1 of 2 cells"} {
			if !strings.Contains(text, want) {
				t.Errorf("at %d columns the table does not say %q:\n%s", width, want, text)
			}
		}
		for _, line := range strings.Split(text, "\n") {
			if width > 0 && visible(line) > width {
				t.Errorf("%d columns, want %d: %s", visible(line), width, line)
			}
		}
	}
	if text := written(t, "table", Options{}); !strings.Contains(text, "unknown: denied") {
		t.Errorf("tags that could not be read look like none:\n%s", text)
	}
}

func TestAnUnknownInventoryFormatIsRefused(t *testing.T) {
	err := WriteInventory(&bytes.Buffer{}, "cvs", Options{}, Inventory{})
	if err == nil || !strings.Contains(err.Error(), `did you mean "csv"`) {
		t.Errorf("%v", err)
	}
}

func TestListingsNeverRunOverTheTerminal(t *testing.T) {
	l := Listing{
		Head: []string{"ID", "TITLE"}, Least: []int{6, 8}, Right: nil,
		Rows: [][]string{{"an-id-that-is-long\nand what is below", "a title that is rather long\x1b[2J"}, {"b", "c"}},
	}
	for _, width := range []int{0, 24, 80} {
		var b bytes.Buffer
		if err := WriteListing(&b, Options{Width: width}, l); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "\x1b") {
			t.Errorf("an escape sequence reaches the terminal: %q", b.String())
		}
		for _, line := range strings.Split(b.String(), "\n") {
			if width > 0 && visible(line) > width {
				t.Errorf("%d columns, want %d: %s", visible(line), width, line)
			}
		}
	}
	if err := WriteListing(&bytes.Buffer{}, Options{}, Listing{Head: []string{"A"}}); err == nil {
		t.Error("a listing without widths is accepted")
	}
}

// owned is the fixture with owners: of the two queues one has tags that were not read.
func owned() Inventory {
	inv := inventoryFixture()
	inv.Resources = append(inv.Resources, providers.Resource{Scope: inv.Scopes[0], Type: "aws_sqs_queue", ID: "arn:c", Name: "c", Region: "us-east-1"})
	inv.Owner = func(r providers.Resource) finding.Ownership {
		return finding.Ownership{Owner: r.Tags["a"], Unknown: r.Unknown["tags"]}
	}
	return inv
}

func TestAnInventorySaysWhoseResourcesAreWhereSomebodyAsks(t *testing.T) {
	type row struct {
		ID      string
		Owner   *string
		Unknown string `json:"owner_unknown"`
	}
	name := func(s string) *string { return &s }
	want := []row{{"arn:a", nil, "denied"}, {"arn:b", name("@x"), ""}, {"arn:c", name(""), ""}}
	write := func(format string, o Options) string {
		var b bytes.Buffer
		if err := WriteInventory(&b, format, o, owned()); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	var whole struct{ Resources []row }
	if err := json.Unmarshal([]byte(write("json", Options{})), &whole); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, whole.Resources); diff != "" {
		t.Errorf("json (-want +got):\n%s", diff)
	}
	var lines []row
	for _, line := range strings.Split(strings.TrimSpace(write("ndjson", Options{})), "\n") {
		if strings.HasPrefix(line, `{"kind":"resource"`) {
			lines = append(lines, row{})
			if err := json.Unmarshal([]byte(line), &lines[len(lines)-1]); err != nil {
				t.Fatal(err)
			}
		}
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("ndjson (-want +got):\n%s", diff)
	}
	records, err := csv.NewReader(strings.NewReader(write("csv", Options{}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var cells [][]string
	for _, r := range records {
		cells = append(cells, append([]string{r[0]}, r[len(r)-2:]...))
	}
	if diff := cmp.Diff([][]string{
		{"kind", "owner", "owner_unknown"}, {"resource", "(unknown)", "denied"}, {"resource", "'@x", ""}, {"resource", "", ""}, {"gap", "", ""}, {"coverage", "", ""},
	}, cells); diff != "" {
		t.Errorf("csv (-want +got):\n%s", diff)
	}
	for _, width := range []int{0, 80} {
		table := write("table", Options{Width: width})
		if !strings.Contains(table, "OWNER") || !strings.Contains(table, "(unknown)") || !strings.Contains(table, "@x") {
			t.Errorf("the table of width %d tells no owners:\n%s", width, table)
		}
	}
}

func TestInventoriesFollowThePublishedSchema(t *testing.T) {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	const file = "../docs/schema/inventory.v1.json"
	whole, line := c.MustCompile(file), c.MustCompile(file+"#/$defs/line")
	for _, inv := range []Inventory{inventoryFixture(), owned()} {
		var all, lines bytes.Buffer
		if err := errors.Join(WriteInventory(&all, "json", Options{}, inv), WriteInventory(&lines, "ndjson", Options{}, inv)); err != nil {
			t.Fatal(err)
		}
		validate(t, whole, all.String())
		for _, l := range strings.Split(strings.TrimSpace(lines.String()), "\n") {
			validate(t, line, l)
		}
	}
}
