package metsuke.lib.gcp_firewall_test

import data.metsuke.lib.gcp_firewall

test_blocks_with_a_short_prefix_are_open if {
	gcp_firewall.open_sources(["0.0.0.0/0", "::/0", "64.0.0.0/2", "10.0.0.0/8", "192.0.2.1"], 8) == {"0.0.0.0/0", "::/0", "64.0.0.0/2"}
	gcp_firewall.open_sources([], 8) == set()
}

test_an_entry_covers_a_port if {
	gcp_firewall.covers({"protocol": "tcp", "ports": ["20-25"]}, {"tcp"}, "22")
	gcp_firewall.covers({"protocol": "tcp", "ports": ["80", "22"]}, {"tcp"}, "22")
	gcp_firewall.covers({"protocol": "tcp", "ports": []}, {"tcp"}, "22")
	gcp_firewall.covers({"protocol": "6", "ports": ["22"]}, {"tcp"}, "22")
	gcp_firewall.covers({"protocol": "17", "ports": ["53"]}, {"udp"}, "53")
	gcp_firewall.covers({"protocol": "all", "ports": []}, {"tcp"}, "22")
	gcp_firewall.covers({"protocol": "tcp", "ports": ["7001"]}, {"tcp"}, "7000-7002")
}

test_an_entry_does_not_cover_a_port if {
	not gcp_firewall.covers({"protocol": "tcp", "ports": ["23-30"]}, {"tcp"}, "22")
	not gcp_firewall.covers({"protocol": "udp", "ports": ["22"]}, {"tcp"}, "22")
	not gcp_firewall.covers({"protocol": "17", "ports": ["22"]}, {"tcp"}, "22")
	not gcp_firewall.covers({"protocol": "icmp", "ports": []}, {"tcp"}, "22")
}

test_all_ports if {
	gcp_firewall.all_ports([])
	gcp_firewall.all_ports(["22", "0-65535"])
	gcp_firewall.all_ports(["1-65535"])
	not gcp_firewall.all_ports(["2-65535"])
}
