// The pictures: plain SVG, drawn anew at each change.

const SVG = "http://www.w3.org/2000/svg";

function svg(name, attributes, parent, text) {
  const node = document.createElementNS(SVG, name);
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  if (text !== undefined) node.textContent = text;
  if (parent) parent.append(node);
  return node;
}

function element(name, attributes, ...children) {
  const node = document.createElement(name);
  for (const key in attributes) {
    if (key === "class") node.className = attributes[key];
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), attributes[key]);
    else node.setAttribute(key, attributes[key]);
  }
  node.append(...children);
  return node;
}

const SUPERSCRIPT = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const superscript = (n) => String(n).replace(/./g, (c) => SUPERSCRIPT[c]);

// 3.6 × 10²⁴; small numbers as they are.
function scientific(x, digits = 2) {
  if (!Number.isFinite(x)) return "–";
  if (x === 0) return "0";
  if (Math.abs(x) >= 0.01 && Math.abs(x) < 1e5) {
    const rounded = Number(x.toPrecision(digits));
    return rounded < 1e4 ? String(rounded) : rounded.toLocaleString("en");
  }
  const [mantissa, exponent] = x.toExponential(digits - 1).split("e");
  return `${digits > 2 ? Number(mantissa) : mantissa} × 10${superscript(Number(exponent))}`;
}

const PREFIXES = ["", "k", "M", "G", "T", "P", "E", "Z", "Y"];
function prefixed(x, unit) {
  const index = Math.max(0, Math.min(PREFIXES.length - 1, Math.floor(Math.log10(x) / 3)));
  return `${Number((x / 1000 ** index).toPrecision(2))} ${PREFIXES[index]}${unit}`;
}

const tip = document.getElementById("tip");

// A mark that tells its value and source on hover, focus or tap; one with a key opens to its tree.
function explainable(node, lines, key) {
  node.setAttribute("tabindex", "0");
  node.setAttribute("role", key ? "button" : "img"); // without a role a label is not read
  if (key) node.setAttribute("data-opens", key);
  // What is written in a button stands in its name, too.
  const texts = [...node.querySelectorAll("text")], written = texts.map((text) => text.textContent).join(" "), told = lines.join(". ");
  for (const text of texts) text.after(" ");
  node.setAttribute("aria-label", !key || told.includes(written) ? told : `${written}. ${told}`);
  const show = () => {
    tip.replaceChildren(...lines.map((line, i) => element(i ? "div" : "strong", {}, line)));
    tip.hidden = false;
    const box = node.getBoundingClientRect(), own = tip.getBoundingClientRect();
    const left = Math.min(Math.max(8, box.left + box.width / 2 - own.width / 2), innerWidth - own.width - 8);
    const above = box.top - own.height - 10;
    tip.style.left = `${left}px`;
    tip.style.top = `${above > 8 ? above : box.bottom + 10}px`;
  };
  const hide = () => { tip.hidden = true; };
  for (const event of ["pointerenter", "focus", ...(key ? [] : ["click"])]) node.addEventListener(event, show);
  for (const event of ["pointerleave", "blur"]) node.addEventListener(event, hide);
  return node;
}
// One stop for the tab key in a row of marks; the arrow keys go along it.
function rove(nodes) {
  nodes.forEach((node, i) => {
    node.setAttribute("tabindex", i ? "-1" : "0");
    node.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const next = nodes[(i + step + nodes.length) % nodes.length];
      node.setAttribute("tabindex", "-1");
      next.setAttribute("tabindex", "0");
      next.focus();
    });
  });
}

addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });
addEventListener("keydown", (event) => { if (event.key === "Escape") tip.hidden = true; });

// A smooth density of log10 values over the axis, as heights from 0 to 1.
function density(logs, from, to, bins) {
  const counts = new Float64Array(bins), step = (to - from) / bins;
  for (const value of logs) {
    const bin = Math.floor((value - from) / step);
    if (bin >= 0 && bin < bins) counts[bin] += 1;
  }
  const centre = mean(logs), deviation = Math.sqrt(mean(logs.map((x) => (x - centre) ** 2)));
  const width = Math.max(1, 1.06 * deviation * logs.length ** -0.2 / step);
  const reach = Math.ceil(3 * width), out = new Float64Array(bins);
  for (let i = 0; i < bins; i++) {
    for (let j = Math.max(0, i - reach); j <= Math.min(bins - 1, i + reach); j++) {
      out[i] += counts[j] * Math.exp(-0.5 * ((i - j) / width) ** 2);
    }
  }
  const top = Math.max(...out) || 1;
  return out.map((value) => value / top);
}

// Gives each mark, most important first, a level on which its label touches no other's; 0, the
// level without labels, where there is none.
function levels(marks, count, gap) {
  const taken = Array.from({ length: count }, () => []);
  for (const mark of marks) {
    const free = taken.findIndex((row) => row.every((other) => mark.left > other.right + gap || mark.right < other.left - gap));
    mark.level = free + 1;
    if (free >= 0) taken[free].push(mark);
  }
}

function textWidth(text, size, weight = 400) {
  const canvas = textWidth.canvas || (textWidth.canvas = document.createElement("canvas").getContext("2d"));
  canvas.font = `${weight} ${size}px system-ui, sans-serif`;
  return canvas.measureText(text).width;
}

// rows: [{name, title, samples, spread, there, runs, alternatives: [{name, title, spread}]}], `there` a median to hold against, strips: [{title, kind, marks: [{title, brief, value, weight, lines, key}]}],
// span: {from, to, start, title}, two values and what lies between them
function drawLadder(host, rows, strips, span) {
  const width = Math.max(320, host.clientWidth), narrow = width < 640;
  const left = narrow ? 10 : 168, right = narrow ? 10 : 24, top = 48, rowHeight = narrow ? 88 : 78;
  const lines = rows.flatMap((row) => [row, ...row.alternatives]), slim = narrow ? 36 : 24;
  const tall = (row) => rowHeight + row.alternatives.length * slim;
  const all = lines.flatMap((row) => [row.spread.p5 / 10, row.spread.p95 * 10]).concat(rows.flatMap((row) => [row.there || 0, row.runs.p95]))
    .concat(strips[0].marks.map((mark) => mark.value), span.to).filter((value) => value > 0 && value < Infinity);
  const from = Math.floor(Math.log10(Math.min(...all))), to = Math.ceil(Math.log10(Math.max(...all)));
  const x = (value) => left + (Math.log10(value) - from) / (to - from) * (width - left - right);
  const axis = { x, from, to, left, right, width, narrow };
  const places = strips.map((strip) => placed(strip, axis));
  const base = top + rows.reduce((sum, row) => sum + tall(row), 0) + 8;
  const height = base + places.reduce((sum, place) => sum + place.height, 0) + 26;
  const chart = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "group",
    "aria-label": "Distributions of training compute on a logarithmic axis" });
  drawAxis(chart, axis, top, height);
  drawSpan(chart, span, axis, top, height);
  let y = top;
  for (const row of rows) {
    drawRow(chart, row, y, rowHeight, axis);
    row.alternatives.forEach((other, i) => drawAlternative(chart, row, other, y + rowHeight + i * slim, slim, axis));
    y += tall(row);
  }
  y = base;
  for (const place of places) {
    drawStrip(chart, place, y, narrow, left);
    y += place.height;
  }
  host.replaceChildren(chart);
}

// The marks of a strip that lie on the axis, each with a level for its label.
function placed(strip, axis) {
  const marks = strip.marks.filter((mark) => mark.value >= 10 ** axis.from && mark.value <= 10 ** axis.to)
    .sort((a, b) => b.weight - a.weight || a.value - b.value);
  for (const mark of marks) {
    mark.x = axis.x(mark.value);
    mark.label = (axis.narrow && mark.brief) || mark.title;
    const wide = textWidth(mark.label, 11.5);
    mark.flip = mark.x + 8 + wide > axis.width - 4;
    mark.left = mark.flip ? mark.x - 8 - wide : mark.x - 4;
    mark.right = mark.flip ? mark.x + 4 : mark.x + 8 + wide;
    mark.level = 0;
  }
  // What fits on neither side of its mark stays without a label.
  levels(marks.filter((mark) => mark.left > 2), axis.narrow ? 8 : 7, 8);
  const used = Math.max(0, ...marks.map((mark) => mark.level)) + 1;
  return { strip, marks, height: used * 17 + (axis.narrow ? 34 : 24) };
}

function drawAxis(chart, axis, top, height) {
  const { x, from, to, narrow } = axis;
  const every = Math.ceil((to - from) * (narrow ? 46 : 54) / (axis.width - axis.left - axis.right));
  if (!narrow) {
    for (const y of [16, height - 4]) svg("text", { x: axis.left - 22, y, class: "tick", "text-anchor": "end" }, chart, "FLOP");
  }
  for (let exponent = from; exponent <= to; exponent++) {
    const at = x(10 ** exponent);
    svg("line", { x1: at, x2: at, y1: top - 22, y2: height - 20, class: "grid" }, chart);
    if ((exponent - from) % every) continue;
    const anchor = narrow && exponent === from ? "start" : exponent === to ? "end" : "middle";
    for (const y of [16, height - 4]) svg("text", { x: at, y, class: "tick", "text-anchor": anchor }, chart, `10${superscript(exponent)}`);
  }
}

// Two values as lines down the picture, an arrow between them.
function drawSpan(chart, span, axis, top, height) {
  const a = axis.x(span.from), b = axis.x(span.to), y = top - 14;
  for (const at of [a, b]) svg("line", { x1: at, x2: at, y1: y - 6, y2: height - 20, class: "span-end" }, chart);
  svg("path", { d: `M${a},${y}H${b}m-6,-4l6,4l-6,4`, class: "span-line" }, chart);
  svg("text", { x: a - 6, y: y + 4, class: "span-label", "text-anchor": "end" }, chart, span.start);
  svg("text", { x: (a + b) / 2, y: y + 4, class: "span-label", "text-anchor": "middle" }, chart, span.title);
}

function drawRow(chart, row, y, rowHeight, axis) {
  const { x, from, to, left, narrow } = axis;
  const floor = y + rowHeight - 20, tall = rowHeight - (narrow ? 44 : 32);
  const group = svg("g", { class: `row ${row.name}` }, chart);
  svg("rect", { x: 0, y, width: axis.width, height: rowHeight, class: "hit" }, group);
  svg("text", narrow ? { x: left, y: y + 16, class: "row-title" }
    : { x: left - 22, y: floor + 4, class: "row-title", "text-anchor": "end" }, group, row.title);
  svg("line", { x1: x(10 ** from), x2: x(10 ** to), y1: floor, y2: floor, class: "floor" }, group);
  const { p5, p50, p95 } = row.spread, spread = p95 > p5;
  if (p50 > 0) drawDistribution(group, row, floor, tall, axis);
  explainable(group, [`${row.title}: ${scientific(p50, 3)} FLOP`,
    spread ? `90 % interval ${scientific(p5)} to ${scientific(p95)}` : "no input is uncertain", `with the runs that it may take ${scientific(row.runs.p5)} to ${scientific(row.runs.p95)}`, ...(row.there > 0 ? [`with the figures that it is held against: ${scientific(row.there, 3)} FLOP`] : []), row.about], `${row.name}.flop`);
}

// The same with another rule of learning: a slim line beneath its contender.
function drawAlternative(chart, row, other, y, height, { x, left, narrow, width }) {
  const { p5, p50, p95 } = other.spread, floor = y + (narrow ? 24 : 11), label = scientific(p50);
  if (!(p50 > 0)) return;
  const group = svg("g", { class: `row alternative ${row.name}` }, chart);
  svg("rect", { x: 0, y, width, height, class: "hit" }, group);
  svg("text", narrow ? { x: left, y: floor - 8, class: "row-end" } : { x: left - 22, y: floor + 4, class: "row-end", "text-anchor": "end" }, group, other.title);
  svg("line", { x1: x(p5), x2: x(p95), y1: floor, y2: floor, class: "interval" }, group);
  svg("circle", { cx: x(p50), cy: floor, r: 4, class: "median-dot" }, group);
  const beyond = x(p95) + 8 + textWidth(label, 11.5) > width;
  svg("text", { x: beyond ? x(p5) - 8 : x(p95) + 8, y: floor + 4, class: "row-end", "text-anchor": beyond ? "end" : "start" }, group, label);
  explainable(group, [`${row.title}, ${other.title}: ${scientific(p50, 3)} FLOP`, `90 % interval ${scientific(p5)} to ${scientific(p95)}`, other.about], `${other.name}.flop`);
}

function drawDistribution(group, row, floor, tall, axis) {
  const { x, from, to } = axis, { p5, p50, p95 } = row.spread;
  if (row.runs.p95 > p95) svg("line", { x1: x(p50), x2: x(row.runs.p95), y1: floor, y2: floor, class: "interval runs" }, group);
  if (p95 > p5) {
    svg("path", { d: ridge(row.samples, axis, floor, tall), class: "ridge" }, group);
    svg("line", { x1: x(p5), x2: x(p95), y1: floor, y2: floor, class: "interval" }, group);
  }
  svg("line", { x1: x(p50), x2: x(p50), y1: floor - tall, y2: floor + 5, class: "median" }, group);
  drawRowLabels(group, row.spread, floor + 17, axis);
  if (row.there > 0) svg("circle", { cx: Math.min(Math.max(x(row.there), x(10 ** from)), x(10 ** to)), cy: floor, r: 5, class: "there" }, group);
}

function ridge(samples, axis, floor, tall) {
  const { x, from, to } = axis, bins = 240;
  const heights = density(samples.map(Math.log10), from, to, bins);
  const at = (i) => x(10 ** (from + (i + 0.5) / bins * (to - from)));
  let path = `M${at(0)},${floor}`;
  heights.forEach((h, i) => { path += `L${at(i).toFixed(1)},${(floor - h * tall).toFixed(1)}`; });
  return `${path}L${at(bins - 1)},${floor}Z`;
}

// The median beneath its tick; the interval's ends on either side of it, where there is room.
function drawRowLabels(group, { p5, p50, p95 }, y, axis) {
  const { x, left, narrow, width } = axis;
  const label = p95 > p5 ? scientific(p50) : `${scientific(p50, 3)}, no spread`;
  const wide = textWidth(label, 13, 600), start = Math.min(Math.max(x(p50) - wide / 2, left), width - wide - 6);
  svg("text", { x: start, y, class: "row-value" }, group, label);
  if (narrow || p95 <= p5) return;
  const low = Math.min(x(p5) + 8, start - 12), high = Math.max(x(p95) - 8, start + wide + 12);
  svg("text", { x: low, y, class: "row-end", "text-anchor": "end" }, group, scientific(p5));
  svg("text", { x: high, y, class: "row-end" }, group, scientific(p95));
}

function drawStrip(chart, place, y, narrow, left) {
  const { strip, marks } = place, offset = narrow ? 34 : 20;
  svg("text", narrow ? { x: left, y: y + 16, class: "strip-title" }
    : { x: left - 22, y: y + 20, class: "strip-title", "text-anchor": "end" }, chart, strip.title);
  const groups = [...marks].sort((a, b) => a.value - b.value).map((mark) => {
    const labelled = mark.level > 0, line = y + offset + mark.level * 17;
    const group = svg("g", { class: `mark ${strip.kind}` }, chart);
    svg("circle", { cx: mark.x, cy: line - 4, r: 8, class: "hit" }, group);
    svg("circle", { cx: mark.x, cy: line - 4, r: labelled ? 3.5 : 2.5, class: "dot" }, group);
    if (labelled) {
      svg("text", { x: mark.x + (mark.flip ? -8 : 8), y: line, "text-anchor": mark.flip ? "end" : "start" }, group, mark.label);
    }
    return explainable(group, mark.lines, mark.key);
  });
  rove(groups);
}

// The ladder in little, which stays in view while the sliders move. Its axis keeps still.
function drawMini(host, rows, span) {
  const width = Math.max(300, host.clientWidth), narrow = width < 640, rowHeight = narrow ? 15 : 17;
  const left = narrow ? 112 : 150, right = narrow ? 74 : 92, top = 16, height = top + rows.length * rowHeight + 4;
  const logs = rows.flatMap((row) => [row.spread.p5, row.spread.p95]).map(Math.log10).filter(Number.isFinite);
  const from = Math.min(20, ...logs), to = Math.max(37, ...logs);
  const x = (value) => left + (Math.log10(value) - from) / (to - from) * (width - left - right);
  const chart = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  for (const [value, text] of [[span.from, span.start], [span.to, span.end]]) {
    svg("line", { x1: x(value), x2: x(value), y1: top - 2, y2: height, class: "span-end" }, chart);
    svg("text", { x: x(value), y: 11, class: "span-label", "text-anchor": "middle" }, chart, text);
  }
  rows.forEach((row, i) => {
    const y = top + (i + 0.5) * rowHeight, { p5, p50, p95 } = row.spread;
    const group = svg("g", { class: row.name }, chart);
    svg("text", { x: 0, y: y + 4, class: "mini-title" }, group, row.title);
    svg("text", { x: width, y: y + 4, class: "row-value", "text-anchor": "end" }, group, scientific(p50));
    svg("line", { x1: left, x2: width - right, y1: y, y2: y, class: "floor" }, group);
    if (!(p50 > 0)) return;
    svg("line", { x1: x(p5), x2: x(p95), y1: y, y2: y, class: "interval" }, group);
    svg("circle", { cx: x(p50), cy: y, r: 4.5, class: "median-dot" }, group);
  });
  host.replaceChildren(chart);
}

const percent = (share) => (share > 0 && share < 0.005 ? "< 1 %" : `${Math.round(100 * share)} %`);

// Horizontal bars: what an input causes alone, solid, and with its interactions, pale.
function drawBars(entries, onchoose) {
  return element("ol", { class: "bars" }, ...entries.map((entry) => {
    const within = (share) => Math.max(0, Math.min(1, share));
    const [total, alone] = ["bar-total", "bar-alone"].map((name) => element("span", { class: name }));
    total.style.width = `${within(entry.total) * 100}%`;
    alone.style.width = `${within(Math.min(entry.alone, entry.total)) * 100}%`;
    return element("li", {}, element("button", { type: "button", class: "bar-name", title: "To its slider", onclick: () => onchoose(entry) }, entry.title),
      element("span", { class: "bar-track" }, total, alone),
      element("span", { class: "bar-value" }, percent(within(entry.total))));
  }));
}
