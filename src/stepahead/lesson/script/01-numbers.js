// Numbers in and out: unpacking, formatting, draws, readings.

const page = JSON.parse(document.getElementById("data").textContent);

const floats = (text) => new Float64Array(bytes(text).buffer);
const shorts = (text) => new Uint16Array(bytes(text).buffer);

/** A word of the page in its language; {name} is filled in. */
function say(key, values = {}) {
  if (!(key in page.words)) throw new Error(`no word for ${key}`);
  return fill(page.words[key], values);
}

/** A number with so many decimals, and never an exponent: what is smaller is 0. */
const fixed = (value, digits = 3) => number(Number(value.toFixed(digits)), digits);

const range = (from, until, step = 1) => {
  const out = [];
  for (let i = from; i < until; i += step) out.push(i);
  return out;
};

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const spread = (values) => {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
};

/** Uniform draws from a seed (mulberry32), and normal ones: the page's own, where it says "new draw". */
function generator(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const shuffled = (values) => {
    const out = Array.from(values);
    for (let i = out.length - 1; i > 0; i -= 1) {
      const j = Math.floor(uniform() * (i + 1));
      [out[i], out[j]] = [out[j], out[i]];
    }
    return out;
  };
  return { uniform, normal, shuffled };
}

const T = 1000;
const TAU = 4;
const TRAIN = 604;
const H = 64;
const FREQUENCY = 0.01;
const NOISE = 0.2;
const wave = (t) => Math.sin(FREQUENCY * t);

const seeds = page.seeds.map((seed) => {
  const x = floats(seed.x);
  return { ...seed, x, order: shorts(seed.order), noise: x.map((value, i) => (value - wave(i + 1)) / NOISE) };
});

/** Root of the mean squared error by step, [H], of forecasts(origin) -> [H] over origins first .. last. */
function errorByStep(x, forecasts, first = TRAIN, last = T - H, steps = H) {
  const total = new Float64Array(steps);
  for (let origin = first; origin <= last; origin += 1) {
    const ahead = forecasts(origin);
    for (let k = 0; k < steps; k += 1) total[k] += (ahead[k] - x[origin + k]) ** 2;
  }
  return total.map((sum) => Math.sqrt(sum / (last - first + 1)));
}
