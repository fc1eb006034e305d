# Address ranges and ports for policies. A range is a CIDR text such as 10.0.0.0/8;
# ports and protocols are those of a rule of a security group.
#
# The functions take fields of a rule, one by one, so that a verdict does not hang on
# the fields that nobody asked for. A text that is no CIDR is an error of the
# evaluation and no verdict.
#
# A file that imports data.metsuke.lib.net sees these functions under the name
# "net" and no longer the built-in ones.
package metsuke.lib.net

# any_ipv4 says that the ranges, taken together, hold every public IPv4 address:
# 0.0.0.0/0 does, and so do 0.0.0.0/1 with 128.0.0.0/1, and everything but 10.0.0.0/8.
any_ipv4(cidrs) if "0.0.0.0/0" in cidrs

any_ipv4(cidrs) if {
	v4 := [c | some c in cidrs; not contains(c, ":")]
	count(v4) > 1
	"0.0.0.0/0" in net.cidr_merge(array.concat(v4, not_public_ipv4))
}

# any_ipv6 says that the ranges, taken together, hold every public IPv6 address.
# Public ones all lie in 2000::/3 (IANA, IPv6 Global Unicast Address Assignments).
any_ipv6(cidrs) if "::/0" in cidrs

any_ipv6(cidrs) if {
	v6 := [c | some c in cidrs; contains(c, ":")]
	count(v6) > 0
	some c in net.cidr_merge(v6)
	net.cidr_contains(c, "2000::/3")
}

# IPv4 ranges from which nothing can come over the internet (IANA, IPv4
# Special-Purpose Address Registry; multicast; future use).
not_public_ipv4 := [
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
	"192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
]

# with_lists returns the ranges together with those of the prefix lists named by
# ids; lists are ranges by the id of their list.
with_lists(cidrs, ids, lists) := array.concat(cidrs, [c | some id in ids; some c in lists[id]])

# wide_ipv4 says that the sources of one rule are a good part of the internet: a
# range of /5 or wider is among them. Of 60 ranges, what a group holds by default,
# that hold all of the internet together, one at least is that wide. Ask it before
# looking at all rules together: an unknown one among them then matters seldom.
wide_ipv4(cidrs, _, _) if wide(cidrs, ".", 5)

wide_ipv4(cidrs, ids, lists) if {
	count(ids) > 0
	wide(with_lists(cidrs, ids, lists), ".", 5)
}

# wide_ipv6 is wide_ipv4 for IPv6, whose public addresses begin with three fixed bits.
wide_ipv6(cidrs, _, _) if wide(cidrs, ":", 8)

wide_ipv6(cidrs, ids, lists) if {
	count(ids) > 0
	wide(with_lists(cidrs, ids, lists), ":", 8)
}

wide(cidrs, separator, bits) if {
	some c in cidrs
	contains(c, separator)
	to_number(split(c, "/")[1]) <= bits
}

# opens says that a rule of the protocol and port range lets in the wanted protocol
# (tcp or udp) on the port. -1 is every protocol and port.
opens("-1", _, _, _, _)

opens(protocol, from, to, protocol, port) if {
	from <= port
	port <= to
}

# transport is the protocol whose ports a rule is asked for: its own, and TCP where it
# lets in every protocol.
transport(protocol) := object.get({"-1": "tcp"}, protocol, protocol)

# reached returns those of the ports that a rule of the protocol and port range lets
# in over the wanted protocol, in the order given.
reached(protocol, from, to, wanted, ports) := [p | some p in ports; opens(protocol, from, to, wanted, p)]

# What follows is one expression each, without alternatives: partial evaluation, which
# decides what is unknown in part, would multiply them.

# opens_all says that a rule of the protocol and port range lets in every port of
# TCP or UDP; port 0 is not usable, so a range may begin at 1.
opens_all(protocol, from, to) if {
	count([1 | protocol == "-1"]) + count([1 | protocol in {"tcp", "udp"}; from <= 1; to >= 65535]) > 0
}

# range is the protocol and ports as people write them: "tcp port 22".
range(protocol, from, to) := object.get({"-1": "every protocol and port"}, protocol, sprintf("%s port%s", [protocol, span])) if {
	span := object.get({true: sprintf(" %v", [from])}, from == to, sprintf("s %v-%v", [from, to]))
}

# range_key is the same for a finding's key: "tcp/22-22".
range_key(protocol, from, to) := object.get({"-1": "all"}, protocol, sprintf("%s/%v-%v", [protocol, from, to]))

# named lists ports with the names of their services, where names has one:
# "22 (SSH), 8000". More than eight are cut short.
named(ports, names) := concat(", ", array.concat(
	[sprintf("%d%s", [p, named_as(p, names)]) | some p in array.slice(ports, 0, 8)],
	[sprintf("and %d more", [count(ports) - 8]) | count(ports) > 8],
))

named_as(port, names) := concat("", [sprintf(" (%s)", [name]) | name := names[sprintf("%d", [port])]])
