package terraform

import (
	"fmt"
	"strings"
)

func awsEBSVolume() mapping {
	return mapping{
		typ:    "aws_ebs_volume",
		inside: map[string]func(n *node) []*node{"aws_instance": blockDevices},
		satellites: []satellite{
			{typ: "aws_volume_attachment", ref: "volume_id", by: []string{"id"}, affects: []string{"attachments"}},
		},
		settled: []string{"encrypted", "type", "state"},
		attributes: map[string]func(n *node) any{
			"attachments":          volumeAttachments,
			"detached_at":          func(*node) any { return nil },
			"encrypted":            func(n *node) any { return or(n.at("encrypted"), unknown{deferred}) },
			"iops":                 func(n *node) any { return then(n.at("iops"), positive) },
			"kms_key_id":           func(n *node) any { return or(n.at("kms_key_id"), nil) },
			"multi_attach_enabled": func(n *node) any { return or(n.at("multi_attach_enabled"), false) },
			"size": func(n *node) any {
				if n.within != nil {
					return n.at("volume_size")
				}
				return n.at("size")
			},
			"snapshot_id": func(n *node) any {
				if n.isNew() && !n.configured("snapshot_id") && n.within == nil {
					return nil
				}
				return or(n.at("snapshot_id"), nil)
			},
			"state":      func(n *node) any { return notYet(n, nil) },
			"throughput": func(n *node) any { return then(n.at("throughput"), positive) },
			"type":       volumeType,
		},
		tags: volumeTags,
		region: func(n *node) any {
			if n.within != nil {
				n = n.within
			}
			return regionOf(&mapping{}, n)
		},
	}
}

// blockDevices are the volumes that an instance's blocks describe. A root volume
// that nobody wrote anything about is none: it is what the image says. The provider
// also lists what an aws_volume_attachment attached, which is a resource of its own.
func blockDevices(n *node) []*node {
	var out []*node
	for _, block := range []string{"root_block_device", "ebs_block_device"} {
		v := n.at(block)
		if isUnknown(v) {
			if n.configured(block) {
				out = append(out, n.inner(block, 0, block))
			}
			continue
		}
		l, _ := v.([]any)
		for i := range l {
			if id, ok := at(l[i], "volume_id").(string); ok && n.c.ids("aws_ebs_volume")[id] {
				continue
			}
			id := block
			if block == "ebs_block_device" {
				id = fmt.Sprintf("%s[%d]", block, i)
				if name, ok := at(l[i], "device_name").(string); ok {
					id = fmt.Sprintf("%s[%q]", block, name)
				}
			}
			out = append(out, n.inner(block, i, id))
		}
	}
	return out
}

// volumeType is gp2 where nobody says anything, as the EC2 API has it. A block
// device of an instance takes it from the image.
func volumeType(n *node) any {
	if n.within != nil {
		return or(n.at("volume_type"), unknown{deferred})
	}
	v := n.at("type")
	if (v == nil || isUnknown(v)) && n.isNew() && !n.configured("type") {
		return "gp2"
	}
	return v
}

func volumeAttachments(n *node) any {
	attachment := func(instance, deleted, device any) map[string]any {
		return map[string]any{"delete_on_termination": deleted, "device_name": device, "instance": instance, "instance_id": nil, "state": nil}
	}
	if n.within != nil {
		return []any{attachment(n.within.address, n.at("delete_on_termination"), n.at("device_name"))}
	}
	out := []any{}
	for _, s := range n.all("aws_volume_attachment") {
		var instance any = unknown{deferred}
		to, exact := s.refs("instance_id")
		switch {
		case exact && len(to) == 1 && to[0].typ == "aws_instance":
			instance = to[0].address
		case exact && len(to) == 0 && !isUnknown(s.at("instance_id")):
			id, _ := s.at("instance_id").(string)
			instance = attachedTo(n, id)
		}
		out = append(out, attachment(instance, nil, s.at("device_name")))
	}
	if len(out) == 0 && !n.isNew() {
		return unknown{deferred} // it may have been attached by something else
	}
	return out
}

// attachedTo returns the id in the inventory of the instance i-...: its address where it is in
// the plan, otherwise its ARN, which begins as that of the volume does: both are in one
// account and region. It is null where the volume has none yet.
func attachedTo(volume *node, instance string) any {
	if to := volume.c.named("aws_instance", "id", instance); to != nil {
		return to.address
	}
	arn, _ := volume.at("arn").(string)
	if place, _, ok := strings.Cut(arn, ":volume/"); ok {
		return place + ":instance/" + instance
	}
	return nil
}

func volumeTags(n *node) any {
	if n.within == nil {
		return awsTags(n)
	}
	if v := n.within.at("volume_tags"); v != nil && n.within.configured("volume_tags") {
		return v // a state has the argument also where nobody wrote it: as null
	}
	return awsTags(n)
}

func awsTags(n *node) any {
	return withDefaults(n, []string{"tags_all"}, "tags", n.provider("default_tags", 0, "tags"))
}
