// 1.2.4: the arrow of time, and leaks.

// C5a. One present, two pasts.
function startArrow() {
  const figure = new Figure("c5a", { height: 0.6 });
  const map = (v) => 3.9 * v * (1 - v);
  figure.slider("height", { min: 0.1, max: 0.97, step: 0.01, text: (value) => fixed(value, 2) });
  const row = figure.row("halves");
  const plot = htmlNode(row, "div", { class: "plot" });
  const errors = htmlNode(row, "div", { class: "plot" });
  const tell = figure.readout();
  figure.start(({ height }) => {
    const root = Math.sqrt(0.25 - height / 3.9);
    const pasts = [0.5 - root, 0.5 + root];
    const at = new Plot(plot, {
      height: 240,
      x: [0, 1],
      y: [0, 1],
      left: 34,
      top: 26,
      yName: figure.word("next"),
      xName: "",
      xTicks: 5,
      name: figure.word("name"),
    });
    const xs = range(0, 101).map((i) => i / 100);
    at.line(xs, xs.map(map), "ink");
    at.level(height, "fed");
    pasts.forEach((past) => {
      at.line([past, past], [0, height], "fed thin");
      at.text(past, 0, fixed(past, 2), {
        dy: -6,
        dx: past < 0.5 ? -5 : 5,
        anchor: past < 0.5 ? "end" : "start",
        cls: "label fed",
      });
    });
    at.hollow(pasts, [height, height], "fed");
    at.drag((_, y) => figure.change("height", clamp(Math.round(100 * y) / 100, 0.1, 0.97)));
    const { arrow } = page.facts;
    bars(
      errors,
      [
        { text: figure.word("sineForward"), value: arrow.sine_forward, cls: "one" },
        { text: figure.word("sineBackward"), value: arrow.sine_backward, cls: "fed" },
        { text: figure.word("mapForward"), value: arrow.logistic_forward, cls: "one" },
        { text: figure.word("mapBackward"), value: arrow.logistic_backward, cls: "fed" },
      ],
      0.3,
      [],
      figure.word("errors"),
    );
    tell(figure.word("pasts", { height: fixed(height, 2), one: fixed(pasts[0], 2), two: fixed(pasts[1], 2) }));
  });
}

// C5b. The leak switch, and the audit that finds the leak.
function startLeak() {
  const figure = new Figure("c5b", { leak: "centred", width: 9 });
  const { x } = seeds[0];
  const until = T - H;
  const smooth = (values, width, centred) =>
    Float64Array.from(values, (_, i) => {
      const low = Math.max(0, centred ? i - (width - 1) / 2 : i - width + 1);
      const high = Math.min(values.length, centred ? i + (width - 1) / 2 + 1 : i + 1);
      let sum = 0;
      for (let j = low; j < high; j += 1) sum += values[j];
      return sum / (high - low);
    });
  // Each pipeline: all values in, one forecast an origin out.
  const onFeatures = (make) => (values) => {
    const features = make(values);
    const { weights, constant } = leastSquares(windows(features, TAU, TRAIN), Array.from(values.subarray(TAU, TRAIN)));
    const { next } = asLinear(weights, constant);
    return (origin) => next(features, origin);
  };
  const standardised = (whole) => (values) => {
    const part = Array.from(whole ? values : values.subarray(0, TRAIN));
    const [middle, size] = [mean(part), spread(part)];
    const scaled = values.map((value) => (value - middle) / size);
    const { next } = autoregression(scaled, TAU);
    return (origin) => middle + size * next(scaled, origin);
  };
  const lags = 16;
  const nearest = (atRandom) => (values) => {
    const origins = range(lags, until + 1);
    const picked = atRandom
      ? generator(3)
          .shuffled(origins)
          .slice(0, Math.floor(0.64 * origins.length))
      : origins.filter((o) => o + H - 1 < TRAIN);
    const learned = new Set(picked);
    const forecast = (origin) => {
      const near = picked.map((o) => {
        let apart = 0;
        for (let i = 1; i <= lags; i += 1) apart += (values[o - i] - values[origin - i]) ** 2;
        return [apart, values[o + H - 1]];
      });
      near.sort((a, b) => a[0] - b[0]);
      return mean(near.slice(0, 5).map(([, y]) => y));
    };
    return Object.assign(forecast, {
      k: H,
      scored: (origin) => (atRandom ? !learned.has(origin) : origin >= TRAIN),
      first: atRandom ? lags : TRAIN,
    });
  };
  const kinds = {
    none: (width) => [onFeatures((v) => v), onFeatures((v) => v)],
    centred: (width) => [onFeatures((v) => smooth(v, width, true)), onFeatures((v) => smooth(v, width, false))],
    scaler: (width) => [standardised(true), standardised(false)],
    split: (width) => [nearest(true), nearest(false)],
  };
  const score = (forecast) => {
    const k = forecast.k ?? 1;
    const origins = range(forecast.first ?? TRAIN, until + 1).filter((o) => !forecast.scored || forecast.scored(o));
    return Math.sqrt(mean(origins.map((o) => (forecast(o) - x[o + k - 1]) ** 2)));
  };
  // Rewrite the future of a cut; a forecast of an origin up to there that moves by one bit has seen it.
  const audit = (pipeline) => {
    const honest = pipeline(x);
    for (const cut of [640, 700, 800]) {
      const values = x.map((value, i) => (i < cut ? value : i % 2 ? 1e6 : -321.5));
      const again = pipeline(values);
      for (const origin of range(cut - 12, cut + 1)) if (honest(origin) !== again(origin)) return { cut, origin };
    }
    return null;
  };
  const floor = Math.sqrt(mean(range(TRAIN, until + 1).map((i) => (x[i] - wave(i + 1)) ** 2)));
  figure.choice(
    "leak",
    ["none", "centred", "scaler", "split"].map((leak) => [leak, figure.word(leak)]),
  );
  const widths = figure.choice(
    "width",
    [3, 9, 21].map((width) => [width, String(width)]),
  );
  const plot = figure.plot();
  const tell = figure.readout();
  const verdict = htmlNode(figure.stage, "p", { class: "readout verdict" });
  figure.start(({ leak, width }) => {
    widths.hidden = leak !== "centred";
    const [leaky, honest, found] = once(`leak/${leak}/${leak === "centred" ? width : 0}`, () => {
      const [one, two] = kinds[leak](width);
      return [score(one(x)), score(two(x)), audit(one)];
    });
    const far = leak === "split";
    const list =
      leak === "none"
        ? [{ text: figure.word("plain"), value: honest, cls: "one" }]
        : [
            { text: figure.word(`${leak}Leak`, { width }), value: leaky, cls: "fed" },
            { text: figure.word(`${leak}Honest`, { width }), value: honest, cls: "one" },
          ];
    const svg = bars(
      plot,
      list,
      far ? 0.75 : 0.26,
      [{ at: floor, cls: "floor", text: figure.word("floor", { floor: fixed(floor) }) }],
      figure.word("name"),
    );
    if (leaky < floor) {
      const bar = svg.querySelector(".bar.fed");
      svgNode(
        svg,
        "text",
        { class: "stamp", x: Number(bar.getAttribute("x")) + 10, y: Number(bar.getAttribute("y")) + 14, "aria-hidden": "true" },
        figure.word("impossible"),
      );
    }
    tell(
      figure.word(leaky < floor ? "under" : far ? "farther" : leak === "none" ? "clean" : "unseen", {
        leaky: fixed(leaky),
        honest: fixed(honest),
        floor: fixed(floor),
      }),
    );
    verdict.textContent = found ? figure.word("caught", found) : figure.word("passed");
    verdict.classList.toggle("bad", Boolean(found));
  });
}
