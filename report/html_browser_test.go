package report

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// browser starts a browser without a window, and skips the test where there is none.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "headless-shell"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("no Chromium or Chrome is on this machine, so the page is not tried in one: apt-get install chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.WindowSize(1280, 900))
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...) // t.Context() ends before what cleans up
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil { // waits until it has left its directory
			t.Log(err)
		}
		stop()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return ctx
}

// tab is a page in the browser, and what went wrong in it.
type tab struct {
	t   *testing.T
	ctx context.Context //nolint:containedctx // a tab is its context, for chromedp
	url string

	mu       sync.Mutex
	problems []string
}

// open writes the run's page to a file and shows it, after the actions.
func open(t *testing.T, browser context.Context, run finding.Run, fragment string, before ...chromedp.Action[chromedp.Void]) *tab {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, []byte(render(t, "html", Options{}, run)), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := chromedp.NewContext(browser)
	t.Cleanup(stop)
	p := &tab{t: t, ctx: ctx, url: (&url.URL{Scheme: "file", Path: file}).String()}
	if err := chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			p.problem("exception: " + e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			p.problem("console: " + string(e.Type))
		case *log.EventEntryAdded:
			p.problem("log: " + e.Entry.Text)
		case *network.EventRequestWillBeSent:
			if e.Request.URL != p.url {
				p.problem("request: " + e.Request.URL)
			}
		case *cdpage.EventJavascriptDialogOpening:
			p.problem("dialog: " + e.Message)
		}
	}); err != nil {
		t.Fatal(err)
	}
	watch := chromedp.Action[chromedp.Void](func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		if _, err := cdp.Call(ctx, target, log.Enable, cdp.Empty{}); err != nil {
			return chromedp.Void{}, err
		}
		_, err := cdp.Call(ctx, target, network.Enable, network.EnableParams{})
		return chromedp.Void{}, err
	})
	p.do(append(before, watch, chromedp.Navigate(p.url+fragment), chromedp.WaitReady(chromedp.CSS("html.ready")))...)
	t.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, problem := range p.problems {
			t.Error(problem)
		}
	})
	return p
}

func (p *tab) problem(s string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.problems = append(p.problems, s)
}

func (p *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}

// eval returns what the expression is in the page.
func eval[T any](p *tab, expression string) T {
	p.t.Helper()
	out, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		p.t.Fatal(err)
	}
	return out
}

// texts returns the texts of the elements.
func (p *tab) texts(selector string) []string {
	p.t.Helper()
	return eval[[]string](p, `Array.from(document.querySelectorAll(`+quote(selector)+`)).filter((e) => e.offsetParent !== null).map((e) => e.textContent.trim())`)
}

func quote(s string) string { return fmt.Sprintf("%q", s) }

// until waits until the expression is true.
func (p *tab) until(expression string) {
	p.t.Helper()
	p.do(chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingTimeout(time.Minute)))
}

func wantTexts(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

const resources = ".list .row > :nth-child(3) .line:first-child"

func TestThePageInABrowser(t *testing.T) {
	b := browser(t)

	t.Run("filters add up, and the address says them", func(t *testing.T) {
		p := open(t, b, gate(), "#findings")
		wantTexts(t, "all", p.texts("#count"), "5 findings")
		p.do(chromedp.Click(chromedp.CSS(`input[name="severity"][value="high"]`)))
		wantTexts(t, "high", p.texts("#count"), "3 of 5 findings")
		p.do(chromedp.Click(chromedp.CSS(`input[name="state"][value="unknown"]`)))
		wantTexts(t, "high and unknown", p.texts("#count"), "1 of 5 findings")
		wantTexts(t, "high and unknown", p.texts(resources), "aws_s3_bucket.logs")
		if got := eval[string](p, "location.hash"); got != "#findings?severity=high&state=unknown" {
			t.Errorf("the address ends with %s", got)
		}
		wantTexts(t, "filters", p.texts("#chips button"), "Severity: high ×", "State: Unknown ×")
		p.do(chromedp.Click(chromedp.CSS("#clear")))
		wantTexts(t, "none", p.texts("#count"), "5 findings")
	})

	t.Run("a fragment leads to what it says", func(t *testing.T) {
		p := open(t, b, gate(), "#findings?policy=common-required-tags&state=failing")
		wantTexts(t, "failing tags", p.texts(resources), `module.queues["a b"].aws_sqs_queue.this[0]`)
		p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#findings?owner=somebody"`))
		p.until(`document.querySelector("#count").textContent === "0 of 5 findings"`)
		p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#policy-1"`))
		p.until(`document.querySelector("#policy-1").open && !document.querySelector("#policies").hidden`)
		p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#no-such-section"`))
		p.until(`!document.querySelector("#overview").hidden`)
	})

	t.Run("a search finds every word in any text", func(t *testing.T) {
		p := open(t, b, rich(), "#findings?q=%E6%9D%B1%E4%BA%AC%20owner")
		wantTexts(t, "found", p.texts(resources), "東京の注文")
		p.do(chromedp.SetValue(chromedp.CSS("#search"), "rds:"), chromedp.Evaluate[chromedp.Void](`document.querySelector("#search").dispatchEvent(new Event("input"))`))
		p.until(`document.querySelector("#count").textContent === "0 of 12 findings"`)
	})

	t.Run("findings are grouped and groups open", func(t *testing.T) {
		p := open(t, b, rich(), "#findings?group=owner")
		wantTexts(t, "groups", p.texts(".group .name"), "▸ web", "▸ platform", "▸ data-platform", "▸ (unknown)", "▸ (nobody)")
		wantTexts(t, "counts", p.texts(".group .marks"), "1 critical1 medium", "1 critical2 unknown", "1 high2 low", "1 high1 unknown", "1 medium1 unknown")
		p.do(chromedp.Click(chromedp.CSS(".group")))
		wantTexts(t, "opened", p.texts(resources), clean(hostile), "東京の注文")
		p.do(chromedp.Click(chromedp.CSS("#folds")))
		wantTexts(t, "closed", p.texts(resources))
	})

	t.Run("findings are grouped by their cause", func(t *testing.T) {
		run := gate()
		again := run.Findings[1]
		source := *again.Resource.Source
		source.Address = `module.queues["other"].aws_sqs_queue.this[0]`
		again.Fingerprint, again.Resource.ID, again.Resource.Source = strings.Repeat("0a", 16), source.Address, &source
		run.Findings = append(slices.Clone(run.Findings), again)
		p := open(t, b, run, "#findings?group=cause&state=failing")
		wantTexts(t, "groups", p.texts(".group .name"), "▸ aws_s3_bucket.exports (storage/main.tf:12)", "▸ module.queues.aws_sqs_queue.this (modules/queue: x,y/main.tf:3)")
		wantTexts(t, "counts", p.texts(".group .n"), "1", "2")
	})

	t.Run("the keyboard opens and closes a finding", func(t *testing.T) {
		p := open(t, b, rich(), "#findings")
		p.do(chromedp.Focus(chromedp.CSS("#list")), chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.Enter))
		p.until(`document.activeElement.id === "detail-h"`)
		want := eval[string](p, `document.querySelector("#row-1 .line").textContent`)
		wantTexts(t, "heading", p.texts("#detail-h"), want)
		p.do(chromedp.Click(chromedp.CSS("#detail-after")))
		p.until(`document.activeElement.id === "detail-after"`)
		wantTexts(t, "next", p.texts("#detail-h"), eval[string](p, `document.querySelector("#row-2 .line").textContent`))
		p.do(chromedp.KeyEvent(kb.Escape))
		p.until(`document.activeElement.id === "list" && document.querySelector("#detail").hidden`)
		p.do(chromedp.KeyEvent("/"))
		p.until(`document.activeElement.id === "search"`)
	})

	t.Run("a finding says what it is, since when, and what mends it", func(t *testing.T) {
		run := watched()
		waivedOne := run.Findings[3]
		p := open(t, b, run, "#findings?id="+waivedOne.Fingerprint)
		wantTexts(t, "names", p.texts("#detail > .facts dt"), "Resource", "Id", "Page", "Type", "Account", "Region", "Owner", "Attribute",
			"History", "First seen", "So since", "Waived until", "Reason", "Approver", "Ticket", "Written in", "Fingerprint")
		wantTexts(t, "policy", p.texts("#detail .rule h3"), "S3 buckets block public access")
		wantTexts(t, "first seen", eval[[]string](p, `Array.from(document.querySelectorAll("#detail .facts dd")).slice(9, 10).map((e) => e.textContent)`), "2026-01-02 (71 days)")
		wantTexts(t, "links", eval[[]string](p, `Array.from(document.querySelectorAll("#detail .facts a")).map((e) => e.href)`),
			"https://console.aws.amazon.com/go/view?arn=arn%3Aaws%3As3%3Aeu-central-1%3A111111111111%3Abucket-4-waived")
	})

	t.Run("hostile names are text", func(t *testing.T) {
		p := open(t, b, rich(), "#findings?account=aws%2F222222222222&severity=critical")
		wantTexts(t, "resource", p.texts(resources), clean(hostile))
		p.do(chromedp.Click(chromedp.CSS("#row-0")))
		p.until(`!document.querySelector("#detail").hidden`)
		for _, view := range []string{"overview", "coverage", "policies", "about", "findings?group=resource"} {
			p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#` + view + `"`))
		}
		if n := eval[int](p, `document.querySelectorAll("img, iframe, object, [onerror]").length`); n != 0 {
			t.Errorf("%d elements came out of a name", n)
		}
		wantTexts(t, "links that leave", eval[[]string](p, `Array.from(new Set(Array.from(document.querySelectorAll("a[href]")).map((a) => a.protocol))).sort()`), "file:")
	})

	t.Run("a run without findings does not look like one that passed", func(t *testing.T) {
		p := open(t, b, blind(), "")
		wantTexts(t, "heading", p.texts("#overview-h"), "Nothing was found to fail in what could be read, which is not everything")
		p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#findings"`))
		p.until(`!document.querySelector("#none").hidden`)
		wantTexts(t, "list", p.texts("#none"), "There are no findings. That says nothing about what could not be read: see Coverage.")
	})

	t.Run("whatever can be operated has a name, and no id is there twice", func(t *testing.T) {
		run := watched()
		p := open(t, b, run, "#findings?id="+run.Findings[0].Fingerprint)
		wantTexts(t, "without a name", eval[[]string](p, `Array.from(document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']"))
			.filter((e) => !e.hidden && !(e.textContent.trim() || e.getAttribute("aria-label") || e.labels && Array.from(e.labels).some((l) => l.textContent.trim())))
			.map((e) => e.outerHTML)`))
		wantTexts(t, "twice", eval[[]string](p, `Array.from(document.querySelectorAll("[id]")).map((e) => e.id).filter((id, i, all) => all.indexOf(id) !== i)`))
		wantTexts(t, "rows", eval[[]string](p, `Array.from(document.querySelectorAll("#list [role=row]")).map((e) => e.getAttribute("aria-rowindex"))`), "1", "2", "3", "4", "5")
	})

	t.Run("a theme is chosen and kept", func(t *testing.T) {
		p := open(t, b, clear(), "")
		light := `getComputedStyle(document.body).backgroundColor === "rgb(255, 255, 255)"`
		p.do(chromedp.Click(chromedp.CSS("#theme")))
		p.until(light)
		p.do(chromedp.Click(chromedp.CSS("#theme")))
		p.until("!(" + light + ")")
		// What a page keeps reaches the browser by another way than the next load of it, which
		// may be faster, and a page looks only once.
		kept := false
		for try := 0; try < 20 && !kept; try++ {
			p.do(chromedp.Navigate(p.url), chromedp.WaitReady(chromedp.CSS("html.ready")))
			kept = eval[bool](p, "!("+light+")")
		}
		if !kept {
			t.Error("the theme is not kept")
		}
		p.do(chromedp.Click(chromedp.CSS("#theme")))
		wantTexts(t, "theme", p.texts("#theme"), "Theme: system")
	})

	t.Run("what is printed has the selected findings", func(t *testing.T) {
		p := open(t, b, rich(), "#findings?state=unknown")
		p.do(chromedp.Evaluate[chromedp.Void](`window.dispatchEvent(new Event("beforeprint"))`))
		wantTexts(t, "rows", eval[[]string](p, `Array.from(document.querySelectorAll("#paper td:nth-child(5)")).map((e) => e.textContent)`), "unknown", "unknown", "unknown", "unknown")
		p.do(chromedp.Evaluate[chromedp.Void](`window.dispatchEvent(new Event("afterprint"))`))
		if n := eval[int](p, `document.querySelectorAll("#paper *").length`); n != 0 {
			t.Errorf("%d elements stay after printing", n)
		}
	})

	t.Run("scorecards draw what earlier runs counted, at any width, and say it in words", func(t *testing.T) {
		p := open(t, b, watched(), "#scorecards")
		wantTexts(t, "in words", p.texts(".trend > .sub"), "Passing: 40 % on 2 January 2026, 98 % now (+59 points).")
		wantTexts(t, "named", eval[[]string](p, `Array.from(document.querySelector(".plot svg").getAttribute("aria-labelledby").split(" ")).map((id) => document.getElementById(id).textContent)`),
			"Passing over 90 days", "Passing: 40 % on 2 January 2026, 98 % now (+59 points). The table below has the numbers.")
		p.do(chromedp.Click(chromedp.CSS(".trend summary")))
		wantTexts(t, "the numbers", p.texts(".trend td:nth-child(2)"), "98 %", "80 %", "0 %", "40 %")
		wantTexts(t, "changes", p.texts("#scorecards .plain tr td:nth-child(9)"), "-4", "+59", "+59", "+59")
		for _, width := range []int64{1400, 900, 390} {
			p.do(chromedp.EmulateViewport(width, 800))
			fits := eval[bool](p, `(() => {
				const plot = document.querySelector(".plot").getBoundingClientRect(), line = document.querySelector(".plot .l-good").getBoundingClientRect();
				const label = (name, at) => Math.abs(document.querySelector(name).getBoundingClientRect().top + 6 - at) < 16;
				const svg = document.querySelector(".plot svg").getBoundingClientRect();
				return document.documentElement.scrollWidth <= innerWidth && line.width > plot.width / 2 && plot.right <= innerWidth &&
					label(".y-most", svg.top) && label(".y-half", (svg.top + svg.bottom) / 2) && label(".y-none", svg.bottom);
			})()`)
			if !fits {
				t.Errorf("at a width of %d the trend does not fit, or its labels do not stand where they belong", width)
			}
		}
	})

	t.Run("only what is in view of 120,000 findings is drawn", func(t *testing.T) {
		p := open(t, b, huge(120_000), "#findings")
		wantTexts(t, "all", p.texts("#count"), "120,000 findings")
		p.do(chromedp.Focus(chromedp.CSS("#list")), chromedp.KeyEvent(kb.End))
		p.until(`document.querySelector("#row-119999") !== null`)
		if n := eval[int](p, `document.querySelectorAll(".list .row").length`); n < 10 || n > 120 {
			t.Errorf("%d rows are drawn", n)
		}
		inView := eval[bool](p, `(() => { const r = document.querySelector("#row-119999").getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight + 1; })()`)
		if !inView {
			t.Error("the last row is not in view")
		}
		p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#findings?group=account&q=orders"`))
		p.until(`document.querySelector("#count").textContent.endsWith("in 24 groups")`)
	})

	t.Run("browsers without decompression read it too", func(t *testing.T) {
		without := func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
			_, err := cdp.Call(ctx, target, cdpage.AddScriptToEvaluateOnNewDocument, cdpage.AddScriptToEvaluateOnNewDocumentParams{Source: "delete window.DecompressionStream"})
			return chromedp.Void{}, err
		}
		p := open(t, b, huge(5_000), "#findings", without)
		wantTexts(t, "all", p.texts("#count"), "5,000 findings")
		if eval[bool](p, `"DecompressionStream" in window`) {
			t.Error("the browser had decompression")
		}
	})
}
