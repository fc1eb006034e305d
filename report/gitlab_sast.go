package report

import (
	"cmp"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// sastReporter writes a SAST report for GitLab's vulnerability reports, in version
// 15.0.7 of the schema, which GitLab 16 and later read:
// https://gitlab.com/gitlab-org/security-products/security-report-schemas.
//
// Only findings about security are vulnerabilities; how many others there are is a
// message of the scan, and gitlab-codequality has them. What is unknown is a message
// as well: a vulnerability of unknown severity is another thing. GitLab follows a
// vulnerability by its signature, which moves of the resource within and between
// files leave as it is.
type sastReporter struct{ o Options }

const (
	sastVersion     = "15.0.7"
	sastSolution    = 7000 // characters at most
	sastName        = 255
	sastIdentifiers = 20 // GitLab keeps no more
)

type sastReport struct {
	Version         string              `json:"version"`
	Scan            sastScan            `json:"scan"`
	Vulnerabilities []sastVulnerability `json:"vulnerabilities"`
}

type sastScan struct {
	Analyzer    sastScanner      `json:"analyzer"`
	Scanner     sastScanner      `json:"scanner"`
	Type        string           `json:"type"`
	Start       string           `json:"start_time"`
	End         string           `json:"end_time"`
	Status      string           `json:"status"`
	Messages    []sastMessage    `json:"messages"`
	Identifiers []sastIdentifier `json:"primary_identifiers,omitempty"`
}

type sastScanner struct {
	ID      string     `json:"id"`
	Name    string     `json:"name"`
	URL     string     `json:"url,omitempty"`
	Version string     `json:"version"`
	Vendor  sastVendor `json:"vendor"`
}

type sastVendor struct {
	Name string `json:"name"`
}

type sastMessage struct {
	Level string `json:"level"` // info, warn, fatal
	Value string `json:"value"`
}

type sastVulnerability struct {
	ID          string                `json:"id"`
	Name        string                `json:"name"`
	Description string                `json:"description"`
	Severity    string                `json:"severity"`
	Solution    string                `json:"solution,omitempty"`
	Identifiers []sastIdentifier      `json:"identifiers"`
	Location    sastLocation          `json:"location"`
	Tracking    sastTracking          `json:"tracking"`
	Details     map[string]sastDetail `json:"details,omitempty"`
}

type sastIdentifier struct {
	Type  string `json:"type"`
	Name  string `json:"name"`
	Value string `json:"value"`
}

type sastLocation struct {
	File  string `json:"file"`
	Start int    `json:"start_line"`
}

type sastTracking struct {
	Type  string             `json:"type"`
	Items []sastTrackingItem `json:"items"`
}

type sastTrackingItem struct {
	File       string          `json:"file"`
	Start      int             `json:"start_line"`
	End        int             `json:"end_line"`
	Signatures []sastSignature `json:"signatures"`
}

type sastSignature struct {
	Algorithm string `json:"algorithm"`
	Value     string `json:"value"`
}

type sastDetail struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Value string `json:"value"`
}

func (r sastReporter) Report(w io.Writer, run finding.Run) error {
	scanner := sastScanner{ID: "metsuke", Name: "metsuke", URL: markdownURL(r.o.ToolURL), Version: cmp.Or(clean(run.Version), "unknown"), Vendor: sastVendor{"metsuke"}}
	at := run.Time.UTC().Format("2006-01-02T15:04:05")
	out := sastReport{
		Version: sastVersion,
		Scan: sastScan{
			Analyzer: scanner, Scanner: scanner, Type: "sast", Start: at, End: at, Status: "success", Messages: sastMessages(run),
		},
		Vulnerabilities: []sastVulnerability{},
	}
	if run.Interrupted {
		out.Scan.Status = "failure"
	}
	for _, p := range run.Policies {
		if p.Category == finding.Security {
			out.Scan.Identifiers = append(out.Scan.Identifiers, sastPolicy(p.ID))
		}
	}
	known, seen := map[string]sastVulnerability{}, identities{}
	for _, p := range run.Policies {
		known[p.ID] = sastPolicyText(p)
	}
	for _, f := range of(ordered(run), finding.Fail) {
		if f.Category == finding.Security {
			out.Vulnerabilities = append(out.Vulnerabilities, sastFinding(f, known[f.Policy], seen.of(f), r.o))
		}
	}
	b, err := marshal(out, "  ")
	if err != nil {
		return err
	}
	return write(w, b)
}

// sastMessages says what is no vulnerability and yet has to be known.
func sastMessages(run finding.Run) []sastMessage {
	level := "info"
	if !run.Coverage.Complete() || run.Interrupted {
		level = "warn"
	}
	out := []sastMessage{{level, strings.Join(append([]string{verdictLine(run) + "."}, coverageLines(run)...), " ")}}
	var others []finding.Finding
	for _, f := range of(run.Findings, finding.Fail) {
		if f.Category != finding.Security {
			others = append(others, f)
		}
	}
	if n := len(others); n > 0 {
		out = append(out, sastMessage{"info", count(n, "finding") + plural(n, " is", " are") +
			" not about security and no vulnerability: " + severities(others) + ". The format gitlab-codequality has them."})
	}
	for _, g := range unknownGroups(run.Findings) {
		out = append(out, sastMessage{"warn", clean(g.Policy) + ": " + unknownLine(g)})
	}
	return out
}

func sastPolicy(id string) sastIdentifier {
	id = cmp.Or(clean(id), "unknown")
	return sastIdentifier{"metsuke_policy", id, id}
}

// sastPolicyText is what all vulnerabilities of a policy have in common.
func sastPolicyText(p finding.Policy) sastVulnerability {
	v := sastVulnerability{
		Description: escapeMarkdown(p.Description), Solution: firstLines(markdownBlock(p.Mending()), sastSolution),
		Identifiers: []sastIdentifier{sastPolicy(p.ID)},
	}
	for _, framework := range slices.Sorted(maps.Keys(p.Frameworks)) {
		for _, control := range p.Frameworks[framework] {
			framework, control := clean(framework), clean(control)
			if framework != "" && control != "" && len(v.Identifiers) < sastIdentifiers {
				v.Identifiers = append(v.Identifiers, sastIdentifier{framework, framework + " " + control, control})
			}
		}
	}
	return v
}

// sastFinding adds to what a policy's vulnerabilities have in common what is of one.
func sastFinding(f finding.Finding, v sastVulnerability, id string, o Options) sastVulnerability {
	file, line := filePlace(f.Resource)
	// A UUID, as the schema recommends.
	v.ID = strings.Join([]string{id[:8], id[8:12], id[12:16], id[16:20], id[20:32]}, "-")
	v.Name = cut(cmp.Or(clean(f.Title), clean(f.Policy), "metsuke"), sastName)
	v.Description = strings.TrimSpace(escapeMarkdown(resourceLine(f.Resource)+": "+f.Message) + "\n\n" + v.Description)
	v.Severity = sastSeverity(f.Severity)
	if len(v.Identifiers) == 0 {
		v.Identifiers = []sastIdentifier{sastPolicy(f.Policy)}
	}
	v.Location = sastLocation{file, line}
	// GitLab knows the algorithms by name and takes the value as it is. This one
	// outranks the line of the finding.
	v.Tracking = sastTracking{"source", []sastTrackingItem{{file, line, line, []sastSignature{{"scope_offset", id}}}}}
	v.Details = map[string]sastDetail{"resource": {"Resource", "text", clean(f.Resource.ID)}}
	if owner := ownerWords(f); owner != "" {
		v.Details["owner"] = sastDetail{"Owner", "text", clean(owner)}
	}
	if e := o.notHeld(f); e != "" {
		v.Details["excuse"] = sastDetail{"Does not count", "text", e}
	}
	return v
}

func sastSeverity(s finding.Severity) string {
	if i := s.Rank(); i < len(finding.Severities()) {
		return []string{"Critical", "High", "Medium", "Low"}[i]
	}
	return "Unknown"
}

// firstLines cuts Markdown after the last whole line with which it has at most n bytes,
// and closes a block of code that it cuts.
func firstLines(s string, n int) string {
	const cutOff = "\n```\n…\n"
	s = strings.TrimSpace(s)
	if len(s) <= n {
		return s
	}
	s = s[:n-len(cutOff)]
	s = s[:max(0, strings.LastIndexByte(s, '\n'))]
	if strings.Count(s, "```")%2 == 1 {
		return s + cutOff
	}
	return s + "\n…"
}
