// The first chart: error by step, the best baseline as a grey area, whom to use, a bar a model.

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
  // The thick line first, dashed ones over it: two that coincide are both seen.
  for (const [from, to, what] of lines[0].bar || []) {
    if (what === CLEAR) svgNode(inside, "path", { class: `thick ${lines[0].classes}`, d: partOf(lines[0].drawn, [from, to], chart) });
  }
  for (const i of there) {
    svgNode(inside, "path", { class: `line ${lines[i].classes}${i ? "" : " lit"}`, "data-line": i, d: lineOf(lines[i].drawn, x, y) });
  }
  if (data.floor) svgNode(inside, "path", { class: "floor", d: lineOf(data.floor, x, y) });
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
  const edge = fine([[box.left, chart.best[0][1]], ...chart.best, [box.right, chart.best[steps.length - 1][1]]]);
  for (let a = 0; a < steps.length; ) {
    let b = a;
    while (b + 1 < steps.length && first.by[b + 1] === first.by[a]) b += 1;
    const from = a ? (x(steps[a - 1]) + x(steps[a])) / 2 : box.left;
    const to = b + 1 < steps.length ? (x(steps[b]) + x(steps[b + 1])) / 2 : box.right;
    const run = edge.filter(([px, py]) => px >= from - 1 && px <= to + 1 && py >= box.top && py <= box.bottom);
    const name = shorten(first.names[first.by[a]], 12, box.right - box.left);
    if (to - from > widthOf(name, 12) * 0.6) put(name, run, curves.length, "said halo grey", 12, false, 12, [-9, -22]);
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
  if (what === CLOSE) hatch(parent, a, b, top, high, classes);
  return [a, b];
}

// The parts of the strip; three or more in a row that are too narrow for their names are one, within which it changes.
function groupsOf(chart) {
  const found = [];
  let narrow = [];
  const end = () => {
    if (narrow.length > 2) found.push(narrow);
    else found.push(...narrow.map((part) => [part]));
    narrow = [];
  };
  for (const part of first.use) {
    const [a, b] = placesOf(chart, part[0], part[1]);
    if (widthOf(part[2], 12, true) > b - a - 8 && b - a < 40) narrow.push(part);
    else {
      end();
      found.push([part]);
    }
  }
  end();
  return found;
}

const stepsIn = ([from, to]) => steps.filter((k) => (from === null || k > from) && (to === null || k < to));

function drawStrip(chart, top, phone) {
  const { svg } = chart;
  const strip = svgNode(svg, "g", { class: "strip" });
  svgNode(strip, "text", { class: "name use", x: 0, y: phone ? top - 6 : top + 16 }, words.use);
  for (const group of groupsOf(chart)) {
    const one = svgNode(strip, "g");
    const [[from, , name, what, classes]] = group;
    const whole = [from, group[group.length - 1][1]];
    const title = group.map((part) => {
      const inside = stepsIn(part);
      const last = inside[inside.length - 1];
      const named = part[3] === CLOSE ? fill(words.stated, { name: part[2], state: words.close }) : part[2];
      return `${named}${words.colon}${inside[0]}${last > inside[0] ? "–" + last : ""}`;
    });
    svgNode(one, "title", {}, title.join(words.semicolon));
    const several = group.length > 1;
    const [a, b] = several ? placesOf(chart, ...whole) : block(chart, one, whole, what, classes, top, 24);
    if (several) svgNode(one, "rect", { class: "empty", x: a.toFixed(1), y: top, width: (b - a).toFixed(1), height: 24, rx: 2 });
    const room = b - a - 8;
    const forms = several ? [words.changes] : what === CLOSE ? [fill(words.stated, { name, state: words.close }), name] : [name];
    const isSimple = !several && classes.startsWith("c0");
    if (isSimple && room > 60) forms.push(shorten(name, 12, room, true));
    const text = forms.find((form) => widthOf(form, 12, true) <= room);
    const kind = several || isSimple ? "" : what === CLOSE ? "halo" : "on";
    if (text) svgNode(one, "text", { class: `in ${kind}`, x: ((a + b) / 2).toFixed(1), y: top + 16, "text-anchor": "middle" }, text);
  }
}

function hatch(parent, a, b, top, high, classes) {
  let path = "";
  for (let at = a - high + 8; at < b; at += 7) {
    const [x1, x2] = [Math.max(at, a + 1), Math.min(at + high - 2, b - 1)];
    const y = (x) => (top + high - 1 - (x - at)).toFixed(1);
    if (x2 > x1) path += `M${x1.toFixed(1)},${y(x1)}L${x2.toFixed(1)},${y(x2)}`;
  }
  svgNode(parent, "path", { class: `hatch ${classes.split(" ")[0]}`, d: path });
}

function drawBar(chart, line, top, phone, most) {
  const { svg, box } = chart;
  const group = svgNode(svg, "g", { class: "bar-of" });
  const at = phone ? top + 5 : top + 6;
  svgNode(group, "path", { class: `line ${line.classes}`, d: `M0,${at}h24` });
  const bold = line === lines[0] ? " lit" : "";
  const short = phone && widthOf(line.verdict, 12) < chart.wide - 130 ? line.verdict : "";
  const room = phone ? chart.wide - 36 - widthOf(short, 12) - 8 : box.left - 40;
  svgNode(group, "text", { class: "name" + bold, x: 32, y: at + 4 }, shortened(line, 13, Math.max(most, room)));
  if (short) svgNode(group, "text", { class: "said", x: chart.wide, y: at + 4, "text-anchor": "end" }, short);
  const down = phone ? top + 14 : top;
  const name = fill(words.stated, { name: line.name, state: line.verdict });
  const bar = svgNode(group, "g", { role: "img", "aria-label": name });
  svgNode(bar, "rect", { class: "empty", x: box.left, y: down, width: box.right - box.left, height: 11, rx: 2 });
  for (const [from, to, what] of line.bar) block(chart, bar, [from, to], what, line.classes, down, 11);
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

parts.push({ draw: drawFirst, move: () => moveFirst(byStep.first), press: "first" });
