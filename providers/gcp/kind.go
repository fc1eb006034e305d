package gcp

import (
	"maps"
	"slices"

	"github.com/metsuke-dev/metsuke/providers"
)

// kind says how one type of resource is read.
type kind struct {
	typ    providers.Type
	assets []string // the asset types that are resources of this type
	// labels returns the labels in the asset's data; nil for a type that has none.
	labels func(object) object
	// created is the name of the time of creation in the asset's data; "" is none.
	created string
	// name is what people call the resource.
	name func(document) string
	// read returns every attribute that the asset itself gives. The names of an
	// empty document's attributes are those of the description.
	read func(document) map[string]any
	// policies are the attributes that hold the bindings of an IAM policy.
	policies []policy
	// advice are the attributes that hold a recommendation.
	advice []advice
	// constraints are the attributes that say whether an organisation policy is in force.
	constraints []constraint
}

// policy is an attribute that holds the bindings of an IAM policy.
type policy struct {
	attribute string
	asset     string // the asset type that carries the policy
	of        func(document) string
}

// advice is an attribute that holds a recommendation about the resource.
type advice struct {
	attribute   string
	recommender string
	permission  string
	location    func(document) string
	// none says that there can be no recommendation, so that nobody has to be asked;
	// nil asks about every resource.
	none func(document) bool
}

// constraint is an attribute that says whether a boolean organisation policy is
// in force on the resource's project.
type constraint struct {
	attribute  string
	constraint string
}

// call is an API operation under the name that a Gap and the description give
// it, and the permission that it takes.
type call struct {
	operation  string
	permission string
}

// useQuotaProject is what every call to an API takes in the project that pays
// for it, besides the permission on what is read.
const useQuotaProject = "serviceusage.services.use"

// oauthScope is what an access token needs for every API that is called here: the
// Cloud Asset and Recommender APIs know no read-only scope.
const oauthScope = "https://www.googleapis.com/auth/cloud-platform"

func listResources() call {
	return call{"cloudasset.ListAssets/RESOURCE", "cloudasset.assets.listResource"}
}

func listPolicies() call {
	return call{"cloudasset.ListAssets/IAM_POLICY", "cloudasset.assets.listIamPolicy"}
}

func effectivePolicy() call {
	return call{"orgpolicy.GetEffectivePolicy", "orgpolicy.policy.get"}
}

func (a advice) call() call {
	return call{"recommender.ListRecommendations/" + a.recommender, a.permission}
}

func (c call) declared() []providers.Call {
	return []providers.Call{{Operation: c.operation, Permissions: []string{c.permission, useQuotaProject}}}
}

// kinds returns every type that the provider reads, sorted.
func kinds() []kind {
	return []kind{
		bigqueryDataset(),
		computeAddress(),
		computeDisk(),
		computeFirewall(),
		computeInstance(),
		folder(),
		kmsCryptoKey(),
		organization(),
		project(),
		serviceAccount(),
		serviceAccountKey(),
		sqlDatabaseInstance(),
		storageBucket(),
	}
}

func (k kind) describe() providers.TypeInfo {
	ti := providers.TypeInfo{
		Type:       k.typ,
		Global:     true,
		Calls:      listResources().declared(),
		Attributes: slices.Sorted(maps.Keys(k.read(document{}))),
	}
	if k.labels != nil {
		ti.Attributes = append(ti.Attributes, "tags")
	}
	var bindings []string
	for _, p := range k.policies {
		bindings = append(bindings, p.attribute)
	}
	if len(bindings) > 0 {
		ti.Details = append(ti.Details, providers.Detail{Attributes: bindings, Calls: listPolicies().declared()})
	}
	for _, a := range k.advice {
		ti.Details = append(ti.Details, providers.Detail{Attributes: []string{a.attribute}, Calls: a.call().declared()})
	}
	for _, c := range k.constraints {
		ti.Details = append(ti.Details, providers.Detail{Attributes: []string{c.attribute}, Calls: effectivePolicy().declared()})
	}
	return ti
}

// own is the policy set on the resource itself.
func own(asset string) []policy {
	return []policy{{attribute: "iam_bindings", asset: asset, of: func(d document) string { return d.name }}}
}

// topLabels returns the labels of most APIs.
func topLabels(o object) object { return o.object("labels") }

// nameField returns the name of most APIs.
func nameField(d document) string { return d.data.textOr("", "name") }

// lastStep returns the last step of the resource's full name.
func lastStep(d document) string { return baseName(d.name) }
