"""What a command says on stderr: messages, notes, the files it wrote, a progress bar."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from .errors import StepaheadWarning, escaped
from .evaluation.evaluate import Progress
from .report.chinese import in_language

OPTIONS = (
    "value",
    "time",
    "id",
    "missing",
    "encoding",
    "decimal",
    "every",
    "symbols",
    "known",
    "past",
    "calendar",
    "zone",
)
TYPED = {name: f"--{name}" for name in OPTIONS} | {
    "times": "--time",
    "steps": "a smaller --horizon",
    "smoothing": "--models markov-smooth",
    "bins": "--models hmm",
}
"""What to type here for an argument that a message names."""


def is_chinese() -> bool:
    """Whether the command that runs was asked to print Chinese."""
    found = click.get_current_context(silent=True)
    return found is not None and found.params.get("lang") == "zh"


def say(text: str) -> None:
    """One line on stderr."""
    click.echo(f"stepahead: {escaped(text)}", err=True)


def as_typed(message: str) -> str:
    """What to type here where a message says it in Python: missing="skip" is --missing skip."""
    found = re.findall(rf'\b({"|".join(TYPED)})=(?:"([^"]*)"|True|(?=[\s,;.)\d]|$))', message)
    typed = dict.fromkeys(f"{TYPED[name]} {_quoted(value)}".rstrip() for name, value in found)
    if is_chinese():
        return f"（这里：{' 或 '.join(typed)}）" if typed else ""
    return f" (here: {' or '.join(typed)})" if typed else ""


def _quoted(value: str) -> str:
    """A value as a shell reads it: in double quotes, which every shell has."""
    if not re.search(r"[^\w@%+=:,./-]", value):
        return value
    return '"' + re.sub(r"([$`\\])", r"\\\1", value) + '"'


def say_paths(paths: Iterable[Path]) -> None:
    """The files that were written, a line for each."""
    for path in paths:
        click.echo(f"{'已写' if is_chinese() else 'wrote'} {escaped(str(path))}", err=True)


def say_where_columns_go(error: click.NoSuchOption) -> None:
    """After an option of other columns was typed where there can be none: what takes them."""
    where = None if error.ctx is None else error.ctx.info_name
    if where in ("shard", "run") and error.option_name in ("--known", "--past", "--calendar"):
        say("a shard holds values alone: stepahead evaluate FILE --id .. takes other columns")


def say_notes(found: Iterable[str], shown: Iterable[str]) -> None:
    """The notes that are not shown elsewhere, and what to type here where they name an argument."""
    for text in found:
        if text not in shown:
            say(f"{'注：' + in_language(text, 'zh') if is_chinese() else 'note: ' + text}{as_typed(text)}")


@contextmanager
def noted() -> Iterator[Callable[[], list[str]]]:
    """Collect the notes of the library: they are part of the answer, printed once."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", StepaheadWarning)
        yield lambda: list(dict.fromkeys(str(w.message) for w in caught if isinstance(w.message, StepaheadWarning)))


@contextmanager
def progress_bar() -> Iterator[Progress | None]:
    """A progress bar on stderr for long work on a terminal; nothing elsewhere."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def report(name: str, done: int, of: int) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(escaped(name).replace("[", "\\["), total=of)
            bar.update(tasks[name], completed=done)

        yield report
