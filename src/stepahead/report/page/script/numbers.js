for (const view of views) {
  view.seen = unpack(view.values, 2);
  view.places = view.places || Array.from(view.seen, (_, i) => view.from + i);
  view.ahead = view.lines.map((line) => {
    const cells = unpack(line, 2);
    return line.flat ? (row) => cells[row] : (row, at) => cells[row * width + at];
  });
  view.half = unpack(view.band, 1);
  view.off = view.band.off && unpack(view.band.off, 1);
  const gaps = view.origins.slice(1).map((origin, i) => origin - view.origins[i]).sort((a, b) => a - b);
  view.stride = gaps.length ? gaps[gaps.length >> 1] : 1;
}

// -- the saving by step ---------------------------------------------------------------------------------------

const END = 26;

function drawSaving() {
  if (!byId("saving")) return;
  const there = shown();
  const phone = isPhone("saving");
  const every = there.flatMap((i) => lines[i].saving._value.filter((value) => value === value));
  const high = Math.max(0.08, Math.min(1, 1.25 * Math.max(...every, 0)));
  const least = Math.max(-0.6, -1.25 * high, Math.min(-0.08, 1.1 * Math.min(...every, 0)));
  const labels = phone ? [] : there.map((i) => shortened(lines[i], 13, 130));
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
  ahead.wide.setAttribute("d", bandOf(view, row));
  const known = view.known[state.origin];
  ahead.label.textContent = fill(words.known_to, { time: known });
  const said = sayInside(view);
  byId("inside").textContent = said;
  byId("origin-now").textContent = known;
  byId("origin").setAttribute("aria-valuetext", known);
  ahead.svg.setAttribute("aria-label", `${words.origin_title}: ${fill(words.known_to, { time: known })}. ${said}`);
  moveMoment();
}

const bandOf = (view, row) =>
  bandThrough(
    slider.flatMap((place, at) => {
      const size = view.half[state.origin * width + at];
      const middle = view.ahead[0](row, at) + (view.off ? view.off[state.origin * width + at] : 0);
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

parts.push({
  build: () => views.length && buildAlong(),
  draw: () => [drawSaving, drawAlong, drawAhead].forEach((draw) => draw()),
  move: () => {
    if (byStep.saving) moveSaving(byStep.saving);
    if (!views.length) return;
    moveAlong();
    moveMoment();
  },
  press: "saving",
});
