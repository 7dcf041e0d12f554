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


def _learned_names(app, what, name, obj, options, lines):
    """Names that end in an underscore are names here, not links."""
    lines[:] = [re.sub(r"(?<![`\w])([a-z]\w*)_(?=[\s,;:.]|$)", r"``\1_``", line) for line in lines]


def setup(app):
    """Hook into the reading of docstrings."""
    app.connect("autodoc-process-docstring", _learned_names, priority=400)
