package providers

// Self says of a resource of a plan which live one it is.
type Self struct {
	Type Type
	ID   string // in the plan: the Terraform address
	// Exists says that the resource is there before the change. Names are then what may
	// identify it: ARN, id, self link, the most telling first.
	Exists bool
	Names  []string
	// Account is the account, project or organisation that the plan names for it, ""
	// where it names none. Resources with the same Config, which is not "", are in the
	// same account.
	Account string
	Config  string
	// Outside says that the resource is not in the plan: ID stands in for it because
	// something that configures it is.
	Outside bool
}
