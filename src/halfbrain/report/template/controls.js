// The assumptions: an interval with two handles for each, its source beneath.

const STEPS = 1000;
const DECADES = 2; // that a slider reaches beyond its preset, on either side
const LEAST_SHARE = 0.001; // and the most is as far from 1

function isShare(name) {
  return ["share", "at most one"].includes(DATA.settings[name].range);
}

// Whether an input may have these ends, as facts/interval.py and the inputs' ranges have it, and
// within what an axis can show.
function allowed(name, low, high) {
  const zero = ["zero or more", "at most one"].includes(DATA.settings[name].range);
  const lowest = zero ? 0 : 1e-30, highest = isShare(name) ? 1 : 1e30;
  if (!(lowest <= low && low <= high && high <= highest)) return false;
  return low === high || (low > 0 && !(isShare(name) && high === 1));
}

// The nearest ends that an input may have; an interval of shares lies between 0 and 1.
function nearest(name, low, high) {
  const share = isShare(name), open = low < high, zero = !open && allowed(name, 0, 0);
  const lowest = zero ? 0 : share ? LEAST_SHARE : 1e-30, highest = share ? (open ? 1 - LEAST_SHARE : 1) : 1e30;
  return [low, high].map((end) => Math.min(Math.max(end, lowest), highest));
}

// The slider's scale: logarithmic about the preset's interval, linear for shares.
function scaleOf(name, figure) {
  if (isShare(name)) {
    const width = 1 - 2 * LEAST_SHARE;
    return { at: (p) => LEAST_SHARE + width * p / STEPS, of: (v) => (v - LEAST_SHARE) / width * STEPS };
  }
  const beyond = DECADES * Math.LN10;
  const low = Math.log(figure.low || 1e-3) - beyond, high = Math.log(figure.high || 1) + beyond;
  return { at: (p) => Math.exp(low + (high - low) * p / STEPS), of: (v) => (Math.log(v) - low) / (high - low) * STEPS };
}

// All times are times of life, so the 'bio' may go.
function unitText(unit) {
  if (!unit || unit === "dimensionless") return "";
  return unit.replaceAll("bio_second", "s").replaceAll("bio_year", "year").replace(/^1\//, "per ");
}

const shortened = (name, value) => Number(value.toPrecision(isShare(name) ? 3 : 2));

function figureText(figure) {
  return figure.low === figure.high ? scientific(figure.low, 4)
    : `${scientific(figure.low)} to ${scientific(figure.high)}`;
}

// A number as one types it: 1.3e10.
function typed(x) {
  return x !== 0 && (x >= 1e4 || x < 1e-2) ? x.toExponential().replace("+", "") : String(x);
}

// '4e3' or '4e3 to 3e4' as [low, high]; NaN where it is neither.
function typedEnds(text) {
  const ends = text.trim().split(/\s*(?:to|\.\.|–)\s*/).map((part) => (part ? Number(part) : NaN));
  return ends.length > 2 ? [NaN, NaN] : [ends[0], ends[ends.length - 1]];
}

function sourceNames(figure) {
  const names = (figure.sources || []).map((key) => DATA.sources[key][0]).join("; ");
  const own = { counted: "Counted", measured: "Measured here", computed: "Worked out" }[figure.confidence] || "Set by you";
  return `${names || own}${figure.where ? `, ${figure.where}` : ""}${figure.confidence ? ` [${figure.confidence}]` : ""}`;
}

// An input's name as a title: 'FLOP per event'.
function inputTitle(name) {
  const words = name.replace(/^.*\./, "").replaceAll("_", " ").replace(/\bflop\b/, "FLOP");
  return words[0].toUpperCase() + words.slice(1);
}

// What a scenario's own figure says of itself.
function ownNote(figure) {
  return !figure.note || figure.note === "Set by the user." ? "As this preset has it." : figure.note;
}

// What makes inputs depend on each other: the preset's ties, and facts that several of them rest on.
function tiesInEffect(inputs) {
  const spread = Object.keys(inputs).filter((name) => inputs[name].low < inputs[name].high).sort(), facts = new Map();
  for (const name of spread) if (inputs[name].fact) facts.set(inputs[name].fact, [...(facts.get(inputs[name].fact) || []), name]);
  return byName(DATA.presets, state.preset).ties.filter((tie) => tie.names.every((name) => spread.includes(name)))
    .concat([...facts].flatMap(([fact, names]) => names.slice(1).map((name, i) => ({ names: [names[i], name], correlation: 1, fact }))));
}

// 'firing rate'; 'parameters per synapse (Numenta)'.
function inputWords(name) {
  const words = name.replace(/^.*\./, "").replaceAll("_", " ").replace(/\bflop\b/, "FLOP"), own = byName(DATA.contenders, name.split(".")[0]);
  return own ? `${words} (${own.title})` : words;
}

function tieText(name, inputs) {
  return tiesInEffect(inputs).filter((tie) => tie.names.includes(name)).map((tie) => {
    const other = tie.names.find((each) => each !== name);
    return tie.fact ? `One draw with ${inputWords(other)}: both rest on one fact. ` : `Tied to ${inputWords(other)}: rank correlation ${signed(tie.correlation, 2)}. `;
  }).join("");
}

// Which inputs depend on each other, and that the others do not.
function dependence(inputs) {
  const told = tiesInEffect(inputs).map((tie) => `${tie.names.map(inputWords).join(" and ")} are ${tie.fact ? "one draw, of one fact" : `tied (rank correlation ${signed(tie.correlation, 2)})`}`);
  const all = told.length ? `${told.join("; ")}; all other inputs` : "All inputs";
  return `${all[0].toUpperCase()}${all.slice(1)} are independent.`;
}

// One control; onchange(name, [low, high]) while it moves, onreset(name) to have the preset's back.
function control(name, preset, current, changed, onchange, onreset) {
  const setting = DATA.settings[name];
  const back = element("button", { type: "button", class: "back", "aria-label": `${inputTitle(name)}: back to the preset's`,
    title: "Back to the preset's", onclick: () => onreset(name) }, "↺");
  const head = element("div", { class: "control-head" }, element("span", { class: "control-name" }, inputTitle(name)), back);
  const box = element("div", { class: `control${changed ? " changed" : ""}`, "data-name": name }, head);
  if (name === "learning") box.append(learningSwitch(setting, current, onchange));
  else box.append(...interval(name, preset, current, setting, onchange));
  const source = preset.confidence === "user" ? ownNote(preset) : `${sourceNames(preset)}. ${preset.note || ""}`;
  box.append(element("p", { class: "control-note" }, `${setting.about[0].toUpperCase()}${setting.about.slice(1)}. `, element("span", { class: "tie" }),
    element("span", { class: "source" }, source)));
  return box;
}

function learningSwitch(setting, current, onchange) {
  const tick = element("input", { type: "checkbox", "aria-label": setting.about });
  tick.checked = current.low > 0.5;
  tick.addEventListener("change", () => onchange("learning", tick.checked ? [1, 1] : [0, 0]));
  return element("label", { class: "switch" }, tick, " learn while running");
}

// A field to type in and two handles to drag, each following the other.
function interval(name, preset, current, setting, onchange) {
  let [low, high] = [current.low, current.high];
  const field = element("input", { type: "text", class: "value", inputmode: "text", autocomplete: "off", spellcheck: "false",
    "aria-label": `${inputTitle(name)}: a number, or 'low to high', in ${unitText(setting.unit) || "a pure number"}` });
  const show = () => {
    field.value = figureText({ low, high });
    field.style.width = `${field.value.length + 1}ch`;
  };
  const { track, place } = handles(name, preset, setting, (ends) => {
    [low, high] = ends;
    show();
    onchange(name, ends);
  });
  const plain = () => (low === high ? typed(low) : `${typed(low)} to ${typed(high)}`);
  field.addEventListener("focus", () => { field.value = plain(); field.select(); });
  field.addEventListener("input", () => field.setCustomValidity(""));
  field.addEventListener("blur", () => { field.setCustomValidity(""); show(); });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") field.value = plain();
    if (event.key === "Enter" || event.key === "Escape") field.dispatchEvent(new Event("change"));
  });
  field.addEventListener("change", () => {
    if (field.value === plain()) return;
    const ends = typedEnds(field.value);
    if (!allowed(name, ...ends)) {
      field.setCustomValidity("Write a number such as 1.2e9, or an interval such as 4e3 to 3e4, the smaller end first.");
      field.reportValidity();
      return;
    }
    [low, high] = ends;
    place(low, high);
    onchange(name, ends);
  });
  show();
  place(low, high);
  return [element("div", { class: "figure" }, field, element("span", { class: "unit" }, unitText(setting.unit))), track];
}

function handles(name, preset, setting, onmove) {
  const scale = scaleOf(name, preset), fill = element("span", { class: "fill" });
  const pair = [0, 1].map(() => element("input", { type: "range", min: 0, max: STEPS, step: 1 }));
  let values = [preset.low, preset.high]; // of the two handles; one that stands still keeps its own
  const sorted = () => pair.map((handle) => handle.valueAsNumber).sort((a, b) => a - b);
  const paint = () => {
    const [a, b] = sorted();
    fill.style.setProperty("--from", a / STEPS);
    fill.style.setProperty("--to", b / STEPS);
  };
  // Handles may pass each other: the lower of the two is the lower end.
  const tell = () => pair.forEach((handle) => {
    const lower = handle.valueAsNumber <= sorted()[0] && handle === pair.find((each) => each.valueAsNumber === sorted()[0]);
    handle.setAttribute("aria-label", `${inputTitle(name)}, ${lower ? "lower" : "upper"} end`);
    handle.setAttribute("aria-valuetext", `${scientific(values[pair.indexOf(handle)], 3)} ${unitText(setting.unit)}`.trim());
  });
  const place = (low, high) => {
    values = [low, high];
    pair.forEach((handle, i) => { handle.value = Math.round(Math.min(Math.max(scale.of(values[i]), 0), STEPS)); });
    paint();
    tell();
  };
  pair.forEach((handle, i) => handle.addEventListener("input", () => {
    const other = pair[1 - i], met = handle.valueAsNumber === other.valueAsNumber;
    values[i] = met ? values[1 - i] : shortened(name, scale.at(handle.valueAsNumber));
    const [low, high] = nearest(name, ...[...values].sort((a, b) => a - b));
    values = values[0] <= values[1] ? [low, high] : [high, low];
    paint();
    tell();
    onmove([low, high]);
  }));
  return { track: element("div", { class: "handles" }, fill, ...pair), place };
}
