package examples_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// root is the root of the repository.
const root = ".."

// documents returns the documents that people wrote; the reference is generated and
// tested where it is rendered.
func documents(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, pattern := range []string{"*.md", "docs/*.md", "examples/*.md", "examples/*/*.md"} {
		out = append(out, glob(t, filepath.Join(root, pattern))...)
	}
	return out
}

// block is fenced text in a document.
type block struct {
	language string
	indent   string
	from, to int // lines of the text, without the fences
}

func blocks(lines []string) []block {
	var out []block
	var open *block
	for i, l := range lines {
		text := strings.TrimLeft(l, " ")
		switch {
		case !strings.HasPrefix(text, "```"):
		case open == nil:
			open = &block{language: strings.TrimPrefix(text, "```"), indent: l[:len(l)-len(text)], from: i + 1}
		default:
			open.to = i
			out = append(out, *open)
			open = nil
		}
	}
	return out
}

func TestEveryCommandInTheDocumentsExists(t *testing.T) {
	for _, doc := range documents(t) {
		lines := strings.Split(read(t, doc), "\n")
		for _, b := range blocks(lines) {
			if b.language != "sh" && b.language != "console" {
				continue
			}
			for _, l := range lines[b.from:b.to] {
				l = strings.TrimPrefix(strings.TrimPrefix(l, b.indent), "$ ")
				if strings.HasPrefix(l, "metsuke ") {
					checkCommand(t, doc, l)
				}
			}
		}
	}
}

var flagName = regexp.MustCompile(`^--?[a-z][a-z-]*`)

// checkCommand looks up the command and its flags in its help.
func checkCommand(t *testing.T, where, line string) {
	t.Helper()
	words := strings.Fields(strings.TrimSpace(line))[1:]
	if i := slices.IndexFunc(words, func(w string) bool { return strings.ContainsAny(w, "|>&;#") }); i >= 0 {
		words = words[:i]
	}
	var command, flags []string
	for _, w := range words {
		if f := flagName.FindString(w); f != "" {
			flags = append(flags, f)
		} else if len(flags) == 0 && len(command) < 2 && regexp.MustCompile(`^[a-z]+$`).MatchString(w) {
			command = append(command, w)
		}
	}
	if len(command) > 1 && !slices.Contains([]string{"baseline", "notify", "owners", "policies", "providers", "runs", "waivers"}, command[0]) {
		command = command[:1]
	}
	help, stderr, code := metsuke(t, ".", append(slices.Clone(command), "--help")...)
	if code != 0 || len(command) > 0 && !strings.Contains(help, "metsuke "+strings.Join(command, " ")) {
		t.Errorf("%s: %s\nthere is no command %s\n%s", where, line, strings.Join(command, " "), stderr)
		return
	}
	for _, f := range flags {
		if !regexp.MustCompile(`(?m)(^|\s)` + f + `[,\s]`).MatchString(help) {
			t.Errorf("%s: %s\nthe command has no flag %s", where, line, f)
		}
	}
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

func TestEveryLinkOfTheDocumentsLeadsSomewhere(t *testing.T) {
	for _, doc := range documents(t) {
		fenced := false
		for _, l := range strings.Split(read(t, doc), "\n") {
			if strings.HasPrefix(strings.TrimSpace(l), "```") {
				fenced = !fenced
			}
			if fenced {
				continue
			}
			for _, m := range link.FindAllStringSubmatch(l, -1) {
				file, anchor, _ := strings.Cut(m[1], "#")
				if strings.Contains(file, "://") {
					continue
				}
				to := filepath.Join(filepath.Dir(doc), filepath.FromSlash(file))
				if file == "" {
					to = doc
				}
				if _, err := os.Stat(to); err != nil {
					t.Errorf("%s links to %s: %v", doc, m[1], err)
					continue
				}
				if anchor != "" && !slices.Contains(anchors(read(t, to)), anchor) {
					t.Errorf("%s links to %s: the file has no such heading", doc, m[1])
				}
			}
		}
	}
}

// anchors returns the names under which GitHub links to the headings of a document.
func anchors(text string) []string {
	var out []string
	for _, l := range strings.Split(text, "\n") {
		title, ok := strings.CutPrefix(strings.TrimLeft(l, "#"), " ")
		if !ok || !strings.HasPrefix(l, "#") {
			continue
		}
		out = append(out, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r > 127:
				return r
			}
			return -1
		}, strings.ToLower(title)))
	}
	return out
}
