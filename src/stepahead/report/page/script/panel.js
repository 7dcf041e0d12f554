// -- many series ----------------------------------------------------------------------------------------------

const many = data.panel;
let stairs = null;

// In how many series each model is trusted to at least so many steps: a falling staircase, the count at each drop.
function drawStairs() {
  const phone = isPhone("staircase");
  const foot = 46;
  const chart = frame("staircase", { height: (onPaper() || phone ? 240 : 280) + foot - 20, low: 0, high: Math.max(1, many.of), right: 8, foot, label: words.panel_axis });
  const { box, svg, y } = chart;
  const x = scaleOfSteps(box.left + Math.min(60, (box.right - box.left) / (steps.length + 1)), box.right - 10);
  const edgeOf = (i) => (i < 0 ? box.left : i >= steps.length - 1 ? box.right : x(Math.sqrt(steps[i] * steps[i + 1])));
  const path = (counts) => counts.map((count, i) => `${i ? "V" + y(count).toFixed(1) : "M" + box.left + "," + y(count).toFixed(1)}H${edgeOf(i).toFixed(1)}`).join("");
  bottomTicks(chart, many.ticks.map((k) => [x(k), number(k, 0)]));
  svgNode(svg, "path", { class: "under c1", d: `${path(many.counts[0])}V${box.bottom}H${box.left}Z` });
  chart.moment = svgNode(svg, "line", { class: "moment", y1: box.top, y2: box.bottom });
  for (let i = many.counts.length - 1; i >= 0; i -= 1) {
    svgNode(svg, "path", { class: `stairs ${lines[i].classes}${i ? " thin" : ""}`, d: path(many.counts[i]) });
  }
  let taken = -Infinity;
  many.counts[0].forEach((count, i) => {
    if (!count || (i && count === many.counts[0][i - 1])) return;
    const at = Math.max(edgeOf(i - 1) + 5, box.left + 5);
    if (at < taken) return;
    svgNode(svg, "text", { class: "count halo", x: at.toFixed(1), y: Math.max(y(count) - 7, box.top + 12).toFixed(1) }, number(count, 0));
    taken = at + widthOf(number(count, 0), 14, true) + 4;
  });
  stairs = { chart, x };
  chart.x = x;
  byStep.staircase = chart;
  moveStairs();
}

function moveStairs() {
  const { chart, x } = stairs;
  const place = slider[state.at];
  for (const side of ["x1", "x2"]) chart.moment.setAttribute(side, x(steps[place]).toFixed(1));
  const called = data.called[state.at];
  const said = many.counts.map((counts, i) => (i ? lines[i].name + words.colon : "") + fill(words.panel_read, { called, count: number(counts[place], 0), of: number(many.of, 0) }));
  byId("read").textContent = said.slice(0, state.every ? 99 : data.few).join(words.semicolon);
  chart.svg.setAttribute("aria-label", `${words.panel_title}${words.colon}${said[0]}`);
}

function rowOf(body, row) {
  const [name, verdict, saved, own, baseline, best, gains, spark, view] = row;
  const line = htmlNode(body, "tr");
  const head = htmlNode(line, "th", { scope: "row" });
  if (view >= 0 && views.length) {
    const open = htmlNode(head, "button", { type: "button" }, name);
    open.addEventListener("click", () => {
      byId("series").value = view;
      byId("series").dispatchEvent(new Event("change"));
      byId("along-title").scrollIntoView({ behavior: "smooth" });
    });
  } else head.textContent = name;
  const small = svgNode(htmlNode(line, "td", { class: "spark" }), "svg", { viewBox: "0 0 150 26", "aria-hidden": "true", preserveAspectRatio: "none" });
  const step = 150 / Math.max(spark.length - 1, 1);
  svgNode(small, "path", { d: pathThrough(Array.from(spark, (letter, i) => [i * step, letter === " " ? NaN : 122.5 - letter.charCodeAt(0)])) });
  htmlNode(line, "td", { class: "verdict" }, many.verdicts[verdict]);
  const bar = svgNode(htmlNode(line, "td", { class: "gain" }), "svg", { viewBox: "0 0 130 10", "aria-hidden": "true" });
  svgNode(bar, "rect", { class: "empty", width: 130, height: 10, rx: 2 });
  for (let i = 0; i < gains.length; i += 2) svgNode(bar, "rect", { class: "full c1", x: 130 * gains[i], width: Math.max(2, 130 * (gains[i + 1] - gains[i])), height: 10, rx: 2 });
  for (const text of [saved, own]) htmlNode(line, "td", {}, text);
  const last = htmlNode(line, "td", { class: "best" }, best);
  htmlNode(last, "i", {}, many.baselines[baseline]);
}

function buildTable() {
  const table = byId("every-series");
  const rows = many.rows.map((row, i) => [...row, i]);
  // What a column is sorted by: the verdict by its rank, from the best on.
  const keys = { name: (row) => row[0], verdict: (row) => -row[12], saves: (row) => row[9], own: (row) => row[10], best: (row) => row[11] };
  const refill = () => {
    const body = document.createElement("tbody");
    rows.forEach((row) => rowOf(body, row));
    table.tBodies[0].replaceWith(body);
  };
  for (const head of table.tHead.rows[0].cells) {
    const key = keys[head.className];
    if (!key) continue;
    const text = head.textContent;
    head.textContent = "";
    const button = htmlNode(head, "button", { type: "button" }, text);
    if (head.className === "verdict") head.setAttribute("aria-sort", "descending");
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") !== "descending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const sign = down ? -1 : 1;
      const worth = (row) => (typeof key(row) === "number" || key(row) === null ? key(row) ?? -Infinity : key(row));
      rows.sort((a, b) => {
        const [p, q] = [worth(a), worth(b)];
        const order = typeof p === "string" && typeof q === "string" ? p.localeCompare(q, undefined, { numeric: true }) : p < q ? -1 : p > q ? 1 : 0;
        return sign * order || a[12] - b[12];
      });
      refill();
    });
  }
  refill();
}

// Where no series has a curve the page says so in its place.
const hasStairs = byId("staircase") !== null;
const nothing = () => {};
parts.push({ build: buildTable, draw: hasStairs ? drawStairs : nothing, move: hasStairs ? moveStairs : nothing, press: "staircase" });
