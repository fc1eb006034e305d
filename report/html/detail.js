// The panel about one finding.

// webLink returns what a reader may follow: only https.
function webLink(text) {
  try {
    const u = new URL(text);
    return u.protocol === "https:" && !u.username ? u.href : "";
  } catch (_) {
    return "";
  }
}

// resourceLink is a page about the resource, "" where none is known.
function resourceLink(id) {
  if (id.startsWith("arn:aws:")) return "https://console.aws.amazon.com/go/view?arn=" + encodeURIComponent(id);
  return webLink(id);
}

function day(seconds) {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

function daysAgo(model, seconds) {
  const days = Math.floor((model.data.time - seconds) / 86400);
  return day(seconds) + (days > 0 ? " (" + counted(days, "day") + ")" : "");
}

async function copyText(text, button) {
  let done = false;
  try {
    await navigator.clipboard.writeText(text);
    done = true;
  } catch (_) {
    const area = el("textarea", { class: "sr", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    try { done = document.execCommand("copy"); } catch (_) { done = false; }
    area.remove();
    button.focus();
  }
  const before = button.dataset.name || button.textContent;
  button.dataset.name = before;
  button.textContent = done ? "Copied" : "Not copied";
  setTimeout(() => { button.textContent = before; }, 1500);
}

function copyButton(name, text) {
  const b = el("button", { type: "button", class: "quiet small", text: name });
  b.addEventListener("click", () => copyText(text, b));
  return b;
}

// facts lists names and values; those without a value are left out.
function facts(pairs) {
  const list = el("dl", { class: "facts" });
  for (const [name, value] of pairs) {
    if (value === "" || value === null || value === undefined) continue;
    list.append(el("dt", { text: name }), el("dd", {}, value));
  }
  return list;
}

function historyFacts(model, i) {
  const f = model.findings;
  if (!f.status[i]) return [];
  return [
    ["History", model.data.statuses[f.status[i]].replace("_", " ")],
    ["First seen", f.first[i] ? daysAgo(model, f.first[i]) : ""],
    ["So since", f.since[i] ? daysAgo(model, f.since[i]) : ""],
    ["Came back", f.reopened[i] ? counted(f.reopened[i], "time") : ""],
  ];
}

function excuseFacts(model, i) {
  const f = model.findings, w = model.data.waivers[f.waiver[i]];
  if (f.excuse[i] === 0) return [];
  if (f.excuse[i] === 2) return [["Not counting", "it is in the baseline"]];
  if (f.excuse[i] === 3) return [["Not counting", "its policy only warns until " + model.data.warnings[f.warning[i]]]];
  const ticket = webLink(w[2]);
  return [
    ["Waived until", w[3]], ["Reason", w[0]], ["Approver", w[1]],
    ["Ticket", w[2] && ticket ? el("a", { href: ticket, target: "_blank", rel: "noreferrer noopener", text: w[2] }) : w[2]], ["Written in", w[4]],
  ];
}

// drawDetail fills the panel. What the policy says is taken from its section.
function drawDetail(panel, model, i, actions) {
  const d = model.data, f = model.findings, r = f.resource[i];
  const account = d.accounts[f.account[i]], policy = d.policies[f.policy[i]], id = d.ids[r], link = resourceLink(id), cure = d.cures[f.cure[i]];
  const heading = el("h2", { id: "detail-h", tabindex: "-1", text: d.messages[f.message[i]] || policy[1] });
  const bar = el("div", { class: "detail-bar" },
    el("button", { type: "button", class: "quiet", id: "detail-before", text: "Previous", onclick: actions.before }),
    el("button", { type: "button", class: "quiet", id: "detail-after", text: "Next", onclick: actions.after }),
    copyButton("Copy link", location.href.split("#")[0] + "#findings?id=" + encodeURIComponent(d.prints[i])),
    el("button", { type: "button", class: "quiet close", id: "detail-close", text: "Close", onclick: actions.close }));
  const state = stateText(model, i);
  const head = el("p", { class: "marks" },
    el("span", { class: "sev s-" + d.severities[f.severity[i]], text: d.severities[f.severity[i]] }), " ",
    el("span", { class: "st t-" + STATES[f.state[i]], text: state }), " ",
    el("span", { class: "dim", text: d.categories[f.category[i]] }));
  const unknown = STATES[f.state[i]] === "unknown"
    ? el("p", { class: "warning" }, "This is neither a pass nor a fail: " + (cure[0] ? "what decides could not be read (" + cure[0] + ")." : "what decides could not be read.") + (cure[1] ? " Cure: " + cure[1] + "." : ""))
    : null;
  const about = facts([
    ["Resource", resourceName(model, r)],
    ["Id", el("span", {}, el("code", { text: id }), " ", copyButton("Copy", id))],
    ["Page", link ? el("a", { href: link, target: "_blank", rel: "noreferrer noopener", text: "Open in the console" }) : ""],
    ["Type", el("code", { text: d.types[f.type[i]] })],
    ["Account", account[0] + " " + (account[2] && account[2] !== account[1] ? account[2] + " (" + account[1] + ")" : account[1])],
    ["Region", d.regions[f.region[i]]],
    ["Owner", d.owners[f.owner[i]] || NOBODY],
    ["Written in", d.places[model.resources.place[r]]],
    ["Cause", d.causes[f.cause[i]]],
    ["Kept by", d.keepers[model.resources.keeper[r]]],
    ["Attribute", d.paths[f.path[i]] ? el("code", { text: d.paths[f.path[i]] }) : ""],
    ["Plan", d.changes[f.change[i]]],
    ["Saving", f.cents[i] ? "$" + (f.cents[i] / 100).toFixed(2) + " a month" : ""],
    ...historyFacts(model, i), ...excuseFacts(model, i),
    ["Fingerprint", el("code", { text: d.prints[i] })],
  ]);
  const text = document.querySelector("#policy-" + f.policy[i] + " .text");
  const rule = el("section", { class: "rule", "aria-label": "Policy" }, el("h3", { text: policy[1] || policy[0] }), el("p", {}, el("code", { text: policy[0] })));
  if (text) {
    const own = text.cloneNode(true);
    own.querySelectorAll(".go").forEach((e) => e.remove());
    own.querySelectorAll("pre").forEach((pre) => pre.before(copyButton("Copy", pre.textContent)));
    rule.append(own);
  }
  panel.replaceChildren(bar, head, heading, ...(unknown ? [unknown] : []), about, rule);
  panel.setAttribute("aria-labelledby", "detail-h");
  panel.hidden = false;
  panel.scrollTop = 0;
}
