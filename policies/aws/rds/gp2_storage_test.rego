package metsuke.aws.rds.gp2_storage_test

import data.metsuke.aws.rds.gp2_storage

of(type, gib, engine) := {"resource": {"attributes": {
	"cluster_identifier": null,
	"storage_type": type,
	"allocated_storage": gib,
	"engine": engine,
}}}

test_the_message_tells_what_gp3_would_give if {
	every row in [
		["postgres", 399, "the storage is gp2 (399 GiB: gp3 would have 3000 IOPS instead of 1197)"],
		["postgres", 400, "the storage is gp2 (400 GiB: gp3 would have 12000 IOPS)"],
		["oracle-ee", 200, "the storage is gp2 (200 GiB: gp3 would have 12000 IOPS)"],
		["sqlserver-ex", 10, "the storage is gp2 (10 GiB: gp3 would have 3000 IOPS instead of 100)"],
		["mysql", null, "the storage is gp2"],
	] {
		gp2_storage.deny == {{"message": row[2], "path": "storage_type"}} with input as of("gp2", row[1], row[0])
	}
}

test_other_storage_passes if {
	gp2_storage.applicable with input as of("gp3", 400, "mysql")
	gp2_storage.deny == set() with input as of("gp3", 400, "mysql")
	gp2_storage.deny == set() with input as of("io1", 400, "mysql")
}
