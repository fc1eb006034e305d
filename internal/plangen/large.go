package plangen

import (
	"encoding/base64"
	"fmt"
	"maps"
	"strings"
)

// enlarge gives a resource what those of a large company have besides.
func enlarge(p *planned, s place) {
	standard := obj{
		"Application": "app-" + s.name, "Environment": "production", "DataClassification": "internal-restricted",
		"Repository": "git.example.com/platform",
	}
	for _, k := range []string{"tags", "tags_all"} {
		if tags, ok := p.after[k].(obj); ok {
			all := maps.Clone(standard)
			maps.Copy(all, tags)
			p.after[k] = all
		}
	}
	switch p.typ {
	case "aws_instance":
		script := "#!/bin/bash\nset -euo pipefail\n" + strings.Repeat("systemctl enable --now agent-"+s.name+".service\n", 16)
		p.after["user_data"] = base64.StdEncoding.EncodeToString([]byte(script))
	case "aws_lambda_function":
		variables := obj{}
		for i := range 16 {
			variables[fmt.Sprintf("SETTING_%02d", i)] = fmt.Sprintf("arn:aws:ssm:eu-central-1:111111111111:parameter/%s/%02d", s.name, i)
		}
		p.after["environment"] = []any{obj{"variables": variables}}
	case "aws_iam_role":
		p.after["assume_role_policy"] = document(s, "sts:AssumeRoleWithWebIdentity", 3)
	case "aws_sqs_queue_policy", "aws_kms_key":
		if _, unknown := p.unknown["policy"]; !unknown {
			p.after["policy"] = document(s, p.typ[4:7]+":Send*", 3)
		}
	}
}

// document is a policy document in which only what is meant may act.
func document(s place, action string, statements int) string {
	var b strings.Builder
	b.WriteString(`{"Statement":[`)
	for i := range statements {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"Action":"%s","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-0123456789","aws:SourceAccount":"111111111111"}},"Effect":"Allow",`+
			`"Principal":{"AWS":"arn:aws:iam::111111111111:role/%s-%d"},"Resource":"*","Sid":"Allow%d"}`, action, s.name, i, i)
	}
	b.WriteString(`],"Version":"2012-10-17"}`)
	return b.String()
}

// priorState writes the resources that exist as they are before the apply.
func (g *generator) priorState() {
	g.text(`"prior_state":{"format_version":"1.0","terraform_version":"1.11.4","values":{"root_module":{"resources":[` + "\n")
	first := true
	for i := range g.opt.Resources {
		if p := g.at(i); p.action != "create" {
			g.value(&first, values(p))
		}
	}
	g.text(`]}}},`)
}
