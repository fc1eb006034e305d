package metsuke.lib.net_test

import data.metsuke.lib.net

test_ranges_that_hold_every_ipv4_address if {
	net.any_ipv4(["10.0.0.0/8", "0.0.0.0/0"])
	net.any_ipv4(["0.0.0.0/1", "128.0.0.0/1"])
	net.any_ipv4(["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/1", "::/0"])
}

test_private_ranges_need_not_be_among_them if net.any_ipv4([
	"1.0.0.0/8", "2.0.0.0/7", "4.0.0.0/6", "8.0.0.0/7", "11.0.0.0/8", "12.0.0.0/6", "16.0.0.0/4", "32.0.0.0/3", "64.0.0.0/2", "128.0.0.0/1",
])

test_ranges_that_lack_public_ipv4_addresses if {
	not net.any_ipv4([])
	not net.any_ipv4(["0.0.0.0/1"])
	net.any_ipv4(["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/3"]) # 224.0.0.0/3 is not public
	not net.any_ipv4(["0.0.0.0/1", "128.0.0.0/2"])
	not net.any_ipv4(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"])
	not net.any_ipv4(["::/0"])
}

test_ranges_that_hold_every_ipv6_address if {
	net.any_ipv6(["::/0"])
	net.any_ipv6(["::/1", "8000::/1"])
	net.any_ipv6(["2000::/3", "10.0.0.0/8"])
	net.any_ipv6(["2000::/4", "3000::/4"])
}

test_ranges_that_lack_public_ipv6_addresses if {
	not net.any_ipv6([])
	not net.any_ipv6(["2000::/4"])
	not net.any_ipv6(["fd00::/8"])
	not net.any_ipv6(["0.0.0.0/0"])
}

test_prefix_lists_are_sources_too if {
	lists := {"pl-1": ["0.0.0.0/1"], "pl-2": ["128.0.0.0/1", "::/0"]}
	net.with_lists(["10.0.0.0/8"], ["pl-2"], lists) == ["10.0.0.0/8", "128.0.0.0/1", "::/0"]
}

test_wide_ranges if {
	net.wide_ipv4(["10.0.0.0/8", "0.0.0.0/1"], [], {})
	net.wide_ipv4([], ["pl-1"], {"pl-1": ["128.0.0.0/4"]})
	not net.wide_ipv4(["10.0.0.0/8"], ["pl-1"], {"pl-1": ["::/0"]})
	net.wide_ipv6(["2000::/4"], [], {})
	net.wide_ipv6([], ["pl-1"], {"pl-1": ["::/1"]})
	not net.wide_ipv6(["2001:db8::/32"], ["pl-1"], {"pl-1": ["0.0.0.0/0"]})
}

test_ports_that_a_rule_opens if {
	net.opens("tcp", 20, 25, "tcp", 22)
	net.opens("-1", 0, 0, "udp", 53)
	not net.opens("tcp", 20, 25, "udp", 22)
	not net.opens("tcp", 23, 25, "tcp", 22)
	not net.opens("icmp", 8, 22, "tcp", 22)
	net.reached("tcp", 20, 443, "tcp", [443, 22, 3389]) == [443, 22]
}

test_rules_that_open_every_port if {
	net.opens_all("-1", 0, 0)
	net.opens_all("tcp", 0, 65535)
	net.opens_all("udp", 1, 65535)
	not net.opens_all("tcp", 2, 65535)
	not net.opens_all("icmp", -1, -1)
}

test_ranges_as_people_write_them if {
	net.range("-1", 0, 0) == "every protocol and port"
	net.range("tcp", 22, 22) == "tcp port 22"
	net.range("udp", 137, 138) == "udp ports 137-138"
	net.range_key("-1", 0, 0) == "all"
	net.range_key("udp", 137, 138) == "udp/137-138"
}

test_ports_with_their_names if {
	net.named([22, 8000], {"22": "SSH"}) == "22 (SSH), 8000"
	net.named([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], {}) == "1, 2, 3, 4, 5, 6, 7, 8, and 2 more"
}
