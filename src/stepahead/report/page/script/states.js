// -- states ---------------------------------------------------------------------------------------------------

const known = data.states;
const kinds = known.names.length;
const tintOf = (i) => `c${(i % 5) + 1} t${Math.min(2, Math.floor(i / 5))}`;
let matrix = null;
let likely = null;
let passed = null;

known.power = unpack(known.matrix, 2);
known.chance = known.likely && unpack(known.likely, 1);
known.ends = bytes(known.came);
known.timeline.states = bytes(known.timeline.codes);

function drawMatrix() {
  const holder = byId("matrix");
  const names = known.names.map((name) => shorten(name, 12, 84));
  const left = Math.ceil(Math.max(...names.map((name) => widthOf(name, 12)))) + 12;
  const wide = Math.max(holder.clientWidth, 240);
  const cell = Math.min(96, (wide - left) / kinds);
  const high = Math.min(38, Math.max(24, cell));
  const slant = names.some((name) => widthOf(name, 12) > cell - 6);
  const top = slant ? 104 : 42;
  const svg = board(holder, wide, top + kinds * high + 4, "");
  matrix = { svg, cells: [] };
  matrix.label = svgNode(svg, "text", { class: "said", x: left, y: 12 });
  names.forEach((name, i) => {
    svgNode(svg, "text", { class: "name", x: left - 10, y: top + (i + 0.5) * high + 4, "text-anchor": "end" }, name);
    const x = left + (i + 0.5) * cell;
    const turned = slant ? { transform: `rotate(-90 ${x + 4} ${top - 8})`, x: x + 4, y: top - 8 } : { x, y: top - 10, "text-anchor": "middle" };
    svgNode(svg, "text", { class: "name", ...turned }, name);
  });
  for (let i = 0; i < kinds * kinds; i += 1) {
    const [x, y] = [left + (i % kinds) * cell, top + Math.floor(i / kinds) * high];
    const box = svgNode(svg, "rect", { class: "heat", x: x + 1, y: y + 1, width: cell - 2, height: high - 2, rx: 2 });
    const text = svgNode(svg, "text", { class: "heat-said", x: x + cell / 2, y: y + high / 2 + 4, "text-anchor": "middle" });
    matrix.cells.push([box, text, cell < 34]);
  }
  moveMatrix();
}

function moveMatrix() {
  const from = state.at * kinds * kinds;
  matrix.label.textContent = fill(words.later, { called: data.called[state.at] });
  const said = [];
  matrix.cells.forEach(([box, text, narrow], i) => {
    const chance = known.power[from + i];
    const there = chance === chance;
    box.setAttribute("fill-opacity", there ? (0.06 + 0.6 * chance).toFixed(3) : 0);
    text.textContent = there ? number(Math.round(100 * chance), 0) + (narrow ? "" : "%") : "–";
    if (i % kinds === 0) said.push(known.names[i / kinds] + words.colon);
    said[said.length - 1] += ` ${known.names[i % kinds]} ${text.textContent}`;
  });
  matrix.svg.setAttribute("aria-label", `${byId("matrix-title").textContent}, ${matrix.label.textContent}. ${said.join(words.semicolon)}`);
}

function drawLikely() {
  if (!known.chance) return;
  const labels = known.names.map((name) => shorten(name, 12.5, 110));
  const phone = isPhone("likely");
  const right = Math.ceil(Math.max(...labels.map((text) => widthOf(text, 13)))) + 24;
  const chart = frame("likely", { height: (phone ? 250 : 270) + 34, low: 0, high: 100, right, foot: 62, sign: "%" });
  const { box, svg } = chart;
  const step = (box.right - box.left) / width;
  const gap = step > 8 ? 1 : 0;
  likely = { chart, bars: [], step };
  slider.forEach((place, at) => {
    const k = steps[place];
    const pale = first && first.trusted && k >= first.trusted[0] && k <= first.trusted[1] ? "" : " pale";
    for (let i = 0; i < kinds; i += 1) {
      const spot = { x: (box.left + at * step).toFixed(2), width: Math.max(0.5, step - gap).toFixed(2) };
      likely.bars.push(svgNode(svg, "rect", { class: `stack ${tintOf(i)}${pale}`, ...spot }));
    }
    likely.bars.push(svgNode(svg, "rect", { class: "stack", x: (box.left + at * step).toFixed(2), y: box.bottom + 24, width: Math.max(0.5, step - gap).toFixed(2), height: 11 }));
  });
  const every = Math.max(1, Math.ceil((widthOf("00", 12) + 8) / step));
  bottomTicks(chart, slider.map((place, at) => [box.left + (at + 0.5) * step, String(steps[place])]).filter((_, at) => at % every === 0));
  svgNode(svg, "text", { class: "said", x: box.left, y: box.bottom + 50 }, words.what_came);
  svgNode(svg, "text", { class: "said", x: box.right, y: box.bottom + 50, "text-anchor": "end" }, words.axis_k);
  likely.labels = labels;
  likely.names = svgNode(svg, "g", {});
  likely.moment = svgNode(svg, "rect", { class: "here", y: box.top, width: step, height: box.bottom - box.top });
  moveLikely();
}

function moveLikely() {
  const { chart, bars } = likely;
  const { y } = chart;
  const low = Array(kinds).fill(0);
  slider.forEach((place, at) => {
    let below = 0;
    for (let i = 0; i < kinds; i += 1) {
      const chance = 100 * known.chance[(state.origin * width + at) * kinds + i];
      const bar = bars[at * (kinds + 1) + i];
      bar.setAttribute("y", y(Math.min(below + chance, 100)).toFixed(2));
      bar.setAttribute("height", Math.max(0, y(below) - y(Math.min(below + chance, 100))).toFixed(2));
      if (at === width - 1) low[i] = below + chance / 2;
      below += chance;
    }
    const came = known.ends[state.origin * width + at];
    bars[at * (kinds + 1) + kinds].setAttribute("class", came === 255 ? "stack none" : `stack ${tintOf(came)}`);
  });
  likely.names.replaceChildren();
  const ends = low.map((value, i) => ({ i, at: y(value) })).sort((a, b) => a.at - b.at);
  const places = apart(ends.map((end) => end.at), 15, chart.box.top + 6, chart.box.bottom);
  ends.forEach(({ i, at }, n) => {
    svgNode(likely.names, "path", { class: `lead ${tintOf(i)}`, d: `M${chart.box.right + 2},${at.toFixed(1)}L${chart.box.right + 12},${places[n].toFixed(1)}` });
    svgNode(likely.names, "text", { class: "name", x: chart.box.right + 16, y: places[n].toFixed(1), dy: "0.35em" }, likely.labels[i]);
  });
  moveHere();
}

function moveHere() {
  if (!likely) return;
  const { box, svg } = likely.chart;
  likely.moment.setAttribute("x", (box.left + state.at * likely.step).toFixed(2));
  const said = known.names.map((name, i) => `${name} ${number(Math.round(100 * known.chance[(state.origin * width + state.at) * kinds + i]), 0)}%`);
  svg.setAttribute("aria-label", `${byId("likely-title").textContent}, ${fill(words.ahead, { called: data.called[state.at] })}${words.colon}${said.join(words.semicolon)}`);
}

function drawTimeline() {
  const holder = byId("timeline");
  const wide = Math.max(holder.clientWidth, 240);
  const { from, to, places, states, ticks } = known.timeline;
  const svg = board(holder, wide, 52, byId("likely-title").textContent);
  const x = linear(from, to + 1, 0, wide);
  const step = wide / places.length;
  // One path a state: neighbours of one state are one piece.
  const paths = Array(kinds).fill("");
  for (let a = 0; a < places.length; ) {
    let b = a;
    while (b + 1 < places.length && states[b + 1] === states[a]) b += 1;
    if (states[a] !== 255) paths[states[a]] += `M${(a * step).toFixed(1)},4H${((b + 1) * step).toFixed(1)}V22H${(a * step).toFixed(1)}Z`;
    a = b + 1;
  }
  paths.forEach((d, i) => svgNode(svg, "path", { class: `stack ${tintOf(i)}`, d }));
  bottomTicks({ svg, wide, box: { bottom: 32 } }, ticks.map(([at, text]) => [x(at), text]));
  passed = { svg, x, mark: svgNode(svg, "path", { class: "mark" }) };
  moveOrigin();
}

function moveOrigin() {
  const at = passed.x(known.origins[state.origin] - 0.5);
  passed.mark.setAttribute("d", `M${at.toFixed(1)},23l-5,8h10z`);
  const said = known.known[state.origin] + words.colon + (known.names[known.now[state.origin]] ?? "–");
  byId("origin-now").textContent = said;
  byId("origin").setAttribute("aria-valuetext", said);
}

function drawStates() {
  drawMatrix();
  drawLikely();
  drawTimeline();
}

function buildStates() {
  const origin = byId("origin");
  origin.max = known.origins.length - 1;
  state.origin = origin.max >> 1;
  origin.value = state.origin;
  const moved = beforeFrame(() => {
    if (likely) moveLikely();
    moveOrigin();
  });
  origin.addEventListener("input", () => {
    state.origin = +origin.value;
    moved();
  });
  byId("timeline").classList.add("press");
  byId("timeline").addEventListener("pointerdown", (event) => {
    state.origin = nearest(event, passed, known.origins.map((place) => passed.x(place - 0.5)));
    origin.value = state.origin;
    moved();
  });
}

parts.push({
  build: buildStates,
  draw: drawStates,
  move: () => {
    moveMatrix();
    moveHere();
  },
});
