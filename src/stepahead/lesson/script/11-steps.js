// 1.3.4: k steps, and the formula.

// C12. The matrix: a row is one forecast, a column one k-step curve.
function startSteps() {
  const figure = new Figure("c12", { origin: 760, k: 64, align: "target", seed: 0 });
  figure.slider("origin", { min: TAU, max: T - H, text: (value) => String(value) });
  figure.slider("k", { min: 1, max: H, text: (value) => figure.word("stepText", { k: value }) });
  figure.choice("align", [
    ["target", figure.word("byTarget")],
    ["start", figure.word("byStart")],
  ]);
  seedChoice(figure);
  const matrix = figure.plot("matrix");
  const canvas = document.createElement("canvas");
  const row = figure.row("halves");
  const across = htmlNode(row, "div", { class: "plot" });
  const along = htmlNode(row, "div", { class: "plot" });
  const tell = figure.readout();
  const errors = figure.plot();
  figure.legend([
    ["line", "fed", "held"],
    ["line", "fed faded", "trained"],
    ["line", "baseline", "last"],
    ["line", "baseline dotted", "mean"],
    ["line", "wall", "wall"],
    ["line", "floor", "floor"],
  ]);
  const proof = htmlNode(figure.stage, "p", { class: "readout proof" });
  const everything = (seed) =>
    once(`matrix${seed}`, () => {
      const { x } = seeds[seed];
      const net = netOf(seed);
      return range(TAU, T - H + 1).map((origin) => rollOut(net, x, origin));
    });
  const rows = T - TAU - H + 1;
  let painted = "";
  const paint = (seed) => {
    // Each cell is as strong as its forecast misses; the four columns of history miss nothing.
    const x = seeds[seed].x;
    const all = everything(seed);
    const colours = getComputedStyle(document.documentElement);
    // Paper is white whatever the screen is.
    const [paper, strong, grey] = ["ground", "c2", "seen"].map((name) => {
      const hex = printing ? page.paper[name] : colours.getPropertyValue(`--${name}`).trim();
      return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
    });
    canvas.width = TAU + H;
    canvas.height = rows;
    const context = canvas.getContext("2d");
    const image = context.createImageData(canvas.width, rows);
    for (let r = 0; r < rows; r += 1) {
      for (let c = 0; c < TAU + H; c += 1) {
        const share = c < TAU ? 0.75 : Math.min(1, Math.abs(all[r][c - TAU] - x[r + c]) / 1.5) ** 0.8;
        const to = c < TAU ? grey : strong;
        const place = 4 * (r * canvas.width + c);
        for (let i = 0; i < 3; i += 1) image.data[place + i] = paper[i] + share * (to[i] - paper[i]);
        image.data[place + 3] = 255;
      }
    }
    context.putImageData(image, 0, 0);
  };
  figure.start(({ origin, k, align, seed }) => {
    const { x } = seeds[seed];
    const all = everything(seed);
    const look = `${seed}/${window.matchMedia("(prefers-color-scheme: dark)").matches && !printing}`;
    if (look !== painted) {
      paint(seed);
      painted = look;
    }
    const at = new Plot(matrix, {
      height: 300,
      x: [-TAU, H],
      y: [T - H + 0.5, TAU - 0.5],
      left: 46,
      top: 34,
      bottom: 8,
      right: 4,
      xTicks: 0,
      grid: false,
      yTicks: [TAU, 200, 400, TRAIN, 800, T - H].map((v) => ({ at: v, text: String(v) })),
      yName: figure.word("origins"),
      name: figure.word("name", { rows }),
    });
    canvas.className = "cells";
    canvas.style.left = `${at.x(-TAU)}px`;
    canvas.style.top = `${at.top}px`;
    canvas.style.width = `${at.x(H) - at.x(-TAU)}px`;
    canvas.style.height = `${at.height - at.top - at.bottom}px`;
    canvas.setAttribute("aria-hidden", "true");
    matrix.prepend(canvas);
    for (const step of [1, 16, 32, 48, 64])
      svgNode(
        at.over,
        "text",
        { class: "tick", x: Math.min(at.x(step - 0.5), at.width - 8), y: 28, "text-anchor": "middle" },
        step === 1 ? "k = 1" : String(step),
      );
    if (at.width > 480) svgNode(at.over, "text", { class: "tick", x: at.x(-2), y: 28, "text-anchor": "middle" }, "τ");
    svgNode(at.over, "line", {
      class: "line ink thin",
      x1: at.left,
      x2: at.width - 4,
      y1: at.y(TRAIN - 0.5),
      y2: at.y(TRAIN - 0.5),
    });
    svgNode(at.over, "text", { class: "label halo", x: at.x(0) + 8, y: at.y(T - H) - 8 }, figure.word("heldRows"));
    svgNode(at.over, "text", { class: "label halo", x: at.x(0) + 8, y: at.y(TAU) + 18 }, figure.word("trainRows"));
    svgNode(at.over, "rect", {
      class: "cursor",
      x: at.x(k - 1),
      y: at.top,
      width: Math.max(3, at.x(k) - at.x(k - 1)),
      height: at.height - at.top - at.bottom,
    });
    svgNode(at.over, "rect", { class: "cursor", x: at.x(-TAU), y: at.y(origin) - 1.5, width: at.x(H) - at.x(-TAU), height: 3 });
    at.drag((cx, cy) => figure.set({ k: clamp(Math.ceil(cx), 1, H), origin: clamp(Math.round(cy), TAU, T - H) }));

    const ahead = range(origin, origin + H);
    const one = new Plot(across, {
      height: 230,
      x: [origin - 20, origin + H],
      y: [-1.9, 1.9],
      left: 30,
      top: 30,
      xTicks: 4,
      xName: "",
      yName: figure.word("oneRow", { origin }),
      name: figure.word("oneRow", { origin }),
    });
    const around = range(origin - 20, origin + H);
    one.line(
      around,
      around.map((i) => wave(i + 1)),
      "wave",
    );
    const before = range(Math.max(0, origin - 20), origin);
    one.dots(
      before,
      before.map((i) => x[i]),
    );
    one.hollow(ahead, Array.from(all[origin - TAU]), "fed");
    one.upright(origin - 0.5, "soft thin");

    const shift = align === "target" ? k - 1 : H - 1;
    const from = TAU;
    const origins = range(from, T - H + 1);
    const column = new Plot(along, {
      height: 230,
      x: [from, T],
      y: [-1.9, 1.9],
      left: 30,
      top: 30,
      xTicks: 4,
      xName: "",
      yName: figure.word("oneColumn", { k }),
      name: figure.word("oneColumn", { k }),
    });
    const times = range(from, T, 2);
    column.dots(
      times,
      times.map((i) => x[i]),
    );
    column.line(
      times,
      times.map((i) => wave(i + 1)),
      "wave",
    );
    column.line(
      origins.map((o) => o + shift),
      origins.map((o) => all[o - TAU][k - 1]),
      k === 1 ? "one" : "fed",
    );
    const held = errorsOf(seed, "net");
    const apart = Math.sqrt(mean(origins.map((o) => (all[o - TAU][k - 1] - x[o + shift]) ** 2)));
    tell(
      align === "target"
        ? figure.word("told", { k, net: fixed(held[k - 1]), last: fixed(errorsOf(seed, "last")[k - 1]) })
        : figure.word("shifted", { k, late: H - k, apart: fixed(apart) }),
    );

    const steps = range(1, H + 1);
    const seen = once(`seen${seed}`, () => errorByStep(x, (o) => all[o - TAU], TAU, TRAIN - H));
    const low = new Plot(errors, {
      height: 270,
      x: [1, H],
      y: [0, 0.9],
      left: 34,
      top: 26,
      log2: true,
      xTicks: DOUBLINGS,
      xName: "",
      yName: figure.word("axis"),
      name: figure.word("byStep"),
    });
    low.level(NOISE, "floor");
    low.line(steps, page.wall, "wall");
    low.line(steps, errorsOf(seed, "mean"), "baseline dotted");
    low.line(steps, errorsOf(seed, "last"), "baseline");
    low.line(steps, seen, "fed faded");
    low.line(steps, held, "fed thick");
    low.upright(k, "soft thin");
    const shown = [1, 4, 16, 64];
    low.dots(
      shown,
      shown.map((s) => held[s - 1]),
      "fed big",
    );
    shown.forEach((s) =>
      low.text(s, held[s - 1], fixed(held[s - 1]), {
        dy: -10,
        dx: s === 64 ? -2 : 0,
        anchor: s === 64 ? "end" : s === 1 ? "start" : "middle",
        cls: "label fed",
      }),
    );
    const library = page.seeds[seed].rmse;
    proof.dataset.page = JSON.stringify(Array.from(held));
    proof.textContent = figure.word("proof", {
      page: held[H - 1].toFixed(6),
      library: library[H - 1].toFixed(6),
      apart: Math.max(...library.map((v, i) => Math.abs(v - held[i])))
        .toExponential(0)
        .replace("-", "−"),
    });
  });
}

// C13. Why T - tau - max_steps + 1: rows fall off where a target does not exist.
function startFormula() {
  const figure = new Figure("c13", { steps: 3 });
  figure.slider("steps", { min: 1, max: 5 });
  const plot = figure.plot();
  const tell = figure.readout();
  figure.start(({ steps }) => {
    const [length, tau] = [6, 2];
    const width = roomOf(plot);
    const size = Math.min(44, Math.floor((width - 24) / (length + steps)) - 4);
    const rows = range(0, length - tau + 1);
    const svg = board(plot, width, rows.length * (size + 8) + 30, figure.word("name", { steps }));
    svgNode(svg, "text", { class: "label soft", x: 0, y: 12 }, figure.word("title"));
    rows.forEach((row) => {
      const over = row + tau + steps > length;
      const cells = range(0, row + tau + steps).map((i) => {
        if (i < row) return { text: "", cls: "none" };
        const inWindow = i < row + tau;
        return {
          text: `t${subscript(i + 1)}`,
          cls: i >= length ? "missing" : inWindow ? (over ? "idle" : "in-window") : over ? "own idle" : "own",
        };
      });
      tiles(svg, cells, 0, 24 + row * (size + 8), size);
      const end = Math.min(width - 18, (row + tau + steps) * (size + 4) + 8);
      svgNode(
        svg,
        "text",
        { class: `label ${over ? "fed" : "latent"}`, x: end, y: 24 + row * (size + 8) + size / 2 + 5 },
        over ? "✗" : "✓",
      );
    });
    const kept = Math.max(0, length - tau - steps + 1);
    tell(figure.word("told", { steps, kept }));
  });
}
