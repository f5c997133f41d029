// What is read rather than moved: the audit and the facts, the buttons, the theme.

// The slips first; the rest is a button away.
const verdictsShown = new Set(["differs"]);

function auditList() {
  const steps = DATA.audit.steps, kinds = ["agrees", "differs", "cannot be checked"];
  at("verdicts").replaceChildren(...kinds.map((kind) => element("button", { type: "button", class: `verdict ${kind.split(" ")[0]}`, "aria-pressed": verdictsShown.has(kind),
    onclick: () => { verdictsShown[verdictsShown.has(kind) ? "delete" : "add"](kind); auditList(); } },
  `${steps.filter((step) => step.verdict === kind).length} ${kind}`)));
  at("audit").replaceChildren(...steps.filter((step) => verdictsShown.has(step.verdict)).map(auditStep));
}

// What was mended gives other totals than the text's.
function mended() {
  const totals = Object.entries(DATA.audit.corrected).filter(([name]) => byName(DATA.contenders, name))
    .map(([name, { flop }]) => `${scientific(flop, 3)} FLOP for ${byName(DATA.contenders, name).title}`);
  at("mended").textContent = totals.length ? `With its slips mended it gives ${totals.join(" and ")}.` : "";
}

function auditStep(step) {
  const parts = [];
  if (step.recomputed !== null) {
    if (step.published !== null) parts.push(["says", "published"]);
    parts.push(["its inputs give", "recomputed"]);
    if (step.meant !== null && Math.abs(step.meant / step.recomputed - 1) > 1e-3) parts.push(["meant", "meant"]);
  }
  return element("li", {}, element("span", { class: `verdict ${step.verdict.split(" ")[0]}` }, verdictText(step)),
    element("div", {}, element("p", { class: "quote" }, `“${step.text}”`),
      ...(parts.length ? [element("p", { class: "numbers" }, ...parts.map(([name, key]) => element("span", {}, `${name} `, element("b", {}, opens(`audit.${step.id}.${key}`, scientific(step[key], 4))))))] : []),
      ...(step.why ? [element("p", { class: "why" }, step.why)] : [])));
}

function verdictText(step) {
  if (step.verdict !== "differs" || !step.ratio) return step.verdict;
  const ratio = Math.max(step.ratio, 1 / step.ratio);
  return ratio >= 1.1 ? `differs ${scientific(ratio, 3)} times` : `differs by ${(100 * (ratio - 1)).toPrecision(1)} %`;
}

function factsList() {
  const words = at("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = DATA.facts.filter((fact) => {
    const text = `${fact.name} ${fact.note || ""} ${sourceNames(fact)}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  at("count").textContent = `${found.length} of ${DATA.facts.length}`;
  const groups = Map.groupBy ? Map.groupBy(found, (fact) => fact.name.split(".")[0])
    : found.reduce((map, fact) => map.set(fact.name.split(".")[0], [...(map.get(fact.name.split(".")[0]) || []), fact]), new Map());
  at("facts").replaceChildren(...[...groups].map(([name, facts]) => {
    const details = element("details", {}, element("summary", {}, name.replaceAll("_", " "), element("small", {}, String(facts.length))));
    const fill = () => { if (details.open && details.children.length === 1) details.append(element("dl", {}, ...facts.flatMap(factEntry))); };
    details.addEventListener("toggle", fill);
    details.open = words.length > 0;
    fill();
    return details;
  }));
}

function factEntry(fact) {
  const name = element("code", {}, fact.name.split(".").slice(1).join("."));
  return [element("dt", {}, element("b", {}, figureText(fact)), ` ${fact.unit === "dimensionless" ? "" : fact.unit} `, name),
    element("dd", {}, ...restsOn(fact))];
}

function buttons() {
  at("reset").addEventListener("click", () => { state.inputs = {}; all(); writeAddress(); });
  at("link").addEventListener("click", async () => {
    writeAddress();
    const link = location.href.split("#")[0] + address();
    try {
      await navigator.clipboard.writeText(link);
      at("link").textContent = "Copied";
    } catch {
      prompt("The link", link);
    }
    setTimeout(() => { at("link").textContent = "Copy a link to this state"; }, 1500);
  });
  at("download").addEventListener("click", () => {
    const results = evaluate(state, RESTING_DRAWS);
    for (const name in results) delete results[name].samples;
    const text = JSON.stringify({ state, version: DATA.version, seed: DATA.seed, draws: RESTING_DRAWS, results }, null, 1);
    const link = element("a", { download: "halfbrain.json", href: URL.createObjectURL(new Blob([text], { type: "application/json" })) });
    link.click();
    URL.revokeObjectURL(link.href);
  });
  at("theme").addEventListener("click", () => {
    const dark = getComputedStyle(document.documentElement).getPropertyValue("--dark").trim() === "1";
    document.documentElement.dataset.theme = dark ? "light" : "dark";
  });
  at("search").addEventListener("input", factsList);
  // Paper has nothing to click, so all is opened.
  addEventListener("beforeprint", () => {
    document.querySelectorAll("#assumptions details").forEach((details) => { details.open = true; });
    paperTrees();
  });
  let resizing = 0;
  addEventListener("resize", () => { clearTimeout(resizing); resizing = setTimeout(() => render(), 100); });
  addEventListener("hashchange", () => { readAddress(); all(); });
}

at("colophon").textContent = `halfbrain ${DATA.version}. ${RESTING_DRAWS.toLocaleString("en")} draws, seed ${DATA.seed}${RESTING_DRAWS === DATA.all_samples ? "; the same numbers as in the terminal" : `, the first of the terminal’s ${DATA.all_samples.toLocaleString("en")}`}. Training runs after Epoch AI (CC BY).`;
readAddress();
buttons();
auditList();
mended();
factsList();
all();
