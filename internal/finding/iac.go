package finding

import "github.com/metsuke-dev/metsuke/providers"

// Tool is what keeps a live resource as it is.
type Tool string

// The tools.
const (
	Terraform       Tool = "terraform" // or OpenTofu
	CloudFormation  Tool = "cloudformation"
	ConfigConnector Tool = "config-connector" // of Google Cloud
	Unmanaged       Tool = "unmanaged"        // none of them
	UnknownTool     Tool = "unknown"          // something that would tell could not be read
)

// ManagedBy says what keeps a live resource, and where that is written.
type ManagedBy struct {
	Tool    Tool   `json:"tool"`
	State   string `json:"state,omitempty"`   // Terraform: where the state lies; "" when it is none of those given
	Address string `json:"address,omitempty"` // Terraform: in the state
	Stack   string `json:"stack,omitempty"`   // CloudFormation
	// Source is where the resource is written, with the calls that lead there; nil where
	// that is not known.
	Source *providers.Source `json:"source,omitempty"`
}

// IaC says how much of what a run read is kept by infrastructure as code.
type IaC struct {
	States []State `json:"states"`
	Managed
	ByAccount []ManagedGroup `json:"by_account"` // "aws 111111111111"
	ByOwner   []ManagedGroup `json:"by_owner"`   // "" is nobody
	Unmanaged []Resource     `json:"unmanaged"`
	// Gone are the entries of states whose resource is not there any more. It is certain:
	// where it would be has been read in full.
	Gone []StateEntry `json:"gone"`
	// NotLookedFor counts the entries of which the run cannot tell, such as those of types
	// that no selected policy reads.
	NotLookedFor int `json:"not_looked_for"`
}

// State is a Terraform state that was given.
type State struct {
	Name      string `json:"name"`
	Resources int    `json:"resources"`
	Error     string `json:"error,omitempty"` // why it could not be read
}

// StateEntry is a resource of a state.
type StateEntry struct {
	State   string `json:"state"`
	Address string `json:"address"`
	Type    string `json:"type"` // Terraform's
}

// ManagedGroup counts one account's or owner's resources.
type ManagedGroup struct {
	Name string `json:"name"`
	// OwnerUnknown says that it could not be told whose the resources are.
	OwnerUnknown bool `json:"owner_unknown,omitempty"`
	Managed
}

// Managed counts resources by what keeps them.
type Managed struct {
	Terraform       int `json:"terraform"`
	CloudFormation  int `json:"cloudformation"`
	ConfigConnector int `json:"config_connector"`
	None            int `json:"none"` // unmanaged
	Unknown         int `json:"unknown"`
}

// Add counts a resource.
func (m *Managed) Add(t Tool) {
	switch t {
	case Terraform:
		m.Terraform++
	case CloudFormation:
		m.CloudFormation++
	case ConfigConnector:
		m.ConfigConnector++
	case Unmanaged:
		m.None++
	case UnknownTool:
		m.Unknown++
	}
}

// Kept is how many resources some tool keeps.
func (m Managed) Kept() int { return m.Terraform + m.CloudFormation + m.ConfigConnector }

// Total is how many resources were counted.
func (m Managed) Total() int { return m.Kept() + m.None + m.Unknown }
