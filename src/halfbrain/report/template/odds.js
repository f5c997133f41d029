// The chance that it works: beliefs, with the one step that is computed from what is shown; the same
// figures as Python's forecast/odds.py.

const COMPUTED = "compute";
const beliefs = () => byName(DATA.odds.beliefs, state.beliefs);

// A contender's steps in order, each with its chance; enough compute is a share of the draws.
function chain(beliefs, name, { samples, fits }) {
  const enough = samples.filter((flop) => flop <= DATA.budget).length / samples.length, own = beliefs.contenders[name], bears = DATA.odds.bears[name];
  const computed = { low: enough, high: enough, basis: "computed", bears: `enough in ${chanceText(enough)} of the draws of the estimate, which is no chance that it works` };
  return DATA.odds.branches.map((branch) => ({ ...branch, bears: branch.name === "runs" ? `the compute pays for ${scientific(fits.p50)} trainings` : bears[branch.name],
    ...(own[branch.name] || computed) }));
}

const chanceDraws = (step, key, n) => column({ ...step, shape: "fraction", streams: [[key, 1]] }, n, 0);

function oddsOf(beliefs, name, result, n = RESTING_DRAWS) {
  const steps = chain(beliefs, name, result), drawn = steps.map((step) => chanceDraws(step, step.key, n));
  const draws = Float64Array.from({ length: n }, (_, i) => drawn.reduce((product, each) => product * each[each.length > 1 ? i : 0], 1));
  // All on the same draws, so that equal intervals have equal parts.
  const variances = steps.map((step) => variance(chanceDraws(step, DATA.odds.key, n).map(Math.log)));
  const whole = variances.reduce((a, b) => a + b, 0);
  return { name, total: beliefs.totals[name], draws, works: spread(draws),
    steps: steps.map((step, i) => ({ ...step, ...spread(drawn[i]), share: variances[i] > 0 ? variances[i] / whole : null })) };
}

function variance(values) {
  const centre = mean(values);
  return mean(values.map((x) => (x - centre) ** 2));
}

// At least one of them: if all stand or fall together, and if each does on its own.
function atLeastOne(found) {
  const [one, ...others] = found.map(({ draws }) => draws);
  return { as_one: spread(one.map((p, i) => Math.max(p, ...others.map((each) => each[i])))),
    each_alone: spread(one.map((p, i) => 1 - others.reduce((none, each) => none * (1 - each[i]), 1 - p))) };
}

const allOdds = (beliefs, results, n) => CONTENDERS.filter(({ name }) => name in beliefs.contenders).map(({ name }) => oddsOf(beliefs, name, results[name], n));

window.halfbrain.odds = (state, beliefs, n) => {
  const found = allOdds(byName(DATA.odds.beliefs, beliefs), evaluate(state, n, 0), n);
  return { contenders: found.map((each) => ({ ...each, draws: null })), at_least_one: atLeastOne(found) };
};

// -- drawing -------------------------------------------------------------------------------------------

// Near a hundred as exactly as near nothing: 5.1, 99.6.
function chanceText(share) {
  if (share >= 1) return "100 %";
  const per = share >= 0.99 ? 100 - Number((100 * (1 - share)).toPrecision(1)) : Number((100 * share).toPrecision(2));
  return `${Number(per.toPrecision(10))} %`;
}

function chanceRange({ low, high }) {
  const [from, to] = [chanceText(low), chanceText(high)];
  return from === to ? from : `${from.replace(" %", "")} to ${to}`;
}

function chanceCell(key, { p5, p50, p95 }, text) {
  const bar = element("span", { class: "chance-bar", "aria-hidden": "true" }, element("i", {}), element("b", {}));
  bar.firstChild.style.left = `${100 * p5}%`;
  bar.firstChild.style.width = `${100 * Math.max(p95 - p5, 0)}%`;
  bar.lastChild.style.left = `${100 * p50}%`;
  return element("span", { class: "chance" }, opens(key, text), bar);
}

function oddsTable(found) {
  const titles = found.map(({ name }) => byName(CONTENDERS, name).title);
  const row = (head, cells, own = "") => element("tr", { class: own }, element("th", { scope: "row" }, ...head),
    ...cells.map((cell, i) => element("td", { class: found[i].name, "data-label": titles[i] }, cell)));
  const steps = DATA.odds.branches.map(({ name, about }, i) => row([capital(name), element("small", {}, about)],
    found.map((each) => chanceCell(`odds.${each.name}.${name}`, each.steps[i], `${chanceRange(each.steps[i])}${each.steps[i].basis === "computed" ? " of draws" : ""}`))));
  const product = row(["It works", element("small", {}, "all of these together, as these beliefs have it")], found.map((each) => chanceCell(`odds.${each.name}.works`, each.works,
    `${chanceText(each.works.p50)} (${chanceRange({ low: each.works.p5, high: each.works.p95 })})`)), "product");
  return element("table", { class: "odds" }, element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "step, given those above it"),
    ...found.map(({ name }, i) => element("th", { scope: "col", class: name }, element("span", { class: "swatch" }), titles[i])))), element("tbody", {}, ...steps, product));
}

// The step that makes most of the spread, and the one that takes most away.
function hangsOn({ name, steps, total }) {
  const most = (of) => {
    const largest = Math.max(...steps.map(of));
    return largest > 0 ? steps.filter((step) => of(step) === largest) : [];
  };
  const on = most(({ share }) => share || 0), taken = most((step) => 1 - median({ ...step, shape: "fraction" })), names = (list) => list.map((step) => step.name).join(", ");
  const title = byName(CONTENDERS, name).title;
  const whole = total ? ` Given as a total: ${chanceRange(total)}, “${total.quote}”` : "";
  if (!on.length) return `${title}: nothing here is uncertain${taken.length ? `; ${names(taken)} takes most away` : ""}.${whole}`;
  return `${title} hangs on ${names(on)} (${chanceText(on[0].share)} of the spread${on.length > 1 ? " each" : ""})${names(on) === names(taken) ? ", which also takes most away" : taken.length ? `; ${names(taken)} takes most away` : ""}.${whole}`;
}

function oddsSection(results) {
  const found = allOdds(beliefs(), results);
  at("odds").hidden = !found.length;
  if (!found.length) return;
  radios("beliefs", DATA.odds.beliefs, state.beliefs, (chosen) => {
    state.beliefs = chosen.name;
    oddsSection(results);
    writeAddress();
  });
  at("beliefs-about").textContent = beliefs().about;
  const { as_one, each_alone } = atLeastOne(found);
  keepingFocus(() => at("odds-told").replaceChildren(element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Chances" }, oddsTable(found)),
    ...found.map((each) => element("p", { class: "muted" }, hangsOn(each))),
    ...(found.length > 1 ? [element("p", { class: "muted" }, `At least one of them: ${chanceText(as_one.p50)} if all stand or fall together, ${chanceText(each_alone.p50)} if each stands on its own.`)] : [])));
}

// What a chance opens to: what was said, and what of ours bears on it.
function oddsNode(name, branch) {
  const { steps, works, total } = oddsOf(beliefs(), name, evaluate(state, RESTING_DRAWS, 0)[name]);
  const nodes = steps.map((step) => ({ ...step, name: `odds.${name}.${step.name}`, chance: true, figure: true, said: step }));
  return branch === "works" ? { chance: true, total, name: `odds.${name}.works`, about: "given all that stands below, each given those before it", operation: "*", parts: nodes, ...works }
    : nodes[steps.findIndex((step) => step.name === branch)];
}

function saidNotes({ quote, why, bears, basis }) {
  return [...(quote ? [element("p", { class: "quote" }, `“${quote}”`)] : []), element("p", { class: "node-note" }, `${capital(basis)}${why ? `: ${why}` : ""}`),
    ...(bears ? [element("p", { class: "node-note" }, `Of ours: ${bears}.`)] : [])];
}
