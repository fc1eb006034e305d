package terraform

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/providers"
)

func disk(changes obj) obj {
	out := obj{
		"attachments": []any{}, "detached_at": nil, "encrypted": true, "iops": nil, "kms_key_id": nil, "multi_attach_enabled": false,
		"size": int64(50), "snapshot_id": nil, "state": nil, "throughput": nil, "type": "gp3",
	}
	for k, v := range changes {
		out[k] = v
		if k[0] == '?' {
			delete(out, k[2:])
		}
	}
	return out
}

func attached(instance, device any) obj {
	return obj{"delete_on_termination": nil, "device_name": device, "instance": instance, "instance_id": nil, "state": nil}
}

func TestTheAttributesOfAVolume(t *testing.T) {
	volume := res{
		address: "aws_ebs_volume.v", after: obj{"size": 50, "encrypted": true, "type": "gp3", "multi_attach_enabled": nil, "tags": nil},
		unknown: obj{"id": true, "arn": true, "iops": true, "kms_key_id": true, "snapshot_id": true, "throughput": true, "tags_all": true},
		config:  obj{"size": 50, "encrypted": true, "type": "gp3"},
	}
	silent := res{
		address: "aws_ebs_volume.v", after: obj{"size": 50, "multi_attach_enabled": nil},
		unknown: obj{"id": true, "arn": true, "iops": true, "kms_key_id": true, "snapshot_id": true, "throughput": true, "type": true, "encrypted": true},
		config:  obj{"size": 50},
	}
	open := obj{"? iops": "deferred", "? kms_key_id": "deferred", "? throughput": "deferred"}
	with := func(more obj) obj {
		all := obj{}
		for k, v := range open {
			all[k] = v
		}
		for k, v := range more {
			all[k] = v
		}
		return disk(all)
	}
	attachment := func(instance any) res {
		return res{
			address: "aws_volume_attachment.a", after: obj{"device_name": "/dev/sdf"}, unknown: obj{"id": true, "volume_id": true, "instance_id": true},
			config: obj{"device_name": "/dev/sdf", "volume_id": "=aws_ebs_volume.v.id", "instance_id": instance},
		}
	}
	for _, tt := range []struct {
		name string
		plan []res
		want obj
	}{
		{"a new volume", []res{volume}, with(nil)},
		{"one that says nothing is gp2, and encrypted if the region has it so", []res{silent}, with(obj{"type": "gp2", "? encrypted": "deferred"})},
		{
			"an attachment leads to the instance",
			[]res{volume, newVM(nil), attachment("=aws_instance.web.id")},
			with(obj{"attachments": []any{attached("aws_instance.web", "/dev/sdf")}}),
		},
		{
			"an attachment to something unknown is one",
			[]res{volume, attachment("=var.instance")},
			with(obj{"attachments": []any{attached(nil, "/dev/sdf")}, "? attachments.0.instance": "deferred"}),
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := tt.want
			if _, part := want["? attachments.0.instance"]; part {
				want["attachments"] = []any{attached(nil, "/dev/sdf")}
			}
			if diff := cmp.Diff(want, attributes(t, "aws_ebs_volume.v", tt.plan...)); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheBlockDevicesOfAnInstanceAreVolumes(t *testing.T) {
	plan := fixture(t, newVM(obj{
		"root_block_device": []any{obj{"encrypted": false, "volume_type": "gp2", "volume_size": 8, "delete_on_termination": true, "tags": obj{"Owner": "web"}}},
		"ebs_block_device":  []any{obj{"device_name": "/dev/sdf", "encrypted": true, "volume_type": "gp3", "volume_size": 100, "iops": 4000, "throughput": 0, "delete_on_termination": false, "tags": nil}},
	}), res{address: "aws_instance.silent", after: obj{"ami": "ami-1"}, unknown: obj{"root_block_device": true, "ebs_block_device": true}, config: obj{"ami": "ami-1"}})
	got := map[string]obj{}
	tags := map[string]map[string]string{}
	for id, r := range collect(t, open(t, plan, Options{})).byID() {
		if r.Type != "aws_ebs_volume" {
			continue
		}
		if want := map[string]providers.Reason{"region": deferred}; !maps.Equal(want, r.Unknown) {
			t.Errorf("%s: unknown %v, want %v", id, r.Unknown, want)
		}
		if r.Source == nil || r.Source.Address != "aws_instance.web" {
			t.Errorf("%s: source %+v", id, r.Source)
		}
		got[r.Name+" "+id], tags[id] = r.Attributes, r.Tags
	}
	in := func(device any, deleted bool) []any {
		a := attached("aws_instance.web", device)
		a["delete_on_termination"] = deleted
		return []any{a}
	}
	want := map[string]obj{
		"web/root_block_device aws_instance.web/root_block_device": disk(obj{
			"attachments": in(nil, true), "encrypted": false, "size": int64(8), "type": "gp2",
		}),
		`web/ebs_block_device["/dev/sdf"] aws_instance.web/ebs_block_device["/dev/sdf"]`: disk(obj{
			"attachments": in("/dev/sdf", false), "size": int64(100), "iops": int64(4000),
		}),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("volumes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"Owner": "web"}, tags["aws_instance.web/root_block_device"]); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
}

// What an aws_volume_attachment attached is in the state of the instance too.
func TestAVolumeThatIsAResourceOfItsOwnIsNotABlockDeviceAsWell(t *testing.T) {
	device := func(name, id string) obj { return obj{"device_name": name, "volume_id": id, "volume_size": 8} }
	vm := newVM(obj{"ebs_block_device": []any{device("/dev/sdf", "vol-1"), device("/dev/sdg", "vol-2"), device("/dev/sdh", "vol-3"), device("/dev/sdi", "vol-4")}})
	vm.action = "no-op"
	plan := fixture(t, vm,
		res{address: "aws_ebs_volume.kept", action: "no-op", after: obj{"id": "vol-1", "size": 8}},
		res{
			address: "aws_ebs_volume.new", action: "replace", before: obj{"id": "vol-3", "size": 8},
			after: obj{"size": 8}, unknown: obj{"id": true},
		},
		res{address: "aws_ebs_volume.gone", action: "delete", after: obj{"id": "vol-2", "size": 8}},
	)
	got := map[string]bool{}
	for id, r := range collect(t, open(t, plan, Options{})).byID() {
		if r.Type == "aws_ebs_volume" {
			got[id] = true
		}
	}
	want := map[string]bool{"aws_ebs_volume.kept": true, "aws_ebs_volume.new": true, `aws_instance.web/ebs_block_device["/dev/sdi"]`: true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("volumes (-want +got):\n%s", diff)
	}
}

func TestABlockDeviceOfWhichLittleIsWrittenIsMostlyUnknown(t *testing.T) {
	vm := newVM(obj{"root_block_device": []any{obj{"volume_size": 8, "delete_on_termination": true}}, "volume_tags": obj{"Owner": "web"}})
	vm.unknown["root_block_device"] = []any{obj{"encrypted": true, "volume_type": true, "iops": true, "kms_key_id": true, "throughput": true, "volume_id": true, "device_name": true}}
	a := attached("aws_instance.web", nil)
	a["delete_on_termination"] = true
	want := disk(obj{
		"attachments": []any{a}, "size": int64(8), "? encrypted": "deferred", "? iops": "deferred", "? kms_key_id": "deferred", "? throughput": "deferred",
		"? type": "deferred", "? attachments.0.device_name": "deferred",
	})
	want["attachments"] = []any{a}
	if diff := cmp.Diff(want, attributes(t, "aws_instance.web/root_block_device", vm)); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	r := collect(t, open(t, fixture(t, vm), Options{})).byID()["aws_instance.web/root_block_device"]
	if diff := cmp.Diff(map[string]string{"Owner": "web"}, r.Tags); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
}
