// The page: sections, filters, and what the keyboard does.

const $ = (id) => document.getElementById(id);
const FEW = 7; // values of a facet that are shown at once
const MOST = 300; // and when all are asked for: there can be one for each resource

function setTheme() {
  const button = $("theme"), themes = ["system", "light", "dark"];
  let now = "system";
  try { now = localStorage.getItem("metsuke-theme") || now; } catch (_) { /* not allowed in a file of some browsers */ }
  const apply = () => {
    if (now === "system") delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = now;
    button.textContent = "Theme: " + now;
  };
  button.addEventListener("click", () => {
    now = themes[(themes.indexOf(now) + 1) % themes.length];
    try { localStorage.setItem("metsuke-theme", now); } catch (_) { /* it holds until the page is closed */ }
    apply();
  });
  button.hidden = false;
  if (!themes.includes(now)) now = "system";
  apply();
}

// showView shows one section. A fragment that is within one, such as that of a policy,
// opens it there.
function showView(name) {
  const views = Array.from(document.querySelectorAll(".view"));
  let target = document.getElementById(name), view = target && target.closest(".view");
  if (!view) view = target = $("overview");
  for (const v of views) v.hidden = v !== view;
  for (const a of document.querySelectorAll(".views a")) {
    if (a.hash === "#" + view.id) {
      a.setAttribute("aria-current", "page");
      a.parentElement.scrollLeft = a.offsetLeft - a.parentElement.offsetLeft - 40; // where not all fit
    } else a.removeAttribute("aria-current");
  }
  if (target !== view) {
    if (target.tagName === "DETAILS") target.open = true;
    target.scrollIntoView();
  }
  return view.id;
}

function start(model) {
  const covered = window.matchMedia("(max-width: 640px)");
  const app = { model: model, query: null, found: null, open: new Set(), shown: -1, folds: [] };
  const list = makeList($("list"), $("head"), $("rows"), (item, i) => item < 0 ? drawGroup(-1 - item) : drawRow(item, i));

  function drawRow(i, at) {
    const d = model.data, f = model.findings, r = f.resource[i], account = d.accounts[f.account[i]], place = d.places[model.resources.place[r]], region = d.regions[f.region[i]];
    const where = place || (account[2] || account[1]) + (region ? " · " + region : "");
    return el("div", { class: "row" + (f.excuse[i] ? " excused" : ""), role: "row", "aria-level": app.groups ? "2" : null, onclick: () => { list.at = at; openFinding(i, false); } },
      el("span", { role: "gridcell" }, el("span", { class: "sev s-" + d.severities[f.severity[i]], text: d.severities[f.severity[i]] })),
      el("span", { role: "gridcell", class: "two" }, el("span", { class: "line", text: d.messages[f.message[i]] || d.policies[f.policy[i]][1] }), el("span", { class: "line dim", text: d.policies[f.policy[i]][1] || d.policies[f.policy[i]][0] })),
      el("span", { role: "gridcell", class: "two" }, el("span", { class: "line", text: resourceName(model, r) }), el("span", { class: "line dim", text: where })),
      el("span", { role: "gridcell", class: "line who", text: d.owners[f.owner[i]] || NOBODY }),
      el("span", { role: "gridcell", class: "st t-" + STATES[f.state[i]], text: stateText(model, i) }));
  }
  function drawGroup(g) {
    const group = app.groups[g], open = app.open.has(group.key), marks = el("span", { role: "gridcell", class: "marks" });
    group.counts.forEach((n, k) => {
      if (n) marks.append(el("span", { class: "mini " + (k < 4 ? "s-" + model.data.severities[k] : k === 4 ? "s-unknown" : "s-other"), text: formatNumber(n) + " " + (k < 4 ? model.data.severities[k] : k === 4 ? "unknown" : "other") }));
    });
    return el("div", { class: "row group", role: "row", "aria-expanded": String(open), "aria-level": "1", onclick: () => fold(g) },
      el("span", { role: "gridcell", class: "line name" }, el("span", { class: "caret", "aria-hidden": "true", text: open ? "▾" : "▸" }), " " + group.name),
      marks, el("span", { role: "gridcell", class: "n", text: formatNumber(group.rows.length) }));
  }
  function fold(g) {
    const key = app.groups[g].key;
    if (app.open.has(key)) app.open.delete(key); else app.open.add(key);
    layout(app.headers[g]);
  }
  // layout puts the findings, or the groups and what is open of them, into the list.
  function layout(at) {
    const by = app.query.group;
    $("list").setAttribute("role", by ? "treegrid" : "grid");
    $("folds").hidden = !by;
    if (!by) {
      app.groups = null;
      list.show(app.found.rows, at);
      return;
    }
    const items = [];
    app.headers = [];
    app.groups.forEach((group, g) => {
      app.headers[g] = items.length;
      items.push(-1 - g);
      if (app.open.has(group.key)) for (const i of group.rows) items.push(i);
    });
    $("folds").textContent = app.open.size ? "Close all" : "Open all";
    list.show(items, at);
  }

  // apply selects what the query asks for and shows it.
  function apply() {
    const query = app.query;
    app.found = select(model, query);
    app.groups = query.group ? groupRows(model, app.found.rows, query.group) : null;
    if (app.groupedBy !== query.group) app.open.clear();
    app.groupedBy = query.group;
    const n = app.found.rows.length;
    $("count").textContent = (n === model.n ? counted(n, "finding") : formatNumber(n) + " of " + counted(model.n, "finding")) + (app.groups ? " in " + counted(app.groups.length, "group") : "");
    $("none").hidden = n > 0;
    $("list").hidden = n === 0;
    $("head").hidden = n === 0 || Boolean(query.group);
    $("none").textContent = model.n ? "Nothing matches. Take away a filter." : "There are no findings. That says nothing about what could not be read: see Coverage.";
    if ($("search").value !== query.q) $("search").value = query.q;
    $("group").value = query.group;
    $("sort").value = query.sort;
    drawFacets();
    drawChips();
    const open = query.id ? findByPrint(model, query.id) : -1;
    if (open >= 0 && app.groups) for (const g of app.groups) if (g.rows.includes(open)) app.open.add(g.key);
    layout(-1);
    if (open >= 0 && list.items.indexOf(open) >= 0) list.go(list.items.indexOf(open));
    showFinding(query.id);
  }
  // change takes a new query from the reader, and writes it into the address.
  function change(part) {
    Object.assign(app.query, part);
    const fragment = fragmentOf(app.query, model);
    try { history.replaceState(null, "", fragment); } catch (_) { location.hash = fragment; }
    apply();
  }
  function toggle(key, value) {
    const filters = Object.assign({}, app.query.filters), now = filters[key] || [];
    const next = now.includes(value) ? now.filter((v) => v !== value) : now.concat(value);
    if (next.length) filters[key] = next; else delete filters[key];
    change({ filters: filters });
  }

  function drawChips() {
    const chips = [];
    for (const facet of model.facets) {
      for (const value of app.query.filters[facet.key] || []) {
        const at = facet.index.get(value), name = at === undefined ? value || NONE : facet.names[at];
        chips.push(el("li", {}, el("button", { type: "button", class: "chip", "aria-label": "Take away: " + facet.title + " " + name, onclick: () => toggle(facet.key, value) }, facet.title + ": " + name, el("span", { "aria-hidden": "true", text: " ×" }))));
      }
    }
    $("chips").replaceChildren(...chips);
    $("clear").hidden = !chips.length && !app.query.q;
    $("active").textContent = chips.length ? String(chips.length) : "";
  }

  // The facets are made once; the counts and the marks of their values change.
  const facetNodes = model.facets.map((facet, at) => {
    const total = new Int32Array(facet.keys.length);
    for (let i = 0; i < model.n; i++) total[facet.column[i]]++;
    const order = Array.from(total.keys()).filter((v) => total[v] > 0);
    if (facet.keys !== model.data.severities && facet.key !== "state") order.sort((a, b) => total[b] - total[a]);
    const box = el("fieldset", { class: "facet" }, el("legend", { text: facet.title }));
    const find = el("input", { type: "search", class: "facet-find", placeholder: "Find", "aria-label": "Find in " + facet.title, hidden: true });
    const values = el("div", { class: "values" }), more = el("button", { type: "button", class: "quiet small", hidden: true });
    const node = { box: box, order: order, nodes: new Map(), all: false };
    find.addEventListener("input", () => drawFacet(at));
    more.addEventListener("click", () => { node.all = !node.all; find.hidden = !node.all || order.length < 20; if (find.hidden) find.value = ""; drawFacet(at); });
    box.append(find, values, more);
    Object.assign(node, { find: find, values: values, more: more });
    const single = order.length < 2 && !(facet.key === "severity" || facet.key === "state");
    box.hidden = single;
    $("facets").append(box);
    return node;
  });
  function drawFacet(at) {
    const facet = model.facets[at], node = facetNodes[at], counts = app.found.counts[at], wanted = app.query.filters[facet.key] || [];
    const word = node.find.value.toLowerCase(), most = node.all ? MOST : FEW;
    let left = 0, shown = 0, before = null;
    for (const v of node.order) {
      const on = wanted.includes(facet.keys[v]);
      const visible = on || (shown < most && (!word || facet.names[v].toLowerCase().includes(word) || facet.keys[v].toLowerCase().includes(word)));
      let entry = node.nodes.get(v);
      if (!visible) {
        left++;
        if (entry) {
          entry.label.hidden = true;
          before = entry.label;
        }
        continue;
      }
      shown++;
      if (!entry) {
        const box = el("input", { type: "checkbox", name: facet.key, value: facet.keys[v], onchange: () => toggle(facet.key, facet.keys[v]) }), n = el("span", { class: "n" });
        entry = { label: el("label", { title: facet.names[v] === facet.keys[v] ? facet.names[v] : facet.names[v] + " (" + facet.keys[v] + ")" }, box, el("span", { class: "line", text: facet.names[v] }), n), box: box, n: n };
        node.nodes.set(v, entry);
        if (before) before.after(entry.label); else node.values.prepend(entry.label);
      }
      before = entry.label;
      entry.label.hidden = false;
      entry.box.checked = on;
      entry.n.textContent = formatNumber(counts[v]);
      entry.label.classList.toggle("zero", counts[v] === 0);
    }
    node.find.placeholder = node.order.length > MOST ? "Find in " + formatNumber(node.order.length) : "Find";
    node.more.hidden = !node.all && left === 0;
    node.more.textContent = node.all ? "Show fewer" : formatNumber(left) + " more";
    if (node.all && node.order.length <= FEW) node.more.hidden = true;
  }
  function drawFacets() {
    model.facets.forEach((_, at) => { if (!facetNodes[at].box.hidden) drawFacet(at); });
  }

  function showFinding(print) {
    const panel = $("detail"), i = print ? findByPrint(model, print) : -1;
    app.shown = i;
    document.body.classList.toggle("with-detail", i >= 0);
    if (i < 0) {
      panel.hidden = true;
      panel.replaceChildren();
    } else drawDetail(panel, model, i, { close: closeFinding, before: () => step(-1), after: () => step(1) });
    cover();
    list.redraw();
  }
  // cover keeps the keyboard out of what the panel covers, on a window no wider than it.
  function cover() {
    for (const e of document.querySelectorAll(".skip, .top, #findings")) e.inert = covered.matches && !$("detail").hidden;
  }
  function openFinding(i, focus) {
    app.query.id = model.data.prints[i];
    try { history.replaceState(null, "", fragmentOf(app.query, model)); } catch (_) { /* the panel opens all the same */ }
    showFinding(app.query.id);
    if (focus || covered.matches) $("detail-h").focus();
  }
  function closeFinding() {
    app.query.id = "";
    try { history.replaceState(null, "", fragmentOf(app.query, model)); } catch (_) { /* see above */ }
    showFinding("");
    $("list").focus({ preventScroll: true });
  }
  // step opens the finding before or after the one that is open.
  function step(by) {
    const inside = $("detail").contains(document.activeElement) && document.activeElement.id;
    let at = list.items.indexOf(app.shown);
    do at += by; while (at >= 0 && at < list.items.length && list.items[at] < 0);
    if (at < 0 || at >= list.items.length) return;
    list.go(at);
    openFinding(list.items[at], false);
    if (inside && $(inside)) $(inside).focus();
  }

  function keys(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const item = list.items[list.at];
    const go = { ArrowDown: list.at + 1, j: list.at + 1, ArrowUp: list.at - 1, k: list.at - 1, Home: 0, End: list.items.length - 1, PageDown: list.at + list.page(), PageUp: list.at - list.page() }[event.key];
    if (go !== undefined) list.go(go);
    else if (item === undefined) return;
    else if (event.key === "Enter" || event.key === " ") { if (item < 0) fold(-1 - item); else openFinding(item, true); }
    else if (item < 0 && (event.key === "ArrowRight") !== app.open.has(app.groups[-1 - item].key) && (event.key === "ArrowRight" || event.key === "ArrowLeft")) fold(-1 - item);
    else return;
    event.preventDefault();
  }

  function route() {
    const parsed = parseFragment(location.hash, model);
    app.query = parsed.query;
    const view = showView(parsed.view);
    $("detail").hidden = true;
    document.body.classList.remove("with-detail");
    cover();
    if (view === "findings") apply();
  }

  for (const [select_, keysOf, names] of [[$("group"), GROUPS, GROUP_NAMES], [$("sort"), SORTS, SORT_NAMES]]) {
    keysOf.forEach((key, i) => {
      if ((key === "newest" || key === "oldest") && !model.hasHistory || key === "cost" && !model.hasCost) return;
      select_.append(el("option", { value: key, text: names[i] }));
    });
  }
  let typing = 0;
  $("search").addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(() => change({ q: $("search").value.trim(), id: "" }), model.n > 20000 ? 150 : 30); });
  $("group").addEventListener("change", () => change({ group: $("group").value }));
  $("sort").addEventListener("change", () => change({ sort: $("sort").value }));
  $("clear").addEventListener("click", () => { change({ filters: {}, q: "" }); $("search").focus(); });
  $("folds").addEventListener("click", () => {
    if (app.open.size) app.open.clear(); else for (const g of app.groups) app.open.add(g.key);
    layout(-1);
  });
  $("list").tabIndex = 0;
  $("list").addEventListener("keydown", keys);
  $("list").addEventListener("focus", () => { if (list.at < 0 && list.items.length) { list.at = 0; list.schedule(); } });
  document.addEventListener("keydown", (event) => {
    const typed = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "Escape" && app.shown >= 0 && !$("detail").hidden) closeFinding();
    else if (event.key === "/" && !typed && !event.ctrlKey && !event.metaKey && !$("findings").hidden) { event.preventDefault(); $("search").focus(); }
  });
  window.addEventListener("beforeprint", () => {
    if (!app.found) app.found = select(model, app.query);
    for (const d of document.querySelectorAll("#facets details")) d.open = false;
    drawPaper($("paper"), model, app.found.rows);
  });
  window.addEventListener("afterprint", () => $("paper").replaceChildren());
  window.addEventListener("hashchange", route);
  covered.addEventListener("change", cover);
  if (window.matchMedia("(min-width: 900px)").matches) $("filters").open = true;
  // The fragment says what is shown, so the link to the content may not change it.
  document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); $("main").focus(); });
  $("app").hidden = false;
  document.documentElement.classList.add("ready");
  route();
}

setTheme();
showView(location.hash.slice(1).split("?")[0]);
$("wait").hidden = false;
// What is in the page already is drawn first.
requestAnimationFrame(() => setTimeout(() => {
  readData($("data")).then((data) => start(modelOf(data))).catch((error) => {
    $("broken").hidden = false;
    $("broken").textContent = "The findings could not be shown: " + error.message + ". The JSON report has them all.";
  }).finally(() => { $("wait").hidden = true; });
}));
