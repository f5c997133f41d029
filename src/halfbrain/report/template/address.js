// The state of the page, and the address that keeps it.

const state = { preset: DATA.presets[DATA.initial].name, inputs: {}, against: "", beliefs: DATA.odds.beliefs[0].name };
let unread = []; // what the address has that is not known here

function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  state.preset = DATA.presets[DATA.initial].name;
  state.inputs = {};
  state.against = "";
  state.beliefs = DATA.odds.beliefs[0].name;
  unread = [];
  for (const [name, text] of given) {
    const ends = typedEnds(text);
    if (["preset", "against"].includes(name) && byName(DATA.presets, text)) state[name] = text;
    else if (name === "beliefs" && byName(DATA.odds.beliefs, text)) state.beliefs = text;
    else if (Object.hasOwn(DATA.settings, name) && allowed(name, ...ends)) state.inputs[name] = ends;
    else unread.push(`${name}=${text}`.slice(0, 60));
  }
}

// What was asked for and does nothing: unknown to the page, or hidden by what is set outright.
function remarks() {
  const idle = Object.keys(state.inputs).filter((name) => !document.querySelector(`.control[data-name="${name}"]`));
  at("remarks").textContent = [
    unread.length ? `The address has what is not known here, or may not be: ${unread.join(", ")}.` : "",
    idle.length ? `Without a bearing on this preset: ${idle.join(", ")}.` : "",
  ].filter(Boolean).join(" ");
}

function address() {
  const given = new URLSearchParams({ preset: state.preset });
  if (state.beliefs !== DATA.odds.beliefs[0].name) given.set("beliefs", state.beliefs);
  if (state.against) given.set("against", state.against);
  for (const [name, [low, high]] of Object.entries(state.inputs)) given.set(name, low === high ? `${low}` : `${low}..${high}`);
  return `#${given}`;
}

function writeAddress() {
  try {
    history.replaceState(null, "", address());
  } catch { /* a browser may forbid it for a file; the link button still works */ }
}
