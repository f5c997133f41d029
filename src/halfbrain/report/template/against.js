// Two scenarios side by side: what is shown against another preset, and the inputs that make the
// difference; the same figures as Python's forecast/difference.py.

const LEAST_FACTOR = 1.005; // a factor that is worth a line

// The names that values are worked out from, and their own; what is set outright hides what is behind
// it, and what is switched off has no place in a sum.
function namesBehind(contender, counting, values, outright = {}) {
  const steps = contender.steps[counting], found = new Set(), names = values.map((value) => `${contender.name}.${value}`);
  const behind = (name) => (name in outright ? { ...outright[name], figure: true } : steps[name] ? steps[name].formula : {});
  const zero = (formula) => {
    const { figure, low, high, operation, parts } = typeof formula === "string" ? behind(formula) : formula;
    if (figure) return low === 0 && high === 0;
    return operation === "*" ? parts.some(zero) : operation === "/" ? zero(parts[0]) : operation === "+" && parts.every(zero);
  };
  const on = ({ operation, parts }) => (operation === "+" && !parts.every(zero) ? parts.filter((part) => !zero(part)) : parts || []);
  const within = (formula) => (typeof formula === "string" ? [formula] : on(formula).flatMap(within));
  while (names.length) {
    const name = names.pop();
    if (found.has(name)) continue;
    found.add(name);
    if (steps[name] && !(name in outright)) names.push(...within(steps[name].formula));
  }
  return found;
}

const countingOf = (contender, counting) => (contender.machine_time ? counting : "operations");

function differenceOf(contender, here, there, n = RESTING_DRAWS) {
  const [one, other] = [here, there].map(figures);
  const [counting, theirs] = [here, there].map(({ preset }) => countingOf(contender, byName(DATA.presets, preset).counting));
  const key = `${contender.name}.flop`;
  const flopOf = (inputs, way) => spread(samplesOf(contender, way, relevant(contender, inputs), n, [key])[key]);
  const over = (a, b) => (b > 0 ? a / b : a === 0 ? 1 : Infinity);
  const own = flopOf(one, counting).p50, flop = flopOf(other, theirs), heard = namesBehind(contender, counting, ["flop"], one);
  const bearing = new Set(Object.keys(contender.steps).flatMap((way) => [...namesBehind(contender, way, ["flop", "memory", "bytes_moved"])]));
  const alike = (a, b) => a && b && ["low", "high", "shape"].every((end) => a[end] === b[end]);
  const reasons = [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((name) => bearing.has(name) && !alike(one[name], other[name])).map((name) => {
    const { [name]: mine, ...swapped } = one;
    // Drawn as mine, so that the interval alone makes the difference.
    if (other[name]) swapped[name] = { ...other[name], streams: (mine || other[name]).streams };
    return { name, here: mine, there: other[name], factor: heard.has(name) ? over(own, flopOf(swapped, counting).p50) : 1 };
  });
  const size = ({ factor }) => Math.abs(Math.log(factor || 5e-324));
  return { flop, ratio: over(own, flop.p50), counting: counting === theirs ? 1 : over(own, flopOf(one, theirs).p50),
    reasons: reasons.sort((a, b) => size(b) - size(a)) };
}

window.halfbrain.difference = (here, there, contender, n) => differenceOf(byName(CONTENDERS, contender), here, there, n);

// -- drawing -----------------------------------------------------------------------------------------

const matters = ({ factor }) => factor <= 1 / LEAST_FACTOR || factor >= LEAST_FACTOR;
const timesText = (ratio) => (Number.isFinite(ratio) ? `× ${scientific(ratio)}` : "–");
const otherState = () => ({ preset: state.against, inputs: {} });

function againstTable(found, results) {
  const head = ["contender", "FLOP here", "FLOP there", "here over there", "mostly by"];
  return element("table", { class: "cards-of-rows" }, element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)))),
    element("tbody", {}, ...CONTENDERS.map((contender) => {
      const { flop, ratio, counting, reasons } = found[contender.name], key = `${contender.name}.flop`;
      const most = [...(counting === 1 ? [] : [`way of counting ${timesText(counting)}`]),
        ...reasons.filter(matters).map(({ name, factor }) => `${inner(inputTitle(name))} ${timesText(factor)}`)].slice(0, 2).join(", ");
      const cells = [opens(key, scientific(results[contender.name].flop.p50)), opens(`there:${key}`, scientific(flop.p50)), timesText(ratio), most || "–"];
      return element("tr", { class: contender.name }, element("th", { scope: "row" }, element("span", { class: "swatch" }), contender.title),
        ...cells.map((cell, i) => element("td", { "data-label": head[i + 1] }, cell)));
    })));
}

function againstReasons(contender, { counting, reasons }) {
  const shown = reasons.filter(matters), idle = reasons.length - shown.length, number = (key, figure) => (figure ? opens(key, figureText(figure)) : "–");
  const rows = shown.map(({ name, here, there, factor }) => [inputTitle(name), number(name, here), number(`there:${name}`, there), timesText(factor), unitText(DATA.settings[name].unit)]);
  if (counting !== 1) rows.unshift(["Way of counting", ...[state.preset, state.against].map((preset) => byName(DATA.presets, preset).counting), timesText(counting), ""]);
  if (!rows.length) return [];
  return [element("details", { class: contender.name }, element("summary", {}, element("span", { class: "swatch" }), contender.title, element("small", {}, "input by input")),
    measuredTable(["input", "here", "there", "FLOP", "unit"], rows, `${contender.title}: input by input`),
    element("p", { class: "muted" }, `${idle ? `${idle} more ${idle === 1 ? "differs" : "differ"} and change the FLOP by less than half a percent. ` : ""}`
      + "Each factor is of one input alone; where inputs act together, factors need not multiply to the ratio."))];
}

function againstSection(results) {
  const other = byName(DATA.presets, state.against || "");
  at("against").hidden = !other;
  if (!other) return;
  const found = Object.fromEntries(CONTENDERS.map((contender) => [contender.name, differenceOf(contender, state, otherState())]));
  at("against-title").textContent = `Against “${other.title}”`;
  const open = new Set([...document.querySelectorAll("#against-told details[open]")].map((details) => details.className));
  keepingFocus(() => at("against-told").replaceChildren(
    element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Two scenarios" }, againstTable(found, results)),
    ...CONTENDERS.flatMap((contender) => againstReasons(contender, found[contender.name]))));
  for (const details of document.querySelectorAll("#against-told details")) details.open = open.has(details.className);
}

function againstChoice() {
  const choice = at("against-choice");
  choice.replaceChildren(element("option", { value: "" }, "nothing"), ...DATA.presets.map(({ name, title }) => element("option", { value: name }, title)));
  choice.value = state.against;
  choice.onchange = () => { state.against = choice.value; all(); writeAddress(); };
}
