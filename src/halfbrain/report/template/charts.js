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
  if (Math.abs(x) >= 0.01 && Math.abs(x) < 10000) return String(Number(x.toPrecision(digits)));
  const [mantissa, exponent] = x.toExponential(digits - 1).split("e");
  return `${digits > 2 ? Number(mantissa) : mantissa} × 10${superscript(Number(exponent))}`;
}

const PREFIXES = ["", "k", "M", "G", "T", "P", "E", "Z", "Y"];
function prefixed(x, unit) {
  const index = Math.max(0, Math.min(PREFIXES.length - 1, Math.floor(Math.log10(x) / 3)));
  return `${Number((x / 1000 ** index).toPrecision(2))} ${PREFIXES[index]}${unit}`;
}

const tip = document.getElementById("tip");

// A mark that tells its value and source on hover, focus or tap.
function explainable(node, lines) {
  node.setAttribute("tabindex", "0");
  node.setAttribute("aria-label", lines.join(". "));
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
  for (const event of ["pointerenter", "focus", "click"]) node.addEventListener(event, show);
  for (const event of ["pointerleave", "blur"]) node.addEventListener(event, hide);
  return node;
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

function textWidth(text, size) {
  const canvas = textWidth.canvas || (textWidth.canvas = document.createElement("canvas").getContext("2d"));
  canvas.font = `${size}px system-ui, sans-serif`;
  return canvas.measureText(text).width;
}

// rows: [{name, title, samples, spread}], strips: [{title, marks: [{title, value, lines}]}],
// line: {value, title}
function drawLadder(host, rows, strips, line) {
  const width = Math.max(320, host.clientWidth), narrow = width < 640;
  const left = narrow ? 10 : 158, right = narrow ? 10 : 24;
  const all = rows.flatMap((row) => [row.spread.p5 / 10, row.spread.p95 * 10])
    .concat(strips[0].marks.map((mark) => mark.value), line.value);
  const from = Math.floor(Math.log10(Math.min(...all))), to = Math.ceil(Math.log10(Math.max(...all)));
  const x = (value) => left + (Math.log10(value) - from) / (to - from) * (width - left - right);
  const rowHeight = narrow ? 92 : 76, top = 34;
  const places = strips.map((strip) => {
    const marks = strip.marks.filter((m) => m.value >= 10 ** from && m.value <= 10 ** to)
      .sort((a, b) => b.weight - a.weight || a.value - b.value);
    for (const mark of marks) {
      mark.x = x(mark.value);
      const wide = textWidth(mark.title, 11.5);
      mark.flip = mark.x + 8 + wide > width - 4;
      mark.left = mark.flip ? mark.x - 8 - wide : mark.x - 4;
      mark.right = mark.flip ? mark.x + 4 : mark.x + 8 + wide;
    }
    levels(marks, narrow ? 6 : 7, 6);
    const used = Math.max(0, ...marks.map((mark) => mark.level)) + 1;
    return { strip, marks, height: used * 17 + (narrow ? 34 : 24) };
  });
  const base = top + rows.length * rowHeight + 8;
  const height = base + places.reduce((sum, place) => sum + place.height, 0) + 12;
  const chart = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "group",
    "aria-label": "Distributions of training compute on a logarithmic axis" });
  const every = Math.ceil((to - from) * (narrow ? 46 : 54) / (width - left - right));
  for (let exponent = from; exponent <= to; exponent++) {
    svg("line", { x1: x(10 ** exponent), x2: x(10 ** exponent), y1: top - 8, y2: height - 6, class: "grid" }, chart);
    if ((exponent - from) % every === 0) {
      svg("text", { x: x(10 ** exponent), y: 16, class: "tick", "text-anchor": exponent === from && narrow ? "start" : exponent === to ? "end" : "middle" },
        chart, `10${superscript(exponent)}`);
    }
  }
  svg("line", { x1: x(line.value), x2: x(line.value), y1: top - 8, y2: height - 6, class: "budget" }, chart);
  const flip = x(line.value) > width - 190;
  svg("text", { x: x(line.value) + (flip ? -6 : 6), y: top + 4, class: "budget-label", "text-anchor": flip ? "end" : "start" }, chart, line.title);
  rows.forEach((row, i) => drawRow(chart, row, top + i * rowHeight, rowHeight, { x, from, to, left, width, narrow }));
  let y = base;
  for (const place of places) {
    drawStrip(chart, place, y, narrow, left);
    y += place.height;
  }
  host.replaceChildren(chart);
}

function drawRow(chart, row, y, rowHeight, axis) {
  const { x, from, to, left, narrow } = axis;
  const floor = y + rowHeight - 20, tall = rowHeight - (narrow ? 44 : 32);
  const group = svg("g", { class: `row ${row.name}` }, chart);
  svg("text", narrow ? { x: left, y: y + 16, class: "row-title" }
    : { x: left - 14, y: floor - 8, class: "row-title", "text-anchor": "end" }, group, row.title);
  svg("line", { x1: x(10 ** from), x2: x(10 ** to), y1: floor, y2: floor, class: "floor" }, group);
  const { p5, p50, p95 } = row.spread;
  if (p95 > p5) {
    const bins = 240, heights = density(row.samples.map(Math.log10), from, to, bins);
    const at = (i) => x(10 ** (from + (i + 0.5) / bins * (to - from)));
    let path = `M${at(0)},${floor}`;
    heights.forEach((h, i) => { path += `L${at(i).toFixed(1)},${(floor - h * tall).toFixed(1)}`; });
    svg("path", { d: `${path}L${at(bins - 1)},${floor}Z`, class: "ridge" }, group);
    svg("line", { x1: x(p5), x2: x(p95), y1: floor, y2: floor, class: "interval" }, group);
  }
  svg("line", { x1: x(p50), x2: x(p50), y1: floor - tall, y2: floor + 5, class: "median" }, group);
  const label = p95 > p5 ? `${scientific(p50)}` : `${scientific(p50, 3)}, no spread`;
  const wide = textWidth(label, 13), end = Math.min(Math.max(x(p50) - wide / 2, left), axis.width - wide - 6);
  svg("text", { x: end, y: floor + 17, class: "row-value" }, group, label);
  explainable(group, [`${row.title}: ${scientific(p50, 3)} FLOP`,
    p95 > p5 ? `90 % interval ${scientific(p5)} to ${scientific(p95)}` : "no input is uncertain", row.about]);
}

function drawStrip(chart, place, y, narrow, left) {
  const { strip, marks } = place;
  svg("text", narrow ? { x: left, y: y + 16, class: "strip-title" }
    : { x: left - 14, y: y + 20, class: "strip-title", "text-anchor": "end" }, chart, strip.title);
  for (const mark of marks) {
    const hidden = mark.level === 0, line = y + (narrow ? 34 : 20) + mark.level * 17;
    const group = svg("g", { class: `mark ${strip.kind}` }, chart);
    svg("circle", { cx: mark.x, cy: line - 4, r: hidden ? 2.5 : 3.5 }, group);
    if (!hidden) {
      svg("text", { x: mark.x + (mark.flip ? -8 : 8), y: line, "text-anchor": mark.flip ? "end" : "start" }, group, mark.title);
    }
    explainable(group, mark.lines);
  }
}

// Horizontal bars of shares between 0 and 1.
function drawBars(entries, kind) {
  return element("ol", { class: `bars ${kind}` }, ...entries.map((entry) => {
    const bar = element("span", { class: "bar-fill" });
    bar.style.width = `${Math.max(0, Math.min(1, entry.share)) * 100}%`;
    return element("li", {}, element("span", { class: "bar-name" }, entry.title),
      element("span", { class: "bar-track" }, bar),
      element("span", { class: "bar-value" }, `${Math.round(Math.max(0, Math.min(1, entry.share)) * 100)} %`));
  }));
}
