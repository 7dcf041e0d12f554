"""Make two notebooks out of each source, the lesson's and that of the note's own cells: `make lesson`.

`lesson.py` and `note.py` hold the code once and the prose twice, in cells tagged "en" or "zh". The code runs once, in a
kernel of its own, and both notebooks get the same code and the same outputs. Numbers in the prose are written
``{rmse:.3f}``, as in an f-string, and are filled in from the running code (``x_{t-1}``, a brace after an underscore, is
left alone): no number is typed.

    python docs/make_lesson.py                 write lesson-en.ipynb, lesson-zh.ipynb, note-en.ipynb and note-zh.ipynb
    python docs/make_lesson.py note            of one source alone
    python docs/make_lesson.py --check         run, write nothing, and fail where those on disk say something else
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent / "lesson"
SOURCES = {name: HERE / f"{name}.py" for name in ("lesson", "note")}
LANGUAGES = ("en", "zh")
SECONDS = 600
"""How long the whole may take before it is given up."""
FIELD = re.compile(r"(?<!_)\{([^{}]+)\}")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
CHINESE = "[\u3000-\u303f\u3400-\u9fff\uff00-\uffef“”‘’…]"


def read(source: Path) -> list[Any]:
    """The cells of the source, in order; each cell of prose is tagged with its language and what it is for."""
    import jupytext

    return list(jupytext.read(source).cells)


def language(cell: Any) -> str | None:
    """Of a cell of prose, "en" or "zh"; None for code."""
    if cell.cell_type == "code":
        return None
    (found,) = set(LANGUAGES) & set(cell.metadata.tags)
    return str(found)


def role(cell: Any) -> str | None:
    """What a cell of prose is for: title, idea, guess, answer, belief, exercise, text."""
    return next((tag for tag in cell.metadata.get("tags", ()) if tag not in LANGUAGES), None)


def fields(text: str) -> list[tuple[str, str]]:
    """The numbers that a text asks for: (expression, format)."""
    split = (re.fullmatch(r"(.+?)(?::([^:\[\]]*))?", found, re.DOTALL) for found in FIELD.findall(text))
    return [(found[1], found[2] or "") for found in split if found]


def joined(text: str) -> str:
    """Lines of Chinese joined without the space that a line break would leave between two characters."""
    return re.sub(rf"(?<={CHINESE})\n(?={CHINESE})", "", text)


def run(cells: list[Any]) -> tuple[list[list[Any]], list[str]]:
    """Run the code from top to bottom: the outputs of each code cell,
    and every cell of prose with its numbers filled in.
    """
    import nbformat
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    asked = [[] if language(cell) is None else fields(cell.source) for cell in cells]
    program = []
    for cell, wanted in zip(cells, asked, strict=True):
        parts = ", ".join(f"format({expression}, {form!r})" for expression, form in wanted)
        # Prose becomes a cell that prints its numbers; what it prints is read below and kept in no notebook.
        code = cell.source if cell.cell_type == "code" else f"print(__import__('json').dumps([{parts}]))"
        program.append(nbformat.v4.new_code_cell(code))
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    notebook = nbformat.v4.new_notebook(cells=program)
    where = {"metadata": {"path": str(HERE)}}
    with tempfile.TemporaryDirectory() as folder:
        # By files and not by ports: nothing here listens to a network.
        kernel = AsyncKernelManager(kernel_name="python3", transport="ipc", ip=f"{folder}/kernel")
        NotebookClient(notebook, km=kernel, timeout=SECONDS, coalesce_streams=True, resources=where).execute(
            cleanup_kc=True
        )
    outputs, prose = [], []
    for cell, ran in zip(cells, program, strict=True):
        outputs.append([] if language(cell) else [smaller(output) for output in ran.outputs])
        filled = iter(json.loads(ran.outputs[0].text)) if language(cell) else iter(())
        prose.append(FIELD.sub(lambda _, filled=filled: next(filled), cell.source) if language(cell) else "")  # type: ignore[misc]
    return outputs, prose


def smaller(output: Any) -> Any:
    """An output whose picture has as many colours as it needs: a third of the size, for the eye the same."""
    from PIL import Image

    if "image/png" in output.get("data", {}):
        drawn = io.BytesIO()
        with Image.open(io.BytesIO(base64.b64decode(output.data["image/png"]))) as image:
            image.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(drawn, "PNG", optimize=True)
        output.data["image/png"] = base64.b64encode(drawn.getvalue()).decode()
    return output


def notebook(cells: list[Any], outputs: list[list[Any]], prose: list[str], wanted: str) -> Any:
    """The notebook of one language."""
    import nbformat

    made, count = [], 0
    for place, (cell, shown, text) in enumerate(zip(cells, outputs, prose, strict=True)):
        if cell.cell_type == "code":
            count += 1
            for output in shown:
                if output.output_type == "execute_result":
                    output.execution_count = count
            made.append(
                nbformat.v4.new_code_cell(cell.source, outputs=shown, execution_count=count, id=f"code-{count}")
            )
        elif language(cell) == wanted:
            text = joined(text) if wanted == "zh" else text
            made.append(nbformat.v4.new_markdown_cell(text, metadata={"tags": [role(cell)]}, id=f"prose-{place}"))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    found = nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})
    nbformat.validate(found)
    return found


def path(source: Path, wanted: str) -> Path:
    """Where the notebook of a language lies."""
    return source.with_name(f"{source.stem}-{wanted}.ipynb")


def printed(found: Any) -> list[tuple[str, list[str]]]:
    """What a notebook says: the text of each cell, and the text of its outputs. Pictures are left out."""
    return [
        (cell.source, [output.get("text") or output.data.get("text/plain", "") for output in cell.get("outputs", ())])
        for cell in found.cells
    ]


def differs(one: str, other: str) -> bool:
    """Whether two texts differ in a word, or in a number by more than another machine's last digits."""
    if NUMBER.split(one) != NUMBER.split(other):
        return True
    pairs = zip(NUMBER.findall(one), NUMBER.findall(other), strict=True)
    return any(abs(float(a) - float(b)) > 0.02 * max(abs(float(a)), abs(float(b)), 0.05) for a, b in pairs)


def changes(fresh: Any, kept: Any) -> list[str]:
    """Where a fresh run says something else than the notebook on disk."""
    new, old = printed(fresh), printed(kept)
    if len(new) != len(old):
        return [f"{len(new)} cells, on disk {len(old)}"]
    found = []
    for place, ((source, shown), (source_kept, shown_kept)) in enumerate(zip(new, old, strict=True)):
        if differs(source, source_kept) or len(shown) != len(shown_kept):
            found.append(f"cell {place}: {source[:60]!r}")
        found += [f"cell {place} prints {a[:200]!r}" for a, b in zip(shown, shown_kept, strict=False) if differs(a, b)]
    return found


def made_or_wrong(source: Path, is_check: bool) -> list[str]:
    """Run a source and write its notebooks; or say where those on disk differ."""
    import nbformat

    cells, began, wrong = read(source), time.perf_counter(), []
    outputs, prose = run(cells)
    taken = time.perf_counter() - began
    for wanted in LANGUAGES:
        made, file = notebook(cells, outputs, prose, wanted), path(source, wanted)
        if is_check:
            wrong += [f"{file.name}, {text}" for text in changes(made, nbformat.read(file, as_version=4))]
        else:
            nbformat.write(made, file)
            print(f"{file.name}: {len(made.cells)} cells, {file.stat().st_size / 1e6:.2f} MB")
    print(f"{source.name} ran in {taken:.0f} s")
    return wrong


def main(arguments: list[str]) -> int:
    """Write the notebooks, or with --check compare them."""
    is_check, wrong = "--check" in arguments, []
    for name in [name for name in SOURCES if name in arguments] or SOURCES:
        wrong += made_or_wrong(SOURCES[name], is_check)
    used = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    print(f"the code took {used:.0f} s of one processor")
    for text in wrong:
        print(text)
    if wrong:
        print("The notebooks are not what their source gives: run `make lesson`.")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
