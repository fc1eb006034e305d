// Package rds reads database instances of Amazon RDS, those of Aurora, DocumentDB
// and Neptune clusters included. It does not read clusters, snapshots or reservations.
package rds

import "github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"

// Collectors returns the types of this service.
func Collectors() []awskit.Collector { return []awskit.Collector{dbInstance()} }
