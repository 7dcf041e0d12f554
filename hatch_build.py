"""The long description of a release: README.md with its links and pictures made absolute, or left out.

An index shows README.md without the files beside it: a relative link is broken there. The one variable is `url` in
[tool.hatch.metadata.hooks.custom] of pyproject.toml, the address of the repository; while it is empty the links become
their own words and the pictures go.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_CODE = r"```.*?^```|^(?: {4}|\t).*?$|`[^`\n]+`"
_TARGET = r"\(\s*<?(?P<to>[^)\s>]+)>?(?:\s+(?:\"[^\"]*\"|'[^']*'))?\s*\)"
_PICTURE = re.compile(rf"(?P<code>{_CODE})|!\[(?P<text>[^\]]*)\]{_TARGET}", re.DOTALL | re.MULTILINE)
_LINK = re.compile(
    rf"(?P<code>{_CODE})|(?<!!)\[(?P<text>[^\[\]]*(?:!\[[^\]]*\]\([^)]*\))?[^\[\]]*)\]{_TARGET}",
    re.DOTALL | re.MULTILINE,
)
# A line of links and the marks between them: without its links it says nothing.
_LINKS_ALONE = re.compile(r"^(?:\[[^\[\]]*\]\([^)]*\)[ \t·|,.]*)+$", re.MULTILINE)
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//|#", re.IGNORECASE)
# Other ways to write a link, which nothing here rewrites.
_UNKNOWN = re.compile(
    rf"(?P<code>{_CODE})|^ {{0,3}}\[[^\]]+\]:\s*(?P<to>\S+)|<\w[^>]*\b(?:src|href|srcset)\s*=[^>]*>",
    re.DOTALL | re.MULTILINE,
)


class CustomMetadataHook(MetadataHookInterface):
    """What pyproject.toml leaves to the build: the long description, and the address where there is one."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Called by the build with the table [project]."""
        url = self.config.get("url", "")
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": long_description(text, url)}
        metadata["urls"] = {"Repository": url} if url else {}


def long_description(text: str, url: str) -> str:
    """The text of README.md for a reader who has no other file of the repository.

    Parameters
    ----------
    text : of README.md. url : the address of the repository, such as "https://host/owner/name"; empty while there is
        none.

    Raises
    ------
    ValueError : a link is written in a way that is not rewritten here; or `url` is no web address.
    """
    if url and not re.match(r"https?://[^\s/]+\S*$", url):
        raise ValueError(f"url={url!r} in pyproject.toml must be empty, or begin with https://")
    for found in _UNKNOWN.finditer(text):
        if not found["code"]:
            raise ValueError(f"README.md: write {found[0]!r} as [words](target), or the index cannot follow it")
    if not url:
        text = _LINKS_ALONE.sub(lambda line: "" if _all_here(line[0]) else line[0], text)
    for pattern, kind in ((_PICTURE, "raw"), (_LINK, "blob")):
        text = pattern.sub(lambda found, kind=kind: _absolute(found, url, kind), text)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _all_here(line: str) -> bool:
    return not any(_ELSEWHERE.match(found["to"]) for found in re.finditer(_TARGET, line))


def _absolute(found: re.Match[str], url: str, kind: str) -> str:
    """One link or picture: as it was where it leads elsewhere, else under `url`, else its words alone."""
    if found["code"] or _ELSEWHERE.match(found["to"]):
        return found[0]
    if url:
        path = re.sub(r"^(?:\./)+", "", found["to"])
        return found[0].replace(f"]({found['to']}", f"]({url.rstrip('/')}/{kind}/main/{path}", 1)
    return "" if kind == "raw" else found["text"]
