package report

import "github.com/metsuke-dev/metsuke/internal/finding"

// ownerText names the owner of a finding; "" is nobody.
func ownerText(f finding.Finding) string { return ownerName(f.Ownership()) }

// ownerWords is ownerText with why it cannot be told whose the resource is, where one text
// has to say both.
func ownerWords(f finding.Finding) string {
	if f.OwnerUnknown != "" {
		return finding.UnknownOwner + ": " + string(f.OwnerUnknown)
	}
	return f.Owner
}

// ownerName names an owner; "" is nobody.
func ownerName(o finding.Ownership) string {
	if o.Unknown != "" {
		return finding.UnknownOwner
	}
	return o.Owner
}
