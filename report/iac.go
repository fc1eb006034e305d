package report

import (
	"fmt"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// iacLine says how much of what was read infrastructure as code keeps.
func iacLine(c finding.IaC) string {
	s := fmt.Sprintf("Infrastructure as code keeps %s of %s%s: %s by Terraform, %s by CloudFormation, %s by Config Connector. Unmanaged: %s.",
		number(c.Kept()), count(c.Total(), "resource"), share(c.Managed), number(c.Terraform), number(c.CloudFormation), number(c.ConfigConnector), number(c.None))
	if c.Unknown > 0 {
		s += fmt.Sprintf(" Of %s it cannot be told.", number(c.Unknown))
	}
	if len(c.Gone) > 0 {
		s += fmt.Sprintf(" Gone, but still in a state: %s.", number(len(c.Gone)))
	}
	return s
}

// share is the part that is kept, in brackets. There is none as long as that of some
// resources is unknown.
func share(m finding.Managed) string {
	if m.Total() == 0 || m.Unknown > 0 {
		return ""
	}
	return fmt.Sprintf(" (%d %%)", 100*m.Kept()/m.Total())
}

func isAre(n int, thing string) string {
	if n == 1 {
		return count(n, thing) + " is"
	}
	return count(n, thing) + " are"
}

// unmanagedShown is how many unmanaged resources and gone entries the table lists; JSON
// has them all.
const unmanagedShown = 20

// iac shows what infrastructure as code keeps, by account and owner, and what it does not.
func (p *page) iac(run finding.Run) {
	if run.IaC == nil {
		return
	}
	c := *run.IaC
	p.heading("INFRASTRUCTURE AS CODE", "")
	p.line(iacLine(c))
	for _, s := range c.States {
		if s.Error != "" {
			p.line("- state not read: "+clean(s.Name)+": "+clean(s.Error), p.paint.warn)
		}
	}
	p.managed("ACCOUNT", c.ByAccount)
	p.managed("OWNER", c.ByOwner)
	if len(c.Unmanaged) > 0 {
		p.heading("UNMANAGED", count(len(c.Unmanaged), "resource")+" that neither a state nor a tag accounts for")
		g := grid{head: []string{"RESOURCE", "ACCOUNT", "REGION"}, least: []int{24, 12, 0}}
		for _, r := range c.Unmanaged[:min(unmanagedShown, len(c.Unmanaged))] {
			g.rows = append(g.rows, []cell{p.resource(&finding.Finding{Resource: r}, false), text(scopeName(r.Scope, r.ScopeName)), text(r.Region)})
		}
		p.grid(g)
		p.left(len(c.Unmanaged) - unmanagedShown)
	}
	if len(c.Gone) > 0 {
		p.heading("GONE", isAre(len(c.Gone), "resource")+" in a state and not there any more")
		g := grid{head: []string{"ADDRESS", "STATE"}, least: []int{24, 12}}
		for _, e := range c.Gone[:min(unmanagedShown, len(c.Gone))] {
			g.rows = append(g.rows, []cell{text(e.Address), text(e.State)})
		}
		p.grid(g)
		p.left(len(c.Gone) - unmanagedShown)
	}
}

// left says how many are not listed.
func (p *page) left(n int) {
	if n > 0 {
		p.line(fmt.Sprintf("%s more; the JSON report has them all.", number(n)))
	}
}

// managed counts groups by what keeps their resources.
func (p *page) managed(of string, groups []finding.ManagedGroup) {
	g := grid{head: []string{of, "KEPT", "TERRAFORM", "CLOUDFORMATION", "CONFIG CONNECTOR", "UNMANAGED", "UNKNOWN"}, least: []int{12, 0, 0, 0, 0, 0, 0}, right: []int{1, 2, 3, 4, 5, 6}}
	if p.narrow() {
		g.head, g.least, g.right = []string{of, "KEPT", "UNMANAGED", "UNKNOWN"}, []int{12, 0, 0, 0}, []int{1, 2, 3}
	}
	for _, one := range groups {
		name := clean(one.Name)
		switch {
		case one.OwnerUnknown:
			name = finding.UnknownOwner
		case name == "":
			name = "(nobody)"
		}
		kept := strings.Trim(share(one.Managed), " ()")
		if kept == "" {
			kept = number(one.Kept()) + " of " + number(one.Total())
		}
		row := []cell{text(name), text(kept)}
		if !p.narrow() {
			row = append(row, text(number(one.Terraform)), text(number(one.CloudFormation)), text(number(one.ConfigConnector)))
		}
		g.rows = append(g.rows, append(row, text(number(one.None)), text(number(one.Unknown))))
	}
	if len(g.rows) > 0 {
		p.gap()
		p.grid(g)
	}
}
