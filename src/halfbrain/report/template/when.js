// The year in which a training is affordable: worked out for one scenario, that of the page's own preset.

const LEVELS = { p5: 0.05, p50: 0.5, p95: 0.95 };

// 'already', '2031', '2045?' where a trend is a guess, '>2100'.
function yearSaid(year) {
  if (year === null) return `after ${DATA.when.latest}`;
  return `${year}${year > DATA.when.guess_after ? "?" : ""}`;
}

const yearTold = (years, level) => (years.already >= LEVELS[level] ? "already" : yearSaid(years[level]));

function yearInterval(years) {
  const [low, high] = ["p5", "p95"].map((level) => yearTold(years, level));
  return low === high ? "" : `${low} to ${high}`;
}

function yearCell(years) {
  const { start, latest } = DATA.when, share = (level) => Math.min(((years[level] ?? latest) - start) / (latest - start), 1);
  const bar = element("span", { class: "chance-bar", "aria-hidden": "true" }, element("i", {}), element("b", {}));
  bar.firstChild.style.left = `${100 * share("p5")}%`;
  bar.firstChild.style.width = `${100 * (share("p95") - share("p5"))}%`;
  bar.lastChild.style.left = `${100 * share("p50")}%`;
  const interval = yearInterval(years);
  return element("span", { class: "chance" }, element("span", {}, element("b", {}, yearTold(years, "p50")), interval ? ` (${interval})` : ""), bar);
}

function whenTable() {
  const { start, latest, contenders } = DATA.when;
  const head = ["contender", `USD, machines of ${start}`, `year, if budgets stay (bar: ${start} to ${latest})`, "year, if budgets grow"];
  return element("table", { class: "odds when" }, element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)))),
    element("tbody", {}, ...contenders.map((each) => element("tr", { class: rowClass(each) }, rowHead(byName(ROWS, each.name)),
      ...[`${scientific(each.usd_today.p50)} (${scientific(each.usd_today.p5)} to ${scientific(each.usd_today.p95)})`, yearCell(each.fixed), yearCell(each.growing)]
        .map((cell, i) => element("td", { "data-label": head[i + 1] }, cell))))));
}

// What the year hangs on: each figure at its 5th and its 95th percentile.
function swingsTable(each) {
  const rows = each.swings.map(({ name, low, high }) => [capital(swingName(name, each.name)), ...[low, high].map((year) => (year === DATA.when.start ? "already" : yearSaid(year)))]);
  const { title } = byName(ROWS, each.name);
  const told = rows.length ? measuredTable(["figure", "at its 5th percentile", "at its 95th"], rows, `${title}: what the year hangs on`)
    : element("p", { class: "muted" }, `${yearTold(each[each.swings_of], "p50")}, whatever one of them is.`);
  return element("details", { class: each.name }, element("summary", {}, element("span", { class: "swatch" }), title,
    element("small", {}, `what the year hangs on${each.swings_of === "growing" ? ", as budgets grow" : ""}; most of the cost then: ${each.mostly}`)), told);
}

function swingName(name, contender) {
  return name.replace(`${contender}.`, "").replace(/^hardware\./, "").replace(/^[bh]\d+/, (machine) => machine.toUpperCase()).replaceAll(/[._]/g, " ").replace(/\bflops?\b/, "FLOP");
}

function whenLimits() {
  const said = (share) => (share >= 0.05 ? percent(share) : "");
  return DATA.when.contenders.flatMap((each) => {
    const { title } = byName(ROWS, each.name);
    return [said(each.beyond_cmos) && `${title}: in ${said(each.beyond_cmos)} of the draws a joule would by then do more than transistors as they are can; another device is needed.`,
      said(each.held_up_by_landauer) && `${title}: in ${said(each.held_up_by_landauer)} of the draws Landauer’s limit holds electricity up by then.`].filter(Boolean);
  });
}

function whenSection() {
  const { machine, start, guess_after, latest, title, draws } = DATA.when, money = (name, text) => opens(DATA.when.facts[name], text(byName(DATA.facts, DATA.when.facts[name])));
  const dollars = (fact) => `${scientific(median(fact))} USD`, years = (fact) => `${figureText(fact)} years`;
  at("when-about").replaceChildren(`For “${title}”, as this page was made: sliders do not move it. Trends of the ${machine.toUpperCase()}, from ${start}. The money is `,
    money("budget", dollars), ", the dearest training so far, or that as it doubles every ", money("growth", years), " up to ", money("ceiling", dollars),
    `, Project Apollo’s. “?”: after ${guess_after} a trend is a guess; no year after ${latest} is told. ${draws.toLocaleString("en")} draws.`);
  at("when-told").replaceChildren(element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Years" }, whenTable()),
    ...whenLimits().map((line) => element("p", { class: "muted" }, line)), ...DATA.when.contenders.filter(({ under }) => !under).map(swingsTable));
}

whenSection();
