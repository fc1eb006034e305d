# METADATA
# title: Load balancer listeners use TLS or redirect to it
# description: >-
#   What goes over plain HTTP can be read and changed by everyone on the way: sessions, passwords, personal data. An
#   HTTP listener of an application load balancer may only redirect to HTTPS, by its default action or by a rule that
#   fits every request. Network load balancers are judged on request: their TCP listeners may pass TLS through.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_lb
# custom:
#   severity: high
#   category: security
#   types: [aws_lb]
#   plan: "yes"
#   params:
#     check_nlb: {type: boolean, default: false, description: Judge TCP listeners of internet-facing network load balancers on ports 80 and 443 too.}
#   frameworks: {fsbp: ["ELB.1", "ELB.3"], pci-dss-4.0: ["1.2.5", "2.2.5", "2.2.7", "4.2.1", "4.2.1.1", "8.3.2"]}
#   remediation: >-
#     Listen on 443 with HTTPS and a certificate of ACM, and let the HTTP listener redirect there.
#   terraform: |
#     resource "aws_lb_listener" "example" {
#       load_balancer_arn = aws_lb.example.arn
#       port              = 80
#       protocol          = "HTTP"
#
#       default_action {
#         type = "redirect"
#
#         redirect {
#           port        = "443"
#           protocol    = "HTTPS"
#           status_code = "HTTP_301"
#         }
#       }
#     }
package metsuke.aws.elb.https

applicable if input.resource.attributes.load_balancer_type == "application"

applicable if {
	input.resource.attributes.load_balancer_type == "network"
	input.params.check_nlb
}

deny contains {"key": sprintf("%d", [listener.port]), "message": message, "path": "listeners"} if {
	input.resource.attributes.load_balancer_type == "application"
	some listener in input.resource.attributes.listeners
	listener.protocol == "HTTP"
	not to_https(listener.default_actions)
	not caught(listener.id)
	message := sprintf("the listener on port %d serves plain HTTP", [listener.port])
}

deny contains {"key": sprintf("%d", [listener.port]), "message": message, "path": "listeners"} if {
	input.resource.attributes.load_balancer_type == "network"
	input.params.check_nlb
	not input.resource.attributes.internal
	some listener in input.resource.attributes.listeners
	listener.protocol == "TCP"
	listener.port in {80, 443}
	message := sprintf("the listener on port %d is TCP and not TLS", [listener.port])
}

to_https(actions) if {
	some action in actions
	action.redirect.protocol == "HTTPS"
}

# A rule of the listener that fits every request redirects.
caught(listener) if {
	some rule in input.resource.attributes.listener_rules
	rule.listener == listener
	to_https(rule.actions)
	every condition in rule.conditions { fits_all(condition.field, condition.values) }
}

fits_all("path-pattern", values) if {
	some value in values
	value in {"*", "/*"}
}

fits_all("host-header", values) if "*" in values
