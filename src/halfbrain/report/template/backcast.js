// Published simulation runs: how long they took, and what a fit on other studies had foretold.

function backcastTold(fit) {
  const inside = fit.tested.filter((run) => run.inside).length;
  return `${inside} of ${fit.tested.length} inside their 90 % interval, the median off by a factor of ${scientific(fit.median_factor)}`;
}

// Each tested run on a line: interval, median and what was published, on one logarithmic axis.
function drawBackcast(host, tested) {
  const width = Math.max(300, host.clientWidth), narrow = width < 640, rowHeight = narrow ? 36 : 24;
  const left = narrow ? 8 : 230, right = 24, top = 30, height = top + tested.length * rowHeight + 30;
  const ends = tested.flatMap((run) => [run.published, run.predicted.p5, run.predicted.p95]).map(Math.log10);
  const from = Math.floor(Math.min(...ends)), to = Math.ceil(Math.max(...ends));
  const x = (value) => left + (Math.log10(value) - from) / (to - from) * (width - left - right);
  const chart = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "group",
    "aria-label": "Published and foretold speeds of simulation runs on a logarithmic axis" });
  for (let exponent = from; exponent <= to; exponent++) {
    svg("line", { x1: x(10 ** exponent), x2: x(10 ** exponent), y1: top - 8, y2: height - 24, class: "grid" }, chart);
    if (exponent % 2) continue;
    for (const y of [14, height - 8]) svg("text", { x: x(10 ** exponent), y, class: "tick", "text-anchor": "middle" }, chart, exponent ? `10${superscript(exponent)}` : "1");
  }
  const groups = tested.map((run, i) => {
    const y = top + (i + 0.5) * rowHeight + (narrow ? 8 : 0), { p5, p50, p95 } = run.predicted;
    const group = svg("g", { class: `mark published ${run.simulator === "detailed" ? "blue-brain" : "spiking"}` }, chart);
    svg("rect", { x: 0, y: top + i * rowHeight, width, height: rowHeight, class: "hit" }, group);
    svg("text", narrow ? { x: left, y: y - 10 } : { x: left - 18, y: y + 4, "text-anchor": "end" }, group, `${run.run}${["recalled", "judgement"].includes(run.confidence) ? " *" : ""}`);
    svg("line", { x1: x(p5), x2: x(p95), y1: y, y2: y, class: "interval" }, group);
    svg("line", { x1: x(p50), x2: x(p50), y1: y - 7, y2: y + 7, class: "median" }, group);
    svg("circle", { cx: x(run.published), cy: y, r: 4.5, class: "dot" }, group);
    return explainable(group, [run.title, `Published: ${scientific(run.published, 3)} seconds for a second of life [${run.confidence}]`,
      `Foretold: ${scientific(p50)}, 90 % interval ${scientific(p5)} to ${scientific(p95)}`, `Off by a factor of ${scientific(run.factor)}${run.inside ? "" : ", outside the interval"}`]);
  });
  rove(groups);
  host.replaceChildren(chart);
}

function backcastSection() {
  const [fit, other] = DATA.backcast;
  drawBackcast(at("backcast"), fit.tested);
  at("backcast-told").textContent = `Tested: ${backcastTold(fit)}. The other way round: ${backcastTold(other)}.`;
  at("backcast-fit").replaceChildren(...fit.fitted.map((found) => element("li", {}, `${found.title}: ${scientific(found.beyond)} times, from ${found.studies} ${found.studies === 1 ? "study" : "studies"}`)));
}

backcastSection();
let resizingBackcast = 0;
addEventListener("resize", () => { clearTimeout(resizingBackcast); resizingBackcast = setTimeout(backcastSection, 100); });
