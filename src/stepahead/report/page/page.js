const data = JSON.parse(document.getElementById("data").textContent);
const { words, steps, lines, slider, views } = data;
const byId = (id) => document.getElementById(id);
const state = { at: data.start, origin: 0, lit: data.lit, view: 0, hidden: new Set() };

// -- words, numbers, elements ---------------------------------------------------------------------------------

// What a reading is told as: a dash where there is none, and what is without bound comes as a text.
const told = (value, places) => (value === null ? "–" : typeof value === "string" ? value : number(value, places));

function sample(holder, classes) {
  const key = svgNode(holder, "svg", { class: "key " + classes, viewBox: "0 0 30 8", "aria-hidden": "true" });
  svgNode(key, "path", { d: "M0 4h30" });
}

const pen = document.createElement("canvas").getContext("2d");
function widthOf(text, size) {
  pen.font = size + "px " + getComputedStyle(document.body).fontFamily;
  return pen.measureText(text).width;
}

function shorten(name, size, most) {
  if (widthOf(name, size) <= most) return name;
  const letters = Array.from(name).slice(1, -1);
  while (letters.length > 1 && widthOf(letters.join("") + "…", size) > most) letters.pop();
  return "\u2068" + letters.join("") + "…\u2069";
}

// -- packed matrices ------------------------------------------------------------------------------------------

function unpack(packed, size) {
  const raw = bytes(packed.data);
  const codes = size === 2 ? new Uint16Array(raw.buffer) : raw;
  const missing = 256 ** size - 1; // the largest code is what is not there
  return Float64Array.from(codes, (code) => (code === missing ? NaN : packed.low + packed.step * code));
}

const width = slider.length;
for (const view of views) {
  view.seen = unpack(view.values, 2);
  view.places = view.places || Array.from(view.seen, (_, i) => view.from + i);
  view.ahead = view.lines.map((line) => {
    const cells = unpack(line, 2);
    return line.flat ? (row) => cells[row] : (row, at) => cells[row * width + at];
  });
  for (const band of Object.values(view.bands)) {
    for (const side of ["wide", "narrow"]) band[side] = unpack(band[side], 1);
  }
  const gaps = view.origins.slice(1).map((origin, i) => origin - view.origins[i]).sort((a, b) => a - b);
  view.stride = gaps.length ? gaps[gaps.length >> 1] : 1;
}

// -- frames: where a chart has its axes -----------------------------------------------------------------------

const linear = (from, to, low, high) => (value) => low + ((value - from) / (to - from || 1)) * (high - low);

function frame(id, { height, low, high, right, label }) {
  const holder = byId(id);
  const wide = Math.max(holder.clientWidth, 240);
  const round = roundNumbers(low, high, height > 280 ? 6 : 5);
  const places = high - low >= 1e-4 && Math.max(-low, high) < 1e7 ? round.places : -1;
  const texts = round.found.map((value) => (Math.abs(value) < 1e-12 * (high - low) ? "0" : number(value, places)));
  const left = Math.ceil(Math.max(...texts.map((text) => widthOf(text, 12)))) + 10;
  const svg = board(holder, wide, height, "");
  const box = { left, right: wide - right, top: 12, bottom: height - 44 };
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
for (const line of lines) {
  for (const found of [line.error, line.skill]) {
    found.told = found.value;
    for (const side of ["value", "low", "high"]) found[side] = found[side].map((v) => (typeof v === "string" ? null : v));
  }
}

// Phones and paper have less height for a chart.
const onPaper = () => document.documentElement.classList.contains("paper");
const heightOf = (id, screen) => (onPaper() ? 235 : byId(id).clientWidth < 480 ? 250 : screen);

const shown = () => lines.map((line, i) => i).filter((i) => !state.hidden.has(i));
// Simple baselines first, the highlighted model last, on top of all.
const byDepth = (list) => [...list].sort((a, b) => depth(a) - depth(b));
const depth = (i) => (i === state.lit ? 1e6 : lines[i].simple ? -1 : lines.length - i);

// -- charts by number of steps --------------------------------------------------------------------------------

const byStep = {};

function scaleOfSteps(box) {
  if (steps.length === 1) return () => (box.left + box.right) / 2;
  const scale = linear(Math.log2(steps[0]), Math.log2(steps[steps.length - 1]), box.left, box.right);
  return (k) => scale(Math.log2(k));
}

function ticksOfSteps() {
  const last = steps[steps.length - 1];
  const found = [];
  for (let k = 1; k <= last; k *= 2) if (k >= steps[0] && (k < 0.8 * last || k === last)) found.push(k);
  if (!found.includes(last)) found.push(last);
  return found;
}

const areaOf = (low, high, x, y) =>
  bandThrough(
    steps.flatMap((k, i) => {
      const ends = [low[i], high[i]].map((end) => (end === null ? NaN : y(end)));
      return (steps.length === 1 ? [-6, 6] : [0]).map((shift) => [x(k) + shift, ...ends]);
    }),
  );

const lineOf = (values, x, y, from, to) =>
  pathThrough(values.slice(from, to + 1).map((value, i) => [x(steps[from + i]), value === null ? NaN : y(value)]));

function drawByStep(id, kind, low, high) {
  const holder = byId(id);
  if (!holder) return;
  const phone = holder.clientWidth < 480;
  // Of the baselines the best has a skill of 0 at each step: their lines would only say that.
  const there = shown().filter((i) => kind === "error" || !lines[i].simple || i === state.lit);
  const names = phone ? [] : there.filter((i) => lines[i][kind].value.some((v) => v !== null));
  const lastOf = (i) => lines[i][kind].value.filter((value) => value !== null).pop();
  const arrow = (i) => (lastOf(i) > high ? " ↑" : lastOf(i) < low ? " ↓" : "");
  const labels = names.map((i) => shorten(lines[i].name, 13, 150) + arrow(i));
  const floor = kind === "error" ? data.floor : null;
  if (floor && !phone) labels.push(words.floor);
  const right = names.length ? Math.ceil(Math.max(...labels.map((text) => widthOf(text, 13)))) + 26 : 12;
  const chart = frame(id, { height: heightOf(id, 320), low, high, right, label: words.axis_k });
  const { box, y, inside, svg } = chart;
  const x = scaleOfSteps(box);
  bottomTicks(chart, ticksOfSteps().map((k) => [x(k), String(k)]));
  chart.moment = svgNode(svg, "line", { class: "moment", y1: box.top, y2: box.bottom });
  if (!state.hidden.has(state.lit)) {
    const found = lines[state.lit][kind];
    svgNode(inside, "path", { class: "band " + lines[state.lit].classes, d: areaOf(found.low, found.high, x, y) });
  }
  const zero = kind === "skill" ? y(0) : null;
  if (zero !== null) svgNode(svg, "line", { class: "zero", x1: box.left, x2: box.right, y1: zero, y2: zero });
  if (floor) svgNode(inside, "path", { class: "floor", d: lineOf(floor, x, y, 0, steps.length - 1) });
  const ends = [];
  for (const i of byDepth(there)) {
    const line = lines[i];
    const values = line[kind].value;
    const lit = i === state.lit ? " lit" : "";
    const last = steps.length - 1;
    let until = last;
    if (kind === "skill" && !line.simple) {
      until = steps.filter((k) => k <= line.claim).length - 1;
      svgNode(inside, "path", { class: `line after ${line.classes}${lit}`, d: lineOf(values, x, y, Math.max(until, 0), last) });
    }
    svgNode(inside, "path", { class: `line ${line.classes}${lit}`, "data-line": i, d: lineOf(values, x, y, 0, until) });
    if (kind === "skill" && until >= 0 && !line.simple && values[until] !== null) ends.push([i, until]);
    if (steps.length === 1 && values[0] !== null) {
      svgNode(inside, "circle", { class: "spot " + line.classes, cx: x(steps[0]), cy: y(values[0]), r: 5 });
    }
  }
  const named = names.map((i) => [lastOf(i), lines[i].classes.split(" ")[0]]);
  if (floor && !phone) named.push([floor[floor.length - 1], "limit"]);
  namesAtEnds(chart, named, labels);
  chart.x = x;
  if (floor && phone) beside(chart, kind, words.floor, y(floor[0]) + 3, there);
  if (zero !== null) {
    const none = lines.every((line) => line.skill.value.every((value) => value === null));
    beside(chart, kind, none ? words.skill_none : words.skill_zero, zero, there);
  }
  reaches(chart, ends, x, y);
  chart.spots = there.map((i) => [i, svgNode(svg, "circle", { class: "spot " + lines[i].classes, r: 4 })]);
  chart.kind = kind;
  byStep[id] = chart;
  moveByStep(chart);
}

// A few words at a level line: at that of its ends, and on that side of it, where the fewest points of lines are.
function beside(chart, kind, text, level, there) {
  const { box, x, y } = chart;
  const wide = widthOf(text, 12);
  const points = there.flatMap((i) => lines[i][kind].value.map((value, at) => [x(steps[at]), value === null ? NaN : y(value)]));
  const spots = [[box.left + 4, level + 15], [box.left + 4, level - 6], [box.right - wide - 4, level + 15], [box.right - wide - 4, level - 6]];
  const crowd = ([left, base]) => {
    if (base > box.bottom || base - 12 < box.top) return Infinity;
    return points.filter(([px, py]) => px > left - 6 && px < left + wide + 6 && py > base - 13 && py < base + 4).length;
  };
  const [left, base] = spots.sort((a, b) => crowd(a) - crowd(b))[0];
  svgNode(chart.svg, "text", { class: "said halo", x: left.toFixed(1), y: base.toFixed(1) }, text);
}

function namesAtEnds(chart, named, labels) {
  const { box, svg, y } = chart;
  const ends = named.map(([last, colour], place) => {
    return { colour, label: labels[place], end: clamp(y(last), box.top, box.bottom) };
  });
  ends.sort((a, b) => a.end - b.end);
  const places = apart(ends.map((each) => each.end), 16, box.top, box.bottom);
  ends.forEach((each, n) => {
    const to = places[n].toFixed(1);
    svgNode(svg, "path", { class: "lead " + each.colour, d: `M${box.right + 3},${each.end.toFixed(1)}L${box.right + 14},${to}` });
    svgNode(svg, "text", { class: "name", x: box.right + 18, y: to, dy: "0.35em" }, each.label);
  });
}

// A dot where a model stops being trusted, and the number of steps beside it, where no other number stands.
function reaches(chart, ends, x, y) {
  const taken = [];
  const told = new Set();
  const order = [...ends].sort((a, b) => (b[0] === state.lit) - (a[0] === state.lit));
  for (const [i, place] of order) {
    const value = lines[i].skill.value[place];
    const at = { x: x(steps[place]), y: clamp(y(value), chart.box.top, chart.box.bottom) };
    svgNode(chart.svg, "circle", { class: "spot " + lines[i].classes, cx: at.x.toFixed(1), cy: at.y.toFixed(1), r: 5.5 });
    const text = String(lines[i].claim);
    if (told.has(text)) continue;
    told.add(text);
    const half = widthOf(text, 13) / 2 + 3;
    const spots = [at.y - 12, at.y + 21].filter((to) => to > chart.box.top && to < chart.box.bottom);
    const free = spots.find((to) => taken.every((other) => Math.abs(other.x - at.x) > other.half + half || Math.abs(other.y - to) > 15));
    if (free === undefined) continue;
    taken.push({ x: at.x, y: free, half });
    const middle = Math.min(at.x, chart.box.right - half + 3);
    svgNode(chart.svg, "text", { class: "far halo", x: middle.toFixed(1), y: free.toFixed(1), "text-anchor": "middle" }, text);
  }
}

function moveByStep(chart) {
  const place = slider[state.at];
  const at = chart.x(steps[place]).toFixed(1);
  chart.moment.setAttribute("x1", at);
  chart.moment.setAttribute("x2", at);
  const said = [];
  for (const [i, spot] of chart.spots) {
    const value = lines[i][chart.kind].value[place];
    const y = value === null ? NaN : chart.y(value);
    spot.setAttribute("cx", at);
    spot.setAttribute("cy", Number.isNaN(y) ? 0 : y.toFixed(1));
    spot.classList.toggle("gone", !(y >= chart.box.top - 1 && y <= chart.box.bottom + 1));
    said.push(`${lines[i].name} ${told(lines[i][chart.kind].told[place], chart.kind === "skill" ? 2 : data.digits)}`);
  }
  const title = words[chart.kind + "_title"];
  const when = fill(words.at_step, { steps: data.called[state.at] });
  chart.svg.setAttribute("aria-label", `${title}, ${when}: ${said.join(words.comma)}`);
}

function errorRange() {
  const baselines = lines.filter((line) => line.simple);
  const best = steps.map((k, at) => Math.min(...baselines.map((line) => line.error.value[at] ?? Infinity)));
  const highest = Math.max(0, ...lines.flatMap((line) => line.error.value.filter((value) => value !== null)));
  // What is far worse than the best baseline leaves the chart rather than flattening all others.
  const limit = 2.2 * Math.max(0, ...best.filter(Number.isFinite));
  return 1.08 * (Math.min(highest, limit || Infinity) || 1);
}

function skillRange() {
  const values = lines.flatMap((line) => line.skill.value.filter((value) => value !== null));
  return Math.max(-0.75, Math.min(-0.25, ...values.map((value) => 1.1 * value)));
}

// -- predictions along the series -----------------------------------------------------------------------------

let along = null;

function drawAlong() {
  if (!views.length) return;
  const view = views[state.view];
  const pad = 0.04 * (view.range[1] - view.range[0]);
  const range = { low: view.range[0] - pad, high: view.range[1] + pad };
  along = frame("along", { height: heightOf("along", 360), ...range, right: 12 });
  const { box, inside, y } = along;
  const x = linear(view.from, view.to, box.left, box.right);
  bottomTicks(along, view.ticks.map(([at, text]) => [x(at), text]));
  let dots = "";
  view.places.forEach((place, i) => {
    if (!Number.isNaN(view.seen[i])) dots += `M${x(place).toFixed(1)},${y(view.seen[i]).toFixed(1)}h0`;
  });
  svgNode(inside, "path", { class: "seen", d: dots });
  along.paths = byDepth(shown()).map((i) => {
    const lit = i === state.lit ? " lit" : "";
    return [i, svgNode(inside, "path", { class: `path ${lines[i].classes}${lit}`, "data-line": i })];
  });
  along.x = x;
  byId("along-drawn").textContent = view.drawn;
  moveAlong();
}

function moveAlong() {
  const view = views[state.view];
  const k = steps[slider[state.at]];
  for (const [i, path] of along.paths) {
    let text = "";
    let before = -Infinity;
    view.origins.forEach((origin, row) => {
      const value = view.ahead[i](row, state.at);
      if (Number.isNaN(value)) return;
      text += `${origin - before > 3 * view.stride ? "M" : "L"}${along.x(origin + k - 1).toFixed(2)},${along.y(value).toFixed(2)}`;
      before = origin;
    });
    path.setAttribute("d", text);
  }
  const called = data.called[state.at];
  byId("along-text").textContent = fill(words.predictions_text, { steps: called });
  along.svg.setAttribute("aria-label", `${words.predictions_title}, ${fill(words.at_step, { steps: called })}`);
}

// -- all steps from one origin --------------------------------------------------------------------------------

let ahead = null;

function aheadRange(view) {
  const band = view.bands[state.lit];
  let [low, high] = view.range;
  const room = 0.5 * (high - low);
  if (band) {
    view.banded.forEach((row, n) => {
      for (let at = 0; at < width; at++) {
        const middle = view.ahead[state.lit](row, at);
        const half = band.wide[n * width + at];
        if (Number.isNaN(half)) continue;
        low = Math.min(low, Math.max(middle - half, view.range[0] - room));
        high = Math.max(high, Math.min(middle + half, view.range[1] + room));
      }
    });
  }
  const pad = 0.03 * (high - low);
  return { low: low - pad, high: high + pad };
}

function drawAhead() {
  if (!views.length) return;
  const view = views[state.view];
  const phone = byId("ahead").clientWidth < 480;
  const last = steps[steps.length - 1];
  const past = Math.round(Math.max(20, Math.min(1.5 * last, 400)));
  ahead = frame("ahead", { height: heightOf("ahead", 360), ...aheadRange(view), right: 14, label: words.axis_ahead });
  const { box, inside, svg } = ahead;
  const x = linear(-past, last, box.left, box.right);
  const whole = roundNumbers(-past, last, phone ? 5 : 9).found.filter((value) => Number.isInteger(value));
  bottomTicks(ahead, whole.map((value) => [x(value), number(value, 0)]));
  const classes = lines[state.lit].classes;
  ahead.wide = svgNode(inside, "path", { class: "wide " + classes });
  ahead.narrow = svgNode(inside, "path", { class: "narrow " + classes });
  ahead.seen = svgNode(inside, "path", { class: "seen" });
  ahead.paths = byDepth(shown()).map((i) => {
    const lit = i === state.lit ? " lit" : "";
    return [i, svgNode(inside, "path", { class: `path ${lines[i].classes}${lit}`, "data-line": i })];
  });
  ahead.came = svgNode(inside, "path", { class: "came" });
  svgNode(svg, "line", { class: "edge", x1: x(0).toFixed(1), x2: x(0).toFixed(1), y1: box.top, y2: box.bottom });
  ahead.label = svgNode(svg, "text", { class: "said halo", x: (x(0) - 7).toFixed(1), y: box.top + 10, "text-anchor": "end" });
  ahead.moment = svgNode(svg, "line", { class: "moment", y1: box.top, y2: box.bottom });
  Object.assign(ahead, { x, past, last });
  moveAhead();
}

function moveAhead() {
  const view = views[state.view];
  const { x, y } = ahead;
  const row = view.banded[state.origin];
  const origin = view.origins[row];
  const dots = { seen: "", came: "" };
  view.places.forEach((place, i) => {
    const at = place - origin + 1;
    if (at < -ahead.past || at > ahead.last || Number.isNaN(view.seen[i])) return;
    dots[at > 0 ? "came" : "seen"] += `M${x(at).toFixed(1)},${y(view.seen[i]).toFixed(1)}h0`;
  });
  ahead.seen.setAttribute("d", dots.seen);
  ahead.came.setAttribute("d", dots.came);
  for (const [i, path] of ahead.paths) {
    const points = slider.map((place, at) => [x(steps[place]), y(view.ahead[i](row, at))]).filter(([, at]) => !Number.isNaN(at));
    path.setAttribute("d", pathThrough(points) + (points.length === 1 ? "h0" : ""));
  }
  const band = state.hidden.has(state.lit) ? undefined : view.bands[state.lit];
  for (const side of ["wide", "narrow"]) ahead[side].setAttribute("d", band ? bandOf(view, band[side], row) : "");
  const known = view.known[state.origin];
  ahead.label.textContent = fill(words.known_to, { time: known });
  const said = sayInside(view);
  byId("inside").textContent = said;
  byId("origin-now").textContent = known;
  byId("origin").setAttribute("aria-valuetext", known);
  ahead.svg.setAttribute("aria-label", `${words.origin_title}: ${fill(words.known_to, { time: known })}. ${said}`);
  moveMoment();
}

const bandOf = (view, half, row) =>
  bandThrough(
    slider.flatMap((place, at) => {
      const size = half[state.origin * width + at];
      const middle = view.ahead[state.lit](row, at);
      return (width === 1 ? [-0.3, 0.3] : [0]).map((shift) => [
        ahead.x(steps[place] + shift),
        ahead.y(middle - size),
        ahead.y(middle + size),
      ]);
    }),
  );

function sayInside(view) {
  const band = view.bands[state.lit];
  if (!band) return "";
  const values = { model: lines[state.lit].name, inside: band.inside[state.origin], seen: band.seen[state.origin] };
  return fill(values.seen ? words.inside : words.no_band, values);
}

function moveMoment() {
  const at = ahead.x(steps[slider[state.at]]).toFixed(1);
  ahead.moment.setAttribute("x1", at);
  ahead.moment.setAttribute("x2", at);
}

// -- the controls ---------------------------------------------------------------------------------------------

const values = [];
const move = beforeFrame(() => showStep());

function showStep() {
  const place = slider[state.at];
  const called = data.called[state.at];
  byId("k-now").textContent = (innerWidth <= 640 ? data.counted : data.called)[state.at];
  byId("k").setAttribute("aria-valuetext", called);
  byId("k").value = state.at;
  values.forEach((holder, i) => (holder.textContent = told(lines[i].error.told[place], data.digits)));
  for (const button of byId("jumps").children) button.setAttribute("aria-pressed", String(+button.value === steps[place]));
  Object.values(byStep).forEach(moveByStep);
  if (views.length) {
    moveAlong();
    moveMoment();
  }
}

function drawAll() {
  drawByStep("error", "error", 0, errorRange());
  if (data.skilled) drawByStep("skill", "skill", skillRange(), 1);
  else byId("skill").parentElement.hidden = true;
  byId("error").closest(".pair").classList.toggle("single", !data.skilled);
  drawAlong();
  drawAhead();
}

// Pressing in a chart by step goes to the nearest step.
function press(id) {
  const holder = byId(id);
  if (!holder) return;
  holder.classList.add("press");
  const go = (event) => {
    const chart = byStep[id];
    const at = event.clientX - chart.svg.getBoundingClientRect().left;
    const far = slider.map((place) => Math.abs(chart.x(steps[place]) - at));
    state.at = far.indexOf(Math.min(...far));
    move();
  };
  holder.addEventListener("pointerdown", go);
  holder.addEventListener("pointermove", (event) => event.buttons && go(event));
}

function build() {
  const k = byId("k");
  k.max = slider.length - 1;
  k.disabled = slider.length === 1;
  k.addEventListener("input", () => {
    state.at = +k.value;
    move();
  });
  widen(k, innerWidth <= 640 ? data.counted : data.called);
  for (const step of data.jumps) {
    const button = htmlNode(byId("jumps"), "button", { type: "button", value: step }, String(step));
    button.addEventListener("click", () => {
      state.at = slider.findIndex((place) => steps[place] === step);
      move();
    });
  }
  lines.forEach((line, i) => {
    htmlNode(byId("lit"), "option", { value: i }, line.name);
    const label = htmlNode(byId("legend"), "label", { class: "switch" + (i === state.lit ? " lit" : "") });
    const box = htmlNode(label, "input", { type: "checkbox" });
    box.checked = true;
    box.addEventListener("change", () => {
      state.hidden[box.checked ? "delete" : "add"](i);
      drawAll();
    });
    sample(label, line.classes);
    htmlNode(label, "span", { class: "who", title: line.name }, line.name);
    values.push(htmlNode(label, "span", { class: "now" }));
  });
  byId("lit").value = state.lit;
  byId("lit").addEventListener("change", () => {
    state.lit = +byId("lit").value;
    document.querySelectorAll(".switch").forEach((label, i) => label.classList.toggle("lit", i === state.lit));
    drawAll();
  });
  if (views.length) buildAlong();
}

// Room for the longest text beside a slider, so that the slider does not change its length while it moves.
function widen(range, texts) {
  const widest = Math.max(...texts.map((text) => widthOf(text, 16)));
  range.parentElement.querySelector("output").style.minWidth = Math.ceil(1.08 * widest) + 4 + "px";
}

function buildAlong() {
  const origin = byId("origin");
  const middle = () => {
    origin.max = views[state.view].banded.length - 1;
    widen(origin, views[state.view].known);
    state.origin = origin.max >> 1;
    origin.value = state.origin;
  };
  middle();
  const moved = beforeFrame(() => moveAhead());
  origin.addEventListener("input", () => {
    state.origin = +origin.value;
    moved();
  });
  const choice = byId("series");
  if (!choice) return;
  views.forEach((view, i) => htmlNode(choice, "option", { value: i }, view.name));
  choice.addEventListener("change", () => {
    state.view = +choice.value;
    middle();
    drawAlong();
    drawAhead();
  });
}

byId("off").hidden = true;
byId("bar").hidden = false;
byId("charts").hidden = false;
build();
press("error");
press("skill");
drawAll();
showStep();

let drawnAt = byId("charts").clientWidth;
new ResizeObserver(() => {
  const now = byId("charts").clientWidth;
  if (now === drawnAt || onPaper()) return;
  drawnAt = now;
  widen(byId("k"), innerWidth <= 640 ? data.counted : data.called);
  drawAll();
  showStep();
}).observe(byId("charts"));

// Paper is laid out after this event: the charts are drawn for it as wide as an A4 page is.
addEventListener("beforeprint", () => {
  document.documentElement.classList.add("paper");
  drawAll();
});
addEventListener("afterprint", () => {
  document.documentElement.classList.remove("paper");
  drawAll();
});
