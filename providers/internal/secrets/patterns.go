package secrets

import (
	"math"
	"regexp"
	"strings"
	"unicode"
)

// assigned is what follows a name: quoted, or up to a blank.
const assigned = `(?:"([^"\n]+)"|'([^'\n]+)'|([^\s"',;-][^\s"',;]*))`

// compile makes the expressions. The formats are those that the services publish
// for secret scanning, mostly a fixed prefix and a length.
func compile() set {
	f := func(kind, hint, re string, entropy float64) format {
		return format{kind: kind, hint: hint, re: regexp.MustCompile(re), entropy: entropy}
	}
	ignoringCase := func(word, kind, re string, entropy float64) format {
		return format{kind: kind, word: word, re: regexp.MustCompile(re), entropy: entropy}
	}
	return set{
		formats: []format{
			f(KindPrivateKey, "PRIVATE KEY", `-----BEGIN (?:[A-Z0-9]+ ){0,2}(PRIVATE KEY)(?: BLOCK)?-----`, 0),
			f(KindAWSID, "AKIA", `\b(AKIA[A-Z2-7]{16})\b`, 3),
			ignoringCase("secret", KindAWSSecret, `(?i)aws_?secret_?access_?key["']?\s*[:=]\s*["']?([A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|$)`, 3.5),
			f(KindURL, "://", `\b[a-z][a-z0-9+.-]{1,20}://[^\s:@/"'<>{}$]*:([^\s:@/"'<>{}$%*]{3,})@[A-Za-z0-9\[._-]`, 2),
			f(KindJWT, "eyJ", `\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.([A-Za-z0-9_-]{20,})`, 3),
			ignoringCase("authorization", KindBearer, `(?i)authorization["']?\s*[:=]\s*["']?(?:bearer|basic)\s+([A-Za-z0-9._~+/-]{16,}=*)`, 3),
			f(KindAzure, "AccountKey=", `AccountKey=([A-Za-z0-9+/]{86}==)`, 3),
			f("anthropic api key", "sk-ant-", `\bsk-ant-[a-z]+[0-9]{2}-([A-Za-z0-9_-]{40,})`, 3),
			f("databricks token", "dapi", `\bdapi([a-f0-9]{32})\b`, 2.5),
			f("digitalocean token", "_v1_", `\bdo[opr]_v1_([a-f0-9]{64})\b`, 2.5),
			f("docker hub token", "dckr_pat_", `\bdckr_pat_([A-Za-z0-9_-]{27})`, 3),
			f("github token", "gh", `\bgh[opsur]_([A-Za-z0-9]{36,})`, 3),
			f("github token", "github_pat_", `\bgithub_pat_([A-Za-z0-9]{22}_[A-Za-z0-9]{59})\b`, 3),
			f("gitlab token", "gl", `\bgl(?:pat|dt|rt|cbt|ptt|ft|soat)-([A-Za-z0-9_-]{20,})`, 3),
			f("google api key", "AIza", `\bAIza([0-9A-Za-z_-]{35})(?:[^0-9A-Za-z_-]|$)`, 3),
			f("google oauth secret", "GOCSPX-", `\bGOCSPX-([A-Za-z0-9_-]{28})`, 3),
			f("grafana token", "gl", `\bgl(?:sa|c)_([A-Za-z0-9+/=_]{32,})`, 3),
			f("linear api key", "lin_api_", `\blin_api_([A-Za-z0-9]{40})\b`, 3),
			f("new relic key", "NRAK-", `\bNRAK-([A-Z0-9]{27})\b`, 3),
			f("npm token", "npm_", `\bnpm_([A-Za-z0-9]{36})\b`, 3),
			f("openai api key", "T3BlbkFJ", `\bsk-[A-Za-z0-9_-]*?([A-Za-z0-9_-]{20,}T3BlbkFJ[A-Za-z0-9_-]{20,})`, 3),
			f("pypi token", "pypi-", `\bpypi-AgEIcHlwaS5vcmc([A-Za-z0-9_-]{50,})`, 3),
			f("sendgrid api key", "SG.", `\bSG\.[A-Za-z0-9_-]{22}\.([A-Za-z0-9_-]{43})`, 3),
			f("shopify token", "shp", `\bshp(?:at|ca|pa|ss)_([a-fA-F0-9]{32})\b`, 2.5),
			f("slack token", "xox", `\bxox[abeprs](?:\.xox[a-z])?-([0-9A-Za-z-]{20,})`, 2.5),
			f("slack token", "xapp-", `\bxapp-[0-9]-([0-9A-Za-z-]{30,})`, 2.5),
			f("slack webhook", "hooks.slack.com", `hooks\.slack\.com/(?:services|workflows)/T[A-Z0-9]+/[A-Z0-9]+/([A-Za-z0-9]{20,})`, 3),
			f("stripe key", "k_live_", `\b[rs]k_live_([0-9A-Za-z]{16,})`, 3),
			f("telegram bot token", ":AA", `\b[0-9]{8,10}:(AA[A-Za-z0-9_-]{33})(?:[^A-Za-z0-9_-]|$)`, 3),
			f("terraform cloud token", ".atlasv1.", `\b[A-Za-z0-9]{14}\.atlasv1\.([A-Za-z0-9_=-]{60,})`, 3),
			f("vault token", "hv", `\bhv[sb]\.([A-Za-z0-9_-]{24,})`, 3),
		},
		// name = "value", name: value, export NAME=value, "name": "value"
		assignment: regexp.MustCompile(`(?i)\b([a-z0-9_.-]*(?:pass|pwd|secret|token|key|credential)[a-z0-9_.-]*)["']?\s*(?::=|=>|=|:)\s*` + assigned),
		// --password value
		option: regexp.MustCompile(`(?i)\s--?([a-z0-9_-]*(?:pass|pwd|secret|token|key|credential)[a-z0-9_-]*)[ \t]+` + assigned),
		// The name ends in the word: db_password and token are, token_ttl and secret_name are not.
		secretName:    regexp.MustCompile(`(?i)(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|api_?-?key|access_?-?key|secret_?-?key|private_?-?key|signing_?-?key|encryption_?-?key|auth_?-?key|master_?-?key|account_?-?key|credentials?)(?:_?(?:value|string|prod|live|base64|b64|[0-9]+))?$`),
		harmlessName:  regexp.MustCompile(`(?i)(?:public|publishable|next|page|pagination|continuation|csrf|cache)[_.-]?(?:access[_.-]?|api[_.-]?)?(?:key|token)$|(?:by|com|tres|over|under)pass$`),
		awsSecretName: regexp.MustCompile(`(?i)secret`),
		arn:           regexp.MustCompile(`^arn:[a-z-]+:[a-z0-9-]+:[^:\s]*:[^:\s]*:\S+$`),
		reference: regexp.MustCompile(`(?i)^(?:\{\{.*\}\}|\$\{.*\}|\$\(.*\)|\$[a-z_][a-z0-9_]*|%[a-z_][a-z0-9_]*%|<%.*%>|!(?:ref|sub|getatt)\b.*|` +
			`(?:op|vault|ssm|secretsmanager|awssm|ref\+[a-z]+|gcp-?sm|projects)(?:://|:|/)\S*|(?:/[a-z0-9_.-]+){2,}/?|https?://[^\s@]*)$`),
		flag:      regexp.MustCompile(`(?i)^(?:true|false|yes|no|on|off|enabled?|disabled?|none|null|nil|undefined|[0-9]{1,5})$`),
		awsSecret: regexp.MustCompile(`^[A-Za-z0-9/+]{40}$`),
		stand:     regexp.MustCompile(`(?i)example|sample|placeholder|change[_ -]?(?:me|it|this)|replace[_ -]?(?:me|this|with)|your[_ -]|\bmy[_ -]|dummy|redacted|insert|todo|fixme|xxxx|\*\*\*|\.\.\.|<[^>]*>|\$\{|\{\{|\$\(|^test|^fake|^(?:pass(?:word|wd)?|secret|token|key)$|abcdef|123456789`),
		id:        regexp.MustCompile(`(?i)^(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[a-z]+(?:[-_./:][a-z0-9]{1,12})+|[a-z]+(?:\.[a-z]+)+\(?.*)$`),
	}
}

// placeholder reports whether a value stands for a secret instead of being one.
func placeholder(value string) bool {
	if patterns().stand.MatchString(value) {
		return true
	}
	for _, r := range value[min(1, len(value)):] {
		if r != rune(value[0]) {
			return false
		}
	}
	return true // one character again and again
}

// minRandom is the fewest bits per character that a password-like value has. Eight
// different characters have 3 bits; an English word of ten has about 3.
const minRandom = 2.75

// looksRandom reports whether a value could be a password or key: long enough, of
// more than one class of characters, and not repetitive. A value of words joined by
// dots or dashes ("payments-db-secret") is a name and not a secret.
func looksRandom(value string) bool {
	if len(value) < 8 || len(value) > 4096 || strings.ContainsAny(value, " \t\n") {
		return false
	}
	var upper, lower, digit, other bool
	for _, r := range value {
		switch {
		case unicode.IsUpper(r):
			upper = true
		case unicode.IsLower(r):
			lower = true
		case unicode.IsDigit(r):
			digit = true
		default:
			other = true
		}
	}
	classes := 0
	for _, has := range []bool{upper, lower, digit, other} {
		if has {
			classes++
		}
	}
	if classes < 2 || Entropy(value) < minRandom {
		return false
	}
	if patterns().id.MatchString(value) && (!upper || !digit || !lower) {
		return false
	}
	return true
}

// Entropy returns the Shannon entropy of a text in bits per character.
func Entropy(s string) float64 {
	counts, n := map[rune]float64{}, 0.0
	for _, r := range s {
		counts[r]++
		n++
	}
	var bits float64
	for _, c := range counts {
		bits -= c / n * math.Log2(c/n)
	}
	return bits
}
