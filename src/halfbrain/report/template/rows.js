// The rows beneath a contender, the same with another rule of learning; and the life after learning.

// Whether FLOP come from cost terms: what learning has of them, and the alternatives.
function byTerms(contender, inputs) {
  return countingOf(contender, byName(DATA.presets, state.preset).counting) === "operations" && !(`${contender.name}.flop_per_neuron_second` in inputs);
}

const alternativesOf = (contender, inputs) => (byTerms(contender, inputs) ? contender.alternatives : []);
const rowsShown = (inputs) => CONTENDERS.flatMap((contender) => [contender, ...alternativesOf(contender, inputs)]);
const rowClass = ({ name, under }) => (under ? `${under} alternative` : name);

// 'each synapse stepped', beneath 'Spiking networks'.
function briefTitle({ title, under }) {
  return under ? title.replace(`${byName(DATA.contenders, under).title}, `, "") : title;
}

function rowHead(row) {
  return element("th", { scope: "row", title: row.about }, ...(row.under ? [] : [element("span", { class: "swatch" })]), briefTitle(row));
}

// What it takes to run a network that has learned, and what all the runs of a training may take.
function lives(results, inputs) {
  const rows = rowsShown(inputs).filter((row) => row.under || byTerms(row, inputs));
  at("lives").hidden = !rows.length;
  const head = ["contender", "FLOP/s to run it", "times dearer while it learns", "FLOP for a year", "memory to run it", "FLOP with the runs that it may take"];
  const keys = ["run_flop_per_bio_second", "learning_over_running", "run_year", "run_memory", "with_runs"];
  at("lives-told").replaceChildren(element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)))),
    element("tbody", {}, ...rows.map((row) => {
      const own = results[row.name], { p5, p95 } = own.with_runs;
      const texts = [scientific(own.run_flop_per_bio_second.p50), scientific(own.learning_over_running.p50), scientific(own.run_year.p50), prefixed(own.run_memory.p50, "B"), `${scientific(p5)} to ${scientific(p95)}`];
      return element("tr", { class: rowClass(row) }, rowHead(row), ...texts.map((text, i) => element("td", { "data-label": head[i + 1] }, opens(`${row.name}.${keys[i]}`, text))));
    })));
}
