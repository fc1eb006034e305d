package terraform

import (
	"encoding/base64"
	"regexp"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/internal/userdata"
)

func awsInstance() mapping {
	null := func(*node) any { return nil }
	return mapping{
		typ:     "aws_instance",
		settled: []string{"instance_state", "launch_time", "metadata_options", "stopped_at"},
		attributes: map[string]func(n *node) any{
			"cpu_utilization":      null,
			"current_generation":   null,
			"hibernated":           func(n *node) any { return notYet(n, false) },
			"iam_instance_profile": instanceProfile,
			"instance_lifecycle": func(n *node) any {
				if n.isNew() && !n.configured("instance_market_options") && !n.configured("launch_template") {
					return nil
				}
				return or(n.at("instance_lifecycle"), nil)
			},
			"instance_state":   instanceState,
			"launch_time":      func(n *node) any { return notYet(n, nil) },
			"metadata_options": metadataOptions,
			"network_in":       null,
			"network_out":      null,
			"stopped_at": func(n *node) any {
				return then(instanceState(n), func(v any) any {
					if v == "stopped" {
						return unknown{deferred}
					}
					return nil
				})
			},
			"user_data": instanceUserData,
		},
	}
}

// notYet is a value that only a resource which does not exist yet is sure to have.
func notYet(n *node, v any) any {
	if n.isNew() {
		return v
	}
	return unknown{deferred}
}

func instanceState(n *node) any {
	if n.isNew() {
		return nil
	}
	return n.at("instance_state")
}

// instanceProfile is certain to be there when exactly one profile of the plan is
// meant, whatever its name will be, and not to be there when nothing names one.
func instanceProfile(n *node) any {
	v := n.at("iam_instance_profile")
	switch {
	case !isUnknown(v):
		return or(v, nil)
	case !n.configured("iam_instance_profile") && !n.configured("launch_template"):
		return nil
	}
	if to, exact := n.refs("iam_instance_profile"); exact && len(to) == 1 && to[0].typ == "aws_iam_instance_profile" {
		return to[0].address
	}
	return v
}

// metadataOptions of which nothing is said are those of the account, if the plan
// shows that it has some already, and otherwise up to the image.
func metadataOptions(n *node) any {
	var defaults *node
	for _, d := range n.beside("aws_ec2_instance_metadata_defaults") {
		if !d.isNew() {
			defaults = d
		}
	}
	option := func(name string) any {
		v := n.at("metadata_options", 0, name)
		if v != nil && !isUnknown(v) {
			return v
		}
		if d := defaults.at(name); n.isNew() && !n.configured("metadata_options", 0, name) && !n.configured("launch_template") && !isUnknown(d) && d != "no-preference" && d != int64(-1) && or(d, nil) != nil {
			return d
		}
		return unknown{deferred}
	}
	return map[string]any{
		"http_endpoint": option("http_endpoint"), "http_put_response_hop_limit": option("http_put_response_hop_limit"), "http_tokens": option("http_tokens"),
	}
}

// userDataHash is what older versions of the AWS provider keep of user data.
var userDataHash = regexp.MustCompile(`^[0-9a-f]{40}$`)

func instanceUserData(n *node) any {
	if !n.configured("user_data") && !n.configured("user_data_base64") && n.isNew() {
		if n.configured("launch_template") {
			return unknown{deferred}
		}
		return nil
	}
	encoded := n.at("user_data_base64")
	if isUnknown(encoded) && n.configured("user_data_base64") {
		return encoded
	}
	if s, ok := encoded.(string); ok && s != "" {
		return secretsIn(userdata.Encoded(s))
	}
	plain := n.at("user_data")
	if s, ok := plain.(string); ok && userDataHash.MatchString(s) {
		if plain = n.constant("user_data"); plain == nil {
			return unknown{deferred}
		}
	}
	return then(plain, func(v any) any {
		s, _ := v.(string)
		if s == "" {
			return nil
		}
		// The provider passes on what is base64 already, and encodes the rest.
		if _, err := base64.StdEncoding.DecodeString(s); err == nil {
			return secretsIn(userdata.Encoded(s))
		}
		return secretsIn(userdata.Raw([]byte(s)))
	})
}

func secretsIn(kinds []string, err error) any {
	if err != nil {
		return unknown{providers.Failed}
	}
	list := []any{}
	for _, k := range kinds {
		list = append(list, k)
	}
	return map[string]any{"secrets": list}
}
