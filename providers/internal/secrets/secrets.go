// Package secrets recognises credentials in text that a provider reads: a
// variable's value, a start script. It says of which kind they are and nothing
// else, so that a collector can tell a policy that there is a secret without the
// secret going any further. It prefers to miss one over crying wolf: a value
// counts when its form is that of a known credential, or when its name says that
// it is one and its characters look random enough to be one.
//
// It does not log, does not keep and does not check whether a credential works.
package secrets

import (
	"encoding/base64"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Kinds that are not named after a service.
const (
	KindPassword   = "password"         // a value whose name says password, token, key or the like
	KindPrivateKey = "private key"      // a PEM, OpenSSH or PGP block
	KindURL        = "password in url"  // https://user:password@host
	KindJWT        = "json web token"   // signed
	KindAWSSecret  = "aws secret key"   // 40 characters beside a name that says so
	KindAWSID      = "aws access key"   // AKIA...; worthless alone, but it rarely is
	KindBearer     = "bearer token"     // in an Authorization header
	KindAzure      = "azure access key" // in a connection string
)

// Text returns the kinds of secrets in a text such as a script or a configuration
// file, sorted and each once; nil when there are none.
func Text(text string) []string {
	found := map[string]bool{}
	known(text, found)
	if p := patterns(); mentions(text, names()...) {
		for _, re := range []*regexp.Regexp{p.assignment, p.option} {
			for _, m := range re.FindAllStringSubmatch(text, -1) {
				if k := named(m[1], firstOf(m[2:])); k != "" {
					found[k] = true
				}
			}
		}
	}
	if len(found) == 0 {
		return nil
	}
	return slices.Sorted(maps.Keys(found))
}

// Variable returns the kind of secret that a variable with the name and value
// holds, "" when it holds none. Where there are several it is the first by name.
func Variable(name, value string) string {
	if Form(value) != Literal {
		return ""
	}
	found := map[string]bool{}
	known(value, found)
	if len(found) == 0 {
		known(decoded(value), found)
	}
	if len(found) == 0 {
		return named(name, strings.TrimSpace(value))
	}
	return slices.Sorted(maps.Keys(found))[0]
}

// Forms of a value, as Form returns them.
const (
	Empty     = "empty"     // nothing but blanks
	ARN       = "arn"       // the name of an AWS resource
	Reference = "reference" // {{resolve:...}}, ${...}, op://..., a parameter's path: it stands for a value that is elsewhere
	Switch    = "switch"    // true, off, 0 and the like
	Literal   = "literal"   // anything else
)

// Form says what a value is without telling it.
func Form(value string) string {
	v := strings.TrimSpace(value)
	p := patterns()
	switch {
	case v == "":
		return Empty
	case p.arn.MatchString(v):
		return ARN
	case p.reference.MatchString(v):
		return Reference
	case p.flag.MatchString(v):
		return Switch
	}
	return Literal
}

// known finds the credentials that are recognised by their own form.
func known(text string, found map[string]bool) {
	if text == "" {
		return
	}
	p := patterns()
	for _, f := range p.formats {
		if f.hint != "" && !strings.Contains(text, f.hint) || f.word != "" && !mentions(text, f.word) {
			continue
		}
		for _, m := range f.re.FindAllStringSubmatch(text, -1) {
			if value := m[len(m)-1]; !placeholder(value) && (f.entropy == 0 || Entropy(value) >= f.entropy) {
				found[f.kind] = true
				break
			}
		}
	}
}

// names are the words of which one is in every name that assignment and option find.
func names() []string { return []string{"pass", "pwd", "secret", "token", "key", "credential"} }

// mentions reports whether a word may be in the text, whatever its case: it spares
// expressions that are a hundred times slower. To these, a long s is an s as well.
func mentions(text string, words ...string) bool {
	lower := strings.ToLower(text)
	return strings.Contains(lower, "ſ") || slices.ContainsFunc(words, func(w string) bool { return strings.Contains(lower, w) })
}

// named judges a value by its name: does the name say that it is a secret, and
// does the value look like one?
func named(name, value string) string {
	p := patterns()
	if !p.secretName.MatchString(name) || p.harmlessName.MatchString(name) {
		return ""
	}
	if Form(value) != Literal || placeholder(value) || !looksRandom(value) {
		return ""
	}
	if len(value) == 40 && p.awsSecretName.MatchString(name) && p.awsSecret.MatchString(value) {
		return KindAWSSecret
	}
	return KindPassword
}

// decoded returns the text that a base64 value stands for, "" when it is none.
func decoded(value string) string {
	value = strings.TrimSpace(value)
	if len(value) < 40 {
		return ""
	}
	b, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		return ""
	}
	return string(b)
}

func firstOf(groups []string) string {
	for _, g := range groups {
		if g != "" {
			return g
		}
	}
	return ""
}

// format is a credential that is recognised by its own form. The last group of re
// is the part that must not be a placeholder.
type format struct {
	kind    string
	hint    string // text that is always in a match: spares the expression
	word    string // likewise, in lower case, where the case does not matter
	re      *regexp.Regexp
	entropy float64 // bits per character that the last group needs; 0 for formats that are unmistakable
}

type set struct {
	formats                                    []format
	assignment, option                         *regexp.Regexp
	secretName, harmlessName, awsSecretName    *regexp.Regexp
	arn, reference, flag, awsSecret, stand, id *regexp.Regexp
}

// patterns are compiled when they are first needed: most commands never do.
var patterns = sync.OnceValue(compile) //nolint:gochecknoglobals // compiled regular expressions, never changed
