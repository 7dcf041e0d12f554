"""What the commands share: the options of a source and of a comparison, and the kinds of their values."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .guards import ToRead
from .parameters import refuse

if TYPE_CHECKING:
    LagsType = click.ParamType[int | str]
    TrainType = click.ParamType[int | float]
    EveryType = click.ParamType[str | float]
    SeasonType = click.ParamType[str | tuple[int, ...] | None]
    CalendarType = click.ParamType[tuple[str, ...]]
else:  # older releases of click know no type of what a parameter becomes
    LagsType = TrainType = EveryType = SeasonType = CalendarType = click.ParamType


class Lags(LagsType):
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


class Train(TrainType):
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


class Season(SeasonType):
    """The word "auto" or "none", or numbers of steps with commas."""

    name = "auto|none|N,.."

    def convert(self, value: Any, param: Any, ctx: Any) -> str | tuple[int, ...] | None:
        """The word, None, or the numbers."""
        if value in ("auto", "none"):
            return "auto" if value == "auto" else None
        found = str(value).split(",")
        if all(part.strip().isdecimal() and int(part) > 1 for part in found) and len(set(found)) == len(found):
            return tuple(int(part) for part in found)
        raise refuse(
            "season", value, "auto, none, or whole numbers of at least 2 steps that differ, such as 12 or 7,365"
        )


class Every(EveryType):
    """A step of time: "1D", or a number where the times are numbers."""

    name = "STEP"

    def convert(self, value: Any, param: Any, ctx: Any) -> str | float:
        """A number where it is one."""
        try:
            return int(value) if str(value).isdigit() else float(value)
        except ValueError:
            return str(value)


class Calendar(CalendarType):
    """Words of the calendar with commas."""

    name = "WORD,.."

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, ...]:
        """The words, each once."""
        from .calendar_columns import checked  # here: most commands have none

        return checked(value)


EVERY = 'Step of time, such as 1D or 1h, or days: B, Sun-Thu, "B, DE". A gap is then an error, or missing.'


def reading(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say how FILE is read; the same for every command that reads one."""
    for option in reversed(
        [
            click.argument("file", type=ToRead(path_type=Path), required=False),
            click.option("--data", metavar="NAME", help="A series of `stepahead datasets` in place of FILE."),
            click.option("--value", help="Column of the values; may be left out where there is only one."),
            click.option("--time", help="Column of the times; several that are parts of a time with commas."),
            click.option("--id", "id_",
            help="Column that tells many series of a long table apart; several with commas."),
            click.option(
                "--missing",
                type=click.Choice(["raise", "skip"]),
                default=None,
                help="Refuse missing values, or leave out what touches them.  [default: raise]",
            ),
            click.option("--every", type=Every(),
            help=EVERY),
            click.option("--encoding", default="utf-8", show_default=True, help="Of a CSV file."),
            click.option(
                "--decimal", type=click.Choice([".", ","]), default=".", show_default=True,
                    help="Decimal mark of a CSV file."
            ),
            click.option("--symbols", is_flag=True, help="The values are labels, even where they look like numbers."),
            click.option("--known", metavar="NAME,..",
            help="Columns known ahead of their time, such as promo,price. Rows at the end without values are to come."),
            click.option("--past", metavar="NAME,..",
            help="Columns that are measured with the values, and read up to the origin alone."),
            click.option("--calendar", type=Calendar(),
            help="Columns made of the times: weekday, hour, month, weekend, trend, year:2, holidays:DE, with commas."),
            click.option("--zone", metavar="ZONE",
            help="The clock that people live by, for times in UTC: Europe/Berlin."),
            click.option("--foresee", metavar="NAME,..",
            help="Columns of --past taken as if they were foreseen: an upper bound on what they can give."),
        ]
    ):  # fmt: skip
        command = option(command)
    return command


AHEAD = "The largest number of steps ahead.  [default: the smaller of 64 and a tenth of the values]"
MODELS = "Words from `stepahead models`, with commas.  [default: {}, with known columns regressed too; for text markov]"


def comparing(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say what is compared and how; the same for every command that compares models."""
    for option in reversed(
        [
            click.option("--models", default=None, help=MODELS.format("auto,ar,ssa")),
            click.option("--lags", type=Lags(), default="auto", show_default=True,
            help="How many past values a model reads."),
            click.option("--horizon", type=int, default=None, help=AHEAD),
            click.option(
                "--train",
                type=Train(),
                default=0.6,
                show_default=True,
                help="Share, or number of values, of the training part.",
            ),
            click.option("--season", type=Season(), default="auto", show_default=True,
            help="Steps of a season, such as 12 or 7,365: its baselines are added."),
            click.option("--stride", type=click.IntRange(min=1), default=1, show_default=True,
            help="Score every so many held-out origins: for models that are slow."),
            click.option("--loss", default=None,
            help="What is compared: squared, absolute, or pinball(.9).  [default: squared; of symbols log]"),
            click.option("--within", type=float, default=None,
            help="Up to which step do forecasts lie within so much, in the unit of the values?"),
            click.option("--share", type=click.FloatRange(0.0, 1.0, min_open=True, max_open=True), default=0.9,
            show_default=True, help="Of the forecasts, that has to lie within --within."),
        ]
    ):  # fmt: skip
        command = option(command)
    return command


def spoken(command: Callable[..., None]) -> Callable[..., None]:
    """The language of all that is printed or drawn."""
    option = click.option(
        "--lang",
        type=click.Choice(["en", "zh"]),
        default=language,
        show_default="that of LC_MESSAGES or LANG",
        help="Language of what is printed and drawn.",
    )
    return option(command)


def language() -> str:
    """Chinese where the locale says so, else English."""
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh" if locale.startswith("zh") else "en"


def at_least(command: Callable[..., None]) -> Callable[..., None]:
    """The options of a command that answers yes or no by its exit code, and its language."""
    steps = click.option(
        "--at-least",
        type=click.IntRange(min=1),
        default=None,
        help="Exit with code 7 unless a model is trusted from step 1 to so many at least.",
    )
    model = click.option("--model", default=None, help="The model that has to be, for --at-least.  [default: any]")
    return spoken(steps(model(command)))
