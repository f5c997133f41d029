// What was run for the page, with `halfbrain estimate --measure`: circuits, and figures beside the text of 2022.

function measuredTable(head, rows, label) {
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label }, element("table", { class: "measured" },
    element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)))),
    element("tbody", {}, ...rows.map(([name, ...cells]) => element("tr", {}, element("th", { scope: "row" }, name),
      ...cells.map((text, i) => element("td", { "data-label": head[i + 1] }, text)))))));
}

function measuredRuns(found) {
  const rows = found.runs.map((run) => [run.circuit, run.neurons.toLocaleString("en"), scientific(run.flop_per_neuron_bio_second),
    scientific(run.machine_time_flop_per_neuron_bio_second), scientific(run.ratio), percent(run.share_of_peak)]);
  if (found.seed_flop_per_neuron_bio_second !== null) rows.push(["the text of 2022", "", "", scientific(found.seed_flop_per_neuron_bio_second), "", ""],
    ["the same, mended", "", "", scientific(found.seed_mended_flop_per_neuron_bio_second), "", ""]);
  return measuredTable(["run", "neurons", "counted", "peak × seconds", "ratio", "share of peak"], rows, `${byName(DATA.contenders, found.contender).title}: runs`);
}

function measuredFigures(found) {
  const circuits = found.runs.map((run) => run.circuit);
  return measuredTable(["figure", ...circuits, "unit"], found.figures.map(({ name, unit, values }) => [inputTitle(name),
    ...circuits.map((circuit) => (circuit in values ? scientific(values[circuit], 3) : "–")), unit]), `${byName(DATA.contenders, found.contender).title}: figures`);
}

function measuredSpeed(speed) {
  const most = percent(speed.largest_residual);
  const told = speed.holds_beyond ? `${most} apart at most.`
    : `up to ${most} apart (a cache that is outgrown, or a busy machine), so do not take these times beyond the measured sizes.`;
  const unlike = speed.differing.map(({ name, circuit, least, most }) => `${inputTitle(name)} in ${circuit} (${scientific(least, 4)} to ${scientific(most, 4)})`);
  return [
    element("p", { class: "lead" }, `The same circuits at several sizes, and what a piece of each kind of work takes, fitted over all. Fit: its time over the run’s, ${told}`),
    measuredTable(["run", "neurons", "synapses", "seconds", "share of peak", "fit"], speed.runs.map((run) => [run.circuit,
      run.neurons.toLocaleString("en"), run.synapses ? run.synapses.toLocaleString("en") : "–", scientific(run.wall_seconds),
      percent(run.share_of_peak), `${run.residual < 0 ? "−" : "+"}${Math.round(100 * Math.abs(run.residual))} %`])),
    element("p", { class: "lead" }, `Operations and bytes for a piece of work are the same at all sizes`
      + (unlike.length ? `, but: ${unlike.join("; ")}.` : ".")),
    measuredTable(["work", "ns, as fitted"], Object.entries(speed.nanoseconds).map(([kind, ns]) => [kind, ns ? scientific(ns) : "too little to be seen"]))];
}

function measuredSection() {
  at("measured").hidden = !DATA.measurements.length;
  at("measurements").replaceChildren(...DATA.measurements.flatMap((found) => [
    element("h3", { class: found.contender }, element("span", { class: "swatch" }), byName(DATA.contenders, found.contender).title),
    measuredRuns(found),
    element("p", { class: "lead" }, (found.ratio_to_seed === null ? "" : `The estimate’s median is ${scientific(found.ratio_to_seed)} times the text’s, ${scientific(found.ratio_to_seed_mended)} times the mended one. `)
      + `${found.machine}, ${found.threads === 1 ? "1 thread" : `${found.threads} threads`}, ${found.precision}, halfbrain ${found.version}, seed ${found.seed}; `
      + `peak ${scientific(found.peak_flop_per_second)} FLOP/s.`),
    measuredFigures(found), ...(found.speed ? measuredSpeed(found.speed) : [])]));
}

measuredSection();
