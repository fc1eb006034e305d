package terraform

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/internal/secrets"
)

const lambdaPermission = "aws_lambda_permission"

func awsLambdaFunction() mapping {
	return mapping{
		typ:  "aws_lambda_function",
		name: "function_name",
		satellites: []satellite{
			{typ: lambdaPermission, ref: "function_name", by: []string{"arn", "function_name", "id"}, affects: []string{"policy"}, alone: true},
		},
		attributes: map[string]func(n *node) any{
			"architectures": func(n *node) any {
				v := n.at("architectures")
				if isUnknown(v) && n.isNew() && !n.configured("architectures") {
					return []any{"x86_64"}
				}
				return v
			},
			"environment":  lambdaEnvironment,
			"memory_size":  func(n *node) any { return or(n.at("memory_size"), int64(128)) },
			"package_type": func(n *node) any { return or(n.at("package_type"), "Zip") },
			"policy":       lambdaPolicy,
			"timeout":      func(n *node) any { return or(n.at("timeout"), int64(3)) },
		},
	}
}

// lambdaEnvironment keeps of every variable its name and what its value is like. Of
// a sensitive value, or one that only the apply tells, it keeps the name.
func lambdaEnvironment(n *node) any {
	return then(lambdaVariables(n), func(v any) any {
		m, _ := v.(map[string]any)
		if len(m) == 0 {
			return nil
		}
		out := []any{}
		for _, name := range slices.Sorted(maps.Keys(m)) {
			out = append(out, map[string]any{
				"name": name,
				"form": then(m[name], func(v any) any { s, _ := v.(string); return secrets.Form(s) }),
				"secret": then(m[name], func(v any) any {
					s, _ := v.(string)
					return or(secrets.Variable(name, s), nil)
				}),
			})
		}
		return map[string]any{"variables": out}
	})
}

// lambdaVariables returns the environment variables. Of a map in which one value is known
// only after the apply, the provider plans nothing at all: the sources show the others.
func lambdaVariables(n *node) any {
	planned := n.at("environment", 0, "variables")
	if planned != (unknown{deferred}) || n.block() == nil {
		return planned
	}
	refs := references(member(n.c.text(n.block()), "environment"), nil)
	blocks, src := n.c.p.sources.nested(n.c.ix.root.find(n.moduleX), n.typ+"."+n.name, "environment", refs)
	if len(blocks) != 1 || blocks[0].Attributes["variables"] == nil {
		return planned
	}
	written, ok := (&evaluator{node: n, src: src}).value(blocks[0].Attributes["variables"].Expr).(map[string]any)
	if !ok {
		return planned
	}
	for name, v := range written {
		if b, ok := v.(bool); ok {
			written[name] = strconv.FormatBool(b)
		}
	}
	return written
}

// lambdaPolicy puts the function's policy together from its permissions, as
// AddPermission does. Those with a qualifier belong to an alias or a version, which
// have policies of their own.
func lambdaPolicy(n *node) any {
	statements := []any{}
	for _, p := range n.all(lambdaPermission) {
		switch q := p.at("qualifier"); {
		case isUnknown(q) && !p.configured("qualifier"), q == nil, q == "":
			statements = append(statements, lambdaStatement(p))
		case isUnknown(q):
			return unknown{deferred}
		}
	}
	if n.outside() && !slices.ContainsFunc(statements, lambdaOpen) {
		if slices.ContainsFunc(statements, lambdaUndecided) {
			return unknown{deferred}
		}
		return unknown{providers.Outside} // the function may have other permissions
	}
	if len(statements) == 0 {
		return nil
	}
	return map[string]any{"statements": statements}
}

// lambdaOpen reports whether a statement lets everybody in whatever the others say:
// a function's policy cannot deny. Partial evaluation cannot tell that beside
// statements which are unknown.
func lambdaOpen(statement any) bool {
	conditions, _ := at(statement, "conditions").([]any)
	return at(statement, "principals", 0, "id") == "*" && !slices.ContainsFunc(conditions, func(c any) bool {
		key, _ := at(c, "key").(string)
		return strings.HasPrefix(key, "aws:")
	})
}

// lambdaUndecided reports whether what is unknown of a statement that is not open may
// turn out to let everybody in.
func lambdaUndecided(statement any) bool {
	if id := at(statement, "principals", 0, "id"); !isUnknown(id) && id != "*" {
		return false
	}
	_, open := anyUnknown(statement)
	return open
}

func lambdaStatement(p *node) any {
	sid := p.at("statement_id")
	if isUnknown(sid) {
		sid = "(known after apply)" // that it has one is certain
	}
	return map[string]any{
		"sid": sid, "effect": "Allow",
		"principals": then(p.at("principal"), func(v any) any {
			id, _ := v.(string)
			return []any{lambdaPrincipal(id)}
		}),
		"not_principals": nil,
		"actions": then(p.at("action"), func(v any) any {
			action, _ := v.(string)
			return []any{strings.ToLower(action)}
		}),
		"not_actions":   nil,
		"resources":     []any{lambdaResource(p)},
		"not_resources": nil,
		"conditions":    lambdaConditions(p),
	}
}

// lambdaResource is the function, as the permission names it: that the statement has
// a resource is certain before its ARN is.
func lambdaResource(p *node) any {
	if v, ok := p.at("function_name").(string); ok {
		return v
	}
	return "(known after apply)"
}

var accountID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9]{12}$`) }) //nolint:gochecknoglobals // a compiled pattern

// lambdaPrincipal is the principal that Lambda writes for one that it is given.
func lambdaPrincipal(id string) map[string]any {
	kind := "AWS"
	switch {
	case accountID().MatchString(id):
		id = "arn:aws:iam::" + id + ":root"
	case id != "*" && !strings.HasPrefix(id, "arn:"):
		kind = "Service"
	}
	return map[string]any{"type": kind, "id": id}
}

// lambdaConditions are sorted as those of the API are.
func lambdaConditions(p *node) any {
	out := []any{}
	for _, c := range []struct{ argument, operator, key string }{
		{"source_arn", "arnlike", "aws:sourcearn"},
		{"invoked_via_function_url", "bool", "lambda:invokedviafunctionurl"},
		{"principal_org_id", "stringequals", "aws:principalorgid"},
		{"source_account", "stringequals", "aws:sourceaccount"},
		{"event_source_token", "stringequals", "lambda:eventsourcetoken"},
		{"function_url_auth_type", "stringequals", "lambda:functionurlauthtype"},
	} {
		value := p.at(c.argument)
		if value == nil || value == "" || value == false {
			continue
		}
		if value == true {
			value = "true"
		}
		// None is computed: an unknown is something that somebody set, and yet it may
		// turn out to be null.
		if isUnknown(value) && !p.configured(c.argument) {
			continue
		}
		out = append(out, map[string]any{"operator": c.operator, "key": c.key, "values": []any{value}})
	}
	if !p.has("principal_org_id") && !p.isNew() {
		out = append(out, unknown{deferred}) // a provider from before there was the argument
	}
	return out
}
