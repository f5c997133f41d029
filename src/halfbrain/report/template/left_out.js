// What is left out, and what each would add to the FLOP; the same figures as Python's forecast/additions.py.

const switchedOnState = (state, name) => ({ ...state, inputs: { ...state.inputs, [name]: [1, 1] } });

// {glia: spread, ...}: shares of the FLOP that what is off would add.
function additionsOf(contender, state, n = RESTING_DRAWS) {
  const counting = byName(DATA.presets, state.preset).counting, key = `${contender.name}.flop`;
  const flop = (shown) => samplesOf(contender, counting, relevant(contender, figures(shown)), n, [key])[key];
  const inputs = figures(state), own = flop(state);
  const off = DATA.switches.filter((name) => contender.inputs.includes(name) && inputs[name].high === 0);
  return Object.fromEntries(off.map((name) => {
    const more = flop(switchedOnState(state, name));
    return [name, spread(more.map((each, i) => each / own[i % own.length] - 1))];
  }));
}

window.halfbrain.additions = (state, contender, n) => additionsOf(byName(ROWS, contender), state, n);

// 38 % (5.7 to 200); what is less than a thousandth is no more than that.
function addedText({ p5, p50, p95 }) {
  const text = (share) => (share < 1e-3 ? "< 0.1" : scientific(100 * share));
  const [low, mid, high] = [p5, p50, p95].map(text);
  return low === high ? `${mid} %` : `${mid} % (${low} to ${high})`;
}

function leftOutSection(inputs) {
  const rows = CONTENDERS.filter((contender) => byTerms(contender, inputs)).map((contender) => [contender, additionsOf(contender, state)])
    .filter(([, added]) => Object.keys(added).length);
  at("left-out").hidden = !rows.length;
  const head = DATA.switches.map(inputTitle);
  keepingFocus(() => at("left-out-told").replaceChildren(element("thead", {}, element("tr", {}, ...["contender", ...head.map((text) => `${inner(text)}: FLOP more`)].map((text) => element("th", { scope: "col" }, text)))),
    element("tbody", {}, ...rows.map(([contender, added]) => element("tr", { class: contender.name }, rowHead(contender),
      ...DATA.switches.map((name, i) => element("td", { "data-label": head[i] }, name in added ? opens(`with:${name}:${contender.name}.flop`, addedText(added[name])) : "–")))))));
}
