package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// CommandCenter keeps findings about Google Cloud in Security Command Center, as findings
// of a source of the organisation.
//
// Source: the discovery document of securitycenter v1, organizations.sources.findings:
// patch makes a finding or updates it, and without a mask everything that can change.
type CommandCenter struct {
	Name   string
	Source string // organizations/ORGANIZATION/sources/SOURCE
	API    string // "" is https://securitycenter.googleapis.com
	Least  finding.Severity
	Link   string
	// Token returns a token of access for the scope cloud-platform.
	Token  func(ctx context.Context) (string, error)
	Client *http.Client
	Now    func() time.Time
}

// commandCenterBatch is how many findings are in an envelope: each is a call.
const commandCenterBatch = 50

// sccFinding is a finding of Security Command Center.
type sccFinding struct {
	State            string            `json:"state"` // ACTIVE, INACTIVE
	Category         string            `json:"category"`
	ResourceName     string            `json:"resourceName"`
	EventTime        time.Time         `json:"eventTime"`
	Severity         string            `json:"severity"`
	FindingClass     string            `json:"findingClass"`
	Description      string            `json:"description"`
	NextSteps        string            `json:"nextSteps,omitempty"`
	ExternalURI      string            `json:"externalUri,omitempty"`
	SourceProperties map[string]string `json:"sourceProperties,omitempty"`
}

// sccKept is one in the outbox.
type sccKept struct {
	ID      string     `json:"id"`
	Finding sccFinding `json:"finding"`
}

// Channel makes a Channel of it.
func (s CommandCenter) Channel() Channel { return s }

// Compose implements Channel.
func (s CommandCenter) Compose(news News) ([]Envelope, error) {
	var out []Envelope
	for i, batch := range batches(sightings(news, s.Name, "gcp", s.Least), commandCenterBatch) {
		var list []sccKept
		for _, one := range batch {
			list = append(list, sccKept{one.Fingerprint, s.finding(one, news.Run)})
		}
		body, err := json.Marshal(list)
		if err != nil {
			return nil, fmt.Errorf("compose findings for Security Command Center: %w", err)
		}
		out = append(out, Envelope{
			Key: fmt.Sprintf("%s/%s/%d", s.Name, news.Run.ID, i), Channel: s.Name, Run: news.Run.ID, To: batch[0].Resource.Scope, Body: body, Tells: tells(batch),
		})
	}
	return out, nil
}

func (s CommandCenter) finding(one sighting, run finding.Run) sccFinding {
	state := "ACTIVE"
	if !one.Active {
		state = "INACTIVE"
	}
	out := sccFinding{
		State: state, Category: strings.ToUpper(strings.ReplaceAll(one.Policy, "-", "_")), ResourceName: one.Resource.ID, EventTime: run.Time.UTC(),
		Severity: strings.ToUpper(string(one.Severity)), FindingClass: "MISCONFIGURATION", Description: cut(one.Title+": "+oneLine(one.Message), 1024), ExternalURI: s.Link,
		SourceProperties: map[string]string{"policy": one.Policy, "category": string(one.Category), "type": string(one.Resource.Type)},
	}
	if one.Category != finding.Security {
		out.FindingClass = "OBSERVATION"
	}
	switch {
	case one.OwnerUnknown != "":
		out.SourceProperties["owner"], out.SourceProperties["ownerUnknown"] = finding.UnknownOwner, string(one.OwnerUnknown)
	case one.Owner != "":
		out.SourceProperties["owner"] = one.Owner
	}
	if one.Waiver != nil {
		out.SourceProperties["waived"] = one.Waiver.Reason
	}
	if p, ok := run.Policy(one.Policy); ok {
		out.NextSteps = cut(oneLine(p.Remediation), 2000)
	}
	return out
}

// Send implements Channel. A finding that is sent twice is one.
func (s CommandCenter) Send(ctx context.Context, e Envelope) error {
	var list []sccKept
	if err := json.Unmarshal(e.Body, &list); err != nil {
		return fmt.Errorf("%w: the message in the outbox cannot be read: %w", ErrPermanent, err)
	}
	token, err := s.Token(ctx)
	if err != nil {
		return fmt.Errorf("no token for Security Command Center: %w", err)
	}
	for _, one := range list {
		body, err := json.Marshal(one.Finding)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrPermanent, err)
		}
		_, err = call(ctx, s.Client, request{
			method: http.MethodPatch, url: cmp.Or(strings.TrimSuffix(s.API, "/"), "https://securitycenter.googleapis.com") + "/v1/" + s.Source + "/findings/" + one.ID, body: body,
			header: map[string]string{"Authorization": "Bearer " + token, "Content-Type": "application/json"},
		}, s.Now())
		if err != nil {
			return err
		}
	}
	return nil
}
