"""Draw the pictures of the README and the docs again, from runs: `make images`.

    python docs/make_images.py            all of them, a few minutes; report.png needs Chromium
    python docs/make_images.py error      those whose names begin with it

error-by-k and why are those of `stepahead demo`, error-by-k-zh that of `stepahead demo --lang zh`; split is that of
docs/why-it-fails.md, report the first screen of the page that the README writes.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import stepahead as sa
from stepahead import demo
from stepahead.files import write_whole
from stepahead.report import figures

IMAGES = Path(__file__).resolve().parent / "images"
SCREEN = "1280,800"


def of_demo(language: str) -> None:
    """The figures of the demo in a language."""
    with tempfile.TemporaryDirectory() as folder:
        demo.pictures(Path(folder), 0, language)
        if language == "en":
            shutil.copy(Path(folder, "why.png"), IMAGES / "why.png")
        shutil.copy(Path(folder, "error-by-k.png"), IMAGES / f"error-by-k{'' if language == 'en' else '-zh'}.png")


def split() -> None:
    """The error of the note's net by its causes."""
    found = sa.diagnostics.split_error(sa.MLP(4), sa.datasets.noisy_sine, horizon=64, train=604)
    figures.save(found.typical().plot(), IMAGES / "split.png")


def report() -> None:
    """The first screen of the page that `stepahead report --data seattle_temperature --horizon 32` writes."""
    browser = shutil.which("chromium") or shutil.which("google-chrome") or sys.exit("report.png needs Chromium")
    with tempfile.TemporaryDirectory() as folder:
        page, shot = Path(folder, "report.html"), Path(folder, "report.png")
        asked = ["--data", "seattle_temperature", "--horizon", "32", "--out", str(page)]
        command = [sys.executable, "-m", "stepahead", "report", *asked]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603
        flags = ["--headless", "--no-sandbox", "--hide-scrollbars", f"--window-size={SCREEN}", f"--screenshot={shot}"]
        subprocess.run([browser, *flags, page.as_uri()], check=True, capture_output=True)  # noqa: S603
        write_whole(IMAGES / "report.png", shot.read_bytes())


DRAWN: dict[str, Callable[[], None]] = {
    "error-by-k, why": lambda: of_demo("en"),
    "error-by-k-zh": lambda: of_demo("zh"),
    "split": split,
    "report": report,
}


if __name__ == "__main__":
    for name, draw in DRAWN.items():
        if name.startswith(tuple(sys.argv[1:]) or ""):
            draw()
            print(f"drawn: {name}")
