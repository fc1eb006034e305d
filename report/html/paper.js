// What is printed: the findings that are selected, as a table that breaks into pages.

// A browser prints no more rows in good time.
const PRINTED = 2000;

function drawPaper(paper, model, rows) {
  const d = model.data, f = model.findings, body = el("tbody");
  for (const i of rows.subarray(0, PRINTED)) {
    const r = f.resource[i], place = d.places[model.resources.place[r]];
    const account = d.accounts[f.account[i]], region = d.regions[f.region[i]];
    body.append(el("tr", {},
      el("td", { text: d.severities[f.severity[i]] }),
      el("td", {}, d.messages[f.message[i]] || d.policies[f.policy[i]][1], el("span", { class: "dim", text: d.policies[f.policy[i]][0] })),
      el("td", {}, resourceName(model, r), el("span", { class: "dim", text: place || (account[2] || account[1]) + (region ? ", " + region : "") })),
      el("td", { text: d.owners[f.owner[i]] || NOBODY }),
      el("td", { text: stateText(model, i) })));
  }
  const head = el("tr", {});
  for (const name of ["Severity", "Finding", "Resource", "Owner", "State"]) head.append(el("th", { scope: "col", text: name }));
  const left = rows.length - PRINTED;
  paper.replaceChildren(
    el("p", { text: rows.length === model.n ? counted(model.n, "finding") + "." : counted(rows.length, "finding") + " of " + formatNumber(model.n) + ", as selected." }),
    el("table", { class: "plain" }, el("caption", { class: "sr", text: "Findings" }), el("thead", {}, head), body));
  if (left > 0) paper.append(el("p", { text: formatNumber(left) + " more are not printed; select fewer, or use the CSV report." }));
}
