// Package providers is the contract between metsuke and everything it can
// inventory: AWS, GCP, GitHub, a Terraform plan, a saved inventory.
//
// The root package imports only the standard library. Each subpackage is one
// implementation; it imports this package and its own SDK, never another
// provider and nothing below internal/. The conformance suite in providertest
// holds every implementation to what is written here.
//
// The package does not judge: it knows neither policies nor findings.
package providers

import (
	"context"
	"time"
)

// Type names a kind of resource. It is the Terraform provider's name wherever a
// well-known one has it ("aws_s3_bucket", "google_storage_bucket"). The file
// policies/schemas/<type>.json says which attributes a resource of it has.
type Type string

// Scope is the boundary that one credential reads: an AWS account, a GCP
// organisation, folder or project, a SaaS organisation, a plan file.
type Scope struct {
	Provider string `json:"provider"`       // the provider's name: "aws"
	ID       string `json:"id"`             // unique within the provider: "111111111111", "organizations/42"
	Name     string `json:"name,omitempty"` // what people call it
	// Labels are facts about the scope that policies may use, such as
	// "organization_role": "management".
	Labels map[string]string `json:"labels,omitempty"`
}

// Resource is one thing that a provider found. It is a value: nobody changes it
// after it was handed to a Sink.
type Resource struct {
	Scope   Scope             `json:"scope"`
	Type    Type              `json:"type"`
	ID      string            `json:"id"` // unique across everything: ARN, full resource name, URL, Terraform address
	Name    string            `json:"name,omitempty"`
	Region  string            `json:"region,omitempty"` // "" for a global resource
	Tags    map[string]string `json:"tags"`             // AWS tags, GCP labels, GitHub custom properties; {} when there are none
	Created time.Time         `json:"created,omitzero"` // zero when the API does not tell
	// Attributes hold JSON values (nil, bool, float64, int, int64, json.Number, string, []any,
	// map[string]any) under the names of the type's schema. An attribute that was
	// wanted is either here, null when the API says that nothing is configured, or
	// named in Unknown. Where a part of it is unknown, that part is null here.
	Attributes map[string]any `json:"attributes"`
	// Unknown says what could not be read, and why. A key is "tags" or the path of
	// an attribute or of a part of one, its steps joined by dots:
	// "versioning", "ingress.0.cidr_blocks". Everything below the path is unknown.
	// A step that itself holds a dot is not addressable: name its parent.
	Unknown map[string]Reason `json:"unknown,omitempty"`
	// Source is where the resource was declared; nil for a live one.
	Source *Source `json:"source,omitempty"`
}

// Source is the place in a file from which a resource comes.
type Source struct {
	Address string `json:"address,omitempty"` // Terraform address
	Module  string `json:"module,omitempty"`  // Terraform module address, "" for the root
	File    string `json:"file,omitempty"`    // relative to the directory given by the user
	Line    int    `json:"line,omitempty"`    // 1 is the first; 0 unknown
	Action  string `json:"action,omitempty"`  // create, update, replace, no-op, delete, read, import
	// Calls are the module calls that lead to the resource, that of the root module first,
	// as far as they are in the files.
	Calls []Place `json:"calls,omitempty"`
}

// Place is a block in a file.
type Place struct {
	Address string `json:"address"` // Terraform address, without instance keys
	File    string `json:"file"`    // as Source.File
	Line    int    `json:"line"`    // 1 is the first
}

// Reason says why something could not be read.
type Reason string

// The reasons. Each one has a different cure.
const (
	Denied      Reason = "denied"      // the credential lacks a permission
	Throttled   Reason = "throttled"   // still refused for rate after every retry
	Disabled    Reason = "disabled"    // the API or service is switched off in the scope
	Unsupported Reason = "unsupported" // the plan tier or region does not offer it
	Deferred    Reason = "deferred"    // Terraform: known after apply
	Given       Reason = "given"       // Terraform: known after apply, and certainly not null
	Sensitive   Reason = "sensitive"   // Terraform marks the value sensitive, so it was dropped
	Outside     Reason = "outside"     // Terraform: the resource is not in the plan, only something that configures it
	Uncollected Reason = "uncollected" // a saved inventory was taken without it
	Interrupted Reason = "interrupted" // the run was cancelled before it was read
	Failed      Reason = "failed"      // anything else: network, server error, a bug
)

// Gap is something that a provider was asked for and could not read in full:
// a whole scope (Type empty), a cell (ID and Path empty), one attribute of
// every resource of a cell (ID empty), a resource (Path empty) or one attribute.
type Gap struct {
	Scope      Scope  `json:"scope"`
	Region     string `json:"region,omitempty"`
	Type       Type   `json:"type,omitempty"`
	ID         string `json:"id,omitempty"`
	Path       string `json:"path,omitempty"`       // attribute path or "tags"; several are joined by ","
	Call       string `json:"call,omitempty"`       // the call that failed: "S3.GetBucketPolicy"
	Permission string `json:"permission,omitempty"` // what would cure it: "s3:GetBucketPolicy"
	Reason     Reason `json:"reason"`
	Err        string `json:"error,omitempty"` // for a person, without secrets
}

// Cell is what coverage counts: one type in one region of one scope. A type
// that is listed once for the whole scope has the region "".
type Cell struct {
	Scope  Scope  `json:"scope"`
	Region string `json:"region,omitempty"`
	Type   Type   `json:"type"`
}

// Want is a type and the attributes of it that some policy or report reads.
// Attributes are top-level names of the schema, and "tags" when the tags are read.
type Want struct {
	Type       Type     `json:"type"`
	Attributes []string `json:"attributes"`
}

// Call is one API operation and what the credential needs to make it.
type Call struct {
	Operation   string   `json:"operation"`             // "S3.GetBucketPolicy", "GET /orgs/{org}", as Gap.Call reports it
	Permissions []string `json:"permissions,omitempty"` // "s3:GetBucketPolicy"; none where any credential may call it
}

// Detail is a group of attributes that costs further calls. None of them is
// made when nobody wants any of the attributes.
type Detail struct {
	Attributes []string `json:"attributes"` // schema names, or "tags"
	Calls      []Call   `json:"calls"`
}

// TypeInfo says how a provider reads one type.
type TypeInfo struct {
	Type       Type     `json:"type"`
	Global     bool     `json:"global,omitempty"` // one cell per scope instead of one per region
	Calls      []Call   `json:"calls"`            // needed to list the resources at all
	Attributes []string `json:"attributes"`       // what the listing itself gives, "tags" included where it does
	Details    []Detail `json:"details,omitempty"`
}

// Description is what a provider can read and what that takes.
type Description struct {
	Name  string     `json:"name"`  // "aws": the value of Scope.Provider
	Title string     `json:"title"` // "Amazon Web Services"
	Types []TypeInfo `json:"types"` // sorted by type
}

// Sink receives what a provider reads. It is safe for concurrent use.
type Sink interface {
	// Plan announces cells before they are read; coverage counts them. A cell is
	// announced once and before anything else about it is sent.
	Plan(cells ...Cell)
	// Resource hands over one resource of a planned cell.
	Resource(r Resource)
	// Gap reports what could not be read. Every failed call is a Gap.
	Gap(g Gap)
	// Done says that nothing more comes from the cell. A cell that is done and has
	// no Gap of its own was listed in full.
	Done(c Cell)
}

// Provider inventories one cloud, SaaS or file. Its methods are safe for
// concurrent use.
type Provider interface {
	// Describe reports what the provider can read. It does no I/O.
	Describe() Description
	// Scopes lists every scope that the configuration and the credentials reach.
	// It returns what it found also when it returns an error: the error then says
	// why there may be more.
	Scopes(ctx context.Context) ([]Scope, error)
	// Collect sends every resource of the wanted types in s to out, with the wanted
	// attributes and no others. What cannot be read is sent as a Gap, and its
	// attribute paths are Unknown in the resource. Collect returns an error only if
	// s as a whole cannot be read or ctx is done. Types it does not describe are
	// ignored.
	Collect(ctx context.Context, s Scope, want []Want, out Sink) error
}
