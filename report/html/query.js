// What the reader asks for, and which findings that are.

const GROUPS = ["", "severity", "policy", "owner", "account", "resource", "cause", "category", "region"];
const GROUP_NAMES = ["nothing", "severity", "policy", "owner", "account", "resource", "cause", "category", "region"];
const SORTS = ["", "newest", "oldest", "cost", "resource"];
const SORT_NAMES = ["worst first", "newest first", "oldest first", "most costly first", "by resource"];

// parseFragment reads "#findings?severity=high&owner=web&group=policy&q=text&id=...".
function parseFragment(fragment, model) {
  const [view, rest] = (fragment.replace(/^#/, "") || "overview").split("?", 2);
  const query = { q: "", group: "", sort: "", id: "", filters: {} };
  const given = new URLSearchParams(rest || "");
  for (const facet of model.facets) {
    const values = given.getAll(facet.key);
    if (values.length) query.filters[facet.key] = values;
  }
  query.q = given.get("q") || "";
  query.id = given.get("id") || "";
  if (GROUPS.includes(given.get("group"))) query.group = given.get("group");
  if (SORTS.includes(given.get("sort"))) query.sort = given.get("sort");
  return { view: view, query: query };
}

function fragmentOf(query, model) {
  const out = new URLSearchParams();
  for (const facet of model.facets) for (const v of query.filters[facet.key] || []) out.append(facet.key, v);
  for (const key of ["q", "group", "sort", "id"]) if (query[key]) out.set(key, query[key]);
  const text = out.toString();
  return "#findings" + (text ? "?" + text : "");
}

// select returns the findings that fit, in order, and for each facet how many there would
// be of each value if this facet did not filter.
function select(model, query) {
  const active = [], counts = model.facets.map((f) => new Int32Array(f.keys.length));
  model.facets.forEach((facet, at) => {
    const wanted = query.filters[facet.key];
    if (!wanted) return;
    const allowed = new Uint8Array(facet.keys.length);
    for (const key of wanted) if (facet.index.has(key)) allowed[facet.index.get(key)] = 1;
    active.push({ at: at, allowed: allowed, column: facet.column });
  });
  const fits = textFilter(model, query.q), order = orderOf(model, query.sort);
  const rows = new Int32Array(model.n);
  let found = 0;
  for (let k = 0; k < model.n; k++) {
    const i = order ? order[k] : k;
    if (fits && !fits(i)) continue;
    let misses = 0, missed = 0;
    for (const a of active) {
      if (!a.allowed[a.column[i]]) {
        missed = a.at;
        if (++misses > 1) break;
      }
    }
    if (misses > 1) continue;
    if (misses === 1) {
      counts[missed][model.facets[missed].column[i]]++;
      continue;
    }
    rows[found++] = i;
    for (let f = 0; f < counts.length; f++) counts[f][model.facets[f].column[i]]++;
  }
  return { rows: rows.slice(0, found), counts: counts };
}

// textFilter returns what says whether a finding holds every word, null for no words. A
// word is looked for once in each text, however many findings share it.
function textFilter(model, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return null;
  const d = model.data, f = model.findings;
  const lower = (name, make) => {
    if (!model.lower.has(name)) model.lower.set(name, make().map((t) => t.toLowerCase()));
    return model.lower.get(name);
  };
  const lists = [
    [f.message, lower("message", () => d.messages)],
    [f.policy, lower("policy", () => d.policies.map((p) => p[0] + "\n" + p[1]))],
    [f.resource, lower("resource", () => d.ids.map((id, i) => id + "\n" + d.names[i] + "\n" + d.places[model.resources.place[i]]))],
    [f.owner, lower("owner", () => d.owners)],
    [f.account, lower("account", () => d.accounts.map((a) => a.join("\n")))],
    [f.type, lower("type", () => d.types)],
    [f.region, lower("region", () => d.regions)],
    [f.path, lower("path", () => d.paths)],
    [f.cure, lower("cure", () => d.cures.map((c) => c.join("\n")))],
    [f.waiver, lower("waiver", () => d.waivers.map((w) => w.join("\n")))],
  ];
  const tests = words.map((word) => {
    const hits = [];
    for (const [column, texts] of lists) {
      const flags = new Uint8Array(texts.length);
      let any = false;
      for (let i = 0; i < texts.length; i++) if (texts[i].includes(word)) { flags[i] = 1; any = true; }
      if (any) hits.push([column, flags]);
    }
    return (i) => hits.some(([column, flags]) => flags[column[i]] === 1) || (word.length > 7 && d.prints[i].startsWith(word));
  });
  return (i) => tests.every((test) => test(i));
}

// orderOf returns all findings in the order, null for that in which they come.
function orderOf(model, sort) {
  if (!sort) return null;
  if (!model.orders.has(sort)) {
    const f = model.findings, never = Number.MAX_SAFE_INTEGER;
    const compare = {
      newest: (a, b) => f.first[b] - f.first[a],
      oldest: (a, b) => (f.first[a] || never) - (f.first[b] || never),
      cost: (a, b) => f.cents[b] - f.cents[a],
      resource: (a, b) => {
        const x = resourceName(model, f.resource[a]), y = resourceName(model, f.resource[b]);
        return x < y ? -1 : x > y ? 1 : 0;
      },
    }[sort];
    const order = Int32Array.from({ length: model.n }, (_, i) => i);
    order.sort((a, b) => compare(a, b) || a - b);
    model.orders.set(sort, order);
  }
  return model.orders.get(sort);
}

// groupRows splits the findings by what the query groups by, the worst group first. Each
// group counts its findings by severity; what is unknown and what else there is follows.
function groupRows(model, rows, by) {
  const column = model.findings[by], groups = new Map(), f = model.findings;
  const facet = model.facets.find((x) => x.key === by);
  for (const i of rows) {
    let g = groups.get(column[i]);
    if (!g) {
      const value = column[i];
      g = { value: value, key: facet ? facet.keys[value] : String(value), name: facet ? facet.names[value] : resourceName(model, value), rows: [], counts: [0, 0, 0, 0, 0, 0] };
      groups.set(value, g);
    }
    g.rows.push(i);
    g.counts[f.verdict[i] === 0 ? f.severity[i] : f.verdict[i] === 1 ? 4 : 5]++;
  }
  return Array.from(groups.values()).sort((a, b) => {
    for (let k = 0; k < 5; k++) if (a.counts[k] !== b.counts[k]) return b.counts[k] - a.counts[k];
    return b.rows.length - a.rows.length || (a.name < b.name ? -1 : 1);
  });
}
