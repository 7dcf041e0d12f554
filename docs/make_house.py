"""Draw the house: the layers that imports may point down, out of pyproject.toml, as docs/images/house.svg.

python docs/make_house.py
"""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "images" / "house.svg"
WORDS = {
    "cli": "the command line",
    "lesson": "one page, two languages",
    "scale": "shards, runs, engines",
    "report": "tables, pages, figures",
    "figures": "plots",
    "page": "the report",
    "evaluation": "evaluate, Scorer, the reference set, results, verdict",
    "models": "fit, encode, rollout",
    "datasets": "simulators, limits",
    "seasons": "which periods, found how",
    "storage": "model files",
    "reading": "tables, series in pieces",
    "walk": "every origin, step by step",
    "numerics": "least squares, filters, tests",
    "windows": "all index arithmetic",
    "series": "values, times, gaps",
    "protocols": "what a model can do",
    "parameters": "argument checks",
    "errors": "what is wrong, in words",
}
"""What a room is for."""
WIDTH, LEFT, STEP, HIGH, GAP = 760, 20, 56, 44, 8


def layers() -> list[list[str]]:
    """The rooms of each layer, the highest first."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    found = next(one["layers"] for one in contracts if one["name"] == "Imports point down")
    return [[room.strip().removeprefix("stepahead.") for room in layer.split("|")] for layer in found]


def drawn() -> str:
    """The picture."""
    rows = layers()
    height = STEP * len(rows) + 72
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" role="img" '
        'font-family="system-ui, sans-serif">',
        "<title>The layers of stepahead</title>",
        f"<desc>From the highest to the lowest: {'; '.join(', '.join(row) for row in rows)}. "
        "Imports point down.</desc>",
        "<!-- A ground of its own: the picture looks the same on a light page and on a dark one. -->",
        f'<rect width="{WIDTH}" height="{height}" rx="10" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="30" font-size="16" font-weight="600" fill="#16191d">Imports point '
        "down, and nowhere else</text>",
    ]
    space = WIDTH - 2 * LEFT
    for place, row in enumerate(rows):
        y = 48 + place * STEP
        width = (space - GAP * (len(row) - 1)) / len(row)
        for at, room in enumerate(row):
            x, middle = LEFT + at * (width + GAP), LEFT + at * (width + GAP) + width / 2
            fill, line = ("#e6effc", "#2f78e0") if room in WORDS else ("#f3f4f6", "#8a9099")
            out.append(
                f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{HIGH}" rx="6" fill="{fill}" stroke="{line}"/>'
            )
            text = WORDS.get(room, "")
            fits = text and len(text) * 6.2 < width - 8
            name = (
                f'<text x="{middle:.1f}" y="{y + (19 if fits else 27)}" text-anchor="middle" '
                'font-size="14" fill="#16191d">'
            )
            out.append(f"{name}{room}</text>")
            if fits:
                out.append(
                    f'<text x="{middle:.1f}" y="{y + 36}" text-anchor="middle" font-size="12" '
                    f'fill="#4a515a">{text}</text>'
                )
    out.append("</svg>")
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    PICTURE.write_text(drawn(), encoding="utf-8")
