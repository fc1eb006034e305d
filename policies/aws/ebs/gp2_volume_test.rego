package metsuke.aws.ebs.gp2_volume_test

import data.metsuke.aws.ebs.gp2_volume

of(type, size) := {
	"resource": {"attributes": {"type": type, "size": size}},
	"params": {"gp2_gib_usd": 0.1, "gp3_gib_usd": 0.08, "gp3_iops_usd": 0.005, "gp3_mibps_usd": 0.04},
}

test_the_finding_tells_what_gp3_needs_and_saves if {
	every row in [
		[100, 3000, 125, 2],
		[333, 3000, 125, 6.66],
		[334, 3000, 250, 1.68],
		[1000, 3000, 250, 15],
		[2000, 6000, 250, 20],
		[6000, 16000, 250, 50],
	] {
		gp2_volume.deny == {{
			"message": sprintf("gp2 volume of %d GiB; gp3 with %d IOPS and %d MiB/s is equal and cheaper", [row[0], row[1], row[2]]),
			"monthly_cost_usd": row[3],
			"path": "type",
		}} with input as of("gp2", row[0])
	}
}

test_passes_where_gp3_saves_nothing if {
	dear := object.union(of("gp2", 100), {"params": {"gp3_gib_usd": 0.1}})
	gp2_volume.deny == set() with input as dear
}

test_other_types_pass if {
	gp2_volume.deny == set() with input as of("gp3", 100)
	gp2_volume.deny == set() with input as of("io2", 1000)
}
