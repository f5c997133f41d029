// What the answer rests on: operations counted in circuits that were run, beside the published figures.

// Ends that read alike are one number.
function rangeText({ low, high }) {
  const [from, to] = [scientific(low), scientific(high)];
  return from === to ? scientific(low, 3) : `${from} to ${to}`;
}

function countedFigures({ reasons }, label) {
  return measuredTable(["figure", "counted", "published", "FLOP ×", "unit"], reasons.filter(({ here, there }) => here && there)
    .map(({ name, here, there, factor, outside }) => [inputTitle(name), rangeText(here) + (outside ? " *" : ""), rangeText(there),
      factor === null ? "–" : scientific(factor), unitText(here.unit)]), label);
}

function countedWhy({ reasons }) {
  return element("dl", { class: "why" }, ...reasons.filter(({ here, there, why }) => here && there && why)
    .flatMap(({ name, why }) => [element("dt", {}, inputTitle(name)), element("dd", {}, `${why[0].toUpperCase()}${why.slice(1)}.`)]));
}

function countedSection() {
  at("counted").hidden = !DATA.counted.length;
  at("counts").replaceChildren(...DATA.counted.flatMap(({ contender, runs, beside, version, precision }) => [
    element("h3", { class: contender }, element("span", { class: "swatch" }), byName(DATA.contenders, contender).title),
    element("p", { class: "lead" }, `With published figures ${scientific(beside.flop.p50)} FLOP; the count is ${scientific(beside.ratio)} times that. Counted in `
      + `${runs.map((run) => `${run.circuit} (${run.neurons.toLocaleString("en")} neurons)`).join(", ")}; halfbrain ${version}, ${precision}.`),
    countedFigures(beside, `${byName(DATA.contenders, contender).title}: counted`),
    element("details", {}, element("summary", {}, "Why they differ"), countedWhy(beside))]));
}

countedSection();
