"""The site: `make docs`. Nothing is fetched to build it, and a built page asks for nothing but its own files."""

import itertools
import re

from docutils import nodes

from stepahead import __version__

project = "stepahead"
author = "the stepahead developers"
release = __version__
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "_templates"]
templates_path = ["_templates"]

html_title = "stepahead"
html_theme = "pydata_sphinx_theme"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_context = {"default_mode": "auto"}
html_show_sourcelink = False
html_copy_source = False
html_sidebars = {
    page: [] for page in ("index", "start", "zh/*", "lesson/*", "the-note", "why", "benchmarks", "glossary")
}
html_theme_options = {
    "show_toc_level": 2,
    "header_links_before_dropdown": 9,
    "navbar_align": "left",
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_prev_next": False,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}

nb_execution_mode = "off"
myst_heading_anchors = 3
myst_enable_extensions = ["attrs_block", "deflist"]
autosummary_generate = True
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_type_aliases = {name: name for name in ("Array", "State", "Index", "Function")}
napoleon_use_ivar = True
# Short names such as horizon stand in several classes; none of them is meant as a link.
suppress_warnings = ["ref.python"]

CHINESE = "\u3000-\u303f\u4e00-\u9fff\uff00-\uffef\u201c\u201d"


def _is_underlined(lines, number):
    """Whether the line with this number is the rule below the title of a section."""
    return number < len(lines) and re.fullmatch(r"-{3,}", lines[number].strip()) is not None


def _prepare(app, what, name, obj, options, lines):
    """Docstrings here say "name : what it is" in one go; napoleon wants a name and, below it, the description.

    Two names with one description become two, a paragraph below a list of names is a note and no name, names that end
    in an underscore are names and not links, and the dots of "1 .. H" do not end a sentence.
    """
    if what == "property" and lines:
        lines[0] = lines[0].replace(": ", " – ", 1)  # napoleon takes what stands before a colon for a type
    out, section, number = [], "", 0
    while number < len(lines):
        line, number = lines[number], number + 1
        if _is_underlined(lines, number):
            section = line.strip()
        source = re.match(r"Sources?: (.*)", line)
        if source:
            section = ""
            out += ["References", "----------", source[1]]
            continue
        found = re.fullmatch(r"(\w[\w, ]*) : (.*)", line) if section else None
        if section and not found and line[:1].strip() and not out[-1] and not _is_underlined(lines, number):
            section = ""
            out += ["Notes", "-----"]
        if not found:
            out.append(line)
            continue
        more = list(itertools.takewhile(lambda below: below.startswith("    "), lines[number:]))
        number += len(more)
        for one in found[1].split(", "):
            out += [one, "    " + found[2], *more]
    plain = r"(?<![`\w.])([a-z]\w*)_(?=[\s,;:.]|$)"
    lines[:] = [line if line.lstrip().startswith(">>>") else re.sub(plain, r"``\1_``", line) for line in out]
    lines[:] = [re.sub(r"(?<=\w) \.\. (?=[\w`(])", " … ", line) for line in lines]


def _skip(app, what, name, obj, skip, options):
    """The fields of a named tuple are told in its docstring; "Alias for field number 0" tells nothing."""
    return True if type(obj).__name__ == "_tuplegetter" else None


def _plain_names(app, what, name, obj, options, signature, returns):
    """Our own short names for types inside other types, as they are elsewhere."""
    return tuple(text and re.sub(r"TypeAliasForwardRef\('(\w+)'\)", r"\1", text) for text in (signature, returns))


def _without_gaps(app, doctree):
    """Chinese has no spaces: a line that ends in the source leaves none behind."""
    for node in [node for node in doctree.findall(nodes.Text) if node.astext() == "\n"]:
        place = node.parent.index(node)
        around = "".join(part.astext() for part in node.parent[max(place - 1, 0) : place + 2])
        if re.search(f"[{CHINESE}]\n[{CHINESE}]", around):
            node.parent.remove(node)


def _in_its_words(app, page, template, context, doctree):
    """The first page has the question for a title; Chinese pages say that they are,
    so that fonts and screen readers fit.
    """
    if page == "index":
        context["title"] = "How many steps ahead can I trust my model?"
    if page.startswith("zh/") or page.endswith("-zh"):
        context["language"] = "zh-Hans"


def setup(app):
    """Hook into the reading of docstrings, before napoleon does, and into the writing of pages."""
    app.connect("autodoc-process-docstring", _prepare, priority=400)
    app.connect("autodoc-process-signature", _plain_names)
    app.connect("autodoc-skip-member", _skip)
    app.connect("doctree-read", _without_gaps)
    app.connect("html-page-context", _in_its_words)
