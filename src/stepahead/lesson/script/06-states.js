// 1.2.2 and 1.2.3: summaries and chains.

// The note's first picture: h_1 -> h_2 -> .., each giving its x_t, and fed by the one before.
function startLinks() {
  const figure = new Figure("latent", { t: 3 });
  const last = 4;
  figure.slider("t", { min: 1, max: last, text: (value) => figure.word("tick", { t: value }) });
  const plot = figure.plot();
  const tell = figure.readout();
  const low = (t) => String.fromCharCode(0x2080 + t);
  figure.start(({ t }) => {
    const width = Math.min(roomOf(plot), 620);
    const svg = board(plot, width, 160, figure.word("name", { t }));
    const size = 21;
    const x = (i) => 28 + ((i - 1) * (width - 84)) / (last - 1);
    const rows = { h: 34, x: 132 };
    const arrow = (from, to, lit) => {
      const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
      const [dx, dy] = [(to[0] - from[0]) / length, (to[1] - from[1]) / length];
      const a = [from[0] + dx * (size + 3), from[1] + dy * (size + 3)];
      const b = [to[0] - dx * (size + 4), to[1] - dy * (size + 4)];
      const wing = (turn) => `${b[0] - 9 * dx + turn * 5 * dy} ${b[1] - 9 * dy - turn * 5 * dx}`;
      svgNode(svg, "path", {
        class: `line ${lit ? "latent thick" : "baseline"}`,
        d: `M${a[0]} ${a[1]}L${b[0]} ${b[1]}M${wing(1)}L${b[0]} ${b[1]}L${wing(-1)}`,
      });
      return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    };
    for (let i = 1; i <= last; i += 1) {
      const given = arrow([x(i), rows.h], [x(i), rows.x], i === t);
      if (i === t) svgNode(svg, "text", { class: "label latent halo", x: given[0] + 9, y: given[1] + 5 }, "P");
      if (i === last) {
        arrow([x(i), rows.h], [x(i) + 62, rows.h], false);
        continue;
      }
      arrow([x(i), rows.x], [x(i + 1), rows.h], i + 1 === t);
      const kept = arrow([x(i), rows.h], [x(i + 1), rows.h], i + 1 === t);
      if (i + 1 === t)
        svgNode(svg, "text", { class: "label latent", x: kept[0], y: kept[1] - 9, "text-anchor": "middle" }, "f");
    }
    for (let i = 1; i <= last; i += 1) {
      for (const [letter, y] of Object.entries(rows)) {
        const lit = i === t || i === t - 1;
        svgNode(svg, "circle", { class: `node ${letter === "h" ? "own" : "given"} ${lit ? "" : "idle"}`, cx: x(i), cy: y, r: size });
        svgNode(svg, "text", { class: "label strong", x: x(i), y: y + 5, "text-anchor": "middle" }, letter + low(i));
      }
    }
    tell(figure.word(t === 1 ? "first" : "told", { t: low(t), before: low(t - 1) }));
  });
}

// C3. A summary of the whole past: update and advance.
function startLatent() {
  const figure = new Figure("c3", { first: 0, read: TRAIN, ahead: H });
  const { x } = seeds[0];
  figure.choice("first", [
    [0, figure.word("fromAll")],
    [600, figure.word("fromFew")],
  ]);
  const begin = () => ({ read: TRAIN, ahead: 0 });
  figure.resets.first = begin;
  figure.button(
    "update",
    () => {
      // A value that comes after steps in the dark is read after all the values in between.
      if (figure.state.read < T - H) figure.set({ read: figure.state.read + 1, ahead: 0 });
    },
    "strong",
  );
  figure.button("advance", () => figure.set({ ahead: Math.min(H, figure.state.ahead + 1) }), "strong");
  figure.button("advanceAll", () => figure.set({ ahead: H }));
  figure.button("reset", () => figure.set(begin()));
  const row = figure.row("dial");
  const dial = htmlNode(row, "div", { class: "plot" });
  const time = htmlNode(row, "div", { class: "plot" });
  figure.legend([
    ["dots", "seen", "seen"],
    ["hollow", "latent", "own"],
    ["area", "latent", "fan"],
    ["line", "wave", "wave"],
  ]);
  const tell = figure.readout();
  figure.start((state) => {
    const known = filter.until(x, state.read, state.first);
    let now = known;
    const path = [];
    for (let k = 0; k < state.ahead; k += 1) {
      path.push({
        at: state.read + k,
        value: filter.reading(now),
        sd: page.cycle.scale * Math.sqrt(now.P[0] + page.cycle.noise),
      });
      now = filter.advance(now);
    }
    const phase = Math.atan2(now.a[0], now.a[1]);
    const size = Math.hypot(now.a[0], now.a[1]);
    // What is not known across the arrow, as an angle.
    const across = [Math.cos(phase), -Math.sin(phase)];
    const variance = across[0] ** 2 * now.P[0] + 2 * across[0] * across[1] * now.P[1] + across[1] ** 2 * now.P[2];
    const fan = Math.min(Math.PI, (2 * Math.sqrt(variance)) / Math.max(size, 1e-9));
    drawDial(dial, figure, {
      phase,
      fan,
      truth: FREQUENCY * (state.read + state.ahead + 1),
      reach: Math.min(1.25, size * page.cycle.scale),
    });
    const from = 560;
    const until = Math.max(700, state.read + H + 4);
    const plot = new Plot(time, {
      height: 240,
      x: [from, until],
      y: [-1.7, 1.7],
      left: 30,
      name: figure.word("name", { read: state.read - state.first, ahead: state.ahead }),
    });
    const seen = range(Math.max(from, state.first), state.read);
    const all = range(from, until);
    plot.line(
      all,
      all.map((i) => wave(i + 1)),
      "wave",
    );
    plot.dots(
      seen,
      seen.map((i) => x[i]),
    );
    if (path.length) {
      const times = path.map(({ at }) => at);
      plot.area(
        times,
        path.map(({ value, sd }) => value - 2 * sd),
        path.map(({ value, sd }) => value + 2 * sd),
        "latent",
      );
      plot.hollow(
        times,
        path.map(({ value }) => value),
        "latent",
      );
    }
    plot.upright(state.read - 0.5, "soft thin", figure.word("known"));
    tell(
      figure.word("state", {
        read: state.read - state.first,
        ahead: state.ahead,
        fan: fixed((fan * 180) / Math.PI, fan > 1 ? 0 : 1),
        value: fixed(filter.reading(now), 2),
        truth: fixed(wave(state.read + state.ahead + 1), 2),
      }),
    );
  });
}

function drawDial(host, figure, { phase, fan, truth, reach }) {
  const plot = new Plot(host, {
    height: 240,
    x: [-1.4, 1.4],
    y: [-1.4, 1.4],
    left: 2,
    right: 2,
    top: 2,
    bottom: 2,
    xTicks: 0,
    yTicks: 0,
    name: figure.word("dial", { fan: fixed((fan * 180) / Math.PI, 1) }),
  });
  const radius = Math.min(plot.width, plot.height) / 2 - 14;
  const cx = plot.width / 2;
  const cy = plot.height / 2;
  // The height of the arrow's tip is the height of the wave: angle 0 points right.
  const at = (angle, share) => [cx + radius * share * Math.cos(angle), cy - radius * share * Math.sin(angle)];
  svgNode(plot.svg, "circle", { class: "line rule", cx, cy, r: radius * 0.8 });
  svgNode(plot.svg, "line", { class: "line rule", x1: cx - radius, x2: cx + radius, y1: cy, y2: cy });
  const wide = range(0, 41).map((i) => at(phase + fan * (i / 20 - 1), 0.97));
  if (fan >= Math.PI) svgNode(plot.svg, "circle", { class: "area latent", cx, cy, r: radius * 0.97 });
  else svgNode(plot.svg, "path", { class: "area latent", d: `M${cx} ${cy}L${wide.map((p) => p.join(" ")).join("L")}Z` });
  const [tx, ty] = at(truth, 0.8);
  svgNode(plot.svg, "line", { class: "line wave", x1: cx, y1: cy, x2: tx, y2: ty });
  const [ax, ay] = at(phase, 0.8 * reach);
  svgNode(plot.svg, "line", { class: "line latent thick", x1: cx, y1: cy, x2: ax, y2: ay });
  svgNode(plot.svg, "circle", { class: "tip latent", cx: ax, cy: ay, r: 5 });
}

// C4. The chain: both rows of P^k.
function startChain() {
  const figure = new Figure("c4", { k: 2, today: 1 });
  const P = page.chain.map((row) => row.map((count) => count / (row[0] + row[1])));
  const powers = [
    [
      [1, 0],
      [0, 1],
    ],
  ];
  range(0, 15).forEach((k) => powers.push(powers[k].map((row) => [0, 1].map((j) => row[0] * P[0][j] + row[1] * P[1][j]))));
  const rest = P[0][1] / (P[0][1] + P[1][0]);
  figure.slider("k", { min: 1, max: 14, text: (k) => figure.word("days", { k }) });
  figure.choice("today", [
    [1, figure.word("wet")],
    [0, figure.word("dry")],
  ]);
  const plot = figure.plot();
  figure.legend([
    ["line", "one", "ifWet"],
    ["line", "fed", "ifDry"],
    ["line", "floor", "rest"],
  ]);
  const tell = figure.readout();
  const table = htmlNode(figure.stage, "p", { class: "readout mono" });
  figure.start(({ k, today }) => {
    const days = range(0, 15);
    const at = new Plot(plot, {
      height: 220,
      x: [0, 14],
      y: [0, 1],
      left: 44,
      right: 18,
      yTicks: [0, 0.25, 0.5, 0.75, 1].map((v) => ({ at: v, text: `${100 * v}%` })),
      xTicks: 7,
      top: 26,
      xName: "",
      yName: figure.word("axis"),
      name: figure.word("name", { k, wet: fixed(powers[k][1][1]), dry: fixed(powers[k][0][1]) }),
    });
    at.level(rest, "floor");
    at.line(
      days,
      days.map((d) => powers[d][1][1]),
      "one",
    );
    at.line(
      days,
      days.map((d) => powers[d][0][1]),
      "fed",
    );
    at.dots(
      days,
      days.map((d) => powers[d][1][1]),
      "one",
    );
    at.dots(
      days,
      days.map((d) => powers[d][0][1]),
      "fed",
    );
    at.upright(k, "soft thin");
    const now = powers[k][today][1];
    at.dots([k], [now], `${today ? "one" : "fed"} huge`);
    at.text(k, now, `${fixed(100 * now, 1)}%`, {
      dx: k > 11 ? -12 : 12,
      dy: today ? -10 : 20,
      anchor: k > 11 ? "end" : "start",
      cls: "label strong",
    });
    tell(
      figure.word("umbrella", {
        k,
        today: figure.word(today ? "wet" : "dry"),
        p: fixed(100 * now, 1),
        gap: fixed(powers[k][1][1] - powers[k][0][1]),
      }),
    );
    const row = (i) => `${figure.word(i ? "wet" : "dry")} [${powers[k][i].map((v) => fixed(v)).join("  ")}]`;
    table.textContent = `P^${k} =  ${row(0)}   ${row(1)}`;
  });
}
