// The panel that a number opens to: its tree, with what each input rests on.

const panel = at("panel");

// A number that can be opened; `key` names it: a contender's value, a fact, or a line of the audit.
function opens(key, text) {
  return element("button", { type: "button", class: "number", "data-opens": key, "aria-haspopup": "dialog" }, text);
}

// -- words -----------------------------------------------------------------------------------------

const TITLES = { learning_over_running: "Times dearer while it learns", run_year: "FLOP for a year", run_flop_per_bio_second: "FLOP per second of life, once trained",
  run_memory: "Memory, once trained", run_bytes_per_bio_second: "Bytes moved per second of life, once trained", with_runs: "FLOP with the runs that it may take",
  fits: "Times in PaLM + 12 orders", largest: "Largest brain", budget: "Budget", flop: "FLOP", memory: "Memory",
  flop_per_bio_second: "FLOP per second of life", flop_per_neuron_second: "FLOP per neuron and second" };

function nodeTitle({ name, term, ...node }) {
  if (term) return inputTitle(term);
  if (!name) return capital(formulaWords(node));
  const last = name.split(".").pop(), run = name.match(/^training_runs\.(.*)\.compute$|\.over\.(.*)$/);
  if (run) return run[1] ? `${byName(DATA.training_runs, run[1]).title}’s training` : `Over ${byName(DATA.training_runs, run[2]).title}`;
  if (Object.hasOwn(TITLES, last)) return TITLES[last];
  return inputTitle(name);
}

const capital = (text) => text && text[0].toUpperCase() + text.slice(1);
const inner = (title) => (/^[A-Z][a-z]/.test(title) && !/^(GPT|PaLM)/.test(title) ? title[0].toLowerCase() + title.slice(1) : title);
const SIGNS = { "+": " + ", "-": " − ", "*": " × ", "/": " / " };

// What is taken away stands last: 'epochs − 1', '1 − learning'.
function sumWords(parts, word) {
  const negative = (part) => (part.number ? part.p50 < 0 : part.operation === "*" && part.parts[0].number && part.parts[0].p50 === -1);
  const positive = (part) => (part.number ? scientific(-part.p50, 4) : part.parts.slice(1).map(word).join(SIGNS["*"]));
  const added = parts.filter((part) => !negative(part)).map(word), taken = parts.filter(negative).map(positive);
  return [added.join(SIGNS["+"]), ...taken].join(SIGNS["-"]);
}

// 'steps per second × FLOP per update + firing rate × …'
function formulaWords({ operation, parts, exponent }) {
  const word = (part) => {
    if (part.number) return scientific(part.p50, 4);
    if (part.name || part.term) return inner(nodeTitle(part));
    const words = formulaWords(part);
    return (operation !== "+" && part.operation === "+") || (operation === "/" && part.operation === "*" && part !== parts[0]) ? `(${words})` : words;
  };
  if (operation === "+") return sumWords(parts, word);
  if (operation === "**") return `${word(parts[0])} to the power ${exponent}`;
  if (operation === "log10") return `orders of magnitude of ${word(parts[0])}`;
  return parts.map(word).join(SIGNS[operation]);
}

function valueText({ p5, p50, p95, unit, chance }) {
  if (chance) return [element("b", {}, chanceText(p50)), p5 < p95 ? ` (${chanceRange({ low: p5, high: p95 })})` : ""];
  const digits = p5 === undefined || scientific(p5) === scientific(p95) ? 4 : 2; // ends that read alike are one number
  return [element("b", {}, scientific(p50, digits)), digits === 2 ? ` (${scientific(p5)} to ${scientific(p95)})` : "", ` ${unitText(unit)}`.trimEnd()];
}

function sourceLinks(figure) {
  return (figure.sources || []).flatMap((key, i) => {
    const [name, title, link] = DATA.sources[key];
    const node = /^https?:/.test(link) ? element("a", { href: link, title, rel: "noopener" }, name) : element("span", { title }, name);
    return i ? ["; ", node] : [node];
  });
}

// What a figure rests on: its sources, how sure they are, and what is to be said.
function restsOn(figure) {
  const links = sourceLinks(figure);
  if (figure.confidence === "user" || !figure.confidence) return [figure.confidence ? ownNote(figure) : "Set by you."];
  return [...(links.length ? links : [{ counted: "Counted", measured: "Measured here" }[figure.confidence] || ""]),
    figure.where ? `${links.length || figure.confidence === "counted" ? ", " : ""}${figure.where}` : "", ` [${figure.confidence}]`, figure.note ? `. ${figure.note}` : ""];
}

// -- the tree ----------------------------------------------------------------------------------------

function treeNode(node, shown) {
  const again = node.name && shown.has(node.name);
  if (node.name) shown.add(node.name);
  const head = [element("span", { class: "node-name" }, nodeTitle(node)), element("span", { class: "node-value" }, ...valueText(node))];
  if (again) return element("li", { class: "node" }, ...head, element("span", { class: "node-note" }, "as above"));
  if (node.figure || !node.parts) return element("li", { class: "node leaf" }, ...head, ...leafNotes(node));
  const inside = element("details", {}, element("summary", {}, ...head),
    element("p", { class: "node-note" }, node.name || node.term ? `= ${formulaWords(node)}` : ""), branches(node, shown));
  inside.open = true;
  return element("li", { class: "node" }, inside);
}

// Plain numbers stand in the formula.
function branches({ parts }, shown) {
  return element("ul", { class: "tree" }, ...parts.filter((part) => !part.number).map((part) => treeNode(part, shown)));
}

function leafNotes(node) {
  if (node.said) return [element("p", { class: "node-note" }, `${capital(node.about)}.`), ...saidNotes(node.said)];
  if (!node.figure) return [];
  const runs = Object.entries(node.runs || {}).map(([name, value]) => `${name} ${scientific(value, 4)}`).join(", ");
  const slider = document.querySelector(`.control[data-name="${node.name}"]`);
  return [element("p", { class: "node-note" }, node.about ? `${capital(node.about)}. ` : "", ...restsOn(node), runs ? ` In each run: ${runs}.` : "",
    ...(slider ? [" ", element("button", { type: "button", class: "to-slider", onclick: () => { panel.close(); openControl(node.name); } }, "To its slider")] : []))];
}

// The steps of a tree in lines, each once, for paper.
function treeLines(node, shown) {
  if (node.figure || !node.parts || shown.has(nodeTitle(node))) return [];
  shown.add(nodeTitle(node));
  const own = node.name || node.term ? [[nodeTitle(node), formulaWords(node), node]] : [];
  return own.concat(node.parts.flatMap((part) => treeLines(part, shown)));
}

function paperTrees() {
  at("worked-out").replaceChildren(...CONTENDERS.flatMap((contender) => {
    const shown = new Set(), lines = ["flop", "memory"].flatMap((value) => treeLines(treeOf(state, contender, `${contender.name}.${value}`), shown));
    return [element("h3", {}, contender.title), element("table", { class: contender.name }, element("tbody", {}, ...lines.map(([title, words, node]) =>
      element("tr", {}, element("th", { scope: "row" }, title), element("td", {}, ...valueText(node)), element("td", {}, `= ${words}`)))))];
  }));
}

// -- what a key names ----------------------------------------------------------------------------------

function fromFact(name) {
  const fact = byName(DATA.facts, name);
  return { ...fact, p5: fact.low, p50: median(fact), p95: fact.high, figure: true };
}

function fromAudit(tree) {
  const fact = tree.name && byName(DATA.facts, tree.name);
  return { ...(fact || {}), ...(fact ? { figure: true } : {}), ...tree, ...(tree.parts ? { parts: tree.parts.map(fromAudit) } : {}) };
}

// A published estimate of a whole brain's rate, as the ladder has it: half of it, through this life.
function throughLife(fact) {
  const life = treeOf(state, CONTENDERS[0], "training_seconds"), rate = fromFact(fact);
  const half = { number: true, name: "0.5", p50: HALF, unit: "dimensionless" };
  return { operation: "*", unit: "FLOP", parts: [half, rate, life], p50: HALF * rate.p50 * bioSeconds(figures(state)) };
}

// {title, own, node} of a key: what it is, whose colour it has, and its tree in the state that is shown, or `there`.
function opened(key, shown = state) {
  const on = key.match(/^with:(\w+):(.*)$/); // with what is left out switched on
  if (on) return opened(on[2], switchedOnState(state, on[1]));
  if (key.startsWith("there:")) return opened(key.slice("there:".length), otherState());
  const [table, item, figure] = key.split(".");
  if (table === "odds") return { title: byName(CONTENDERS, item).title, own: item, node: oddsNode(item, figure) };
  if (table === "audit") return { title: byId(item).text, node: fromAudit(DATA.audit_trees[item][figure]) };
  const contender = ROWS.find(({ name }) => key.startsWith(`${name}.`));
  if (contender) return { title: contender.title, own: contender.under || contender.name, node: treeOf(shown, contender, key) };
  if (table === "estimates") {
    const { title } = DATA.estimates.find(({ name, kind }) => name === item && kind === figure);
    return { title, node: figure === "rate" ? throughLife(key) : fromFact(key) };
  }
  if (table === "training_runs") return { title: byName(DATA.training_runs, item).title, node: fromFact(key) };
  const fact = byName(DATA.facts, key);
  if (fact) return { title: capital(`${item} ${inner(inputTitle(figure))}`.replaceAll("-", " ")), node: fromFact(key) };
  return { title: "The question", node: treeOf(state, CONTENDERS[0], key) };
}

const byId = (id) => DATA.audit.steps.find((step) => step.id === id);

// -- the panel -----------------------------------------------------------------------------------------

let opener = { host: "", key: "" };

function openPanel(key, from) {
  const { title, own = "", node } = opened(key);
  opener = { host: from.closest("[id]").id, key };
  tip.hidden = true;
  const { about } = node, shown = new Set([node.name]), heading = node.name || node.term ? nodeTitle(node) : "";
  panel.className = own;
  panel.replaceChildren(
    element("header", {}, element("h2", { id: "panel-title" }, ...(own ? [element("span", { class: "swatch" })] : []), title),
      element("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => panel.close() }, "×")),
    element("div", { class: "panel-body", tabindex: "0", role: "region", "aria-labelledby": "panel-title" },
      element("p", { class: "panel-name" }, heading && about && !node.figure ? `${heading}: ${about}` : heading),
      element("p", { class: "panel-value" }, ...valueText(node)),
      ...(node.parts && !node.figure ? [element("p", { class: "panel-formula" }, `= ${formulaWords(node)}`),
        branches(node, shown)] : leafNotes(node))));
  panel.showModal();
  panel.querySelector(".panel-body").focus();
}

// What is drawn anew takes the place of what had the focus.
function refocus({ host, key }) {
  document.getElementById(host)?.querySelector(`[data-opens="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

function keepingFocus(draw) {
  const own = document.activeElement?.closest("[data-opens]"), place = own && { host: own.closest("[id]").id, key: own.dataset.opens };
  draw();
  if (own && !own.isConnected) refocus(place);
}

function panels() {
  addEventListener("click", (event) => {
    const from = event.target.closest?.("[data-opens]");
    if (from) openPanel(from.dataset.opens, from);
    else if (event.target === panel) panel.close(); // beside it
  });
  addEventListener("keydown", (event) => {
    const from = event.target.closest?.("g[data-opens]");
    if (!from || !["Enter", " "].includes(event.key)) return;
    event.preventDefault();
    openPanel(from.dataset.opens, from);
  });
  panel.addEventListener("close", () => { if (document.activeElement === document.body) refocus(opener); });
}

window.halfbrain.tree = (state, contender, value, n) => treeOf(state, byName(ROWS, contender), value, n);
panels();
