"""What the offline pages have in common: one script, one style, and the policy that knows both by their hashes."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from . import palette


@cache
def asset(package: str, name: str) -> str:
    """A file of a page, as a browser reads it and as it is hashed: with line feeds alone."""
    return (files(package) / name).read_text(encoding="utf-8").replace("\r\n", "\n")


def script(*parts: str) -> str:
    """The script of a page: the drawing that all pages share, then its own parts, in one scope."""
    return "\n".join(['"use strict";\n(() => {', asset(__package__, "drawing.js"), *parts]) + "})();\n"


def style(own: str) -> str:
    """The style of a page: the colours that all pages share, then its own."""
    return palette.style() + own


def fingerprint(text: str) -> str:
    """The hash of a script or a style, as a policy writes it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def policy(script: str, style: str) -> str:
    """What a page may do: run this script, look like this, and nothing else."""
    return (
        f"default-src 'none'; script-src '{fingerprint(script)}'; style-src '{fingerprint(style)}'; base-uri 'none'; "
        "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
