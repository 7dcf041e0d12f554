"""A real browser for tests: Chromium without a window, driven over a pipe by the standard library alone.

Commands are JSON ended by a zero byte, written to the browser's descriptor 3 and answered on 4
(``--remote-debugging-pipe``): no port, no socket, no package. A test takes the fixture `tab`, a fresh tab of one
browser that all tests of a run share:

    def test_something(tab, tmp_path):
        tab.open(tmp_path / "page.html")
        assert tab.run("document.title") == "..."
        assert tab.complaints == []
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
REQUIRED = "STEPAHEAD_NEEDS_BROWSER"
"""Set where a browser was installed for the tests: its absence is then a failure and no reason to skip."""
PATIENCE_SECONDS = 300.0
KEYS = {
    "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "Home": 36, "End": 35, "PageUp": 33,
    "PageDown": 34,
    "Tab": 9, "Enter": 13, " ": 32,
}  # fmt: skip


def where() -> str | None:
    """The path of the browser, None where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Browser:
    """One Chromium and the pipe to it."""

    def __init__(self, program: str) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="stepahead-browser-")
        ours_out, theirs_out = os.pipe()
        theirs_in, ours_in = os.pipe()

        def wire() -> None:
            # First out of the way: either end may itself be 3 or 4.
            source, sink = fcntl.fcntl(theirs_in, fcntl.F_DUPFD, 10), fcntl.fcntl(theirs_out, fcntl.F_DUPFD, 10)
            os.dup2(source, 3)
            os.dup2(sink, 4)

        command = [
            program, "--headless", "--remote-debugging-pipe", "--disable-gpu", "--no-first-run", "--hide-scrollbars",
            "--disable-dev-shm-usage", "--disable-extensions", "--disable-component-update", "--disable-sync",
            "--disable-background-networking", "--mute-audio", "--force-color-profile=srgb",
            f"--user-data-dir={self._home.name}", *(["--no-sandbox"] if os.geteuid() == 0 else []), "about:blank",
        ]  # fmt: skip
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=wire, close_fds=False, start_new_session=True,
            env={**os.environ, "HOME": self._home.name},
        )  # fmt: skip
        os.close(theirs_in)
        os.close(theirs_out)
        self._in, self._out = ours_in, ours_out
        self._number, self._buffer = 0, bytearray()
        self._answers: dict[int, dict[str, Any]] = {}
        self._listeners: dict[str, Callable[[str, dict[str, Any]], None]] = {}

    def send(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """A command, and its answer; a RuntimeError where the browser refuses it or does not answer in time."""
        self._number += 1
        number = self._number
        message = {"id": number, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
        raw = memoryview(json.dumps(message).encode() + b"\0")
        while raw:
            raw = raw[os.write(self._in, raw) :]
        while number not in self._answers:
            self.listen(method)
        answer = self._answers.pop(number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return dict(answer["result"])

    def listen(self, what: str) -> None:
        """Take in what the browser says next; a RuntimeError where it says nothing in time."""
        if not select.select([self._out], [], [], PATIENCE_SECONDS)[0]:
            raise RuntimeError(f"the browser was silent for {PATIENCE_SECONDS:g} s: {what}")
        piece = os.read(self._out, 1 << 20)
        if not piece:
            raise RuntimeError(f"the browser went away: {what}")
        self._buffer += piece
        *whole, rest = bytes(self._buffer).split(b"\0")
        self._buffer = bytearray(rest)
        for raw in whole:
            message = json.loads(raw)
            if "id" in message:
                self._answers[message["id"]] = message
            elif message.get("sessionId") in self._listeners:
                self._listeners[message["sessionId"]](message["method"], message["params"])

    def tab(self) -> Tab:
        """A fresh, empty tab."""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        made = Tab(self, target, session)
        self._listeners[session] = made.hear
        made.prepare()
        return made

    def forget(self, session: str) -> None:
        self._listeners.pop(session, None)

    def close(self) -> None:
        """End the browser and everything that it started."""
        try:
            self.send("Browser.close")
            self._process.wait(120)
        except (RuntimeError, OSError, subprocess.TimeoutExpired):
            pass
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait(120)
        os.close(self._in)
        os.close(self._out)
        shutil.rmtree(self._home.name, ignore_errors=True)
        self._home.cleanup()


class Tab:
    """A page, its keys, its size, and all that it complained of or asked the network for."""

    def __init__(self, browser: Browser, target: str, session: str) -> None:
        self._browser, self._target, self._session = browser, target, session
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self._loaded = 0

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A DevTools command to this tab, and its answer."""
        return self._browser.send(method, self._session, **parameters)

    def prepare(self) -> None:
        for domain in ("Page", "Runtime", "Log", "Network", "Audits", "Performance"):
            self.send(f"{domain}.enable")
        self.size(1280, 900)

    def hear(self, method: str, what: dict[str, Any]) -> None:
        """Keep what a test may ask about."""
        if method == "Page.loadEventFired":
            self._loaded += 1
        elif method == "Network.requestWillBeSent":
            self.requests.append(what["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            details = what["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Log.entryAdded" and what["entry"]["level"] in ("warning", "error"):
            self.complaints.append(what["entry"]["text"])
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append(f"console.{what['type']}: {[a.get('value') for a in what['args']]}")
        elif method == "Audits.issueAdded":
            self.complaints.append(json.dumps(what["issue"]))

    def open(self, page: Path | str, drawn: bool = True) -> None:
        """Load a file, or an address, and wait until all of it is there;
        and unless scripts are off until it is drawn.
        """
        seen = self._loaded
        self.send("Page.navigate", url=page if isinstance(page, str) else page.resolve().as_uri())
        while self._loaded == seen:
            self._browser.listen(f"loading {page}")
        if drawn:
            self.settle()

    def settle(self) -> None:
        """Wait until two frames were drawn."""
        self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")

    def run(self, expression: str) -> Any:
        """The value of a JavaScript expression. The ban on eval is not lifted, as the browser would by itself."""
        found = self.send(
            "Runtime.evaluate",
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
            allowUnsafeEvalBlockedByCSP=False,
        )
        if "exceptionDetails" in found:
            details = found["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description") or details["text"])
        return found["result"].get("value")

    def press(self, key: str, times: int = 1) -> None:
        """Press a key, as a person would: "ArrowRight", "Home", "Tab", " "."""
        for _ in range(times):
            for kind in ("rawKeyDown", "keyUp"):
                self.send(
                    "Input.dispatchKeyEvent", type=kind, key=key, code="Space" if key == " " else key,
                    windowsVirtualKeyCode=KEYS[key], **({"text": key} if key == " " and kind == "rawKeyDown" else {}),
                )  # fmt: skip
        self.settle()

    def click(self, x: float, y: float) -> None:
        """Press and let go of the mouse at a place of the window."""
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        self.settle()

    def size(self, width: int, height: int, mobile: bool = False, scale: float = 1.0) -> None:
        """The window, in CSS pixels."""
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=mobile
        )  # fmt: skip

    def media(self, scheme: str = "light", kind: str = "") -> None:
        """Light or dark; `kind` may be "print"."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.send("Emulation.setEmulatedMedia", media=kind, features=features)

    def scripts(self, allowed: bool) -> None:
        """Whether pages opened from now on may run scripts."""
        self.send("Emulation.setScriptExecutionDisabled", value=not allowed)

    def slow(self, times: float) -> None:
        """Slow the processor down, as on a cheap phone."""
        self.send("Emulation.setCPUThrottlingRate", rate=times)

    def offline(self) -> None:
        """Cut the network off."""
        self.send("Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=0, uploadThroughput=0)

    def seconds_at_work(self) -> float:
        """How long the main thread has been busy so far."""
        found = {entry["name"]: entry["value"] for entry in self.send("Performance.getMetrics")["metrics"]}
        return float(found["TaskDuration"])

    def picture(self, path: Path, whole: bool = True) -> None:
        """A screenshot of the whole page, or of the window, as PNG."""
        raw = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        path.write_bytes(base64.b64decode(raw))

    def pdf(self) -> bytes:
        """The page printed on A4."""
        printed = self.send(
            "Page.printToPDF", paperWidth=8.27, paperHeight=11.69, printBackground=True, preferCSSPageSize=True
        )
        return base64.b64decode(printed["data"])

    def close(self) -> None:
        self._browser.send("Target.closeTarget", targetId=self._target)
        self._browser.forget(self._session)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The one browser of a run."""
    program = where()
    if program is None and os.environ.get(REQUIRED):
        pytest.fail(f"{REQUIRED} is set and there is no browser: install chromium")
    if program is None:
        pytest.skip("no chromium here: apt-get install chromium fonts-noto-cjk")
    made = Browser(program)
    yield made
    made.close()


@pytest.fixture
def tab(browser: Browser) -> Iterator[Tab]:
    """A fresh tab."""
    made = browser.tab()
    yield made
    made.close()
