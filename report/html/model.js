// The findings, as columns of numbers beside lists of texts.

const STATES = ["failing", "waived", "baseline", "warning", "unknown", "pass", "not_applicable"];
const STATE_NAMES = ["Failing", "Waived", "In the baseline", "Only a warning", "Unknown", "Passed", "Not applicable"];
const NOBODY = "(nobody)", NONE = "(none)";

// readData resolves to what the page's data element holds.
async function readData(element) {
  const text = element.textContent, encoding = element.dataset.encoding;
  element.textContent = "";
  if (encoding === "json") return JSON.parse(text);
  const bytes = fromBase64(text);
  if (typeof DecompressionStream === "undefined") return JSON.parse(new TextDecoder().decode(inflate(bytes)));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

function fromBase64(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const binary = atob(text), bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

// modelOf makes the columns that filters and lists go through.
function modelOf(data) {
  const n = data.prints.length, m = data.ids.length;
  const column = (columns, name, length) => new Int32Array(columns[name] || length);
  const wide = (columns, name, length) => new Float64Array(columns[name] || length);
  const resources = {}, findings = {};
  for (const name of ["account", "type", "region", "place", "keeper"]) resources[name] = column(data.resources, name, m);
  for (const name of ["verdict", "severity", "category", "policy", "resource", "owner", "message", "path", "cure", "change", "cause", "excuse", "waiver", "warning", "status", "reopened"]) findings[name] = column(data.findings, name, n);
  for (const name of ["cents", "first", "since"]) findings[name] = wide(data.findings, name, n);

  const through = (own) => findings.resource.map((resource) => own[resource]);
  findings.account = through(resources.account);
  findings.type = through(resources.type);
  findings.region = through(resources.region);
  findings.state = new Int32Array(n);
  for (let i = 0; i < n; i++) findings.state[i] = findings.verdict[i] === 0 ? findings.excuse[i] : findings.verdict[i] + 3;
  const providers = Array.from(new Set(data.accounts.map((a) => a[0])));
  const providerOf = data.accounts.map((a) => providers.indexOf(a[0]));
  findings.provider = findings.account.map((account) => providerOf[account]);

  const same = (list, empty) => list.map((text) => text === "" ? empty : text);
  const facet = (key, title, keys, names) => ({ key: key, title: title, keys: keys, names: names || keys, column: findings[key], index: new Map(keys.map((k, i) => [k, i])) });
  const facets = [
    facet("severity", "Severity", data.severities),
    facet("state", "State", STATES, STATE_NAMES),
    facet("status", "History", data.statuses, same(data.statuses, NONE).map((s) => s.replace("_", " "))),
    facet("change", "Change", data.changes, same(data.changes, NONE)),
    facet("category", "Category", data.categories),
    facet("owner", "Owner", data.owners, same(data.owners, NOBODY)),
    facet("provider", "Provider", providers),
    facet("account", "Account", data.accounts.map((a) => a[0] + "/" + a[1]), accountNames(data.accounts)),
    facet("region", "Region", data.regions, same(data.regions, "(global)")),
    facet("policy", "Policy", data.policies.map((p) => p[0]), data.policies.map((p) => p[1] || p[0])),
    facet("type", "Resource type", data.types),
    facet("cause", "Cause", data.causes, same(data.causes, NONE)),
  ];
  const model = { data: data, n: n, resources: resources, findings: findings, facets: facets, byPrint: null, lower: new Map(), orders: new Map() };
  model.hasHistory = data.findings.status !== undefined;
  model.hasCost = data.findings.cents !== undefined;
  return model;
}

// accountNames are what people call the accounts, with the id where others have the name.
function accountNames(accounts) {
  const names = accounts.map((a) => a[2] || a[1]), times = new Map();
  for (const name of names) times.set(name, (times.get(name) || 0) + 1);
  return names.map((name, i) => times.get(name) > 1 && name !== accounts[i][1] ? name + " (" + accounts[i][1] + ")" : name);
}

// resourceName is what a person calls a resource.
function resourceName(model, resource) {
  return model.data.names[resource] || model.data.ids[resource];
}

// findByPrint returns the finding with the fingerprint, -1 if there is none.
function findByPrint(model, print) {
  if (!model.byPrint) model.byPrint = new Map(model.data.prints.map((p, i) => [p, i]));
  const i = model.byPrint.get(print);
  return i === undefined ? -1 : i;
}

// stateText says in a few words how a finding stands.
function stateText(model, i) {
  const f = model.findings, state = STATES[f.state[i]];
  if (state === "unknown") return "unknown";
  if (state !== "failing") return STATE_NAMES[f.state[i]].toLowerCase();
  return (f.status[i] && model.data.statuses[f.status[i]]) || (f.change[i] && model.data.changes[f.change[i]]) || "failing";
}

function formatNumber(n) {
  return String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

function counted(n, one, many) {
  return formatNumber(n) + " " + (n === 1 ? one : many || one + "s");
}
