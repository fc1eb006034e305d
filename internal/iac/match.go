package iac

import (
	"regexp"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// Index finds the state that keeps a live resource.
type Index struct {
	entries []*indexed
	by      map[string]*indexed
	// others are the further entries of a key: several states may have the same resource.
	others map[string][]*indexed
	// vague are the types of which some entry says nothing by which it could be found.
	vague map[string]bool
	// unread says that a state could not be read: what is in none of the others may be
	// in that one.
	unread bool
}

// indexed is an entry with its state.
type indexed struct {
	Entry
	state string
	found bool
}

// NewIndex returns the index of the states. With unread, some state could not be read.
func NewIndex(states []State, unread bool) *Index {
	ix := &Index{by: map[string]*indexed{}, others: map[string][]*indexed{}, vague: map[string]bool{}, unread: unread}
	for _, s := range states {
		for _, e := range s.Entries {
			in := &indexed{Entry: e, state: s.Name}
			if len(in.Keys) == 0 {
				ix.vague[modelType(e.Type)] = true
				continue
			}
			ix.entries = append(ix.entries, in)
			for _, k := range in.Keys {
				// A resource of its own outranks a part of another one.
				switch had := ix.by[k]; {
				case had == nil:
					ix.by[k] = in
				case had.Part && !in.Part:
					ix.by[k] = in
					ix.others[k] = append(ix.others[k], had)
				default:
					ix.others[k] = append(ix.others[k], in)
				}
			}
		}
	}
	return ix
}

// modelType is the type under which a live resource of the Terraform type is known.
func modelType(t string) string {
	if same := map[string]string{
		"aws_alb":                               "aws_lb",
		"aws_ebs_snapshot_copy":                 "aws_ebs_snapshot",
		"aws_ebs_snapshot_import":               "aws_ebs_snapshot",
		"aws_kms_external_key":                  "aws_kms_key",
		"aws_kms_replica_external_key":          "aws_kms_key",
		"aws_kms_replica_key":                   "aws_kms_key",
		"aws_rds_cluster_instance":              "aws_db_instance",
		"google_compute_global_address":         "google_compute_address",
		"google_compute_instance_from_template": "google_compute_instance",
		"google_compute_region_disk":            "google_compute_disk",
	}[t]; same != "" {
		return same
	}
	// Terraform adopts what AWS makes under a type of its own: aws_default_security_group.
	return strings.Replace(t, "aws_default_", "aws_", 1)
}

// unique matches the ids that EC2 gives, which no two resources share: sg-0a1b2c3d4e5f60718.
var unique = regexp.MustCompile(`^[a-z]+-[0-9a-f]{8,}$`)

// keys are what an entry of the Terraform type is found by, each with its type: one that
// is equal to one of a live resource is certain to be that resource. The formats are those
// of the attributes in the documentation of the Terraform providers.
func (i identity) keys(typ string) []string {
	var out []string
	add := func(k string) {
		if k != "" {
			out = append(out, modelType(typ)+" "+k)
		}
	}
	id := string(i.ID)
	switch {
	case strings.HasPrefix(typ, "aws_"):
		add(strings.TrimSuffix(string(i.ARN), ":*")) // of log groups in former versions of the provider
		if strings.HasPrefix(id, "arn:") {
			add(id)
		}
		if unique.MatchString(id) {
			add(id)
		}
	case strings.HasPrefix(typ, "google_"):
		add(googlePath(string(i.SelfLink)))
		switch {
		case typ == "google_storage_bucket":
			add(id)
		case typ == "google_project":
			if i.Number != "" {
				add("projects/" + string(i.Number))
			}
		case typ == "google_service_account":
			add(string(i.Email))
		case typ == "google_service_account_key":
			add(id[strings.LastIndexByte(id, '/')+1:])
		case strings.Contains(id, "/"):
			add(googlePath(id))
		}
	case typ == "github_repository":
		add(strings.ToLower(string(i.FullName)))
	case typ == "github_membership", typ == "github_actions_organization_permissions":
		add(strings.ToLower(id))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// googlePath is the part of a link or id that names the resource, whatever the API and
// its version: projects/p/zones/z/disks/d.
func googlePath(s string) string {
	for _, top := range []string{"projects/", "folders/", "organizations/"} {
		if i := strings.Index(s, top); i == 0 || i > 0 && s[i-1] == '/' {
			return s[i:]
		}
	}
	return ""
}

// liveKeys are what a live resource is found by.
func liveKeys(r providers.Resource) []string {
	var out []string
	add := func(k string) {
		if k != "" {
			out = append(out, string(r.Type)+" "+k)
		}
	}
	switch r.Scope.Provider {
	case "aws":
		add(r.ID)
		if short := r.ID[strings.LastIndexAny(r.ID, "/:")+1:]; unique.MatchString(short) {
			add(short)
		}
	case "gcp":
		_, path, _ := strings.Cut(strings.TrimPrefix(r.ID, "//"), "/")
		add(path)
		switch r.Type {
		case "google_service_account":
			add(r.Name) // the ID has its number, states its address
		case "google_service_account_key":
			add(path[strings.LastIndexByte(path, '/')+1:])
		}
	case "github":
		switch r.Type {
		case "github_repository":
			add(strings.ToLower(r.Scope.ID + "/" + r.Name))
		case "github_membership":
			add(strings.ToLower(r.Scope.ID + ":" + r.Name))
		case "github_actions_organization_permissions":
			add(strings.ToLower(r.Scope.ID))
		}
	}
	return out
}

// met notes that the live resource of entries is there, in whatever states they are.
func (ix *Index) met(r providers.Resource) {
	for _, k := range liveKeys(r) {
		if e := ix.by[k]; e != nil {
			e.found = true
		}
		for _, e := range ix.others[k] {
			e.found = true
		}
	}
}

// find returns the entry of a live resource, nil where there is none.
func (ix *Index) find(r providers.Resource) *indexed {
	for _, k := range liveKeys(r) {
		if e := ix.by[k]; e != nil {
			return e
		}
	}
	return nil
}

// ManagedBy says what keeps a live resource. It is nil for what no tool could keep, such
// as an account as a whole. A resource is unmanaged only where nothing that could say
// otherwise was left unread.
func (ix *Index) ManagedBy(r providers.Resource) *finding.ManagedBy {
	if !manageable(r) {
		return nil
	}
	if e := ix.find(r); e != nil {
		return &finding.ManagedBy{Tool: finding.Terraform, State: e.state, Address: e.Address}
	}
	switch {
	// AWS sets this tag on what a stack makes; nobody else can set tags that begin with aws:.
	case r.Tags["aws:cloudformation:stack-name"] != "":
		return &finding.ManagedBy{Tool: finding.CloudFormation, Stack: r.Tags["aws:cloudformation:stack-name"]}
	// Config Connector labels what it makes.
	case r.Tags["managed-by-cnrm"] == "true":
		return &finding.ManagedBy{Tool: finding.ConfigConnector}
	// Terraform's Google provider labels what it makes; the state is none of those given.
	case r.Tags["goog-terraform-provisioned"] == "true":
		return &finding.ManagedBy{Tool: finding.Terraform}
	}
	// What an Auto Scaling group makes is in no state: whatever keeps the group keeps it.
	if r.Tags["aws:autoscaling:groupName"] != "" {
		return &finding.ManagedBy{Tool: finding.UnknownTool}
	}
	if _, hidden := r.Unknown["tags"]; hidden || ix.unread || ix.vague[string(r.Type)] {
		return &finding.ManagedBy{Tool: finding.UnknownTool}
	}
	return &finding.ManagedBy{Tool: finding.Unmanaged}
}

// manageable reports whether infrastructure as code could keep the resource at all.
func manageable(r providers.Resource) bool {
	if r.Scope.Provider == "terraform" {
		return false // a plan is no live account
	}
	switch r.Type {
	case "aws_account", "aws_cloudtrail_organization_trail", "google_organization", "github_organization":
		return false
	case "aws_iam_role": // made by AWS for its services and for IAM Identity Center
		return !strings.Contains(r.ID, ":role/aws-service-role/") && !strings.Contains(r.ID, ":role/aws-reserved/")
	}
	return true
}
