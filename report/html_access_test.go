package report

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"golang.org/x/net/html"
)

// elements are the elements of a page in their order, with those for readers without script.
func elements(t *testing.T, page string) []*html.Node {
	t.Helper()
	doc, err := html.ParseWithOptions(strings.NewReader(page), html.ParseOptionEnableScripting(false))
	if err != nil {
		t.Fatal(err)
	}
	var out []*html.Node
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode {
			out = append(out, n)
		}
	}
	return out
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

// What a checker of accessibility asks of a page and what can be told without a browser.
func TestThePageSaysWhatItsPartsAre(t *testing.T) {
	for name, run := range edges() {
		t.Run(name, func(t *testing.T) {
			all := elements(t, render(t, "html", Options{}, run()))
			ids := map[string]bool{}
			for _, n := range all {
				if id := attribute(n, "id"); id != "" {
					if ids[id] {
						t.Errorf("the id %s is there twice", id)
					}
					ids[id] = true
				}
			}
			level := 0
			for _, n := range all {
				for _, refers := range []string{"aria-labelledby", "aria-describedby"} {
					for _, id := range strings.Fields(attribute(n, refers)) {
						if !ids[id] {
							t.Errorf("%s of <%s> refers to %s, which is not there", refers, n.Data, id)
						}
					}
				}
				switch n.Data {
				case "html":
					if attribute(n, "lang") != "en" {
						t.Error("the page has no language")
					}
				case "h1", "h2", "h3", "h4":
					next, _ := strconv.Atoi(n.Data[1:])
					if (level == 0) != (next == 1) || next > level+1 || textOf(n) == "" {
						t.Errorf("a heading of level %d, %q, follows one of level %d", next, textOf(n), level)
					}
					level = next
				case "table":
					if c := n.FirstChild; c.NextSibling == nil || c.NextSibling.Data != "caption" || textOf(c.NextSibling) == "" {
						if c.Data != "caption" || textOf(c) == "" {
							t.Errorf("a table has no caption: %.200s", textOf(n))
						}
					}
				case "th":
					if attribute(n, "scope") == "" || textOf(n) == "" {
						t.Errorf("a head of cells says neither what they are nor of what: %q", textOf(n))
					}
				case "svg":
					if attribute(n, "aria-hidden") != "true" && (attribute(n, "role") != "img" || attribute(n, "aria-label")+attribute(n, "aria-labelledby") == "") {
						t.Error("a picture has no name and is not hidden from who does not see it")
					}
				case "nav", "section", "aside":
					if attribute(n, "aria-label")+attribute(n, "aria-labelledby") == "" {
						t.Errorf("a part of the page, %s, has no name", n.Data)
					}
				}
			}
			if !slices.ContainsFunc(all, func(n *html.Node) bool {
				return attribute(n, "id") == "count" && attribute(n, "role") == "status" && attribute(n, "aria-live") == "polite"
			}) {
				t.Error("nobody is told how many findings a filter leaves")
			}
		})
	}
}

func TestThePageWithoutAMouseOrOnALittleWindow(t *testing.T) {
	b := browser(t)

	t.Run("the link to the content leads there, and shows nothing else", func(t *testing.T) {
		p := open(t, b, gate(), "#findings")
		p.do(chromedp.Focus(chromedp.CSS(".skip")), chromedp.KeyEvent(kb.Enter))
		p.until(`document.activeElement.id === "main"`)
		if !eval[bool](p, `location.hash === "#findings" && !document.querySelector("#findings").hidden`) {
			t.Error("another section is shown")
		}
	})

	t.Run("the list is a grid with heads, whose rows are in their order", func(t *testing.T) {
		p := open(t, b, huge(3000), "#findings")
		heads := []string{"Severity", "Finding", "Resource", "Owner", "State"}
		wantTexts(t, "heads", eval[[]string](p, `Array.from(document.querySelectorAll("#list[role=grid] > [role=row] > [role=columnheader]")).map((e) => e.textContent)`), heads...)
		inOrder := `(() => { const at = Array.from(document.querySelectorAll("#rows > [role=row]")).map((e) => Number(e.getAttribute("aria-rowindex")));
			return at.length > 5 && at.every((n, i) => i === 0 || n === at[i - 1] + 1); })()`
		for _, key := range []string{kb.End, kb.PageUp, kb.PageUp, kb.ArrowUp, kb.Home} {
			p.do(chromedp.Focus(chromedp.CSS("#list")), chromedp.KeyEvent(key))
			p.until(inOrder)
			p.until(`document.getElementById(document.querySelector("#list").getAttribute("aria-activedescendant")) !== null`)
		}
		wantTexts(t, "rows", []string{eval[string](p, `document.querySelector("#list").getAttribute("aria-rowcount")`)}, "3001")
		p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#findings?group=owner"`))
		p.until(`document.querySelector("#list").getAttribute("role") === "treegrid"`)
		p.do(chromedp.Click(chromedp.CSS(".group")))
		wantTexts(t, "levels", eval[[]string](p, `Array.from(document.querySelectorAll("#rows > [role=row]")).slice(0, 2).map((e) => e.getAttribute("aria-level") + e.getAttribute("aria-rowindex"))`), "11", "22")
	})

	t.Run("what the panel covers is out of the keyboard's reach", func(t *testing.T) {
		p := open(t, b, gate(), "#findings", chromedp.EmulateViewport(390, 800))
		reached := `Array.from(document.querySelectorAll(".skip, .top, #findings")).filter((e) => !e.inert).length`
		wantTexts(t, "before", []string{strconv.Itoa(eval[int](p, reached))}, "3")
		p.do(chromedp.Click(chromedp.CSS("#row-0")))
		p.until(`document.activeElement.id === "detail-h"`)
		wantTexts(t, "behind the panel", []string{strconv.Itoa(eval[int](p, reached))}, "0")
		p.do(chromedp.KeyEvent(kb.Escape))
		p.until(`document.activeElement.id === "list"`)
		wantTexts(t, "after", []string{strconv.Itoa(eval[int](p, reached))}, "3")
		p.do(chromedp.Click(chromedp.CSS("#row-0")), chromedp.EmulateViewport(1280, 800))
		p.until(reached + ` === 3`)
	})

	t.Run("nothing is wider than a window of 320 pixels, nor covered on a low one", func(t *testing.T) {
		p := open(t, b, watched(), "", chromedp.EmulateViewport(320, 256))
		for _, view := range []string{"overview", "findings", "findings?group=policy", "changes", "scorecards", "coverage", "policies", "waivers", "about"} {
			p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#` + view + `"`))
			p.until(`!document.querySelector("#` + strings.Split(view, "?")[0] + `").hidden`)
			if over := eval[int](p, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
				t.Errorf("%s is %d pixels too wide", view, over)
			}
		}
		p.do(chromedp.Evaluate[chromedp.Void](`scrollTo(0, 400)`))
		p.until(`document.querySelector(".top").getBoundingClientRect().bottom <= 0`)
	})

	t.Run("targets are 24 pixels high where they stand close", func(t *testing.T) {
		p := open(t, b, rich(), "#findings?group=owner")
		p.do(chromedp.Click(chromedp.CSS(`input[name="severity"][value="high"]`)))
		wantTexts(t, "lower", eval[[]string](p, `Array.from(document.querySelectorAll("button, .facet label, .bars a, summary")).filter((e) => e.offsetParent !== null && e.getBoundingClientRect().height < 23.9).map((e) => e.outerHTML)`))
	})

	t.Run("who asks for no motion sees none", func(t *testing.T) {
		p := open(t, b, rich(), "#findings", func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
			_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}})
			return chromedp.Void{}, err
		})
		wantTexts(t, "moving", eval[[]string](p, `Array.from(document.querySelectorAll("*")).filter((e) => { const s = getComputedStyle(e); return s.transitionDuration !== "0s" || s.animationName !== "none" || s.scrollBehavior === "smooth"; }).map((e) => e.tagName)`))
	})

	t.Run("a filter with very many values shows some and finds all", func(t *testing.T) {
		run := huge(3000)
		for i := range run.Findings {
			run.Findings[i].Owner = fmt.Sprintf("owner-%04d", i)
		}
		p := open(t, b, run, "#findings")
		box := `Array.from(document.querySelectorAll(".facet")).find((f) => f.querySelector("legend").textContent === "Owner")`
		shown := `(` + box + `).querySelectorAll("label:not([hidden])").length`
		p.do(chromedp.Evaluate[chromedp.Void](`(` + box + `).querySelector("button").click()`))
		p.until(shown + ` === 300`)
		p.do(chromedp.Evaluate[chromedp.Void](`(() => { const find = (` + box + `).querySelector("input[type=search]"); find.value = "owner-2999"; find.dispatchEvent(new Event("input")); })()`))
		p.until(shown + ` === 1`)
	})
}
