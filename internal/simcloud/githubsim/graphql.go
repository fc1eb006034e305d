package githubsim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// The documents that GraphQL answers come from: "graphql/organization",
// "graphql/enterprise" and "graphql/users/<login>", the last with the days on which
// the user contributed.

func (a *API) query(q *graphqlRequest) answer {
	if q.Name == "contributions" {
		return a.contributions(q)
	}
	kind, named := "organization", "org"
	if strings.HasPrefix(q.Name, "enterprise") {
		kind, named = "enterprise", "enterprise"
	}
	var doc map[string]any
	if err := json.Unmarshal(a.docs["graphql/"+kind], &doc); err != nil || doc["sim_login"] != q.Variables[named] {
		return encoded(http.StatusOK, map[string]any{
			"data": map[string]any{kind: nil},
			"errors": []any{map[string]any{
				"type": "NOT_FOUND", "path": []any{kind},
				"message": fmt.Sprintf("Could not resolve to an %s with the login of '%v'.", strings.ToUpper(kind[:1])+kind[1:], q.Variables[named]),
			}},
		})
	}
	doc = shown(doc)
	holder := doc
	if info, ok := doc["ownerInfo"].(map[string]any); ok {
		holder = info
	}
	if saml, ok := holder["samlIdentityProvider"].(map[string]any); ok {
		nodes, _ := saml["externalIdentities"].([]any)
		delete(saml, "externalIdentities")
		if strings.HasSuffix(q.fields, "externalIdentities") {
			saml["externalIdentities"] = a.connection(nodes, q)
		}
	}
	return encoded(http.StatusOK, map[string]any{"data": map[string]any{kind: doc}})
}

// connection is one page of a list in GraphQL.
func (a *API) connection(nodes []any, q *graphqlRequest) map[string]any {
	size := 100
	if a.faults.PageSize > 0 {
		size = min(size, a.faults.PageSize)
	}
	after, _ := q.Variables["after"].(string)
	from := min(number(after, 0), len(nodes))
	to := min(from+size, len(nodes))
	return map[string]any{
		"pageInfo": map[string]any{"hasNextPage": to < len(nodes), "endCursor": fmt.Sprint(to)},
		"nodes":    nodes[from:to],
	}
}

// contributions answers for each user u0, u1 and so on whose login is in the
// variable l0, l1 and so on.
func (a *API) contributions(q *graphqlRequest) answer {
	data := map[string]any{}
	var errs []any
	text, _ := q.Variables["from"].(string)
	from, err := time.Parse(time.RFC3339, text)
	if err != nil || Now().Sub(from) > 366*24*time.Hour {
		return encoded(http.StatusOK, map[string]any{"errors": []any{map[string]any{
			"message": "The total time spanned by 'from' and 'to' must not exceed 1 year",
		}}})
	}
	for i := 0; ; i++ {
		login, ok := q.Variables[fmt.Sprintf("l%d", i)].(string)
		if !ok {
			break
		}
		field := fmt.Sprintf("u%d", i)
		var doc struct {
			Days map[string]int `json:"days"`
		}
		if err := json.Unmarshal(a.docs["graphql/users/"+login], &doc); err != nil {
			data[field] = nil
			errs = append(errs, map[string]any{
				"type": "NOT_FOUND", "path": []any{field},
				"message": fmt.Sprintf("Could not resolve to a User with the login of '%s'.", login),
			})
			continue
		}
		data[field] = map[string]any{"contributionsCollection": map[string]any{
			"latestRestrictedContributionDate": nil,
			"contributionCalendar":             map[string]any{"weeks": weeks(from, doc.Days)},
		}}
	}
	out := map[string]any{"data": data}
	if len(errs) > 0 {
		out["errors"] = errs
	}
	return encoded(http.StatusOK, out)
}

func weeks(from time.Time, days map[string]int) []any {
	var out, week []any
	for d := from; d.Before(Now()); d = d.AddDate(0, 0, 1) {
		date := d.Format(time.DateOnly)
		week = append(week, map[string]any{"date": date, "contributionCount": days[date]})
		if d.Weekday() == time.Saturday {
			out, week = append(out, map[string]any{"contributionDays": week}), nil
		}
	}
	return append(out, map[string]any{"contributionDays": week})
}
