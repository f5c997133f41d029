// The assumptions: an interval with two handles for each, its source beneath.

const STEPS = 1000;

function isShare(name) {
  return ["share", "at most one"].includes(DATA.settings[name].range);
}

// The slider's scale: logarithmic about the preset's interval, linear for shares.
function scaleOf(name, figure) {
  if (isShare(name)) return { at: (p) => 0.001 + 0.998 * p / STEPS, of: (v) => (v - 0.001) / 0.998 * STEPS };
  const low = Math.log(figure.low || 1e-3) - Math.log(100), high = Math.log(figure.high || 1) + Math.log(100);
  return { at: (p) => Math.exp(low + (high - low) * p / STEPS), of: (v) => (Math.log(v) - low) / (high - low) * STEPS };
}

// All times are times of life, so the 'bio' may go.
function unitText(unit) {
  return unit === "dimensionless" ? "" : unit.replaceAll("bio_second", "s").replaceAll("bio_year", "year").replace(/^1\//, "per ");
}

const shortened = (value) => Number(value.toPrecision(2));

function figureText(figure) {
  return figure.low === figure.high ? scientific(figure.low, 3)
    : `${scientific(figure.low)} to ${scientific(figure.high)}`;
}

function sourceNames(figure) {
  const names = (figure.sources || []).map((key) => DATA.sources[key][0]).join("; ");
  return `${names || "Set by you"}${figure.where ? `, ${figure.where}` : ""}${figure.confidence ? ` [${figure.confidence}]` : ""}`;
}

// One control; onchange(name, [low, high]) while it moves.
function control(name, preset, current, changed, onchange) {
  const setting = DATA.settings[name], title = name.replace(/^.*\./, "").replaceAll("_", " ");
  const box = element("div", { class: `control${changed ? " changed" : ""}`, "data-name": name });
  const value = element("output", {});
  const show = (figure) => { value.textContent = `${figureText(figure)} ${unitText(setting.unit || "dimensionless")}`.trim(); };
  show(current);
  const head = element("div", { class: "control-head" }, element("span", { class: "control-name" }, title), value);
  box.append(head);
  if (name === "learning") {
    const tick = element("input", { type: "checkbox", "aria-label": setting.about });
    tick.checked = current.low > 0.5;
    tick.addEventListener("change", () => onchange(name, tick.checked ? [1, 1] : [0, 0]));
    box.append(element("label", { class: "switch" }, tick, " learn while running"));
  } else {
    box.append(handles(name, preset, current, setting, show, onchange));
  }
  const note = preset.note ? ` ${preset.note}` : "";
  box.append(element("p", { class: "control-note" }, `${setting.about[0].toUpperCase()}${setting.about.slice(1)}. `,
    element("span", { class: "source" }, `${sourceNames(changed ? {} : preset)}${changed ? "" : "."}${changed ? "" : note}`)));
  return box;
}

function handles(name, preset, current, setting, show, onchange) {
  const scale = scaleOf(name, preset), track = element("div", { class: "handles" });
  const fill = element("span", { class: "fill" });
  const ends = ["lower", "upper"].map((end, i) => element("input", {
    type: "range", min: 0, max: STEPS, step: 1, "aria-label": `${setting.about}, ${end} end`,
    value: Math.round(scale.of(i ? current.high : current.low)),
  }));
  const paint = () => {
    const [a, b] = ends.map((end) => end.valueAsNumber / STEPS * 100);
    fill.style.left = `${Math.min(a, b)}%`;
    fill.style.width = `${Math.max(0.6, Math.abs(b - a))}%`;
  };
  ends.forEach((end, i) => end.addEventListener("input", () => {
    // A handle pushes the other before it.
    const other = ends[1 - i];
    if (i ? end.valueAsNumber < other.valueAsNumber : end.valueAsNumber > other.valueAsNumber) other.value = end.value;
    const [low, high] = ends.map((each) => shortened(scale.at(each.valueAsNumber)));
    end.setAttribute("aria-valuetext", scientific(i ? high : low));
    paint();
    show({ low, high });
    onchange(name, [low, Math.max(low, high)]);
  }));
  paint();
  track.append(fill, ...ends);
  return track;
}
