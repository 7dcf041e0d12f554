"""The site: `make docs`."""

import re

project = "stepahead"
author = "the stepahead developers"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
html_theme = "pydata_sphinx_theme"
html_theme_options = {"show_toc_level": 2}
nb_execution_mode = "off"
myst_heading_anchors = 3
autodoc_member_order = "bysource"
napoleon_use_ivar = True
# Short names such as horizon stand in several classes; none of them is meant as a link.
suppress_warnings = ["ref.python"]


def _prepare(app, what, name, obj, options, lines):
    """Docstrings here say "name : what it is" in one go; napoleon wants the description on a line of its own.

    And names that end in an underscore are names, not links.
    """
    out, section = [], ""
    for number, line in enumerate(lines):
        if number + 1 < len(lines) and re.fullmatch(r"-{3,}", lines[number + 1].strip()):
            section = line.strip()
        source = re.match(r"Sources?: (.*)", line)
        if source:
            section = ""
            out += ["References", "----------", source[1]]
            continue
        found = re.fullmatch(r"(\w[\w, ]*) : (.*)", line) if section else None
        if found and not re.fullmatch(r"-{3,}", line.strip()):
            out += [found[1], "    " + found[2]]
        else:
            out.append(line)
    plain = r"(?<![`\w.])([a-z]\w*)_(?=[\s,;:.]|$)"
    lines[:] = [line if line.lstrip().startswith(">>>") else re.sub(plain, r"``\1_``", line) for line in out]


def setup(app):
    """Hook into the reading of docstrings, before napoleon does."""
    app.connect("autodoc-process-docstring", _prepare, priority=400)
