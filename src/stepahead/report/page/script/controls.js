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
  for (const part of parts) part.move();
}

function drawAll() {
  for (const part of parts) part.draw();
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
  if (byId("keys") && lines.length > data.few) {
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
  for (const part of parts) if (part.build) part.build();
}

// Room for the longest text beside a slider, so that the slider does not change its length while it moves.
function widen(range, texts) {
  const widest = Math.max(...texts.map((text) => widthOf(text, 16, true)));
  range.parentElement.querySelector("output").style.minWidth = Math.ceil(1.04 * widest) + 2 + "px";
}

for (const id of ["bar", "charts", "keys"]) if (byId(id)) byId(id).hidden = false;
for (const note of document.querySelectorAll(".off")) note.hidden = true;
build();
for (const part of parts) if (part.press) press(part.press);
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
