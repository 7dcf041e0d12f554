const data = JSON.parse(document.getElementById("data").textContent);
const { words, steps, lines, slider, views, first } = data;
const byId = (id) => document.getElementById(id);
const state = { at: data.start, origin: 0, view: 0, every: false };
const [CLEAR, CLOSE] = [2, 1];
const STATES = ["none", "close", "clear"];
// What a page is made of: each part may build, draw, move to a step, and name the charts in which a press chooses one.
const parts = [];

// -- words, numbers, elements ---------------------------------------------------------------------------------

// What a reading is told as: a dash where there is none, and what is without bound comes as a text.
const told = (value, places) => (value === null ? "–" : typeof value === "string" ? value : number(value, places));
const perCent = (value) => (typeof value === "number" ? number(Math.round(100 * value), 0) + "%" : told(value));
const error = (value) => told(value, data.digits);
const withUnit = (value) => error(value) + (data.unit ? " " + data.unit : "");

const pen = document.createElement("canvas").getContext("2d");
function widthOf(text, size, bold = false) {
  pen.font = `${bold ? "650 " : ""}${size}px ${getComputedStyle(document.body).fontFamily}`;
  return pen.measureText(text).width;
}

// A name at most so wide: a longer one loses its middle, or its end; what says that a column is foreseen stays.
function shorten(name, size, most, end = false) {
  if (widthOf(name, size, true) <= most) return name;
  const mark = name.includes(" AS IF") ? " AS IF" : "";
  const letters = Array.from(name.replace(/ AS IF( FORESEEN)?/, "")).slice(1, -1);
  const whole = "\u2068" + letters.join("") + mark + "\u2069";
  if (mark && widthOf(whole, size, true) <= most) return whole;
  let [head, tail] = [Math.ceil(letters.length / 2), Math.floor(letters.length / 2)];
  const cut = () => "\u2068" + letters.slice(0, head).join("").trimEnd() + "…" + letters.slice(letters.length - tail).join("") + mark + "\u2069";
  if (end) [head, tail] = [letters.length - 1, 0];
  while ((end ? head : tail) > 1 && widthOf(cut(), size, true) > most) end || head > tail ? head-- : tail--;
  return cut();
}

// That of a model: its brief name, which no other has, where there is no room for the name.
const shortened = (line, size, most) => (widthOf(line.name, size, true) <= most ? line.name : shorten(line.brief, size, most));

// -- packed matrices ------------------------------------------------------------------------------------------

function unpack(packed, size) {
  const raw = bytes(packed.data);
  const codes = size === 2 ? new Uint16Array(raw.buffer) : raw;
  const missing = 256 ** size - 1; // the largest code is what is not there
  return Float64Array.from(codes, (code) => (code === missing ? NaN : packed.low + packed.step * code));
}

const width = slider.length;

// -- frames: where a chart has its axes -----------------------------------------------------------------------

const linear = (from, to, low, high) => (value) => low + ((value - from) / (to - from || 1)) * (high - low);

function frame(id, { height, low, high, right, label, gutter = 0, foot = 44, sign = "", unit = "" }) {
  const holder = byId(id);
  const wide = Math.max(holder.clientWidth, 240);
  const round = roundNumbers(low, high, 5);
  const places = high - low >= 1e-4 && Math.max(-low, high) < 1e7 ? round.places : -1;
  const texts = round.found.map((value) => (Math.abs(value) < 1e-12 * (high - low) ? "0" : number(value, places)) + sign);
  if (texts.length) texts[texts.length - 1] += unit;
  const left = Math.max(gutter, Math.ceil(Math.max(0, ...texts.map((text) => widthOf(text, 12)))) + 10);
  const svg = board(holder, wide, height, "");
  const box = { left, right: wide - right, top: 8, bottom: height - foot };
  const y = linear(low, high, box.bottom, box.top);
  const grid = svgNode(svg, "g", { class: "y" });
  round.found.forEach((value, i) => {
    const at = y(value).toFixed(1);
    svgNode(grid, "line", { class: "grid", x1: box.left, x2: box.right, y1: at, y2: at });
    svgNode(grid, "text", { x: box.left - 8, y: at, dy: "0.35em", "text-anchor": "end" }, texts[i]);
  });
  svgNode(svg, "line", { class: "axis", x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom });
  if (label) svgNode(svg, "text", { class: "said", x: (box.left + box.right) / 2, y: height - 4, "text-anchor": "middle" }, label);
  const room = { x: box.left - 3, y: box.top - 3, width: box.right - box.left + 6, height: box.bottom - box.top + 3 };
  const inside = within(svg, "clip-" + id, room);
  return { svg, box, y, inside, wide, height };
}

function bottomTicks(chart, ticks) {
  const group = svgNode(chart.svg, "g", { class: "x" });
  const widest = Math.max(...ticks.map(([, text]) => widthOf(text, 12)), 10) + 16;
  const apart = ticks.length > 1 ? Math.min(...ticks.slice(1).map(([at], i) => at - ticks[i][0])) : widest;
  const every = Math.max(1, Math.ceil(widest / apart));
  ticks.forEach(([at, text], i) => {
    if (i % every) return;
    const half = widthOf(text, 12) / 2;
    const x = Math.min(at, chart.wide - half);
    svgNode(group, "line", { class: "axis", x1: at.toFixed(1), x2: at.toFixed(1), y1: chart.box.bottom, y2: chart.box.bottom + 4 });
    svgNode(group, "text", { x: x.toFixed(1), y: chart.box.bottom + 18, "text-anchor": "middle" }, text);
  });
}

// Places at least `gap` apart, each crowd about the middle of where it wants to be (as figures.py does it).
function apart(wanted, gap, low, high) {
  const groups = [];
  for (const place of wanted) {
    let [middle, count] = [place, 1];
    while (groups.length) {
      const [below, many] = groups[groups.length - 1];
      if (middle - 0.5 * gap * (count - 1) >= below + 0.5 * gap * (many + 1)) break;
      groups.pop();
      middle = (middle * count + below * many) / (count + many);
      count += many;
      const half = 0.5 * gap * (count - 1);
      middle = Math.max(low + half, Math.min(high - half, middle));
    }
    groups.push([middle, count]);
  }
  return groups.flatMap(([middle, count]) => Array.from({ length: count }, (_, i) => middle + gap * (i - 0.5 * (count - 1))));
}

// What is without bound can be told and not be drawn.
const finite = (values) => values.map((value) => (typeof value === "number" ? value : NaN));
for (const line of lines) {
  line.drawn = finite(line.error);
  if (line.saving) for (const side of ["value", "low", "high"]) line.saving["_" + side] = finite(line.saving[side]);
}

// Phones and paper have less room for a chart.
const onPaper = () => document.documentElement.classList.contains("paper");
const isPhone = (id) => byId(id).clientWidth < 480;
const heightOf = (id, screen) => (onPaper() ? 215 : isPhone(id) ? 250 : screen);
const shown = () => lines.map((line, i) => i).filter((i) => state.every || i < data.few);
const byDepth = (list) => [...list].reverse(); // the model of the headline on top of all

// -- charts by number of steps --------------------------------------------------------------------------------

const byStep = {};

function scaleOfSteps(left, right) {
  if (steps.length === 1) return () => (left + right) / 2;
  const scale = linear(Math.log2(steps[0]), Math.log2(steps[steps.length - 1]), left, right);
  return (k) => scale(Math.log2(k));
}

function ticksOfSteps() {
  const last = steps[steps.length - 1];
  const found = [];
  for (let k = 1; k <= last; k *= 2) if (k >= steps[0] && (k < 0.8 * last || k === last)) found.push(k);
  if (!found.includes(last)) found.push(last);
  return found;
}

const lineOf = (values, x, y) => pathThrough(steps.map((k, i) => [x(k), y(values[i])]));

// A line over one part of the axis: from half-way to half-way of its steps, so that one step has a length.
function partOf(values, [from, to], chart) {
  const points = [];
  const between = (edge, i) => (values[i] + values[i + 1]) / 2;
  steps.forEach((k, i) => {
    if ((from !== null && k < from) || (to !== null && k > to)) return;
    if (!points.length) points.push(from === null ? [chart.box.left, chart.y(values[i])] : [chart.edge(from), chart.y(between(from, i - 1))]);
    points.push([chart.x(k), chart.y(values[i])]);
    points.end = to === null ? [chart.box.right, chart.y(values[i])] : [chart.edge(to), chart.y(between(to, i))];
  });
  if (points.end) points.push(points.end);
  return pathThrough(points);
}

function moveSpots(chart, valuesOf) {
  const place = slider[state.at];
  const at = chart.x(steps[place]).toFixed(1);
  chart.moment.setAttribute("x1", at);
  chart.moment.setAttribute("x2", at);
  for (const [i, spot] of chart.spots) {
    const y = chart.y(valuesOf(lines[i])[place]);
    spot.setAttribute("cx", at);
    spot.setAttribute("cy", Number.isNaN(y) ? 0 : y.toFixed(1));
    spot.classList.toggle("gone", !(y >= chart.box.top - 1 && y <= chart.box.bottom + 1));
  }
}

const stateOf = (line, place) => (line.state ? words[STATES[line.state[place]]] : "");

// What is read at one step, in words: the first model, the others, the best baseline.
function readings(place) {
  const said = shown().map((i, n) => {
    const line = lines[i];
    const form = !line.state ? words.read_bare : n ? words.read : words.read_first;
    return fill(form, { model: line.name, error: (n ? error : withUnit)(line.error[place]), state: stateOf(line, place) });
  });
  if (first) {
    const used = first.use.find(([from, to]) => (from === null || steps[place] > from) && (to === null || steps[place] < to));
    const form = used[3] === CLOSE ? words.read_safe : used[4].startsWith("c0") ? words.read_use : words.read_best;
    said.push(fill(form, { baseline: first.names[first.by[place]], error: error(first.best[place]) }));
  }
  return said;
}
