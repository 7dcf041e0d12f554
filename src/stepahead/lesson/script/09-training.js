// 1.3.4: the net, and one step ahead.

// C9. Train the net: the losses fall towards two lines.
function startTraining() {
  const figure = new Figure("c9", { recipe: "note", seed: 0, fresh: 0 });
  figure.choice(
    "recipe",
    ["note", "gentle", "average", "sgd", "sgdAverage"].map((recipe) => [recipe, figure.word(recipe)]),
  );
  seedChoice(figure);
  figure.button("fresh", () => figure.change("fresh", figure.state.fresh + 1));
  const plot = figure.plot();
  figure.legend([
    ["dots", "one", "loss"],
    ["line", "wall", "wall"],
    ["line", "floor", "floor"],
  ]);
  const tell = figure.readout();
  const log = htmlNode(figure.stage, "p", { class: "readout mono" });
  const recipes = {
    note: {},
    gentle: { epochs: 50, rate: 0.001 },
    average: { share: 1 / 16 },
    sgd: { rule: "sgd" },
    sgdAverage: { rule: "sgd", share: 1 / 16 },
  };
  figure.resets.seed = () => ({ fresh: 0 });
  figure.start((state) => {
    const { recipe, seed, fresh } = state;
    const how = recipes[recipe];
    const { x } = seeds[seed];
    const { losses, errors } = once(`train/${recipe}/${seed}/${fresh}`, () => {
      const random = generator(100 * seed + fresh);
      const epochs = how.epochs ?? 5;
      const start = fresh ? freshStart(random) : seeds[seed];
      const order = fresh || epochs > 5 ? shuffles(random, epochs) : seeds[seed].order;
      const found = train(x, start, order, how);
      return { losses: found.losses, errors: errorByStep(x, rolled(found.net, x)) };
    });
    const wall = page.facts.bayes4 ** 2;
    const at = new Plot(plot, {
      height: 240,
      x: [0.5, losses.length + 0.5],
      y: [0.03, 0.1],
      left: 48,
      top: 26,
      xTicks: (losses.length > 5 ? [1, 10, 20, 30, 40, 50] : range(1, 6)).map((v) => ({ at: v, text: String(v) })),
      yTicks: [0.04, 0.06, 0.08, 0.1].map((v) => ({ at: v, text: fixed(v, 2) })),
      xName: "",
      yName: figure.word("axis"),
      name: figure.word("name"),
    });
    at.level(NOISE * NOISE, "floor", fixed(NOISE * NOISE, 4), 16, 0);
    at.level(wall, "wall", fixed(wall, 4), -6, 0);
    const shown = losses.map((loss) => (loss < 0.1 ? loss : 0.1));
    at.line(range(1, losses.length + 1), shown, "one thin");
    at.dots(range(1, losses.length + 1), shown, "one big");
    if (losses.length <= 5)
      shown.forEach((loss, i) =>
        at.text(i + 1, loss, fixed(losses[i], 3), {
          dy: -10,
          anchor: i === 0 ? "start" : "middle",
          dx: i === 0 ? 8 : 0,
          cls: "label soft",
        }),
      );
    const last = losses[losses.length - 1];
    tell(figure.word("told", { one: fixed(errors[0]), last: fixed(errors[H - 1]), gain: fixed(last - wall, 4) }));
    log.textContent = (losses.length > 5 ? losses.filter((_, i) => (i + 1) % 10 === 0) : losses)
      .map(
        (loss, i) =>
          `epoch ${losses.length > 5 ? 10 * (i + 1) : i + 1}, loss: ${Number.isFinite(loss) ? loss.toFixed(6) : "∞"}`,
      )
      .join("   ");
  });
}

// C10. One step ahead: four filled inputs, always.
function startOneStep() {
  const figure = new Figure("c10", { point: 40, last: true, k: 1 });
  const { x } = seeds[0];
  figure.slider("point", { min: 0, max: 95, text: (value) => String(TRAIN + value) });
  figure.check("last");
  const plot = figure.plot();
  figure.legend([
    ["dots", "seen", "data"],
    ["dots", "input", "inputs"],
    ["line", "one", "net"],
    ["line", "baseline", "lastValue"],
  ]);
  const tell = figure.readout();
  figure.choice(
    "k",
    [1, 64].map((k) => [k, String(k)]),
  );
  const ranking = figure.plot();
  const all = once("one-step", () => range(TRAIN, TRAIN + 96).map((o) => think(netOf(0), x, o)));
  figure.start(({ point, last, k }) => {
    const origin = TRAIN + point;
    const times = range(TRAIN, TRAIN + 96);
    const at = new Plot(plot, {
      height: 240,
      x: [TRAIN - 6, TRAIN + 96],
      y: [-1.3, 1.1],
      left: 34,
      xName: "",
      name: figure.word("name"),
    });
    at.dots(range(TRAIN - 6, TRAIN + 96), Array.from(x.subarray(TRAIN - 6, TRAIN + 96)));
    if (last)
      at.line(
        times,
        times.map((i) => x[i - 1]),
        "baseline",
      );
    at.line(times, all, "one");
    const inputs = range(origin - TAU, origin);
    at.dots(
      inputs,
      inputs.map((i) => x[i]),
      "input big",
    );
    inputs.forEach((i) => at.path(`M${at.x(i)} ${at.y(x[i])}L${at.x(origin)} ${at.y(all[point])}`, "line one thin"));
    at.hollow([origin], [all[point]], "one");
    at.drag((value) => figure.change("point", clamp(Math.round(value) - TRAIN, 0, 95)));
    tell(
      figure.word("told", {
        origin,
        from: origin - TAU,
        until: origin - 1,
        value: fixed(all[point], 2),
        truth: fixed(x[origin], 2),
        before: fixed(x[origin - 1], 2),
      }),
    );
    const rows = ["net", "last", "ar16", "ar128", "truth"].map((name) => ({
      text: figure.word(name === "last" ? "lastValue" : name),
      value: errorsOf(0, name)[k - 1],
      cls: { net: "one", last: "baseline", truth: "ink" }[name] ?? "extra",
    }));
    rows.sort((a, b) => a.value - b.value);
    bars(ranking, rows, k === 1 ? 0.3 : 0.75, [{ at: NOISE, cls: "floor", text: "0.2" }], figure.word("ranking", { k }));
  });
}
