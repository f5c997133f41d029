// How many devices it takes in real time, what decides that and what would move it: worked out for one scenario.

let planned = DATA.plan.machines[0].name;

const counted2 = (value) => (value === null ? "none" : scientific(value));

function devicesText(spread) {
  const { p5, p50, p95 } = spread;
  return p5 === p95 && p50 === p5 ? counted2(p50) : [element("b", {}, counted2(p50)), element("small", {}, `${counted2(p5)} to ${counted2(p95)}`)];
}

// 'arithmetic in 55 %, memory in 44 %'
function decidedBy({ devices, decides, fastest, limits, possible }) {
  if (devices.p50 === null) return `no number is enough${fastest.p50 === null ? ": all that there are do not hold the state" : `: ${scientific(fastest.p50)} s for a second of life at best, for ${limits}`}`;
  const shares = Object.entries(decides).filter(([, share]) => share >= 0.05).slice(0, 3).map(([kind, share]) => `${kind} in ${percent(share).replace(" ", "\u00a0")}`).join(", ");
  return possible < 0.995 ? `${shares}; enough in ${percent(possible)}` : shares;
}

function yearTaken({ year_energy_joule: energy, year_money_usd: money }) {
  return [energy?.p50 ? prefixed(energy.p50 / 3600, "Wh") : "", money?.p50 ? `${scientific(money.p50)} USD` : ""].filter(Boolean)
    .map((part) => part.replaceAll(" ", "\u00a0")).join(", ") || "–"; // a number does not break
}

function planTable(plans) {
  const head = ["contender", "spikes or gradients go", "devices for memory", "for arithmetic", "for memory traffic", "for the network", "for all of it", "decided by, of draws", "a year takes"];
  return element("table", { class: "cards-of-rows plan" }, element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)))),
    element("tbody", {}, ...CONTENDERS.flatMap((contender) => plans[contender.name].ways.map((way, i) => {
      const { memory, arithmetic, traffic } = plans[contender.name];
      const cells = [way.name, ...[memory, arithmetic, traffic, way.network].map((spread) => (spread ? counted2(spread.p50) : "–")), devicesText(way.devices), decidedBy(way), yearTaken(way)];
      return element("tr", { class: `${contender.name}${i ? " again" : ""}` }, element("th", { scope: "row" }, element("span", { class: "swatch" }), contender.title),
        ...cells.map((cell, j) => element("td", { "data-label": head[j + 1] }, element("span", {}, ...[cell].flat()))));
    }))));
}

function leversTable(contender, levers) {
  const what = { devices: ["devices", "fewer"], fastest: ["s for a second of life", "faster"], days: ["days", "sooner"], USD: ["USD", "cheaper"] };
  const rows = levers.map(({ name, gains, after, factor, possible }) => [capital(name), `${counted2(after)} ${what[gains][0]}`, factor === null ? "–" : `${scientific(factor)} times ${what[gains][1]}`, `${percent(possible)} of draws`]);
  return element("details", { class: contender.name }, element("summary", {}, element("span", { class: "swatch" }), contender.title, element("small", {}, "what would move it")),
    measuredTable(["change", "gives", "gain", "enough in"], rows, `${contender.title}: what would move it`));
}

function planSection() {
  const machine = byName(DATA.plan.machines, planned), plans = machine.contenders, there = Object.values(plans)[0]?.there;
  radios("machines", DATA.plan.machines, planned, (chosen) => { planned = chosen.name; planSection(); });
  at("plan-about").textContent = `For “${DATA.plan.title}”, as this page was made: sliders do not move it. ${there ? `It has ${scientific(there.p50)} devices. ` : ""}${DATA.plan.draws.toLocaleString("en")} draws; “halfbrain plan” has more: other machines, days and budgets.`;
  at("plan-told").replaceChildren(element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Devices" }, planTable(plans)),
    ...CONTENDERS.filter(({ name }) => plans[name].levers.length).map((contender) => leversTable(contender, plans[contender.name].levers)));
}

planSection();
