# Firewall rules and address lists of Google Cloud: who may come in, and where to.
package metsuke.lib.gcp_firewall

# open_sources returns the blocks that stand for the whole internet.
open_sources(ranges, min_prefix) := {range |
	some range in ranges
	is_open(range, min_prefix)
}

# is_open says that a block in CIDR notation has a shorter prefix than the one
# given. A single address, without a prefix, is not open.
is_open(range, min_prefix) if {
	[_, prefix] := split(range, "/")
	to_number(prefix) < min_prefix
}

# covers says that an allow entry lets a port, or a part of a range of ports, in
# with one of the protocols.
covers(rule, protocols, port) if {
	is_protocol(rule.protocol, protocols)
	overlaps(rule.ports, port)
}

covers(rule, _, port) if {
	rule.protocol == "all"
	overlaps(rule.ports, port)
}

# is_protocol knows tcp and udp by their numbers as well.
is_protocol(protocol, protocols) if protocol in protocols

is_protocol("6", protocols) if "tcp" in protocols

is_protocol("17", protocols) if "udp" in protocols

overlaps([], _)

overlaps(ports, port) if {
	wanted := bounds(port)
	some range in ports
	given := bounds(range)
	given.from <= wanted.to
	wanted.from <= given.to
}

# all_ports says that a list of ports leaves none out. Nothing listens on port 0.
all_ports([])

all_ports(ports) if {
	some range in ports
	given := bounds(range)
	given.from <= 1
	given.to == 65535
}

bounds(port) := {"from": to_number(port) + 0, "to": to_number(port) + 0} if not contains(port, "-")

bounds(range) := {"from": to_number(from) + 0, "to": to_number(to) + 0} if [from, to] := split(range, "-")
