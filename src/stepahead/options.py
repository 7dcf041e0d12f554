"""What the words of the command line become: a lag order, a training part, a step of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .parameters import refuse

if TYPE_CHECKING:
    LagsType = click.ParamType[int | str]
    TrainType = click.ParamType[int | float]
    EveryType = click.ParamType[str | float]
else:  # older releases of click know no type of what a parameter becomes
    LagsType = TrainType = EveryType = click.ParamType


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


class Every(EveryType):
    """A step of time: "1D", or a number where the times are numbers."""

    name = "STEP"

    def convert(self, value: Any, param: Any, ctx: Any) -> str | float:
        """A number where it is one."""
        try:
            return int(value) if str(value).isdigit() else float(value)
        except ValueError:
            return str(value)
