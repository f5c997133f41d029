// The page: state, calculation, and what is drawn from them.

const DATA = JSON.parse(document.getElementById("data").textContent);
// Each figure stands once; presets have its place.
for (const preset of DATA.presets) for (const name in preset.inputs) preset.inputs[name] = DATA.figures[preset.inputs[name]];
// Few draws while a slider moves, as many as in the terminal when it rests.
const DRAWS = 4000, RESTING_DRAWS = DATA.samples, SOBOL_DRAWS = 2048, HALF = 0.5;
const OUTPUTS = ["flop", "flop_per_neuron_second", "flop_per_bio_second", "memory", "bytes_moved",
  "run_flop_per_bio_second", "run_bytes_per_bio_second", "run_memory"];
const CONTENDERS = DATA.contenders.filter((contender) => DATA.shown.includes(contender.name));
// Each with its alternatives beneath it, such as other rules of learning.
const ROWS = CONTENDERS.flatMap((contender) => [contender, ...contender.alternatives]);
const byName = (list, name) => list.find((entry) => entry.name === name);

// -- calculation ---------------------------------------------------------------------------------

// Every input of a state: the preset's, with [low, high] pairs over them, and what each is drawn by.
function figures(state) {
  const preset = byName(DATA.presets, state.preset), out = { ...preset.inputs }, set = state.inputs || {};
  // What was counted, but follows from an input that is set, follows from that.
  for (const [name, { confidence }] of Object.entries(out)) {
    if (confidence === "counted" && (DATA.settings[name].from || []).some((input) => input in set)) delete out[name];
  }
  for (const [name, [low, high]] of Object.entries(set)) {
    out[name] = { low, high, shape: isShare(name) ? "fraction" : "lognormal", unit: DATA.settings[name].unit };
  }
  return withStreams(out, preset.ties, DATA.keys);
}

// The inputs that a row's formulas can name: the question's, its own, and what is set outright.
// An alternative shares some of what it is an alternative of.
function relevant({ name: row, under, inputs: own }, inputs) {
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => !name.includes(".") || own.includes(name)
    || name.startsWith(`${row}.`) || (under && name.startsWith(`${under}.`))));
}

// Rows share inputs, and so their draws.
const columnsDrawn = new WeakMap();
function drawn(figure, n, repeat) {
  const known = columnsDrawn.get(figure);
  if (known && known.n === n && known.repeat === repeat) return known.values;
  const values = column(figure, n, repeat);
  columnsDrawn.set(figure, { n, repeat, values });
  return values;
}

function columnsOf(inputs, n, repeat) {
  return Object.fromEntries(Object.entries(inputs).map(([name, figure]) => [name, drawn(figure, n, repeat)]));
}

// How large a brain is asked for, with what of it is worked out and not set.
function withWorkedOut(inputs) {
  const [contender] = CONTENDERS, names = DATA.worked_out.filter((name) => !inputs[name]);
  const drawn = samplesOf(contender, "operations", relevant(contender, inputs), DRAWS, names);
  return { ...inputs, ...Object.fromEntries(names.map((name) => {
    const { p5, p95 } = spread(drawn[name]), { unit, from } = DATA.settings[name];
    return [name, { low: p5, high: p95, shape: "lognormal", unit, confidence: "computed", note: `From ${from.join(" and ")}, if it is not set.` }];
  })) };
}

// Whether what is set outright hides an input.
function hidden(name, inputs) {
  const over = Object.keys(DATA.settings).filter((other) => !other.includes(".") && (DATA.settings[other].from || []).includes(name));
  return over.length > 0 && over.every((other) => inputs[other]);
}

function resultsOf({ name, terms }) {
  return OUTPUTS.concat(terms.map((term) => `term.${term}`)).map((output) => `${name}.${output}`).concat("neurons");
}

function samplesOf(contender, counting, inputs, n, names = resultsOf(contender)) {
  const columns = columnsOf(inputs, n, 0), certain = Object.values(columns).every((each) => each.length === 1);
  const draws = certain ? 1 : n, out = {};
  for (const name of names) {
    out[name] = new Float64Array(draws);
  }
  MODEL[contender.name][counting](columns, draws, out);
  return out;
}

function sensitivity(contender, counting, inputs, n) {
  const model = MODEL[contender.name][counting], key = `${contender.name}.flop`;
  const run = (columns) => {
    const flop = new Float64Array(n);
    model(columns, n, { [key]: flop });
    return flop.map(Math.log10);
  };
  const a = columnsOf(inputs, n, 0), b = columnsOf(inputs, n, 1);
  const used = [...namesBehind(contender, counting, ["flop"], inputs)].filter((name) => inputs[name]);
  const groups = dependent(used.filter((name) => a[name].length > 1), inputs);
  const swapped = (names) => Object.fromEntries(names.map((name) => [name, b[name]]));
  if (!groups.length) return [];
  const rows = [run(a), ...groups.map((names) => run({ ...a, ...swapped(names) })), run(b)];
  return sobolIndices(rows).map((index, i) => ({ name: groups[i].join(" with "), names: groups[i], ...index }))
    .sort((p, q) => q.index - p.index || (p.name < q.name ? -1 : 1));
}

// All results of a state: {preset, inputs: {name: [low, high]}}. The same figures as Python's.
function evaluate(state, n = DRAWS, sobolDraws = SOBOL_DRAWS) {
  const inputs = figures(state), counting = byName(DATA.presets, state.preset).counting, out = {};
  for (const contender of ROWS) {
    const own = relevant(contender, inputs), samples = samplesOf(contender, counting, own, n);
    const of = (name) => samples[`${contender.name}.${name}`];
    const result = Object.fromEntries(OUTPUTS.map((name) => [name, spread(of(name))]));
    result.terms = Object.fromEntries(contender.terms.map((term) => [term, spread(of(`term.${term}`))]));
    result.sensitivity = sobolDraws ? sensitivity(contender, counting, own, sobolDraws) : [];
    result.samples = of("flop");
    const fits = result.samples.map((flop) => DATA.budget / flop), { neurons } = samples;
    result.fits = spread(fits);
    result.largest = spread(neurons.length > 1 ? neurons.map((each, i) => each * fits[i % fits.length]) : fits.map((times) => times * neurons[0]));
    const [runs, many] = [own.runs, withStreams({ runs: DATA.runs_it_may_take }, [], DATA.keys).runs].map((figure) => column(figure, n, 0));
    result.with_runs = spread(many.map((times, i) => result.samples[i % result.samples.length] / runs[i % runs.length] * times));
    const learning = of("flop_per_bio_second"), running = of("run_flop_per_bio_second");
    result.learning_over_running = spread(learning.map((flop, i) => flop / running[i]));
    const { seconds_per_year: year } = columnsOf({ seconds_per_year: own.seconds_per_year }, n, 0);
    result.run_year = spread(running.map((flop, i) => flop * year[i % year.length]));
    out[contender.name] = result;
  }
  return out;
}

window.halfbrain = { evaluate };

// -- drawing ---------------------------------------------------------------------------------------

const at = (id) => document.getElementById(id);
const KNOWN_RUNS = ["gpt-3", "palm", "gpt-4", "llama-3-1-405b", "gemini-1-0-ultra", "gpt-4-5", "grok-4"];
const median = ({ low, high, shape }) => {
  if (low === high) return low;
  if (shape !== "fraction") return Math.sqrt(low * high);
  const odds = Math.sqrt(low / (1 - low) * high / (1 - high));
  return odds / (1 + odds);
};
const orders = (flop, run) => Math.log10(flop / median(byName(DATA.training_runs, run)));
const signed = (x, digits = 1) => (Number.isFinite(x) ? `${Math.abs(x) < 0.5 * 10 ** -digits ? "" : x < 0 ? "−" : "+"}${Math.abs(x).toFixed(digits)}` : "–");
// Published estimates that keep their label where room is short.
const KNOWN_ESTIMATES = ["sandberg-bostrom-spiking", "sandberg-bostrom-electrophysiology", "sandberg-bostrom-metabolome",
  "sandberg-bostrom-proteome", "carlsmith-overall", "moravec-1998", "kurzweil-upload", "cotra-genome"];

function besidePalm(flop) {
  const over = orders(flop, "palm"), size = Math.abs(over);
  if (!Number.isFinite(over)) return "no operations";
  if (size < 0.3) return "about PaLM’s training";
  return `${size.toFixed(size > 9.95 ? 0 : 1)} orders ${over > 0 ? "over" : "under"} PaLM’s training`;
}

function whoseFigures() {
  const own = state.preset === "ours" ? "With our figures" : `With the figures of “${byName(DATA.presets, state.preset).title}”`;
  const changes = Object.keys(state.inputs).length;
  return changes ? `${own}, ${changes} of them changed` : own;
}

// What is asked, as the terminal's first line has it.
function task(inputs) {
  const learns = inputs.learning.high > 0;
  const life = inputs.training_seconds ? `${figureText(inputs.training_seconds)} seconds of life` : `${figureText(inputs.years)} years of life`;
  const awake = inputs.training_seconds || inputs.awake_share.low === 1 ? "" : `, ${figureText(inputs.awake_share)} of them awake`;
  return { verb: learns ? "train" : "run", words: `to ${learns ? "train" : "run"} ${figureText(inputs.neurons)} neurons through ${life}${awake}` };
}

// The answer in a sentence, from the least contender to the most; then each of them.
function answer(results, inputs) {
  const { verb, words } = task(inputs);
  document.querySelectorAll(".task").forEach((node) => { node.textContent = verb; });
  document.title = `halfbrain: the compute to ${verb} half a neocortex`;
  const ranked = [...CONTENDERS].sort((a, b) => results[a.name].flop.p50 - results[b.name].flop.p50);
  const figure = ({ name }) => element("b", { class: `figure-of ${name}` }, opens(`${name}.flop`, `${scientific(results[name].flop.p50)} FLOP`));
  const beside = ({ name }) => besidePalm(results[name].flop.p50).replace(" orders ", " orders of magnitude ");
  const [least, most] = [ranked[0], ranked[ranked.length - 1]];
  const sentence = least === most ? [`, ${words} takes `, figure(most), ` for ${most.title}, ${beside(most)}.`]
    : [`, ${words} takes from `, figure(least), ` for ${least.title}, ${beside(least)}, to `, figure(most), ` for ${most.title}, ${beside(most).replace("PaLM’s training", "it")}.`];
  at("answer").replaceChildren(whoseFigures(), ...sentence);
  at("cards").replaceChildren(...CONTENDERS.map((contender) => {
    const { p5, p50, p95 } = results[contender.name].flop;
    return element("li", { class: contender.name }, element("span", { class: "card-title" }, element("span", { class: "swatch" }), contender.title),
      element("b", {}, opens(`${contender.name}.flop`, `${scientific(p50)} FLOP`)), element("span", {}, besidePalm(p50).replace("’s training", "")),
      element("span", {}, p95 > p5 ? `${scientific(p5)} to ${scientific(p95)}` : "no spread"));
  }));
}

function bioSeconds(inputs) {
  return inputs.training_seconds ? median(inputs.training_seconds)
    : median(inputs.years) * median(inputs.seconds_per_year) * median(inputs.awake_share);
}

function runMarks() {
  return DATA.training_runs.map((run) => ({ title: run.title, value: median(run), key: `training_runs.${run.name}.compute`, weight: KNOWN_RUNS.includes(run.name) ? 1 : 0,
    lines: [`${run.title}: ${scientific(median(run), 3)} FLOP`, run.low < run.high ? `90 % interval ${figureText(run)}` : "", sourceNames(run)].filter(Boolean) }));
}

function estimateMarks(inputs) {
  const seconds = bioSeconds(inputs);
  return DATA.estimates.map((estimate) => {
    const rate = estimate.kind === "rate", value = median(estimate) * (rate ? HALF * seconds : 1);
    const title = estimate.title.replace(/^Sandberg and Bostrom 2008/, "S&B");
    return { title, brief: title.replace(/^S&B: .*\((level \d+)\)$/, "S&B $1"), value, key: `estimates.${estimate.name}.${estimate.kind}`, weight: KNOWN_ESTIMATES.includes(estimate.name) ? 1 : 0,
      lines: [estimate.title, rate ? `${figureText(estimate)} FLOP/s for the whole; half of it through this life: ${scientific(value)} FLOP`
        : `${figureText(estimate)} FLOP in all`, sourceNames(estimate), estimate.note || ""].filter(Boolean) };
  });
}

function ladder(results, inputs, others) {
  const rows = CONTENDERS.map((contender) => ({ ...contender, samples: results[contender.name].samples, spread: results[contender.name].flop,
    there: others?.[contender.name].flop.p50, runs: results[contender.name].with_runs,
    alternatives: alternativesOf(contender, inputs).map((row) => ({ ...row, title: briefTitle(row), spread: results[row.name].flop })) }));
  const palm = median(byName(DATA.training_runs, "palm"));
  const span = { from: palm, to: DATA.budget, start: "PaLM", end: "PaLM + 12", title: `${Math.round(Math.log10(DATA.budget / palm))} orders of magnitude` };
  drawLadder(at("ladder"), rows, [{ title: "Training runs", kind: "run", marks: runMarks() },
    { title: "Published estimates", kind: "estimate", marks: estimateMarks(inputs) }], span);
  drawMini(at("mini"), rows, span);
}

function table(results, inputs) {
  const head = ["contender", "FLOP", "90 % interval", "FLOP/s in real time", "memory", "orders over GPT‑3", "orders over PaLM", "times in PaLM + 12 orders", "largest brain, neurons"];
  const keys = ["flop", "flop", "flop_per_bio_second", "memory", "over.gpt-3", "over.palm", "fits", "largest"];
  const rows = rowsShown(inputs).map((contender) => {
    const own = results[contender.name], { p5, p50, p95 } = own.flop;
    return element("tr", { class: rowClass(contender) }, rowHead(contender),
      ...[scientific(p50), p5 === p95 ? "no spread" : `${scientific(p5)} to ${scientific(p95)}`, scientific(own.flop_per_bio_second.p50), prefixed(own.memory.p50, "B"),
        signed(orders(p50, "gpt-3")), signed(orders(p50, "palm")), scientific(own.fits.p50), scientific(own.largest.p50)]
        .map((text, i) => element("td", { "data-label": head[i + 1] }, opens(`${contender.name}.${keys[i]}`, text))));
  });
  at("results").replaceChildren(element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)))),
    element("tbody", {}, ...rows));
}

function tornado(results) {
  at("tornado").replaceChildren(...CONTENDERS.map((contender) => {
    const entries = results[contender.name].sensitivity.filter((entry) => entry.index >= 0.005)
      .map((entry) => ({ names: entry.names, title: entry.names.map(inputTitle).join(" with "), total: entry.index, alone: entry.first_order }));
    return element("div", { class: contender.name }, element("h3", {}, element("span", { class: "swatch" }), contender.title),
      entries.length ? drawBars(entries, (entry) => openControl(entry.names[0])) : element("p", { class: "muted" }, "Nothing is uncertain here."));
  }));
}

// To the slider of an input, opening its group.
function openControl(name) {
  const box = document.querySelector(`.control[data-name="${name}"]`);
  if (!box) return;
  box.closest("details").open = true;
  box.scrollIntoView({ block: "center" });
  box.querySelector("input[type=range]").focus({ preventScroll: true });
}

function terms(results, inputs) {
  const counting = byName(DATA.presets, state.preset).counting;
  at("terms").replaceChildren(...CONTENDERS.map((contender) => {
    const own = results[contender.name].terms, sum = Object.values(own).reduce((total, term) => total + term.p50, 0);
    const idle = inputs[`${contender.name}.flop_per_neuron_second`] ? "This preset sets operations for each neuron and second outright: no cost terms."
      : counting === "machine-time" && contender.machine_time ? "Counted as a machine's peak times its seconds: no cost terms." : "";
    const share = (term) => (sum > 0 ? own[term].p50 / sum : 0);
    const costing = contender.terms.filter((term) => own[term].p95 > 0); // what is left out costs nothing
    const bar = element("div", { class: "stack" }, ...costing.map((term, i) => {
      const part = element("span", { class: `part part-${i}` });
      part.style.flexGrow = share(term);
      return explainable(part, [term, `${scientific(own[term].p50)} FLOP`, `${percent(share(term))} of the medians' sum`]);
    }));
    const legend = element("p", { class: "legend" }, ...costing.map((term, i) => element("span", {},
      element("i", { class: `part part-${i}` }), `${term} `, opens(`${contender.name}.term.${term}`, percent(share(term))))));
    return element("div", { class: contender.name }, element("h3", {}, element("span", { class: "swatch" }), contender.title),
      ...(idle ? [element("p", { class: "muted" }, idle)] : [bar, legend]));
  }));
}

function controlOf(name, inputs) {
  const { [name]: preset } = byName(DATA.presets, state.preset).inputs;
  return control(name, preset || inputs[name], inputs[name], name in state.inputs, change, unchange);
}

function assumptions(set) {
  const inputs = withWorkedOut(set);
  const preset = byName(DATA.presets, state.preset), open = new Set([...document.querySelectorAll("#assumptions details[open]")].map((d) => d.dataset.group));
  const build = (names) => names.filter((name) => inputs[name]).map((name) => controlOf(name, inputs));
  const group = (name, title, about, names) => {
    const details = element("details", { "data-group": name, class: name }, element("summary", {}, ...(name === "question" ? [] : [element("span", { class: "swatch" })]), title, element("small", {}, about)),
      element("div", { class: "controls" }, ...build(names)));
    details.open = name === "question" || open.has(name);
    return details;
  };
  const outright = Object.keys(inputs).filter((name) => !DATA.question.includes(name) && !DATA.contenders.some((c) => [c, ...c.alternatives].some((row) => row.inputs.includes(name))));
  const ofQuestion = DATA.question.filter((name) => !hidden(name, set));
  at("assumptions").replaceChildren(group("question", "The question", "shared by all contenders", ofQuestion.concat(outright.filter((name) => !name.includes(".")))),
    ...CONTENDERS.map((contender) => {
      // What was counted beside the inputs, such as bytes moved, has no bearing on operations.
      const own = outright.filter((name) => name.startsWith(`${contender.name}.`) && !["counted", "measured"].includes(inputs[name].confidence));
      const used = [...new Set([contender, ...contender.alternatives]
        .flatMap((row) => row.inputs.filter((name) => row.uses[preset.counting].includes(name) && !DATA.left_out.includes(name))))];
      const whole = own.includes(`${contender.name}.flop_per_neuron_second`);
      return group(contender.name, contender.title, contender.about, whole ? own : own.concat(used));
    }), group("left-out", "Left out", "each off at 0, on at 1; what it costs is our judgement", DATA.left_out));
  remarks();
}

function dependences(set) {
  const inputs = withWorkedOut(set);
  for (const name of DATA.worked_out.filter((each) => !set[each])) document.querySelector(`.control[data-name="${name}"]`)?.replaceWith(controlOf(name, inputs));
  at("dependence").textContent = dependence(inputs);
  for (const note of document.querySelectorAll(".control .tie")) note.textContent = tieText(note.closest(".control").dataset.name, inputs);
}

function show(results, inputs) {
  const others = state.against ? evaluate(otherState(), DRAWS, 0) : null;
  keepingFocus(() => {
    answer(results, inputs);
    ladder(results, inputs, others);
    table(results, inputs);
    lives(results, inputs);
    terms(results, inputs);
  });
}

let waiting = 0;
function render({ rebuild = false } = {}) {
  const inputs = figures(state), asked = withWorkedOut(inputs);
  show(evaluate(state, DRAWS, 0), asked);
  const changes = Object.keys(state.inputs).length;
  at("reset").disabled = !changes;
  at("reset").textContent = changes ? `Reset ${changes === 1 ? "one change" : `${changes} changes`}` : "Nothing changed";
  if (rebuild) assumptions(inputs);
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const results = evaluate(state, RESTING_DRAWS);
    show(results, asked);
    tornado(results);
    leftOutSection(inputs);
    againstSection(results);
    oddsSection(results);
    dependences(inputs);
  }, rebuild ? 30 : 200);
}

let frame = 0;
function change(name, ends) {
  const preset = byName(DATA.presets, state.preset).inputs[name];
  const same = preset && preset.low === ends[0] && preset.high === ends[1];
  if (same) delete state.inputs[name];
  else state.inputs[name] = ends;
  document.querySelector(`.control[data-name="${name}"]`)?.classList.toggle("changed", !same);
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(() => { render(); writeAddress(); });
}

function unchange(name) {
  delete state.inputs[name];
  all();
  writeAddress();
  document.querySelector(`.control[data-name="${name}"] input`)?.focus();
}

function choose(preset) {
  state.preset = preset.name;
  state.inputs = {};
  all();
  writeAddress();
}

// A radio group: one stop for the tab key, the arrow keys choose.
function radios(host, entries, chosen, onchoose) {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }, count = entries.length;
  const choose = (entry) => {
    onchoose(entry);
    document.querySelector(`#${host} [aria-checked=true]`).focus();
  };
  at(host).replaceChildren(...entries.map((entry, i) => element("button", { type: "button", role: "radio",
    "aria-checked": entry.name === chosen, tabindex: entry.name === chosen ? 0 : -1,
    onclick: () => choose(entry),
    onkeydown: (event) => {
      if (!step[event.key]) return;
      event.preventDefault();
      choose(entries[(i + step[event.key] + count) % count]);
    } }, entry.title)));
}

function presets() {
  radios("presets", DATA.presets, state.preset, choose);
  at("about").textContent = byName(DATA.presets, state.preset).about;
}

function all() {
  presets();
  againstChoice();
  render({ rebuild: true });
}
