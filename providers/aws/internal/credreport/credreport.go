// Package credreport reads the credential report of an AWS account: one row for
// the root user and one for each IAM user, with what IAM knows of their passwords,
// MFA devices and access keys. The report is made once per collection and serves
// every type that needs it. The package judges nothing.
package credreport

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

// Calls are the calls that reading a report takes.
func Calls() []providers.Call {
	return []providers.Call{
		awskit.Call("IAM.GenerateCredentialReport", "iam:GenerateCredentialReport"),
		awskit.Call("IAM.GetCredentialReport", "iam:GetCredentialReport"),
	}
}

// Root is the name of the root user's row.
const Root = "<root_account>"

// Row is one user's credentials. A nil time says "never" or "does not apply".
type Row struct {
	ARN     string
	Created *time.Time
	// PasswordEnabled is nil where the report does not tell, as it did for the root
	// user before root credentials could be removed.
	PasswordEnabled     *bool
	PasswordLastUsed    *time.Time
	PasswordLastChanged *time.Time
	MFAActive           bool
	Keys                [2]Key
}

// Key is one of the two access keys that a user can have.
type Key struct {
	Active      bool
	LastRotated *time.Time // nil when there is no such key
	LastUsed    *time.Time
}

// Report is a credential report by user name.
type Report struct {
	Generated time.Time
	Rows      map[string]Row
}

// Read returns the account's report, made for this collection or at most four
// hours old.
func Read(ctx context.Context, c *awskit.Cell) (Report, error) {
	return awskit.OncePerAccount(ctx, c, "iam credential report", func(ctx context.Context) (Report, error) {
		client := awskit.ClientFor(c, "iam", "", iam.NewFromConfig)
		if err := generate(ctx, client); err != nil {
			return Report{}, err
		}
		out, err := client.GetCredentialReport(ctx, &iam.GetCredentialReportInput{})
		if err != nil {
			return Report{}, err
		}
		rows, err := parse(out.Content)
		if err != nil {
			return Report{}, &awskit.Unreadable{Call: "IAM.GetCredentialReport", Reason: providers.Failed, Why: err.Error()}
		}
		if out.GeneratedTime == nil {
			return Report{}, &awskit.Unreadable{Call: "IAM.GetCredentialReport", Reason: providers.Failed, Why: "the answer does not say when the credential report was made"}
		}
		return Report{Generated: *out.GeneratedTime, Rows: rows}, nil
	})
}

// How long a report may take: the pauses between two questions double from
// firstPause to lastPause, which adds up to about three minutes.
const (
	firstPause = 100 * time.Millisecond
	lastPause  = 10 * time.Second
	questions  = 25
)

// generate asks for a report until it is complete.
func generate(ctx context.Context, client *iam.Client) error {
	pause := firstPause
	for range questions {
		out, err := client.GenerateCredentialReport(ctx, &iam.GenerateCredentialReportInput{})
		if err != nil {
			return err
		}
		if out.State == types.ReportStateTypeComplete {
			return nil
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
		pause = min(2*pause, lastPause)
	}
	return &awskit.Unreadable{Call: "IAM.GenerateCredentialReport", Reason: providers.Failed, Why: "the credential report was not complete in time"}
}

// parse reads the CSV text of a report. The columns are those of the IAM User
// Guide, "Getting credential reports"; further ones are passed over. A value that
// is not as documented is an error: a guess about a credential would be a wrong verdict.
func parse(content []byte) (map[string]Row, error) {
	lines, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read the credential report: %w", err)
	}
	if len(lines) == 0 {
		return nil, errors.New("read the credential report: it is empty")
	}
	column := map[string]int{}
	for i, name := range lines[0] {
		column[name] = i
	}
	rows := map[string]Row{}
	for _, line := range lines[1:] {
		f := fields{line: line, column: column}
		user := f.text("user")
		row := Row{
			ARN:                 f.text("arn"),
			Created:             f.time("user_creation_time"),
			PasswordEnabled:     f.maybe("password_enabled"),
			PasswordLastUsed:    f.time("password_last_used"),
			PasswordLastChanged: f.time("password_last_changed"),
			MFAActive:           f.bool("mfa_active"),
			Keys: [2]Key{
				{Active: f.bool("access_key_1_active"), LastRotated: f.time("access_key_1_last_rotated"), LastUsed: f.time("access_key_1_last_used_date")},
				{Active: f.bool("access_key_2_active"), LastRotated: f.time("access_key_2_last_rotated"), LastUsed: f.time("access_key_2_last_used_date")},
			},
		}
		if f.err != nil {
			return nil, fmt.Errorf("read the credential report: user %s: %w", user, f.err)
		}
		if _, twice := rows[user]; twice {
			return nil, fmt.Errorf("read the credential report: user %s is there twice", user)
		}
		rows[user] = row
	}
	return rows, nil
}

// fields reads one line; it keeps the first error.
type fields struct {
	line   []string
	column map[string]int
	err    error
}

func (f *fields) fail(name, problem string) {
	if f.err == nil {
		f.err = fmt.Errorf("column %s %s", name, problem)
	}
}

func (f *fields) text(name string) string {
	i, ok := f.column[name]
	if !ok {
		f.fail(name, "is missing")
		return ""
	}
	return f.line[i]
}

func (f *fields) bool(name string) bool {
	b := f.maybe(name)
	if b == nil {
		f.fail(name, "is neither true nor false")
		return false
	}
	return *b
}

// maybe reads a truth value that the report may not tell.
func (f *fields) maybe(name string) *bool {
	s := f.text(name)
	var b bool
	switch {
	case strings.EqualFold(s, "true"):
		b = true
	case strings.EqualFold(s, "false"):
	case s == "not_supported", s == "N/A":
		return nil
	default:
		f.fail(name, fmt.Sprintf("is %q, neither true nor false", s))
		return nil
	}
	return &b
}

func (f *fields) time(name string) *time.Time {
	s := f.text(name)
	switch s {
	case "N/A", "no_information", "not_supported", "":
		return nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		f.fail(name, fmt.Sprintf("is %q, no point in time", s))
		return nil
	}
	return &t
}
