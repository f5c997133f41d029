// The same random numbers and the same statistics as in Python (random/philox.py, facts/interval.py,
// forecast/sensitivity.py), so that the page and the terminal give the same figures.
"use strict";

const Z95 = 1.6448536269514722;

// The high 32 bits of a product of two 32-bit words.
function mulHigh(a, b) {
  const al = a & 0xffff, ah = a >>> 16, bl = b & 0xffff, bh = b >>> 16;
  const middle = ah * bl + ((al * bl) >>> 16);
  const carry = al * bh + (middle & 0xffff);
  return (ah * bh + Math.floor(middle / 65536) + Math.floor(carry / 65536)) >>> 0;
}

// Philox4x32-10 (Salmon et al. 2011): four 32-bit words from a counter and a key.
function philox(c0, c1, c2, c3, key) {
  let k0 = key[0], k1 = key[1];
  for (let round = 0; round < 10; round++) {
    const h0 = mulHigh(0xd2511f53, c0), l0 = Math.imul(0xd2511f53, c0) >>> 0;
    const h1 = mulHigh(0xcd9e8d57, c2), l1 = Math.imul(0xcd9e8d57, c2) >>> 0;
    [c0, c1, c2, c3] = [(h1 ^ c1 ^ k0) >>> 0, l1, (h0 ^ c3 ^ k1) >>> 0, l0];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

function polynomial(coefficients, x) {
  let value = 0;
  for (const c of coefficients) value = value * x + c;
  return value;
}

// The inverse of the normal distribution function: Wichura 1988, AS 241, PPND16.
const AS241 = {
  a: [2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
    1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.387132872796366608],
  b: [5.226495278852854561e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
    5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1],
  c: [7.7454501427834140764e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258,
    3.64784832476320460504, 5.76949722146069140550, 4.63033784615654529590, 1.42343711074968357734],
  d: [1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
    1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940, 2.05319162663775882187, 1],
  e: [2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
    2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580, 5.46378491116411436990,
    6.65790464350110377720],
  f: [2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
    7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
    5.99832206555887937690e-1, 1],
};

function inverseNormal(p) {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return q * polynomial(AS241.a, r) / polynomial(AS241.b, r);
  }
  let r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  const tail = r <= 5;
  r -= tail ? 1.6 : 5;
  const x = polynomial(tail ? AS241.c : AS241.e, r) / polynomial(tail ? AS241.d : AS241.f, r);
  return q < 0 ? -x : x;
}

const normalCache = new Map();

// n standard normal draws of a named input; number i depends on key, stream and i only, so fewer
// draws are the first of more.
function normals(key, n, stream) {
  const name = `${key[0]}/${key[1]}/${stream}`;
  let out = normalCache.get(name);
  if (!out || out.length < n) {
    out = new Float64Array(n);
    for (let i = 0; i < n; i += 2) {
      const words = philox(i >> 1, stream, 0, 0, key);
      for (let lane = 0; lane < 2 && i + lane < n; lane++) {
        const bits = (words[2 * lane] >>> 5) * 67108864 + (words[2 * lane + 1] >>> 6);
        out[i + lane] = inverseNormal((bits + 0.5) * 2 ** -53);
      }
    }
    normalCache.set(name, out);
  }
  return out.subarray(0, n);
}

// Draws of an input {low, high, shape, streams}; a certain one is a single number for all of them.
// Its streams are pairs of a key and a weight: more than one where the input is tied to others.
function column({ low, high, shape, streams }, n, repeat) {
  if (low === high) return Float64Array.of(low);
  const share = shape === "fraction";
  const a = share ? Math.log(low / (1 - low)) : Math.log(low);
  const b = share ? Math.log(high / (1 - high)) : Math.log(high);
  const mid = (a + b) / 2, width = (b - a) / (2 * Z95);
  const scores = streams.map(([key, weight]) => (weight === 1 ? normals(key, n, repeat) : normals(key, n, repeat).map((z) => weight * z)));
  return scores[0].map((z, i) => {
    for (let s = 1; s < scores.length; s++) z += scores[s][i];
    const x = mid + width * z;
    return share ? 1 / (1 + Math.exp(-x)) : Math.exp(x);
  });
}

// The inputs with the streams that they are drawn by, those that are tied by several; as Python's
// forecast/ties.py. An input of a fact is drawn by the fact, another by its own name.
function withStreams(inputs, ties, keys) {
  const own = (name) => inputs[name].fact || name, spread = (name) => inputs[name] && inputs[name].low < inputs[name].high;
  const scores = new Map();
  for (const { names, correlation } of ties.filter((tie) => tie.names.every(spread))) {
    const score = 2 * Math.sin(Math.PI / 6 * correlation), [one, other] = names.map(own);
    for (const [from, to] of [[one, other], [other, one]]) scores.set(from, new Map(scores.get(from)).set(to, score));
  }
  const mixed = new Map();
  for (const first of scores.keys()) {
    if (mixed.has(first)) continue;
    const found = [first];
    for (const name of found) found.push(...[...scores.get(name).keys()].filter((other) => !found.includes(other)));
    const group = found.sort();
    cholesky(group.map((one) => group.map((other) => (one === other ? 1 : scores.get(one).get(other) || 0))))
      .forEach((row, i) => mixed.set(group[i], row.map((weight, j) => [keys[group[j]], weight]).filter(([, weight]) => weight !== 0)));
  }
  return Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, { ...input, streams: mixed.get(own(name)) || [[keys[own(name)], 1]] }]));
}

function cholesky(matrix) {
  const lower = matrix.map((row) => row.map(() => 0));
  matrix.forEach((row, i) => {
    for (let j = 0; j <= i; j++) {
      let rest = row[j];
      for (let k = 0; k < j; k++) rest -= lower[i][k] * lower[j][k];
      lower[i][j] = i === j ? Math.sqrt(rest) : rest / lower[j][j];
    }
  });
  return lower;
}

// Names of inputs in groups that are independent of each other: those of a group share a stream.
function dependent(names, inputs) {
  let groups = [];
  for (const name of names) {
    const own = { names: [name], streams: inputs[name].streams.map(([key]) => key.join()) };
    const joined = groups.filter((group) => group.streams.some((stream) => own.streams.includes(stream)));
    groups = groups.filter((group) => !joined.includes(group));
    groups.push({ names: [...joined.flatMap((group) => group.names), name].sort(), streams: [...joined.flatMap((group) => group.streams), ...own.streams] });
  }
  return groups.map((group) => group.names);
}

// Quantiles of a sorted array by linear interpolation, as NumPy's.
function quantile(sorted, q) {
  const at = q * (sorted.length - 1), below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
}

// Puts the value that has place k in order there, between first and last; less stands before it, more after.
function select(values, k, first, last) {
  while (first < last) {
    const pivot = values[k];
    let i = first, j = last;
    do {
      while (values[i] < pivot) i++;
      while (pivot < values[j]) j--;
      if (i <= j) {
        const swapped = values[i];
        values[i++] = values[j];
        values[j--] = swapped;
      }
    } while (i <= j);
    if (j < k) first = i;
    if (k < i) last = j;
  }
}

// The three percentiles, without putting all in order: a page has some hundred of these at each change.
function spread(values) {
  const own = Float64Array.from(values), end = own.length - 1;
  let first = 0;
  const [p5, p50, p95] = [0.05, 0.5, 0.95].map((q) => {
    const below = Math.floor(q * end), above = Math.min(below + 1, end);
    select(own, below, first, end);
    if (above > below) select(own, above, above, end);
    first = above;
    return quantile(own, q);
  });
  return { p5, p50, p95 };
}

function mean(values) {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

// Sobol indices from rows A, A with one column of B, ..., B (Saltelli et al. 2010), as in forecast/sensitivity.py.
function sobolIndices(rows) {
  const all = Float64Array.from(rows.flatMap((row) => Array.from(row)));
  const centre = mean(all);
  const deviation = Math.sqrt(mean(all.map((y) => (y - centre) ** 2)));
  if (deviation === 0) return rows.slice(1, -1).map(() => ({ index: 0, first_order: 0 }));
  const [a, ...rest] = rows.map((row) => row.map((y) => (y - centre) / deviation));
  const b = rest.pop();
  const both = Float64Array.from([...a, ...b]), middle = mean(both);
  const variance = mean(both.map((y) => (y - middle) ** 2));
  return rest.map((mixed) => ({
    index: 0.5 * mean(a.map((y, i) => (y - mixed[i]) ** 2)) / variance,
    first_order: mean(b.map((y, i) => y * (mixed[i] - a[i]))) / variance,
  }));
}
