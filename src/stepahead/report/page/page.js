const data = JSON.parse(document.getElementById("data").textContent);
const { words, steps, lines, slider, views, first } = data;
const byId = (id) => document.getElementById(id);
const state = { at: data.start, origin: 0, view: 0, every: false };
const [CLEAR, CLOSE] = [2, 1];
const STATES = ["none", "close", "clear"];

// -- words, numbers, elements ---------------------------------------------------------------------------------

// What a reading is told as: a dash where there is none, and what is without bound comes as a text.
const told = (value, places) => (value === null ? "–" : typeof value === "string" ? value : number(value, places));
const perCent = (value) => (typeof value === "number" ? number(100 * value, 0) + "%" : told(value));
const error = (value) => told(value, data.digits);
const withUnit = (value) => error(value) + (data.unit ? " " + data.unit : "");

const pen = document.createElement("canvas").getContext("2d");
function widthOf(text, size, bold = false) {
  pen.font = `${bold ? "650 " : ""}${size}px ${getComputedStyle(document.body).fontFamily}`;
  return pen.measureText(text).width;
}

// A name at most so wide: a longer one loses its middle.
function shorten(name, size, most) {
  if (widthOf(name, size, true) <= most) return name;
  const letters = Array.from(name).slice(1, -1);
  let [head, tail] = [Math.ceil(letters.length / 2), Math.floor(letters.length / 2)];
  const cut = () => "\u2068" + letters.slice(0, head).join("") + "…" + letters.slice(letters.length - tail).join("") + "\u2069";
  while (tail > 1 && widthOf(cut(), size, true) > most) head > tail ? head-- : tail--;
  return cut();
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
  view.half = unpack(view.band, 1);
  const gaps = view.origins.slice(1).map((origin, i) => origin - view.origins[i]).sort((a, b) => a - b);
  view.stride = gaps.length ? gaps[gaps.length >> 1] : 1;
}

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

// Room before the first step, so that a name fits where it alone is to be used.
function lead(box) {
  if (!first || steps.length === 1) return 24;
  const [, to, name] = first.use[0];
  if (to === null) return 24;
  const half = (Math.log2(to / steps[0]) / Math.log2(steps[steps.length - 1] / steps[0])) * (box.right - box.left - 56);
  return clamp(Math.ceil(widthOf(name, 12, true) + 12 - half), 24, 64);
}

function drawFirst() {
  const phone = isPhone("first");
  const there = shown();
  const most = phone ? 0 : 132;
  const gutter = phone || !first ? 0 : Math.min(158, Math.max(...there.map((i) => widthOf(lines[i].name, 13, true))) + 44);
  const barHigh = phone ? 34 : 25;
  const strip = phone ? 44 : 26;
  const foot = first ? strip + 40 + barHigh * there.length : 44;
  const top = onPaper() ? 170 : there.length > 4 ? 190 : 250;
  const range = first || { low: 0, high: 1.08 * Math.max(...lines.flatMap((line) => line.drawn.filter((v) => v === v)), 1e-300) };
  const chart = frame("first", { height: top + foot, low: range.low, high: range.high, right: 8, gutter, foot, unit: data.unit && first ? " " + data.unit : "" });
  const { box, svg, y, inside } = chart;
  chart.x = scaleOfSteps(box.left + lead(box), box.right - 8);
  chart.edge = (k) => (k === null ? NaN : chart.x(k));
  const { x } = chart;
  bottomTicks(chart, ticksOfSteps().map((k) => [x(k), String(k)]));
  const axis = phone ? "k" : words.axis_k;
  svgNode(svg, "text", { class: "said", x: phone ? 0 : box.left - 8, y: box.bottom + 18, "text-anchor": phone ? "start" : "end" }, axis);
  if (first) drawArea(chart);
  chart.moment = svgNode(svg, "line", { class: "moment", y1: box.top, y2: box.bottom });
  if (data.floor) svgNode(inside, "path", { class: "floor", d: lineOf(data.floor, x, y) });
  for (const i of byDepth(there)) {
    const line = lines[i];
    svgNode(inside, "path", { class: `line ${line.classes}${i ? "" : " lit"}`, "data-line": i, d: lineOf(line.drawn, x, y) });
    if (i || !line.bar) continue;
    for (const [from, to, what] of line.bar) {
      if (what === CLEAR) svgNode(inside, "path", { class: `thick ${line.classes}`, d: partOf(line.drawn, [from, to], chart) });
    }
  }
  chart.spots = byDepth(there).map((i) => [i, svgNode(svg, "circle", { class: "spot " + lines[i].classes, r: i ? 3 : 4.5 })]);
  namesAtLines(chart, there);
  if (first) {
    drawStrip(chart, box.bottom + strip, phone);
    there.forEach((i, n) => drawBar(chart, lines[i], box.bottom + strip + 34 + barHigh * n, phone, most));
  }
  byStep.first = chart;
  moveFirst(chart);
}

function drawArea(chart) {
  const { box, x, y, inside } = chart;
  const best = finite(first.best).map((value) => Math.min(value === value ? value : first.high, first.high));
  const points = steps.map((k, i) => [x(k), y(best[i])]);
  const edge = pathThrough([[box.left, points[0][1]], ...points, [box.right, points[points.length - 1][1]]]);
  svgNode(inside, "path", { class: "worse", d: `${edge}V${box.top}H${box.left}Z` });
  svgNode(inside, "path", { class: "best", d: edge });
  chart.best = points;
}

// Where a name covers least: beside its line, not on others, not on names that stand already.
function namesAtLines(chart, there) {
  const { box, svg, x, y } = chart;
  const clip = (values) => steps.map((k, i) => [x(k), y(values[i])]).filter(([, at]) => at >= box.top && at <= box.bottom);
  const curves = there.map((i) => clip(lines[i].drawn));
  const dense = [...curves, chart.best || []].map(fine);
  const taken = [];
  const put = (text, curve, own, classes, size, bold, most, shifts = [-9, 18, -22, 31]) => {
    const wide = widthOf(text, size, bold);
    if (!curve.length || wide < 1) return;
    let found = null;
    for (const [px, py] of curve) {
      for (const shift of shifts) {
        const left = clamp(px - wide / 2, box.left + 2, box.right - wide - 2);
        const spot = { left: left - 2, right: left + wide + 2, top: py + shift - 12, bottom: py + shift + 3 };
        if (spot.top < box.top || spot.bottom > box.bottom - 2) continue;
        if (taken.some((other) => spot.left < other.right && spot.right > other.left && spot.top < other.bottom && spot.bottom > other.top)) continue;
        let cost = Math.abs(shift) > 19 ? 3 : 0;
        if (Math.abs(left - (px - wide / 2)) > 1) cost += 2;
        dense.forEach((points, n) => {
          for (const [qx, qy] of points) {
            if (qx > spot.left && qx < spot.right && qy > spot.top && qy < spot.bottom) cost += n === own ? 1 : 2;
          }
        });
        cost += (box.right - px) * 0.004;
        if (!found || cost < found.cost) found = { cost, left, base: py + shift, spot };
      }
    }
    if (!found || found.cost > most) return;
    taken.push(found.spot);
    svgNode(svg, "text", { class: classes, x: found.left.toFixed(1), y: found.base.toFixed(1) }, text);
  };
  there.forEach((i, n) => put(lines[i].name, curves[n], n, `name halo ink ${lines[i].classes.split(" ")[0]}`, 12.5, true, Infinity));
  if (data.floor) put(words.floor, clip(data.floor), -1, "said halo", 12, false, 9);
  if (!first) return;
  for (let a = 0; a < steps.length; ) {
    let b = a;
    while (b + 1 < steps.length && first.by[b + 1] === first.by[a]) b += 1;
    const run = clip(finite(first.best)).filter(([px]) => px >= x(steps[a]) - 1 && px <= x(steps[b]) + 1);
    const name = first.names[first.by[a]];
    const room = (b + 1 < steps.length ? x(steps[b + 1]) : box.right) - (a ? x(steps[a]) : box.left);
    if (room > widthOf(name, 12) * 0.6) put(name, fine(run), curves.length, "said halo grey", 12, false, 12, [-9, -22]);
    a = b + 1;
  }
}

// Points close together on a line through others.
function fine(points) {
  const found = points.slice(0, 1);
  for (let i = 1; i < points.length; i += 1) {
    const [[ax, ay], [bx, by]] = [points[i - 1], points[i]];
    const many = Math.max(1, Math.ceil(Math.abs(bx - ax) / 8));
    for (let n = 1; n <= many; n += 1) found.push([ax + ((bx - ax) * n) / many, ay + ((by - ay) * n) / many]);
  }
  return found;
}

function placesOf(chart, from, to) {
  const a = from === null ? chart.box.left : chart.edge(from) + 1;
  return [a, Math.max(a + 1.5, to === null ? chart.box.right : chart.edge(to) - 1)];
}

function block(chart, parent, [from, to], what, classes, top, high) {
  const [a, b] = placesOf(chart, from, to);
  if (!what) return [a, b];
  const form = what === CLEAR ? "full" : "open";
  const inset = what === CLEAR ? 0 : 0.75;
  const place = { x: (a + inset).toFixed(1), y: top + inset, width: Math.max(1.5, b - a - 2 * inset).toFixed(1), height: high - 2 * inset, rx: 2 };
  svgNode(parent, "rect", { class: `${form} ${classes.split(" ")[0]}`, ...place });
  return [a, b];
}

function drawStrip(chart, top, phone) {
  const { svg } = chart;
  const strip = svgNode(svg, "g", { class: "strip" });
  svgNode(strip, "text", { class: "name use", x: 0, y: phone ? top - 6 : top + 16 }, words.use);
  for (const [from, to, name, what, classes] of first.use) {
    const [a, b] = block(chart, strip, [from, to], what, classes, top, 24);
    if (what === CLOSE) hatch(strip, a, b, top, classes);
    const room = b - a - 8;
    const forms = what === CLOSE ? [fill(words.stated, { name, state: words.close }), name] : [name];
    const text = forms.find((one) => widthOf(one, 12, true) <= room);
    if (text) svgNode(strip, "text", { class: `in ${what === CLOSE ? "halo" : classes.startsWith("c0") ? "" : "on"}`, x: ((a + b) / 2).toFixed(1), y: top + 16, "text-anchor": "middle" }, text);
  }
}

function hatch(parent, a, b, top, classes) {
  let path = "";
  for (let at = a - 16; at < b; at += 7) {
    const [x1, x2] = [Math.max(at, a + 1), Math.min(at + 22, b - 1)];
    if (x2 > x1) path += `M${x1.toFixed(1)},${(top + 23 - (x1 - at)).toFixed(1)}L${x2.toFixed(1)},${(top + 23 - (x2 - at)).toFixed(1)}`;
  }
  svgNode(parent, "path", { class: `hatch ${classes.split(" ")[0]}`, d: path });
}

function drawBar(chart, line, top, phone, most) {
  const { svg, box } = chart;
  const group = svgNode(svg, "g", { class: "bar-of" });
  const at = phone ? top + 5 : top + 6;
  svgNode(group, "path", { class: `line ${line.classes}`, d: `M0,${at}h24` });
  const bold = line === lines[0] ? " lit" : "";
  const room = phone ? chart.wide - 36 - widthOf(line.verdict, 12) - 8 : box.left - 40;
  svgNode(group, "text", { class: "name" + bold, x: 32, y: at + 4 }, shorten(line.name, 13, Math.max(most, room)));
  if (phone) {
    const short = widthOf(line.verdict, 12) < chart.wide - 130 ? line.verdict : "";
    svgNode(group, "text", { class: "said", x: chart.wide, y: at + 4, "text-anchor": "end" }, short);
  }
  const down = phone ? top + 14 : top;
  const name = fill(words.stated, { name: line.name, state: line.verdict });
  const bar = svgNode(group, "g", { role: "img", "aria-label": name });
  svgNode(bar, "rect", { class: "empty", x: box.left, y: down, width: box.right - box.left, height: 11, rx: 2 });
  for (const [from, to, what] of line.bar) block(chart, bar, [from, to], what, line.classes, down, 11);
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
  if (first) said.push(fill(words.read_best, { baseline: first.names[first.by[place]], error: error(first.best[place]) }));
  return said;
}

function moveFirst(chart) {
  moveSpots(chart, (line) => line.drawn);
  const place = slider[state.at];
  const when = fill(words.ahead, { called: data.called[state.at] });
  const text = readings(place).join(words.semicolon) + words.stop;
  byId("read").replaceChildren();
  htmlNode(byId("read"), "b", {}, when);
  byId("read").append(words.colon + text);
  chart.svg.setAttribute("aria-label", `${words.title}, ${when}${words.colon}${text}`);
}

// -- the saving by step ---------------------------------------------------------------------------------------

const END = 26;

function drawSaving() {
  if (!first) return;
  const there = shown();
  const phone = isPhone("saving");
  const every = there.flatMap((i) => lines[i].saving._value.filter((value) => value === value));
  const high = Math.max(0.08, Math.min(1, 1.25 * Math.max(...every, 0)));
  const least = Math.max(-0.6, -1.25 * high, Math.min(-0.08, 1.1 * Math.min(...every, 0)));
  const labels = phone ? [] : there.map((i) => shorten(lines[i].name, 13, 130));
  const right = labels.length ? Math.ceil(Math.max(...labels.map((text) => widthOf(text, 13, true)))) + END : 12;
  const chart = frame("saving", { height: heightOf("saving", 320), low: 100 * least, high: 100 * high, right, label: words.axis_k, sign: "%" });
  const { box, svg, inside } = chart;
  const inPerCent = chart.y;
  const y = (value) => inPerCent(100 * value);
  chart.x = scaleOfSteps(box.left + 8, box.right - 8);
  chart.edge = (k) => chart.x(k);
  const { x } = chart;
  bottomTicks(chart, ticksOfSteps().map((k) => [x(k), String(k)]));
  drawBands(chart, y, least, high);
  svgNode(svg, "line", { class: "zero", x1: box.left, x2: box.right, y1: y(0), y2: y(0) });
  chart.moment = svgNode(svg, "line", { class: "moment", y1: box.top, y2: box.bottom });
  const percent = { ...chart, y };
  for (const i of byDepth(there)) {
    const line = lines[i];
    svgNode(inside, "path", { class: `line ${line.classes}${i ? "" : " lit"}`, "data-line": i, d: lineOf(line.saving._value, x, y) });
    if (i) continue;
    for (const [from, to, what] of line.bar) {
      if (what === CLEAR) svgNode(inside, "path", { class: `thick ${line.classes}`, d: partOf(line.saving._value, [from, to], percent) });
    }
  }
  chart.spots = there.map((i) => [i, svgNode(svg, "circle", { class: "spot " + lines[i].classes, r: 4 })]);
  const named = phone ? [] : there.map((i) => [lines[i].saving._value.filter((value) => value === value).pop() || 0, lines[i].classes.split(" ")[0]]);
  namesAtEnds(percent, named, labels);
  const none = lines.every((line) => line.saving.value.every((value) => value === null));
  zeroLabel(percent, none ? words.saving_none : words.saving_zero, there);
  chart.y = y;
  byStep.saving = chart;
  moveSaving(chart);
}

// The band over runs of tested steps, a whisker at one alone; where bands would fill the frame, whiskers at the table's steps.
function drawBands(chart, y, least, high) {
  const { _low: low, _high: top } = lines[0].saving;
  const { x, inside } = chart;
  const classes = lines[0].classes;
  const is = steps.map((k, i) => low[i] === low[i] && top[i] === top[i]);
  const runs = [];
  is.forEach((tested, i) => {
    if (!tested) return;
    if (i && is[i - 1]) runs[runs.length - 1].push(i);
    else runs.push([i]);
  });
  const size = (i) => clamp(top[i], least, high) - clamp(low[i], least, high);
  const whisker = (i) => {
    const [a, b] = [y(clamp(top[i], least, high)), y(clamp(low[i], least, high))];
    const at = x(steps[i]);
    svgNode(inside, "path", { class: `whisker ${classes}`, d: `M${at - 4},${a}h8M${at},${a}V${b}M${at - 4},${b}h8` });
  };
  for (const run of runs) {
    const filled = run.reduce((sum, i) => sum + size(i), 0) / run.length;
    if (run.length === 1) whisker(run[0]);
    else if (filled > 0.7 * (high - least)) run.filter((i) => data.jumps.includes(steps[i])).forEach(whisker);
    else {
      const ends = run.map((i) => [x(steps[i]), y(clamp(low[i], least - 1, high)), y(clamp(top[i], least, high + 1))]);
      svgNode(inside, "path", { class: `band ${classes}`, d: bandThrough(ends) });
    }
  }
}

function zeroLabel(chart, text, there) {
  const { box, x, y, svg } = chart;
  const wide = widthOf(text, 12);
  const points = there.flatMap((i) => steps.map((k, at) => [x(k), y(lines[i].saving._value[at])]));
  const crowd = ([left, base]) => {
    if (base > box.bottom || base - 12 < box.top) return Infinity;
    return points.filter(([px, py]) => px > left - 6 && px < left + wide + 6 && py > base - 13 && py < base + 4).length;
  };
  const [left, base] = [box.left + 4, box.right - wide - 4].flatMap((at) => [y(0) + 15, y(0) - 6].map((to) => [at, to])).sort((a, b) => crowd(a) - crowd(b))[0];
  svgNode(svg, "text", { class: "said halo", x: left.toFixed(1), y: base.toFixed(1) }, text);
}

function namesAtEnds(chart, named, labels) {
  const { box, svg, y } = chart;
  const ends = named.map(([last, colour], place) => ({ colour, label: labels[place], end: clamp(y(last), box.top, box.bottom) }));
  ends.sort((a, b) => a.end - b.end);
  const places = apart(ends.map((each) => each.end), 16, box.top, box.bottom);
  ends.forEach((each, n) => {
    const to = places[n].toFixed(1);
    svgNode(svg, "path", { class: "lead " + each.colour, d: `M${box.right + 3},${each.end.toFixed(1)}L${box.right + 14},${to}` });
    svgNode(svg, "text", { class: `name ink ${each.colour}`, x: box.right + 18, y: to, dy: "0.35em" }, each.label);
  });
}

function moveSaving(chart) {
  moveSpots(chart, (line) => line.saving._value);
  const place = slider[state.at];
  const said = shown().map((i) => `${lines[i].name} ${perCent(lines[i].saving.value[place])}`);
  const when = fill(words.ahead, { called: data.called[state.at] });
  chart.svg.setAttribute("aria-label", `${byId("saving-title").textContent}, ${when}${words.colon}${said.join(words.semicolon)}`);
}

// -- predictions along the series -----------------------------------------------------------------------------

let along = null;

function drawAlong() {
  if (!views.length) return;
  const view = views[state.view];
  const pad = 0.04 * (view.range[1] - view.range[0]);
  const range = { low: view.range[0] - pad, high: view.range[1] + pad };
  along = frame("along", { height: heightOf("along", 340), ...range, right: 12 });
  const { box, inside, y } = along;
  const x = linear(view.from, view.to, box.left, box.right);
  bottomTicks(along, view.ticks.map(([at, text]) => [x(at), text]));
  let dots = "";
  view.places.forEach((place, i) => {
    if (!Number.isNaN(view.seen[i])) dots += `M${x(place).toFixed(1)},${y(view.seen[i]).toFixed(1)}h0`;
  });
  svgNode(inside, "path", { class: "seen", d: dots });
  along.paths = byDepth(shown()).map((i) => {
    return [i, svgNode(inside, "path", { class: `path ${lines[i].classes}${i ? "" : " lit"}`, "data-line": i })];
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
  along.svg.setAttribute("aria-label", `${words.predictions_title}, ${fill(words.ahead, { called })}`);
}

// -- all steps from one origin --------------------------------------------------------------------------------

let ahead = null;

function aheadRange(view) {
  let [low, high] = view.range;
  const room = 0.5 * (high - low);
  view.banded.forEach((row, n) => {
    for (let at = 0; at < width; at++) {
      const middle = view.ahead[0](row, at);
      const half = view.half[n * width + at];
      if (Number.isNaN(half)) continue;
      low = Math.min(low, Math.max(middle - half, view.range[0] - room));
      high = Math.max(high, Math.min(middle + half, view.range[1] + room));
    }
  });
  const pad = 0.03 * (high - low);
  return { low: low - pad, high: high + pad };
}

function drawAhead() {
  if (!views.length) return;
  const view = views[state.view];
  const phone = isPhone("ahead");
  const last = steps[steps.length - 1];
  const past = Math.round(Math.max(20, Math.min(1.5 * last, 400)));
  ahead = frame("ahead", { height: heightOf("ahead", 320), ...aheadRange(view), right: 14, label: words.axis_ahead });
  const { box, inside, svg } = ahead;
  const x = linear(-past, last, box.left, box.right);
  const whole = roundNumbers(-past, last, phone ? 5 : 9).found.filter((value) => Number.isInteger(value));
  bottomTicks(ahead, whole.map((value) => [x(value), number(value, 0)]));
  const { classes } = lines[0];
  if (first && first.trusted) {
    const [from, to] = first.trusted.map((k, end) => x(k + end - 0.5));
    svgNode(inside, "rect", { class: `tint ${classes}`, x: from, y: box.top, width: Math.min(to, box.right + 3) - from, height: box.bottom - box.top });
  }
  ahead.wide = svgNode(inside, "path", { class: "band " + classes });
  ahead.seen = svgNode(inside, "path", { class: "seen" });
  ahead.paths = byDepth(shown()).map((i) => {
    return [i, svgNode(inside, "path", { class: `path ${lines[i].classes}${i ? "" : " lit"}`, "data-line": i })];
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
  ahead.wide.setAttribute("d", bandOf(view, view.half, row));
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
      const middle = view.ahead[0](row, at);
      return (width === 1 ? [-0.3, 0.3] : [0]).map((shift) => [
        ahead.x(steps[place] + shift),
        ahead.y(middle - size),
        ahead.y(middle + size),
      ]);
    }),
  );

function sayInside(view) {
  const values = { model: lines[0].name, inside: view.band.inside[state.origin], seen: view.band.seen[state.origin] };
  return fill(values.seen ? words.inside : words.no_band, values);
}

function moveMoment() {
  const at = ahead.x(steps[slider[state.at]]).toFixed(1);
  ahead.moment.setAttribute("x1", at);
  ahead.moment.setAttribute("x2", at);
}

// -- the controls ---------------------------------------------------------------------------------------------

const cells = [...document.querySelectorAll("td.saved")];
const saved = [...lines.map((line) => line.saving && line.saving.value), ...data.others];
const move = beforeFrame(() => showStep());
let later = 0;

function go(at, keep = true) {
  state.at = at;
  move();
  if (!keep) return;
  clearTimeout(later);
  later = setTimeout(() => history.replaceState(null, "", "#k=" + steps[slider[state.at]]), 250);
}

function showStep() {
  const place = slider[state.at];
  const called = data.called[state.at];
  byId("k-now").textContent = called;
  byId("k").setAttribute("aria-valuetext", called);
  byId("k").value = state.at;
  if (first) {
    byId("saves-at").textContent = called;
    cells.forEach((cell, i) => (cell.textContent = perCent(saved[i][place])));
    byId("brief").textContent = readings(place)[0];
  }
  for (const button of byId("jumps").children) button.setAttribute("aria-pressed", String(+button.value === steps[place]));
  moveFirst(byStep.first);
  if (byStep.saving) moveSaving(byStep.saving);
  if (views.length) {
    moveAlong();
    moveMoment();
  }
}

function drawAll() {
  drawFirst();
  drawSaving();
  drawAlong();
  drawAhead();
}

// The nearest of some places to where a pointer is.
function nearest(event, chart, places) {
  const at = event.clientX - chart.svg.getBoundingClientRect().left;
  const far = places.map((place) => Math.abs(place - at));
  return far.indexOf(Math.min(...far));
}

// A pointer over a chart by step reads the nearest step; pressing goes there and is kept in the address.
function press(id) {
  const holder = byId(id);
  if (!holder) return;
  holder.classList.add("press");
  const at = (event) => nearest(event, byStep[id], slider.map((place) => byStep[id].x(steps[place])));
  let kept = null;
  holder.addEventListener("pointerdown", (event) => {
    kept = null;
    go(at(event));
  });
  holder.addEventListener("pointermove", (event) => {
    if (event.buttons) return go(at(event));
    if (event.pointerType !== "mouse") return;
    if (kept === null) kept = state.at;
    go(at(event), false);
  });
  holder.addEventListener("pointerleave", () => {
    if (kept !== null) go(kept, false);
    kept = null;
  });
}

function build() {
  const k = byId("k");
  k.max = slider.length - 1;
  k.disabled = slider.length === 1;
  k.addEventListener("input", () => go(+k.value));
  widen(k, data.called);
  for (const step of data.jumps) {
    const button = htmlNode(byId("jumps"), "button", { type: "button", value: step }, number(step, 0));
    button.addEventListener("click", () => go(slider.findIndex((place) => steps[place] === step)));
  }
  if (first && lines.length > data.few) {
    const all = htmlNode(byId("keys"), "button", { type: "button", id: "every", "aria-pressed": "false" }, words.all_models);
    all.addEventListener("click", () => {
      state.every = !state.every;
      all.setAttribute("aria-pressed", String(state.every));
      drawAll();
    });
  }
  const wanted = /^#k=(\d+)$/.exec(location.hash);
  if (wanted) {
    const far = slider.map((place) => Math.abs(steps[place] - +wanted[1]));
    state.at = far.indexOf(Math.min(...far));
  }
  if (views.length) buildAlong();
}

// Room for the longest text beside a slider, so that the slider does not change its length while it moves.
function widen(range, texts) {
  const widest = Math.max(...texts.map((text) => widthOf(text, 16, true)));
  range.parentElement.querySelector("output").style.minWidth = Math.ceil(1.04 * widest) + 2 + "px";
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
  byId("along").classList.add("press");
  byId("along").addEventListener("pointerdown", (event) => {
    const view = views[state.view];
    state.origin = nearest(event, along, view.banded.map((row) => along.x(view.origins[row] - 1)));
    origin.value = state.origin;
    moveAhead();
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

for (const id of ["bar", "charts", "keys"]) if (byId(id)) byId(id).hidden = false;
byId("off").hidden = true;
build();
press("first");
press("saving");
drawAll();
showStep();

let drawnAt = byId("charts").clientWidth;
new ResizeObserver(() => {
  const now = byId("charts").clientWidth;
  if (now === drawnAt || onPaper()) return;
  drawnAt = now;
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
