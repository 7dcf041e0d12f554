// Questions, "try it" links, the leaving test, printing; and the start.

const answered = new Map();

/** A question is asked; any answer opens the reasons of all. */
function startQuestions() {
  for (const box of document.querySelectorAll(".question")) {
    const right = Number(box.dataset.right);
    const options = Array.from(box.querySelectorAll(".option"));
    const verdict = box.querySelector(".verdict");
    box.classList.add("asked");
    options.forEach((option, i) => {
      const button = option.querySelector("button");
      button.addEventListener("click", () => {
        if (!answered.has(box.id)) {
          answered.set(box.id, i);
          box.classList.add("open");
          option.classList.add("chosen");
          verdict.textContent = say(i === right ? "guess.right" : "guess.wrong");
          review();
          followShort();
        }
      });
    });
    box.querySelector(".skip").addEventListener("click", () => {
      box.classList.add("open");
    });
  }
  review();
}

/** What was guessed, shown again at the end. */
function review() {
  const list = document.getElementById("review");
  if (!list) return;
  list.replaceChildren();
  let right = 0;
  const asked = document.querySelectorAll(".question:not(#short *)");
  for (const box of asked) {
    const given = answered.get(box.id);
    const good = given === Number(box.dataset.right);
    right += given !== undefined && good;
    const item = htmlNode(list, "li", { class: given === undefined ? "open" : good ? "good" : "bad" });
    const link = htmlNode(item, "a", { href: `#${box.id}` }, box.querySelector(".ask").textContent);
    link.lang = document.documentElement.lang;
    htmlNode(
      item,
      "span",
      { class: "soft" },
      given === undefined
        ? say("review.none")
        : `${say(good ? "review.good" : "review.bad")} ${box.querySelectorAll(".option button")[given].textContent}`,
    );
  }
  document.getElementById("review-score").textContent = say("review.score", {
    right,
    all: asked.length,
  });
}

/** The short way: one stop is open, the others show their titles and whether they were answered. */
function startShort() {
  const stops = Array.from(document.querySelectorAll("#short .stop"));
  const open = (at) => {
    stops.forEach((stop, i) => {
      stop.classList.toggle("current", i === at);
      stop.querySelector(".stop-title").setAttribute("aria-expanded", String(i === at));
    });
    followShort();
  };
  stops.forEach((stop, i) => {
    stop.querySelector(".stop-title").addEventListener("click", () => open(i));
    stop.querySelector(".next")?.addEventListener("click", () => {
      open(i + 1);
      stops[i + 1].querySelector(".stop-title").focus();
    });
  });
  open(0);
}

/** How far the reader is on the short way. */
function followShort() {
  const stops = Array.from(document.querySelectorAll("#short .stop"));
  let done = 0;
  let right = 0;
  for (const stop of stops) {
    const box = stop.querySelector(".question");
    const given = answered.get(box.id);
    if (given === undefined) continue;
    const good = given === Number(box.dataset.right);
    done += 1;
    right += good;
    stop.classList.add(good ? "good" : "bad");
  }
  const at = stops.findIndex((stop) => stop.classList.contains("current")) + 1;
  document.querySelector("#short .progress").textContent =
    done === stops.length
      ? say("short.over", { all: stops.length, right })
      : say("short.told", { at, all: stops.length, done, right });
}

/** A sentence that says "try it" does it, and takes the reader to the figure. */
function startTries() {
  for (const link of document.querySelectorAll("a.try")) {
    link.addEventListener("click", (event) => {
      const figure = figures.get(link.hash.slice(1));
      if (!figure) return;
      event.preventDefault();
      const values = Object.fromEntries(
        link.dataset.set.split(",").map((pair) => {
          const [key, value] = pair.split("=");
          return [
            key,
            value === "true" ? true : value === "false" ? false : Number.isNaN(Number(value)) ? value : Number(value),
          ];
        }),
      );
      figure.set(values);
      const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      figure.box.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
      figure.box.classList.remove("flash");
      requestAnimationFrame(() => figure.box.classList.add("flash"));
      figure.box.focus({ preventScroll: true });
      figure.box.querySelector(".back")?.remove();
      const stop = link.closest(".inside");
      if (stop) htmlNode(figure.box, "a", { class: "back", href: `#${stop.id}` }, say("short.back"));
    });
  }
}

/** The leaving test: numbers and choices, marked together. */
function startTest() {
  const form = document.getElementById("leaving");
  if (!form) return;
  form.classList.add("asked");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    let right = 0;
    const items = form.querySelectorAll(".item");
    for (const item of items) {
      const number = item.querySelector("input[type=text]");
      const chosen = item.querySelector("input:checked");
      const given = number ? number.value.trim() : chosen ? chosen.value : "";
      const good = given !== "" && Number(given) === Number(item.dataset.right);
      right += good;
      item.classList.toggle("good", good);
      item.classList.toggle("bad", !good);
      item.querySelector(".mark").textContent = say(good ? "test.good" : given === "" ? "test.none" : "test.bad");
    }
    form.classList.add("open");
    const verdict = form.querySelector(".verdict");
    verdict.textContent = say(right >= 7 ? "test.pass" : "test.fail", { right, all: items.length });
    verdict.focus();
  });
}

/** Where we are, in the list of contents. */
function startContents() {
  const links = new Map(Array.from(document.querySelectorAll("nav a"), (link) => [link.hash.slice(1), link]));
  const watch = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        for (const link of links.values()) link.removeAttribute("aria-current");
        links.get(entry.target.id)?.setAttribute("aria-current", "true");
      }
    },
    { rootMargin: "-10% 0px -80% 0px" },
  );
  for (const id of links.keys()) watch.observe(document.getElementById(id));
}

function drawAll() {
  drawHero();
  for (const figure of figures.values()) figure.draw(figure.state);
}

const IN_ORDER = [
  startOrder,
  startWindow,
  startLags,
  startLinks,
  startLatent,
  startChain,
  startArrow,
  startLeak,
  startData,
  startPairs,
  startMatrix,
  startShuffle,
  startTraining,
  startOneStep,
  startMultiStep,
  startRoot,
  startSteps,
  startFormula,
  startStairs,
  startOwn,
  startPhase,
  startTrust,
];

async function start() {
  document.documentElement.classList.add("live");
  drawHero();
  startQuestions();
  startShort();
  startTries();
  startTest();
  startContents();
  followTheWindow();
  // A figure at a time: the page can be read and scrolled while the far ones are still being computed.
  for (const begin of IN_ORDER) {
    begin();
    await new Promise((go) => setTimeout(go));
  }
  document.documentElement.classList.add("ready");
}

/** Draw again where the room or the light changes, and for paper. */
function followTheWindow() {
  let wide = window.innerWidth;
  window.addEventListener("resize", () => {
    if (window.innerWidth === wide) return;
    wide = window.innerWidth;
    requestAnimationFrame(drawAll);
  });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  window.addEventListener("beforeprint", () => {
    printing = true;
    drawAll();
  });
  window.addEventListener("afterprint", () => {
    printing = false;
    drawAll();
  });
}

start();
