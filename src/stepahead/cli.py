"""The command line: arguments in, one call, text out. Data go to stdout, messages and progress to stderr."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import ctrl_c
from .errors import (
    BudgetError,
    FitError,
    InputError,
    MissingExtraError,
    ModelFileError,
    OutputError,
    ParameterError,
    StepaheadError,
    escaped,
)
from .evaluation.comparison import Comparison
from .guards import Commands, FolderToWrite, ToRead, ToWrite, drop_output, print_data
from .messages import as_typed, is_chinese, noted, progress_bar, say, say_notes, say_paths, say_where_columns_go
from .options import AHEAD, MODELS, Lags, Train, at_least, comparing, reading, spoken
from .parameters import refuse
from .report.chinese import in_language
from .series import Panel, Series, as_series
from .text import AS_IF
from .version import __version__

if TYPE_CHECKING:
    from .evaluation.answers import Answer

# 2 usage, 3 input, 4 model file, 5 memory or disk, 6 done but for some series, 7 done and the answer is no, 1 a fault
# of ours, 130 Ctrl-C.
EXIT_CODES: tuple[tuple[type[BaseException], int], ...] = (
    (ParameterError, 2),
    (MissingExtraError, 2),
    (InputError, 3),
    (FitError, 3),
    (ModelFileError, 4),
    (BudgetError, 5),
    (OutputError, 5),
    (OSError, 5),
    (MemoryError, 5),
)
SOME_FAILED, ANSWER_IS_NO = 6, 7


def _examples(*lines: str) -> str:
    """What a help text ends with, its lines kept apart."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_examples("stepahead demo", "stepahead report sales.csv --value sold --time day"),
)
@click.version_option(__version__, prog_name="stepahead")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(debug: bool) -> None:
    """How many steps ahead can I trust my model?"""


@cli.command()
@click.option(
    "--out", type=FolderToWrite(), default=Path("stepahead-demo"), show_default=True, help="Folder of the figures."
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the noise and of the net.")
@spoken
def demo(out: Path, seed: int, lang: str) -> None:
    """Run the teaching note: its data, its net, its figures, the error by number of steps,
    and pages in both languages.
    """
    from .demo import run

    with progress_bar() as progress:
        run(out, seed, print_data, progress, lang)


@cli.command(
    "evaluate",
    epilog=_examples(
        "stepahead evaluate --data nile",
        "stepahead evaluate sales.csv --value sold --time day --season 7 --at-least 14",
    ),
)
@reading
@comparing
@click.option(
    "--out",
    type=FolderToWrite("error-by-k.csv", "error-by-k.png"),
    default=None,
    help="Folder for the figure and the errors by step as CSV.",
)
@click.option("--save", type=FolderToWrite("*.safetensors"), default=None, help="Folder for the fitted models.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of the table.")
@at_least
def evaluate_command(
    out: Path | None,
    save: Path | None,
    as_json: bool,
    lang: str,
    at_least: int | None,
    model: str | None,
    **how: Any,
) -> None:
    """Error by number of steps for a series in FILE (CSV, Parquet, WAV), from every held-out origin."""
    from .report import export
    from .report.terminal import Style, terminal

    _check_required(at_least, model)
    with noted() as notes:
        result = _compared(lang=lang, **how)
        style = Style.of_stdout(as_typed)
        text = export.evaluation_json(result, notes(), lang) if as_json else terminal(result, lang, style, again=True)
    print_data(text, is_printable=not as_json)
    say_notes(() if as_json else notes(), result.notes)
    if out is not None:
        say_paths(export.write_evaluation(result, out, lang))
    if save is not None:
        say_paths(export.save_models(result, save))
    _finish(result.status)
    _require(result.answer, at_least, model)


@cli.command(
    "report",
    epilog=_examples(
        "stepahead report --data seattle_temperature --models ar,ssa --horizon 32",
        "stepahead report sales.csv --value sold --time day --lang zh -o sales.html",
    ),
)
@reading
@comparing
@at_least
@click.option(
    "-o",
    "--out",
    type=ToWrite(path_type=Path),
    default=Path("report.html"),
    show_default=True,
    help="The HTML file to write.",
)
def report_command(out: Path, lang: str, at_least: int | None, model: str | None, **how: Any) -> None:
    """How far each model can be trusted, for a series in FILE: one offline HTML page. The answer is also printed."""
    from .report.page.page import report

    _check_required(at_least, model)
    with noted() as notes:
        result = _compared(lang=lang, **how)
        headline = report(result, out, lang)
    print_data(headline)
    say_notes(dict.fromkeys([*result.notes, *notes()]), ())
    say_paths([out])
    _finish(result.status)
    _require(result.answer, at_least, model)


@cli.command(
    "forecast",
    epilog=_examples(
        "stepahead forecast --data nile --horizon 5 --level 0.9",
        "stepahead forecast sales.csv --value sold --time day --model saved/ar-24.safetensors",
    ),
)
@reading
@click.option("--horizon", type=int, default=None, help=AHEAD)
@click.option("--models", default=None, help=MODELS.format("auto,ar,ssa"))
@click.option("--lags", type=Lags(), default="auto", show_default=True, help="How many past values a model reads.")
@click.option(
    "--model", "model_file", type=ToRead(path_type=Path), default=None, help="A saved model, instead of fitting one."
)
@click.option(
    "--level", type=float, default=None, help="Add an interval that holds this share of what comes, such as 0.9."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of CSV.")
@spoken
def forecast_command(
    horizon: int | None,
    models: str | None,
    lags: int | str,
    model_file: Path | None,
    level: float | None,
    as_json: bool,
    lang: str,
    **given: Any,
) -> None:
    """The next steps of a series in FILE, as CSV: from models fitted on all of it, or from a saved one."""
    from .models.menu import build
    from .report import export
    from .sources import source, to_come
    from .storage import load
    from .walk import name_of

    with noted() as notes:
        series = source(**given)
        parts = _parts(series)
        horizon = export.steps_ahead(to_come(parts) if horizon is None else horizon, parts, lang)
        if model_file is not None:
            if models is not None:
                raise refuse("models", models, "left out where --model names a saved one")
            model = load(model_file)
            fitted = {name_of(model): model}
        else:
            named = build(models, lags, horizon, parts)
            if models is None:
                export.offer(named, series, horizon, lang)
            fitted = {name: model.fit(list(parts) if len(parts) > 1 else parts[0]) for name, model in named.items()}
        head, rows, status = export.forecasts(fitted, series, horizon, level)
    print_data(
        export.forecast_json(head, rows, status, notes(), parts[0])
        if as_json
        else export.forecast_csv(head, rows).removesuffix("\n")
    )
    say_notes(() if as_json else notes(), ())
    _finish(status)


@cli.command("audit")
@reading
@click.option("--model", "model_file", type=ToRead(path_type=Path), required=True, help="A saved model.")
@click.option(
    "--train",
    type=Train(),
    default=None,
    help="Share, or number of values, of the training part.  [default: found, where FILE begins with it]",
)
@click.option("--horizon", type=int, default=None, help=AHEAD)
@click.option(
    "--tolerance",
    type=float,
    default=0.0,
    help="By how much a forecast may move, of the largest.  [default: not by one bit]",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of words.")
@spoken
def audit_command(
    model_file: Path,
    train: int | float | None,
    horizon: int | None,
    tolerance: float,
    as_json: bool,
    id_: str | None,
    lang: str,
    **given: Any,
) -> None:
    """Whether anything at or after an origin reaches the forecasts of a saved model. Exit code 0: nothing does; 7: it
    leaks, or a file that outlives a run leaves it undecided.
    """
    from .evaluation.audit import audit
    from .evaluation.every_origin import training_lengths
    from .report import export
    from .sources import source
    from .storage import load

    if id_ is not None:
        raise refuse("id", id_, "left out: an audit is of one series")
    with noted() as notes:
        series = as_series(source(id_=None, **given))
        horizon = export.steps_ahead(horizon, [series], lang)
        model = load(model_file)
        if train is None:
            train = training_lengths(model, (series,))[0]
        verdict = audit(model, series, horizon, train, tolerance=tolerance)
    print_data(
        export.audit_json(verdict, horizon, train, notes())
        if as_json
        else "\n".join(in_language(line, lang) for line in verdict.summary().splitlines())
    )
    say_notes(() if as_json else notes(), ())
    if not verdict.causal:
        raise click.exceptions.Exit(ANSWER_IS_NO)


@cli.command("shard")
@click.argument("file", type=ToRead(path_type=Path))
@click.argument("out", type=FolderToWrite())
@click.option(
    "--shards", type=int, default=None, help="At most so many files.  [default: 10,000 series or 5,000,000 rows each]"
)
@click.option("--value", default="y", show_default=True, help="Column of the values.")
@click.option("--time", default=None, help="Column of the times; left out where the rows are in order.")
@click.option("--id", "id_", default="unique_id", show_default=True, help="Column that tells the series apart.")
@click.option("--encoding", default="utf-8", show_default=True, help="Of a CSV file.")
@click.option(
    "--decimal", type=click.Choice([".", ","]), default=".", show_default=True, help="Decimal mark of a CSV file."
)
@click.option("--symbols", is_flag=True, help="The values are labels, even where they look like numbers.")
def shard_command(file: Path, out: Path, id_: str, **how: Any) -> None:
    """Cut a long table in FILE (Parquet, CSV) into Parquet files of whole series in the folder OUT, with a manifest."""
    from .scale.shards import shard

    with noted() as notes:
        made = shard(file, out, id=id_, **how)
    print_data(f"{len(made.shards)} shards, {made.series:,} series, {made.rows:,} rows")
    say_notes(notes(), ())
    say_paths([out])


@cli.command("run")
@click.argument("spec", type=ToRead(path_type=Path))
@click.argument("shards", type=ToRead(path_type=Path))
@click.argument("out", type=FolderToWrite())
@click.option(
    "--engine",
    type=click.Choice(["process", "serial", "ray"]),
    default="process",
    show_default=True,
    help="Who does the work.",
)
@click.option("--workers", type=int, default=None, help="How many at a time.  [default: as many as there are cores]")
@click.option(
    "--address", default=None, help="Of a Ray cluster; without it Ray is started on this machine for the run."
)
@click.option("--gpus", type=float, default=0.0, show_default=True, help="That each Ray task takes.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of words.")
@spoken
def run_command(spec: Path, shards: Path, out: Path, as_json: bool, lang: str, **how: Any) -> None:
    """Score every series of the folder SHARDS as the JSON file SPEC asks, into the folder OUT.

    SPEC has "models" (words from `stepahead models`, or descriptions such as {"class": "AR", "lags": 24}) and
    "horizon"; and "lags", "train", "steps", "season", "missing", "every" if you like. A run that was stopped goes on
    where it was.
    """
    import json

    from .scale.driver import run

    with noted() as notes, progress_bar() as progress:
        made = run(spec, shards, out, progress=progress, **how)
    print_data(
        json.dumps(made.document(), ensure_ascii=False)
        if as_json
        else "\n".join(escaped(in_language(line, lang)) for line in str(made).splitlines())
    )
    say_notes(notes(), ())
    if made.failed:
        of = f"{made.scored + made.failed:,}"
        say(
            f"{of} 个序列中有 {made.failed:,} 个失败，原因见 {made.out / 'status'}"
            if lang == "zh"
            else f"{made.failed:,} of {of} series failed: {made.out / 'status'} says why"
        )
        raise click.exceptions.Exit(SOME_FAILED)


@cli.command()
@click.option("--out", type=FolderToWrite(), default=None, help="Write the files into this folder.")
@spoken
def datasets(out: Path | None, lang: str) -> None:
    """List the series that come with stepahead, for --data NAME; with --out write the real ones as files."""
    from . import datasets as shipped
    from .text import as_text

    rows = [
        [
            name,
            entry.file,
            entry.value or "",
            entry.time or "",
            in_language(entry.what, lang),
            in_language(entry.licence, lang),
        ]
        for name, entry in shipped.CATALOGUE.items()
    ]
    rows += [[name, "", "", "", in_language(text, lang), ""] for name, text in shipped.SIMULATED.items()]
    what, licence = ("内容", "许可") if lang == "zh" else ("what", "licence")
    name, file = ("名称", "文件") if lang == "zh" else ("name", "file")
    print_data(as_text([name, file, "--value", "--time", what, licence], rows, right=False))
    if out is not None:
        say_paths(shipped.write(out))


@cli.command()
@spoken
def models(lang: str) -> None:
    """List the models that --models knows."""
    from .models.menu import MENU, SEASONAL
    from .text import as_text

    print_data(
        as_text(
            ["名称", "模型"] if lang == "zh" else ["word", "model"],
            [[word, in_language(what, lang)] for word, (what, _) in (MENU | SEASONAL).items()],
            right=False,
        )
    )


# ---------------------------------------------------------------------------------------------------------------


def _compared(
    models: str | None,
    lags: int | str,
    horizon: int | None,
    train: int | float,
    season: Any,
    stride: int,
    loss: str | None,
    within: float | None,
    share: float,
    lang: str,
    **given: Any,
) -> Comparison:
    """Read FILE, fit the models named, and score them all."""
    from .evaluation.evaluate import evaluate
    from .models.menu import build
    from .report.export import of_many, steps_ahead
    from .sources import source
    from .windows import train_length

    series = source(**given)
    horizon = steps_ahead(horizon, _parts(series), lang)
    heads = [part[: train_length(len(part), train)] for part in _parts(series)]
    named = build(models, lags, horizon, heads, season)
    how = of_many(len(_parts(series)), lang)
    asked = None if within is None else (within, share)
    with progress_bar() as progress:
        return evaluate(
            named,
            series,
            horizon,
            train,
            season=season,
            stride=stride,
            progress=progress,
            loss=loss,
            within=asked,
            **how,
        )


def _parts(series: Series | Panel) -> tuple[Series, ...]:
    return tuple(series) if isinstance(series, Panel) else (series,)


def _check_required(steps: int | None, model: str | None) -> None:
    """Refuse a model that has to be trusted to nowhere, before any work."""
    if steps is None and model is not None:
        raise refuse("model", model, "left out without --at-least K: it names the model that has to be trusted so far")


def _require(answer: Answer | None, steps: int | None, model: str | None) -> None:
    """Exit with the code of "no" where a model is not trusted from step 1 to so many at least."""
    if steps is None:
        return
    if answer is not None and model is not None and model not in answer.verdicts:
        raise refuse("model", model, "one of " + ", ".join(answer.verdicts))
    reached = 0
    if answer is not None:  # one that is as if foreseen is an upper bound: it counts where it is named alone
        counted = [name for name in answer.verdicts if AS_IF not in name] if model is None else [model]
        reached = max(map(answer.trusted_to, counted), default=0)
    if reached < steps:
        say(
            f"{'没有模型能' if model is None else f'{model} 不能'}从第 1 步信到第 {steps} 步：至多到第 {reached} 步"
            if is_chinese()
            else f"{model or 'no model'} is{'' if model is None else ' not'} trusted from step 1 to "
            f"{steps}: to {reached} at most"
        )
        raise click.exceptions.Exit(ANSWER_IS_NO)


def _finish(status: Mapping[str, str]) -> None:
    aside = [name for name, why in status.items() if why != "ok"]
    if aside:
        say(
            f"{len(status)} 个序列中有 {len(aside)} 个失败，第一个 {aside[0]!r}：{status[aside[0]]}"
            if is_chinese()
            else f"{len(aside)} of {len(status)} series failed, the first {aside[0]!r}: {status[aside[0]]}"
        )
        raise click.exceptions.Exit(SOME_FAILED)


def main(arguments: list[str] | None = None, leave: Callable[[int], Any] = sys.exit) -> Any:
    """Run the command line and leave with its exit code."""
    return leave(_run(sys.argv[1:] if arguments is None else arguments))


def _run(given: list[str]) -> int:
    try:
        ctrl_c.imported()
        code = cli.main(args=given, prog_name="stepahead", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        shown_text = io.StringIO()
        error.show(shown_text)
        click.echo("\n".join(map(escaped, shown_text.getvalue().rstrip("\n").split("\n"))), err=True)
        if isinstance(error, click.NoSuchOption):
            say_where_columns_go(error)
        return 2
    except (KeyboardInterrupt, click.Abort):
        say("stopped")
        return 130
    except (BrokenPipeError, SystemExit):
        # The reader went away (click turns that into an exit of its own): a quiet end.
        drop_output()
        return 0
    except Exception as error:
        try:
            if sys.stdout is not None:
                sys.stdout.flush()
        except OSError:
            drop_output()
        if "--debug" in given:
            import traceback

            traceback.print_exc()
        for kind, code in EXIT_CODES:
            if isinstance(error, kind):
                say(str(error) + as_typed(str(error)))
                return code
        if not isinstance(error, StepaheadError):
            say(f"a fault of ours: {type(error).__name__}: {error} (run again with --debug)")
        return 1
