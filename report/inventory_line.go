package report

import (
	"github.com/metsuke-dev/metsuke/providers"
)

// plainResource is a resource without its MarshalJSON, which a struct that holds it would
// take over, and leave its own fields out.
type plainResource providers.Resource

func writable(r providers.Resource) plainResource {
	if r.Tags == nil {
		r.Tags = map[string]string{}
	}
	if r.Attributes == nil {
		r.Attributes = map[string]any{}
	}
	return plainResource(r)
}

// inventoryOwner says whose a resource is: owner is "" for nobody, and absent where it
// cannot be told or nobody asks.
type inventoryOwner struct {
	Owner   *string          `json:"owner,omitempty"`
	Unknown providers.Reason `json:"owner_unknown,omitempty"`
}

// InventoryLine returns the line of a resource in the ndjson format.
func InventoryLine(r providers.Resource) ([]byte, error) {
	return marshal(struct {
		Kind string `json:"kind"`
		plainResource
	}{"resource", writable(r)}, "")
}

// line is InventoryLine with the owner.
func (inv Inventory) line(r providers.Resource) ([]byte, error) {
	if inv.Owner == nil {
		return InventoryLine(r)
	}
	return marshal(struct {
		Kind string `json:"kind"`
		plainResource
		inventoryOwner
	}{"resource", writable(r), inv.ownerOf(r)}, "")
}

func (inv Inventory) ownerOf(r providers.Resource) inventoryOwner {
	whose := inv.Owner(r)
	if whose.Unknown != "" {
		return inventoryOwner{Unknown: whose.Unknown}
	}
	return inventoryOwner{Owner: &whose.Owner}
}

// owned returns the resources with their owners.
func (inv Inventory) owned() any {
	if inv.Owner == nil {
		return orEmpty(inv.Resources)
	}
	type one struct {
		plainResource
		inventoryOwner
	}
	out := []one{}
	for _, r := range inv.Resources {
		out = append(out, one{writable(r), inv.ownerOf(r)})
	}
	return out
}
