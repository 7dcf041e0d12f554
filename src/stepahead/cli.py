"""The command line: arguments in, one call, text out. Data go to stdout, messages and progress to stderr."""

from __future__ import annotations

import json
import math
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from .errors import (
    BudgetError,
    InputError,
    MissingExtraError,
    ModelFileError,
    OutputError,
    ParameterError,
    StepaheadError,
    StepaheadWarning,
)
from .evaluation.evaluate import Progress
from .evaluation.tables import printable
from .parameters import refuse
from .version import __version__

SCHEMA = 1
# promises.md: 2 usage, 3 input, 4 model file, 5 memory or disk, 1 a fault of ours, 130 Ctrl-C.
EXIT_CODES: tuple[tuple[type[StepaheadError], int], ...] = (
    (ParameterError, 2),
    (MissingExtraError, 2),
    (InputError, 3),
    (ModelFileError, 4),
    (BudgetError, 5),
    (OutputError, 5),
    (StepaheadError, 3),
)


class Lags(click.ParamType[int | str]):
    """A whole number or "auto"."""

    name = "N|auto"

    def convert(self, value: Any, param: Any, ctx: Any) -> int | str:
        """The number, or the word."""
        if value == "auto":
            return "auto"
        try:
            return int(value)
        except ValueError:
            raise refuse("lags", value, 'a whole number of at least 1, or "auto"') from None


class Train(click.ParamType[int | float]):
    """A share such as 0.6, or a number of values such as 604."""

    name = "SHARE|N"

    def convert(self, value: Any, param: Any, ctx: Any) -> int | float:
        """An int where it is written as one, else a float."""
        if isinstance(value, (int, float)):
            return value
        try:
            return int(value) if value.isdigit() else float(value)
        except ValueError:
            raise refuse("train", value, "a share between 0 and 1, or a whole number of values") from None


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="stepahead")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(debug: bool) -> None:
    """How many steps ahead can I trust my model?"""


@cli.command()
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("stepahead-demo"), show_default=True, help="Folder of the figures."
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the noise and of the net.")
def demo(out: Path, seed: int) -> None:
    """Run the teaching note: its data, its net, its figures, and the error by number of steps."""
    from .demo import run

    with _progress() as progress:
        run(out, seed, click.echo, progress)


@cli.command("evaluate")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--value", help="Column of the values; may be left out where there is only one.")
@click.option("--time", help="Column of the times.")
@click.option("--models", default=None, help="Words from the list below, with commas.  [default: ar,mlp; for text markov]")
@click.option("--lags", type=Lags(), default="auto", show_default=True, help="How many past values a model reads.")
@click.option("--horizon", type=int, required=True, help="The largest number of steps ahead.")
@click.option("--train", type=Train(), default=0.6, show_default=True, help="Share, or number of values, of the training part.")
@click.option("--period", type=int, default=None, help="Length of a season in steps; adds SeasonalNaive.")
@click.option(
    "--missing",
    type=click.Choice(["raise", "skip"]),
    default="raise",
    show_default=True,
    help="Refuse missing values, or leave out what touches them.",
)
@click.option("--every", default=None, help="Step of time, such as 1D or 1h: a gap is then an error, or missing.")
@click.option("--encoding", default="utf-8", show_default=True, help="Of the file.")
@click.option("--decimal", type=click.Choice([".", ","]), default=".", show_default=True, help="Decimal mark.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=None, help="Folder for the figure and the errors by step as CSV."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of the table.")
def evaluate_command(
    file: Path, value: str | None, time: str | None, models: str | None, lags: int | str, horizon: int, train: int | float,
    period: int | None, missing: str, every: str | None, encoding: str, decimal: str, out: Path | None, as_json: bool,
) -> None:  # fmt: skip
    r"""Error by number of steps for a column of FILE (CSV), from every held-out origin.

    \b
    Models:  ar      linear autoregression, fed back
             direct  linear, one regression a step
             mlp     the note's small network, on the scaled series
             ssa     singular spectrum analysis of rank 2
             drift, naive, mean, markov (symbols)
    """
    from .evaluation.evaluate import evaluate
    from .models.menu import build
    from .reading import read
    from .windows import train_length

    series = read(file, value, time, missing=missing, every=every, encoding=encoding, decimal=decimal)
    words = models or ("markov" if series.categories is not None else "ar,mlp")
    head = series[: train_length(len(series), train)]
    named = build([word.strip() for word in words.split(",")], lags, horizon, head)
    with _progress() as progress:
        result = evaluate(named, series, horizon, train, period=period, progress=progress)
    click.echo(json.dumps(_as_json(result, series), ensure_ascii=False, allow_nan=False) if as_json else result.table())
    if out is not None:
        for path in _write(result, series, out):
            click.echo(f"wrote {printable(str(path))}", err=True)


def _as_json(result: Any, series: Any) -> dict[str, Any]:
    """One object: what was done, and every reading by step of every model; null where a reading has no value."""
    first = next(iter(result.values()))
    by_model = {
        name: {key: [_number(v) for v in values] for key, values in found.readings().items()} for name, found in result.items()
    }
    floor = result.by_step().get("noise floor")
    return {
        "schema": SCHEMA,
        "command": "evaluate",
        "series": {"name": series.name, "length": len(series), "first": series.when(0), "last": series.when(-1)},
        "train": first.train[0],
        "horizon": result.horizon,
        "origins": len(first.origins),
        "steps": first.steps.tolist(),
        "n": first.n().tolist(),
        "models": by_model,
        "noise_floor": None if floor is None else floor.tolist(),
        "notes": list(result.notes),
    }


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _write(result: Any, series: Any, out: Path) -> Iterator[Path]:
    import csv
    import io

    from .storage import make_folder, write_whole

    make_folder(out)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    first = next(iter(result.values()))
    keys = list(first.readings())
    table.writerow(["model", "k", "n", *keys])
    for name, found in result.items():
        readings = found.readings()
        for place, (k, n) in enumerate(zip(found.steps, found.n(), strict=True)):
            table.writerow(
                [_safe_cell(name), k, n, *[repr(float(readings[key][place])) if key in readings else "" for key in keys]]
            )
    write_whole(out / "error-by-k.csv", text.getvalue().encode())
    yield out / "error-by-k.csv"
    if not first.is_symbolic:
        from . import figures

        figures.save(result.plot(), out / "error-by-k.png")
        yield out / "error-by-k.png"


def _safe_cell(text: str) -> str:
    """A text cell that a spreadsheet will not run."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\0") else text


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """A bar on stderr for long work on a terminal; nothing where nobody watches."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def report(name: str, done: int, of: int) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=of)
            bar.update(tasks[name], completed=done)

        yield report


def _say(text: str) -> None:
    click.echo(f"stepahead: {text}", err=True)


def main(arguments: list[str] | None = None, leave: Callable[[int], Any] = sys.exit) -> Any:
    """Run the command line and leave with its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    with warnings.catch_warnings():
        # Notes stand in the tables and the JSON; they are not printed twice.
        warnings.simplefilter("ignore", StepaheadWarning)
        try:
            cli.main(args=given, prog_name="stepahead", standalone_mode=False)
            sys.stdout.flush()
            return leave(0)
        except click.exceptions.Exit as exit_:
            return leave(exit_.exit_code)
        except click.ClickException as error:
            error.show()
            return leave(2)
        except (KeyboardInterrupt, click.Abort):
            _say("stopped")
            return leave(130)
        except (BrokenPipeError, SystemExit):
            # The reader went away (click turns that into an exit of its own): a quiet end, and nothing left to flush.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return leave(0)
        except StepaheadError as error:
            if "--debug" in given:
                raise
            _say(str(error))
            return leave(next(code for kind, code in EXIT_CODES if isinstance(error, kind)))
        except Exception as error:
            if "--debug" in given:
                raise
            _say(f"a fault of ours: {type(error).__name__}: {error} (run again with --debug)")
            return leave(1)
