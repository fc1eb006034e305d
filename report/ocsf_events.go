package report

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// ocsfVersion is the version of the schema that the events follow.
const ocsfVersion = "1.5.0"

// ocsfEvents makes the events of a run.
type ocsfEvents struct {
	run     finding.Run
	known   map[string]finding.Policy
	seen    identities
	toolURL string
}

// made returns the event of a finding of the run.
func (s ocsfEvents) made(f finding.Finding) ocsfEvent {
	e := s.event(f, ocsfVerdict(f.Verdict))
	e.activity(ocsfCreated(f.History))
	switch {
	case f.Verdict == finding.Fail && excuse(f) != "":
		e.status(ocsfEnum{3, "Suppressed"})
		e.Comment = excuse(f)
	case f.Verdict == finding.Pass, f.Verdict == finding.NotApplicable:
		e.status(ocsfEnum{4, "Resolved"})
		e.severity(ocsfEnum{1, "Informational"})
	default:
		e.status(ocsfEnum{1, "New"})
		e.Comment = excuse(f) // an unknown verdict can be waived, and is unknown all the same
	}
	return e
}

// mended returns the event of a failure that the plan mends: it fails until that is
// applied.
func (s ocsfEvents) mended(f finding.Finding) ocsfEvent {
	e := s.event(f, ocsfVerdict(finding.Fail))
	e.activity(ocsfEnum{2, "Update"})
	e.status(ocsfEnum{99, "Fixed by the plan"})
	return e
}

// past returns the event of a finding that an earlier run made and this one did not.
func (s ocsfEvents) past(f finding.Finding, now finding.Status) ocsfEvent {
	var e ocsfEvent
	switch now {
	case finding.StatusFixed:
		e = s.event(f, ocsfVerdict(finding.Pass))
		e.activity(ocsfEnum{3, "Close"})
		e.status(ocsfEnum{4, "Resolved"})
		e.StatusDetail = "the policy judged the resource again, and this is not wrong any more"
	case finding.StatusGone:
		e = s.event(f, ocsfEnum{99, "Gone"})
		e.activity(ocsfEnum{3, "Close"})
		e.status(ocsfEnum{5, "Archived"})
		e.StatusDetail = "the resource is not there any more"
	default:
		e = s.event(f, ocsfVerdict(finding.Unknown))
		e.activity(ocsfEnum{2, "Update"})
		e.status(ocsfEnum{99, "Not visible"})
		e.StatusDetail = "it could not be looked at, so it is not known whether this still fails"
	}
	e.Compliance.StatusDetails = []string{e.StatusDetail, "last seen: " + e.Message}
	e.StatusCode, e.Compliance.StatusCode = string(now), string(now)
	return e
}

// coverage returns the event that says how much the others cover. Only what was read
// whole passes.
func (s ocsfEvents) coverage() ocsfEvent {
	const id = "metsuke-coverage"
	verdict := finding.Pass
	if !s.run.Coverage.Complete() || s.run.Totals().Unknown > 0 || s.run.Interrupted || s.run.Totals().Total() == 0 {
		verdict = finding.Unknown
	}
	e := s.base(id)
	e.activity(ocsfEnum{1, "Create"})
	e.severity(ocsfEnum{1, "Informational"})
	e.status(ocsfEnum{1, "New"})
	e.Message = verdictLine(s.run) + "."
	e.StatusCode = string(verdict)
	e.FindingInfo.UID = digest(id, cmp.Or(s.run.ID, s.run.Time.UTC().Format(time.RFC3339Nano)))
	e.FindingInfo.Title = "Everything that was asked for could be read"
	e.FindingInfo.Analytic.Name = e.FindingInfo.Title
	e.Compliance = ocsfCompliance{
		StatusID: ocsfVerdict(verdict).id, Status: ocsfVerdict(verdict).name, StatusCode: string(verdict),
		StatusDetails: slices.Concat(coverageLines(s.run), s.run.Notes), Control: id,
	}
	return e
}

// base is what every event says.
func (s ocsfEvents) base(code string) ocsfEvent {
	e := ocsfEvent{
		CategoryUID: 2, CategoryName: "Findings", ClassUID: 2003, ClassName: "Compliance Finding",
		Metadata: ocsfMetadata{
			Version:   ocsfVersion,
			Product:   ocsfProduct{Name: "metsuke", VendorName: "metsuke", Version: s.run.Version, URL: s.toolURL},
			EventCode: code, CorrelationUID: s.run.ID,
		},
		FindingInfo: ocsfFindingInfo{Analytic: ocsfAnalytic{UID: code, TypeID: 1, Type: "Rule"}},
	}
	if e.Time = millis(s.run.Time); e.Time != 0 {
		e.Metadata.OriginalTime = s.run.Time.UTC().Format(time.RFC3339)
	}
	return e
}

func (s ocsfEvents) event(f finding.Finding, verdict ocsfEnum) ocsfEvent {
	p := s.known[f.Policy]
	e := s.base(f.Policy)
	e.severity(ocsfSeverity(f.Severity))
	e.Message = f.Message
	e.StatusCode = string(f.Verdict)
	e.FindingInfo.UID, e.FindingInfo.Title, e.FindingInfo.Desc = s.seen.of(f), f.Title, p.Description
	e.FindingInfo.Types = []string{string(f.Category)}
	e.FindingInfo.Analytic.Name = f.Title
	e.FindingInfo.Tags = ocsfTags(f)
	e.FindingInfo.LastSeen = e.Time
	if h := f.History; h != nil {
		e.FindingInfo.Created, e.FindingInfo.FirstSeen = millis(h.FirstSeen), millis(h.FirstSeen)
		e.FindingInfo.LastSeen, e.FindingInfo.Modified = millis(h.LastSeen), millis(h.Since)
	}
	e.Compliance = compliance(f, p, verdict)
	if f.Verdict == finding.Unknown {
		e.StatusDetail = string(f.Reason)
	}
	if scope := f.Resource; scope.Provider != "" && scope.Provider != "terraform" {
		e.Metadata.Profiles = []string{"cloud"}
		e.Cloud = ocsfCloudOf(scope)
	}
	e.Resources = []ocsfResource{ocsfResourceOf(f)}
	if mending := p.Mending(); mending != "" {
		e.Remediation = &ocsfRemediation{Desc: mending}
	}
	return e
}

func (e *ocsfEvent) activity(a ocsfEnum) {
	e.ActivityID, e.ActivityName = a.id, a.name
	e.TypeUID, e.TypeName = e.ClassUID*100+a.id, e.ClassName+": "+a.name // so the schema defines it
}

func (e *ocsfEvent) severity(s ocsfEnum) { e.SeverityID, e.Severity = s.id, s.name }
func (e *ocsfEvent) status(s ocsfEnum)   { e.StatusID, e.Status = s.id, s.name }

// ocsfCreated says whether the event is the finding's first.
func ocsfCreated(h *finding.History) ocsfEnum {
	if h == nil || h.Status == finding.StatusNew {
		return ocsfEnum{1, "Create"}
	}
	return ocsfEnum{2, "Update"}
}

func ocsfVerdict(v finding.Verdict) ocsfEnum {
	switch v {
	case finding.Pass:
		return ocsfEnum{1, "Pass"}
	case finding.Unknown:
		return ocsfEnum{2, "Warning"}
	case finding.Fail:
		return ocsfEnum{3, "Fail"}
	case finding.NotApplicable:
		return ocsfEnum{99, "Not applicable"}
	}
	return ocsfEnum{0, "Unknown"}
}

func ocsfSeverity(s finding.Severity) ocsfEnum {
	switch s {
	case finding.Critical:
		return ocsfEnum{5, "Critical"}
	case finding.High:
		return ocsfEnum{4, "High"}
	case finding.Medium:
		return ocsfEnum{3, "Medium"}
	case finding.Low:
		return ocsfEnum{2, "Low"}
	}
	return ocsfEnum{0, "Unknown"}
}

// compliance says what was checked and what came of it.
func compliance(f finding.Finding, p finding.Policy, verdict ocsfEnum) ocsfCompliance {
	c := ocsfCompliance{
		StatusID: verdict.id, Status: verdict.name, StatusCode: string(f.Verdict),
		Control: f.Policy, Desc: p.Description, Category: string(f.Category),
	}
	for _, detail := range []string{f.Message, cure(string(f.Reason), f.Permission)} {
		if detail != "" {
			c.StatusDetails = append(c.StatusDetails, detail)
		}
	}
	for _, standard := range slices.Sorted(maps.Keys(p.Frameworks)) {
		c.Standards = append(c.Standards, standard)
		for _, control := range p.Frameworks[standard] {
			c.Requirements = append(c.Requirements, standard+" "+control)
			c.Checks = append(c.Checks, ocsfCheck{UID: control, Name: f.Title, Standards: []string{standard}, StatusID: verdict.id, Status: verdict.name})
		}
	}
	return c
}

// ocsfTags hold what the schema has no attribute for.
func ocsfTags(f finding.Finding) []ocsfTag {
	var out []ocsfTag
	cost := ""
	if f.MonthlyCost != 0 {
		cost = strconv.FormatFloat(f.MonthlyCost, 'f', 2, 64)
	}
	history := ""
	if f.History != nil {
		history = string(f.History.Status)
	}
	for _, t := range []ocsfTag{
		{"path", f.Path},
		{"owner_unknown", string(f.OwnerUnknown)},
		{"reason", string(f.Reason)},
		{"permission", f.Permission},
		{"change", string(f.Change)},
		{"history", history},
		{"monthly_cost_usd", cost},
		{"fingerprint", f.Fingerprint},
	} {
		if t.Value != "" {
			out = append(out, t)
		}
	}
	return out
}

func ocsfCloudOf(r finding.Resource) *ocsfCloud {
	names := map[string]string{"aws": "AWS", "gcp": "GCP", "github": "GitHub"}
	account := &ocsfAccount{UID: r.Scope, Name: r.ScopeName, TypeID: 99, Type: "Account"}
	switch {
	case r.Provider == "aws":
		account.TypeID, account.Type = 10, "AWS Account"
	case r.Provider == "gcp" && strings.HasPrefix(r.Scope, "projects/"):
		account.TypeID, account.Type = 11, "GCP Project"
	}
	return &ocsfCloud{Provider: cmp.Or(names[r.Provider], r.Provider), Region: r.Region, Account: account}
}

func ocsfResourceOf(f finding.Finding) ocsfResource {
	r := f.Resource
	out := ocsfResource{UID: r.ID, Name: r.Name, Type: string(r.Type), Region: r.Region, Namespace: r.Scope}
	if f.Owner != "" {
		out.Owner = &ocsfOwner{f.Owner}
	}
	if r.Source != nil || r.ManagedBy != nil {
		out.Data = struct {
			Source    *providers.Source  `json:"source,omitempty"`
			ManagedBy *finding.ManagedBy `json:"managed_by,omitempty"`
		}{r.Source, r.ManagedBy}
	}
	return out
}

// millis is a time as OCSF has it; one that is not known is 0.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
