"""The pages of the command line, docs/cli.md and docs/zh/cli.md: made from the parser, so that they cannot rot.

python docs/make_cli.py
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from stepahead.cli import ANSWER_IS_NO, EXIT_CODES, SOME_FAILED, cli

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS))
import cli_words as words  # noqa: E402

PAGES = {"en": DOCS / "cli.md", "zh": DOCS / "zh" / "cli.md"}


def drawn(language: str) -> str:
    """A whole page."""
    say = words.PAGE[language]
    parts = [say["head"], *[_command(name, cli.commands[name], language) for name in words.COMMANDS]]
    if set(words.COMMANDS) != set(cli.commands):
        raise ValueError(f"sections and commands differ: {set(words.COMMANDS) ^ set(cli.commands)}")
    return "\n".join([*parts, _codes(language), say["completion"]])


def _command(name: str, command: click.Command, language: str) -> str:
    entry, say = words.COMMANDS[name], words.PAGE[language]
    example = entry["example"] + ("" if language == "en" or "lang" not in _names(command) else " --lang zh")
    text = [f"## {name}", "", str(entry[language]), "", f"    {example}", ""]
    arguments = [one for one in command.params if isinstance(one, click.Argument)]
    if arguments:
        text += [f"{say['arguments']}{say['comma'].join(f'`{_metavar(one)}`' for one in arguments)}", ""]
    text += [say["options"], "|---|---|"]
    text += [_option(one, language) for one in command.params if isinstance(one, click.Option)]
    if name in words.SHAPES:
        text += ["", say["json"], "", say["keys"], "|---|---|"]
        text += [f"| `{key}` | {both[language == 'zh']} |" for key, both in words.SHAPES[name].items()]
    return "\n".join([*text, ""])


def _names(command: click.Command) -> set[str]:
    return {str(one.name) for one in command.params}


def _metavar(argument: click.Argument) -> str:
    name = str(argument.name).upper()
    return name if argument.required else f"[{name}]"


def _option(option: click.Option, language: str) -> str:
    """One row: how it is typed, and what it does, with its default."""
    typed = ", ".join(option.opts)
    if not option.is_flag:
        typed += f" {_kind(option)}"
    text, _, default = str(option.help).partition("  [default: ")
    default = default.removesuffix("]")
    if not default and option.show_default:
        default = option.show_default if isinstance(option.show_default, str) else str(option.default)
    if language == "zh":
        text, default = words.CHINESE[text], words.CHINESE.get(default, default)
    if default:
        text += words.PAGE[language]["default"].format(default=default)
    return f"| `{_cell(typed)}` | {_cell(text)} |"


def _cell(text: str) -> str:
    """Text in a table of Markdown."""
    return text.replace("|", "\\|")


def _kind(option: click.Option) -> str:
    if option.metavar:
        return option.metavar
    if isinstance(option.type, click.Choice):
        return "|".join(option.type.choices)
    name = option.type.name
    return {"integer": "N", "integer range": "N", "float": "X", "float range": "X", "text": "TEXT", "path": "PATH"}.get(
        name, "PATH" if "path" in name else name
    )


def _codes(language: str) -> str:
    """The exit codes, with the errors that lead to each."""
    say = words.PAGE[language]
    errors: dict[int, list[str]] = {}
    for kind, code in EXIT_CODES:
        errors.setdefault(code, []).append(f"`{kind.__name__}`")
    rows = {0: "ok", 1: "fault", **dict.fromkeys(errors, ""), SOME_FAILED: "some", ANSWER_IS_NO: "no", 130: "stopped"}
    lines = [say["codes"], "", say["code_head"], "|---|---|"]
    for code in sorted(rows):
        named = ", ".join(errors.get(code, []))
        text = words.CODES[code][language == "zh"]
        lines.append(
            f"| {code} | {text}{f' ({named})' if named and language == 'en' else f'（{named}）' if named else ''} |"
        )
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    for language, path in PAGES.items():
        path.write_text(drawn(language), encoding="utf-8")
        print(path)
