package govern

import (
	"fmt"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/providers"
)

// What of a repository says which teams have a role on it.
const (
	repositoryType = providers.Type("github_repository")
	attributeTeams = "teams"
)

// teamGrant is a role that a team has on a repository.
type teamGrant struct {
	organization, slug, role string           // "" where it is not known
	unknown                  providers.Reason // why one of them is not known
}

// name is how people write the team: acme/payments.
func (g teamGrant) name() string {
	if g.organization == "" {
		return g.slug
	}
	return g.organization + "/" + g.slug
}

// byTeam takes the team that has the first of the rule's roles which a team has that is
// somebody. Of several the values decide, or that only one of them is listed; otherwise the
// rule does not say.
func (r *ownerRule) byTeam(o *Owners, s ownerSubject, say func(string, ...any) string) answer {
	if s.Type != repositoryType {
		return answer{outcome: Passed, why: say("only repositories of GitHub have teams")}
	}
	grants, reason := s.teams()
	if reason != "" {
		return answer{outcome: Unsure, reason: reason, why: say("the teams of the repository could not be read: %s", reason)}
	}
	why := say("no team has the role %s", strings.Join(r.keys, " or "))
	for i, role := range r.plain {
		var having []teamGrant
		for _, g := range grants {
			switch {
			case g.role == "", g.slug == "" && g.role == role:
				return answer{outcome: Unsure, reason: g.unknown, why: say("a team of the repository is not known: %s", g.unknown)}
			case g.role == role:
				having = append(having, g)
			}
		}
		if len(having) == 0 {
			continue
		}
		a := r.oneOf(o, having, r.keys[i], say)
		if a.outcome != Passed || a.ambiguous {
			return a
		}
		why = a.why
	}
	return answer{outcome: Passed, why: why}
}

// oneOf says whom the teams that have a role mean.
func (r *ownerRule) oneOf(o *Owners, having []teamGrant, role string, say func(string, ...any) string) answer {
	for _, v := range r.values {
		for _, g := range having {
			if v.value.match(fold(g.slug)) || v.value.match(fold(g.name())) {
				return answer{outcome: Matched, owner: v.owner, why: say("the team %s has the role %s", g.name(), role)}
			}
			if _, team, ok := strings.Cut(v.value.text, "/"); ok && g.organization == "" && compile(team).match(fold(g.slug)) {
				return elsewhere(g, say)
			}
		}
	}
	none := answer{outcome: Passed, why: say("%s %s the role %s, which names nobody", teamNames(having), has(having), role)}
	if r.values != nil {
		return none
	}
	var listed, others []teamGrant // of different owners
	var owners []string            // of both, in that order
	for _, wanted := range []bool{true, false} {
		for _, g := range having {
			owner, isListed, ok := o.team(g)
			if g.organization == "" && !isListed {
				return elsewhere(g, say)
			}
			if !ok || isListed != wanted || slices.Contains(owners, owner) {
				continue
			}
			owners = append(owners, owner)
			if wanted {
				listed = append(listed, g)
			} else {
				others = append(others, g)
			}
		}
	}
	switch {
	case len(listed) == 1, len(listed) == 0 && len(others) == 1:
		return answer{outcome: Matched, owner: owners[0], why: say("the team %s has the role %s", append(listed, others...)[0].name(), role)}
	case len(listed) > 1:
		return answer{outcome: Passed, ambiguous: true, why: say("it is ambiguous: %s have the role %s", teamNames(listed), role)}
	case len(others) > 1:
		return answer{outcome: Passed, ambiguous: true, why: say("it is ambiguous: %s have the role %s, and none of them is listed", teamNames(others), role)}
	}
	return none
}

// elsewhere says that the team of another organisation may be meant, which has the same name
// and may be somebody else.
func elsewhere(g teamGrant, say func(string, ...any) string) answer {
	return answer{outcome: Unsure, reason: g.unknown, why: say("it is not known of which organisation the team %s is: %s", g.slug, g.unknown)}
}

// team returns the owner that a team means: by organisation/team, as contacts and CODEOWNERS
// files have it, or by the team alone. ok is false where it stands for nobody or is the
// contact of several, or is not listed where only those listed are owners.
func (o *Owners) team(g teamGrant) (owner string, listed, ok bool) {
	for _, name := range []string{g.name(), g.slug} {
		if i, is := o.names[fold(name)]; i == shared {
			return "", true, false
		} else if is {
			return o.owners[i].Name, true, o.owners[i].Name != ""
		}
	}
	return g.name(), false, !o.strict
}

// teams returns the roles of teams on the repository, or why they could not be read.
func (s ownerSubject) teams() ([]teamGrant, providers.Reason) {
	if why := s.Unknown[attributeTeams]; why != "" {
		return nil, why
	}
	list, ok := s.Attributes[attributeTeams].([]any)
	if !ok {
		return nil, providers.Uncollected
	}
	var out []teamGrant
	for i, e := range list {
		at := fmt.Sprintf("%s.%d", attributeTeams, i)
		g := teamGrant{unknown: s.Unknown[at]}
		team, _ := e.(map[string]any)
		for _, field := range []struct {
			name string
			to   *string
		}{{"organization", &g.organization}, {"slug", &g.slug}, {"role", &g.role}} {
			*field.to, _ = team[field.name].(string)
			if why := s.Unknown[at+"."+field.name]; why != "" {
				g.unknown = why
			}
		}
		if g.unknown == "" && (g.slug == "" || g.role == "" || g.organization == "") {
			g.unknown = providers.Failed
		}
		g.role = plainRole(g.role)
		out = append(out, g)
	}
	return out, ""
}

// plainRole makes roles comparable. People see read and write, the API and Terraform say
// pull and push.
func plainRole(role string) string {
	switch role = strings.ToLower(strings.TrimSpace(role)); role {
	case "pull":
		return "read"
	case "push":
		return "write"
	}
	return role
}

func teamNames(of []teamGrant) string {
	var names []string
	for _, g := range of {
		names = append(names, g.name())
	}
	return strings.Join(names, ", ")
}

func has(of []teamGrant) string {
	if len(of) > 1 {
		return "have"
	}
	return "has"
}

// Wants returns what the rules look at beside the tags and the account of a resource.
func (o *Owners) Wants() []providers.Want {
	if !slices.ContainsFunc(o.rules, func(r ownerRule) bool { return r.by == byTeam }) {
		return nil
	}
	return []providers.Want{{Type: repositoryType, Attributes: []string{attributeTeams}}}
}
