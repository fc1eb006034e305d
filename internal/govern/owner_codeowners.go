package govern

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/hmarr/codeowners"
)

// mostCodeowners is from which size on GitHub does not read a file, in bytes:
// https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners#codeowners-file-size
const mostCodeowners = 3 << 20

// codeowners reads a CODEOWNERS file. What GitHub would pass over is a mistake here: it
// would be nobody's without anybody knowing.
func (p *ownerParser) codeowners(key, name string) codeowners.Ruleset {
	text, err := p.read(name)
	if err != nil {
		p.wrong(key, "read the CODEOWNERS file: %v", err)
		return nil
	}
	if len(text) >= mostCodeowners {
		p.wrong(key, "%s: it has %d bytes, and GitHub reads none of 3 MB or more", name, len(text))
		return nil
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	for n, line := range bytes.Split(text, []byte("\n")) {
		if why := misread(bytes.TrimSpace(line)); why != "" {
			p.wrong(key, "%s: line %d: %s", name, n+1, why)
			return nil
		}
	}
	rules, err := codeowners.ParseFile(bytes.NewReader(text), codeowners.WithOwnerMatchers([]codeowners.OwnerMatcher{codeowners.OwnerMatchFunc(anyOwner)}))
	if err != nil {
		p.wrong(key, "%s: %v", name, err)
	}
	return rules
}

// misread says why the reader of the format would take a line for another one, without a
// word. It stops at one that is too long, takes whatever follows a # for a comment, and
// panics once it is to match a / alone. Of two backslashes the second escapes for it.
func misread(line []byte) string {
	const most = 1 << 15
	if len(line) > most {
		return fmt.Sprintf("it is longer than %d bytes", most)
	}
	i := bytes.IndexByte(line, '#')
	if i > 0 && line[i-1] != ' ' && line[i-1] != '\t' {
		return "a # begins a comment, also within a pattern or a name, and cannot be escaped; a comment stands behind a space"
	}
	if i >= 0 {
		line = line[:i]
	}
	if fields := bytes.Fields(line); len(fields) > 0 && string(fields[0]) == "/" {
		return "/ is for no file; write * for all"
	}
	if bytes.Contains(line, []byte(`\\`)) {
		return `two backslashes in a row cannot be read; write ? for the one that is meant`
	}
	return ""
}

// anyOwner takes logins, teams and addresses. The reader's own idea of an address leaves
// out domains that there are.
func anyOwner(s string) (codeowners.Owner, error) {
	if i := strings.Index(s, "@"); i < 0 || i == len(s)-1 {
		return codeowners.Owner{}, codeowners.ErrNoMatch
	}
	return codeowners.Owner{Value: s}, nil
}
