// Package policies embeds the shipped policies and the schemas of the resource
// types. It holds no Go logic: the Rego is the content.
package policies

import "embed"

// Files holds one policy per .rego file beside its _test.rego, the libraries under
// lib/, and the resource types' schemas under schemas/.
//
//go:embed *
var Files embed.FS

// Index is the file that says of every policy what its METADATA says, and Plans the one
// that holds what the policies are compiled to; both are generated. They are in Files
// too, where reading makes a copy.
var (
	//go:embed index.txt
	Index string
	//go:embed plans.txt
	Plans string
)
