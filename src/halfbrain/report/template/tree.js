// The tree of a number: what it is worked out from, down to the inputs, on the draws of what is shown.
// Nodes are those of Python's tree_document.

const OPERATIONS = {
  "+": (parts) => parts.reduce((a, b) => a + b),
  "-": ([a, b]) => a - b,
  "*": (parts) => parts.reduce((a, b) => a * b),
  "/": ([a, b]) => a / b,
  "**": ([a], exponent) => a ** exponent,
};

const RUNS_IT_MAY_TAKE = "runs it may take";

// What is worked out from a contender's results, beside the steps of its model.
function beyondSteps(name) {
  const over = (run) => [`${name}.over.${run}`, { unit: "dimensionless", about: `how often ${byName(DATA.training_runs, run).title}’s training goes into it; the orders of magnitude are its logarithm`,
    formula: { operation: "/", unit: "dimensionless", parts: [`${name}.flop`, `training_runs.${run}.compute`] } }];
  return {
    [`${name}.fits`]: { unit: "dimensionless", about: "how many such trainings PaLM’s compute pays for, with twelve orders of magnitude more",
      formula: { operation: "/", unit: "dimensionless", parts: ["budget", `${name}.flop`] } },
    [`${name}.largest`]: { unit: "neuron", about: "of the brain that this budget trains, all else equal",
      formula: { operation: "*", unit: "neuron", parts: ["neurons", `${name}.fits`] } },
    [`${name}.learning_over_running`]: { unit: "dimensionless", about: "a second of life while it learns, over one once trained",
      formula: { operation: "/", unit: "dimensionless", parts: [`${name}.flop_per_bio_second`, `${name}.run_flop_per_bio_second`] } },
    [`${name}.run_year`]: { unit: "FLOP/bio_year", about: "a year of life, once trained",
      formula: { operation: "*", unit: "FLOP/bio_year", parts: [`${name}.run_flop_per_bio_second`, "seconds_per_year"] } },
    [`${name}.with_runs`]: { unit: "FLOP", about: "of all the runs that it may take",
      formula: { operation: "*", unit: "FLOP", parts: [{ operation: "/", unit: "FLOP", parts: [`${name}.flop`, "runs"] }, RUNS_IT_MAY_TAKE] } },
    budget: { unit: "FLOP", about: "PaLM’s training compute, and twelve orders of magnitude more",
      formula: { operation: "*", unit: "FLOP", parts: ["seed.text.more_compute", "training_runs.palm.compute"] } },
    ...Object.fromEntries(DATA.training_runs.map((run) => over(run.name))),
  };
}

// A fact that stands for its median, as a budget and a yardstick do.
function settled(fact) {
  return { ...fact, low: median(fact), high: median(fact) };
}

// Whether a node is zero for a certain zero in it.
const isZero = ({ figure, low, high, operation, parts }) => (figure ? low === 0 && high === 0
  : operation === "*" ? parts.some(isZero) : operation === "/" && isZero(parts[0]));

// What is switched off has no place in a sum.
function switchedOn(nodes) {
  const on = nodes.filter((node) => !isZero(node));
  return on.length ? on : nodes.slice(0, 1);
}

// Whether a node without a name goes on with the product that it stands in.
const chained = (formula, node) => formula.operation === "*" && node.operation === "*" && !node.name;

// The tree of one value of a contender, such as `spiking.flop`, in a state of the page. What was
// worked out for one number is kept for the next of the same contender.
let grown = { key: "", grow: null };
function treeOf(state, contender, value, n = RESTING_DRAWS) {
  const key = JSON.stringify([state, contender.name, n]);
  if (grown.key !== key) grown = { key, grow: grower(state, contender, n) };
  return grown.grow(value);
}

function grower(state, contender, n) {
  const counting = byName(DATA.presets, state.preset).counting, inputs = relevant(contender, figures(state));
  const steps = { ...contender.steps[counting], ...beyondSteps(contender.name) };
  const many = { ...inputs.runs, ...DATA.runs_it_may_take };
  const drawn = samplesOf(contender, counting, inputs, n, Object.keys(contender.steps[counting]));
  const columns = columnsOf(inputs, n, 0), { runs } = columnsOf({ runs: many }, n, 0), done = new Map();

  const of = (name) => {
    if (!done.has(name)) done.set(name, name in inputs ? input(name) : name in steps ? step(name) : name === RUNS_IT_MAY_TAKE ? { ...many, name, about: DATA.settings.runs.about, figure: true, values: runs } : fact(name));
    return done.get(name);
  };
  const input = (name) => ({ name, about: DATA.settings[name].about, ...inputs[name], figure: true, values: columns[name] });
  const fact = (name) => {
    const found = settled(byName(DATA.facts, name));
    return { ...found, figure: true, values: Float64Array.of(found.low) };
  };
  const step = (name) => {
    const { formula, unit, about } = steps[name];
    if (typeof formula === "string") return of(formula); // an input under a second name
    const node = operation({ ...formula, unit });
    if (node.figure) return node; // all else is switched off
    return { ...node, name, about, values: drawn[name] || node.values };
  };
  const operation = ({ parts, ...formula }) => {
    const all = parts.map((part) => (typeof part === "string" ? of(part) : typeof part === "number" ? plain(part) : operation(part)));
    const nodes = formula.operation === "+" ? switchedOn(all) : all.flatMap((node) => (chained(formula, node) ? node.parts : [node]));
    if (formula.operation === "+" && nodes.length === 1) return nodes[0];
    const length = Math.max(...nodes.map((node) => node.values.length)), run = OPERATIONS[formula.operation];
    const values = Float64Array.from({ length }, (_, i) => run(nodes.map((node) => node.values[node.values.length > 1 ? i : 0]), formula.exponent));
    return { ...formula, parts: nodes, values };
  };
  const plain = (number) => ({ name: String(number), unit: "dimensionless", number: true, values: Float64Array.of(number) });

  const summed = new Map();
  const finish = (node) => {
    if (!summed.has(node)) summed.set(node, { ...node, ...spread(node.values), values: null, parts: node.parts?.map(finish) });
    return summed.get(node);
  };
  return (value) => finish(of(value));
}
