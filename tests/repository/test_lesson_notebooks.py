"""The lesson: one source, two notebooks, every number of the prose computed above it and held by an assert."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import subprocess
import sys

import nbformat
import pytest

from ..data import ROOT

SCRIPT = ROOT / "docs" / "make_lesson.py"
_spec = importlib.util.spec_from_file_location("make_lesson", SCRIPT)
lesson = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(lesson)
SOURCE = lesson.SOURCES["lesson"]

# The note's headings, their numbers and titles, in its order; after them our own.
HEADINGS = [
    "1.1 什么是序列模型？",
    "1.2 常见的统计方法",
    "1.2.1 自回归模型",
    "1.2.2 隐变量自回归模型",
    "1.2.3 马尔可夫模型",
    "1.2.4 因果关系",
    "1.3 总结",
    "1.3 代码实践",
    "1.3.1 原始数据",
    "1.3.2 转化",
    "1.3.3 基本数据处理",
    "1.3.4 模型架构",
    "1.3.4 预测",
    "1.3.4 单步预测",
    "1.3.4 多步预测",
    "1.3.4 K步预测",
    "1.3.4 为什么出现公式 T - tau - max_steps + 1",
    "尾声：从 0.74 到 0.20",
]
ONLY_A_TITLE = {"1.2 常见的统计方法", "1.3 总结", "1.3 代码实践", "1.3.4 预测"}
FREE = ("title", "guess", "exercise")
"""Cells whose numbers are questions and wrong answers, and claim nothing."""
NUMBER = re.compile(r"\d+(?:\.\d+)?")


@pytest.fixture(scope="module")
def source():
    return lesson.read(SOURCE)


@pytest.fixture(scope="module")
def books():
    return {language: nbformat.read(lesson.path(SOURCE, language), as_version=4) for language in lesson.LANGUAGES}


def title(cell) -> str | None:
    found = re.match(r"#+ (.*)", cell.source)
    return found[1] if cell.cell_type == "markdown" and found else None


def sections(cells) -> dict[str, list]:
    """The cells under each heading; those before the first one are under ""."""
    found: dict[str, list] = {"": []}
    here = ""
    for cell in cells:
        if title(cell) is not None and "title" not in cell.metadata.tags:
            here = title(cell)
            found[here] = []
        found[here].append(cell)
    return found


def role(cell) -> str | None:
    (found,) = cell.metadata.tags
    return found


def printed(cell) -> str:
    return "\n".join(o.get("text") or o.data.get("text/plain", "") for o in cell.get("outputs", ()))


def names(code: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}


def asserted(code: str) -> set[str]:
    """Names that some assert of the code speaks of."""
    found = (ast.unparse(node) for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Assert))
    return set().union(*(names(text) for text in found))


def test_both_notebooks_have_every_heading_of_the_note(books):
    chinese = [found for found in sections(books["zh"].cells) if found]
    english = [found for found in sections(books["en"].cells) if found]
    assert chinese[: len(HEADINGS)] == HEADINGS
    assert len(chinese) == len(english) == len(HEADINGS) + 2, "and the exercises, and the leaving test"
    for ours, theirs in zip(english, HEADINGS, strict=False):
        number, _, rest = theirs.partition(" ")
        if number[0].isdigit():
            assert ours.startswith(number), "the same number"
        words = rest.split(" T ")[0] if number[0].isdigit() else theirs
        assert f"({words})" in ours, "and the note's own title beside the English"


def test_the_two_differ_in_their_prose_alone(books, source):
    english, chinese = books["en"].cells, books["zh"].cells
    assert len(english) == len(chinese)
    for one, other in zip(english, chinese, strict=True):
        assert (one.cell_type, one.id, one.metadata) == (other.cell_type, other.id, other.metadata) or role(
            one
        ) == role(other)
        if one.cell_type == "code":
            assert one == other, "the same code and the same outputs"
    code = [cell.source for cell in source if cell.cell_type == "code"]
    assert [cell.source for cell in english if cell.cell_type == "code"] == code


@pytest.mark.parametrize("language", lesson.LANGUAGES)
def test_the_prose_is_that_of_the_source(books, source, language):
    """All but the numbers, which come from the run."""
    wanted = [cell.source for cell in source if lesson.language(cell) == language]
    found = [cell.source for cell in books[language].cells if cell.cell_type == "markdown"]
    for text, shown in zip(wanted, found, strict=True):
        text = lesson.joined(text) if language == "zh" else text
        pieces = lesson.FIELD.split(text)[::2]
        assert re.fullmatch(r"-?[\d.]+%?".join(map(re.escape, pieces)), shown), f"run `make lesson`: {shown[:80]}"


@pytest.mark.parametrize("language", lesson.LANGUAGES)
def test_every_section_has_an_idea_a_figure_a_guess_an_answer_a_loop_and_a_belief(books, language):
    found = sections(books[language].cells)
    for heading, cells in zip(HEADINGS, [cells for name, cells in found.items() if name], strict=False):
        if heading in ONLY_A_TITLE:
            continue
        roles = [role(cell) for cell in cells if cell.cell_type == "markdown"]
        assert roles[0] == "idea", heading
        assert set(roles) >= {"idea", "guess", "answer", "belief"}, heading
        assert roles.index("guess") < roles.index("answer"), "guess before the answer"
        code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
        assert "# ours" in code, heading
        assert "the note" in code, heading
        assert "assert " in code, heading
        outputs = [output for cell in cells for output in cell.get("outputs", ())]
        assert any("image/png" in output.get("data", {}) for output in outputs), f"{heading} has no figure"
        guess, figure = (
            next(place for place, cell in enumerate(cells) if wanted(cell))
            for wanted in (lambda c: c.cell_type == "markdown" and role(c) == "guess", lambda c: "plt.show" in c.source)
        )
        assert figure < guess, "the figure comes before the guess"


def test_every_number_asked_for_is_held_by_an_assert(source):
    held, known = set(), set()
    for cell in source:
        if cell.cell_type == "code":
            known |= names(cell.source)
            held |= asserted(cell.source)
        for expression, _ in lesson.fields(cell.source) if cell.cell_type == "markdown" else ():
            used = names(expression) - {"len", "max"}
            assert used <= known, f"{expression} is not computed above"
            assert used & held, f"no assert speaks of {expression}"
    languages = [
        [f for c in source if lesson.language(c) == one for f in lesson.fields(c.source)] for one in lesson.LANGUAGES
    ]
    assert set(languages[0]) == set(languages[1]), "both languages give the same numbers"
    assert len(languages[0]) > 80


@pytest.mark.parametrize("language", lesson.LANGUAGES)
def test_every_number_of_the_prose_can_be_found_above(books, language):
    seen: set[str] = set()
    found = sections(books[language].cells)
    for heading, cells in found.items():
        here = "\n".join(f"{cell.source}\n{printed(cell)}" for cell in cells if cell.cell_type == "code")
        seen |= set(NUMBER.findall(here)) | set(NUMBER.findall(heading))
        guesses = " ".join(cell.source for cell in cells if cell.cell_type == "markdown" and role(cell) in FREE)
        for cell in cells:
            if cell.cell_type == "markdown" and role(cell) not in FREE:
                text = re.sub(r"^#+ .*$", "", cell.source, flags=re.MULTILINE)
                text = re.sub(r"\b\d+\.\d+\.\d+\b|（1\.\d）|\(1\.\d\)|^\*\*\d+\.\*\*|\*\*\d+\.\*\*", "", text)
                unknown = set(NUMBER.findall(text)) - seen - set(NUMBER.findall(guesses))
                assert not unknown, f"{heading}: {sorted(unknown)} stand in the prose and are computed nowhere above"


def test_the_five_figures_of_the_note_have_its_limits(books):
    code = "\n".join(cell.source for cell in books["en"].cells if cell.cell_type == "code")
    assert '"figure.figsize": (6, 3)' in code
    for number, line in {
        1: "plt.xlim(1, 1000)",
        3: "plt.xlim(1, 1000)",
        4: "plt.xlim(1, 1000)",
        5: "plt.xlim(5, 1000)",
    }.items():
        (cell,) = (c for c in books["en"].cells if c.cell_type == "code" and f'plt.title("Figure {number}:' in c.source)
        assert line in cell.source
        assert "figsize" not in cell.source
        (picture,) = (o for o in cell.outputs if "image/png" in o.get("data", {}))
        assert picture.data["image/png"]
    (log,) = (c for c in books["en"].cells if c.cell_type == "code" and "Figure 2:" in c.source)
    assert re.search(r"epoch 5, loss: 0\.0\d+", printed(log))
    assert "time[tau + k - 1 : T - max_steps + k]" in code, "figure 5 is drawn where the note draws it"
    assert "loop[:train] = x[:train]" in code, "figure 4 goes on from the values that the training pairs touch"


TERMS = {
    "序列", "窗口", "特征", "标签", "样本", "自回归", "隐变量", "潜变量", "更新", "推进", "马尔可夫", "转移矩阵",
    "因果关系",
    "因果审计", "预测起点", "单步预测", "多步预测", "K步预测", "递归法", "直接法", "回代", "教师强制", "强制教学",
    "误差会累积",
    "不动点", "特征根", "噪声下限", "留出", "训练段", "划分", "数据泄漏", "均方根误差", "优势明确", "难分高下",
    "标准差", "小批量", "随机种子", "周期",
}  # fmt: skip
WRONG = {"静止的", "步长", "置信", "马氏链", "数据泄露", "时间步长"}


def test_the_chinese_words_are_those_of_the_glossary(books):
    text = "\n".join(cell.source for cell in books["zh"].cells if cell.cell_type == "markdown")
    assert not {term for term in TERMS if term not in text}
    assert not {term for term in WRONG if term in text}
    assert text.count("潜变量") == text.count("强制教学") == 1, "the other name is said once"
    for analogy in ("笔记", "小结", "带不带伞", "下不下雨"):
        assert analogy in text
    english = "\n".join(cell.source for cell in books["en"].cells if cell.cell_type == "markdown")
    for analogy in ("exam", "summary of the lecture", "umbrella", "rains today"):
        assert analogy in english
    for cell in books["zh"].cells:
        if cell.cell_type == "markdown":
            prose = re.sub(r"`[^`]*`|\{[^}]*\}|    .*", "", cell.source)
            assert len(re.findall("[\u4e00-\u9fff]", prose)) > len(re.findall(r"[A-Za-z]{2,}", prose)), (
                "left in English"
            )


@pytest.mark.parametrize("language", lesson.LANGUAGES)
def test_the_notebooks_are_whole_small_and_of_no_machine(books, language):
    book = books[language]
    nbformat.validate(book)
    assert lesson.path(SOURCE, language).stat().st_size < 1_000_000
    counts = [cell.execution_count for cell in book.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1)), "run from top to bottom"
    for cell in book.cells:
        for output in cell.get("outputs", ()):
            assert output.output_type != "error"
            assert output.get("name") != "stderr"
        assert not re.search(r"/(?:home|root|tmp|work|Users)/|https?://", cell.source + printed(cell))
    other = {"en": "lesson-zh.ipynb", "zh": "lesson-en.ipynb"}[language]
    assert f"({other})" in book.cells[0].source


def test_the_maker_reads_numbers_and_joins_chinese():
    text = 'x_{t-1} is {a["b"][0]:.3f}, {n} and {odds[4]:.0%}'
    assert lesson.fields(text) == [('a["b"][0]', ".3f"), ("n", ""), ("odds[4]", ".0%")]
    assert lesson.joined("一句话，\n另一句 two\nwords\n\n新的一段") == "一句话，另一句 two\nwords\n\n新的一段"
    assert not lesson.differs("RMSE 0.2391 at k = 64", "RMSE 0.2392 at k = 64")
    assert lesson.differs("RMSE 0.239 at k = 64", "RMSE 0.339 at k = 64")
    assert lesson.differs("RMSE 0.239", "MAE 0.239")


@pytest.mark.slow
def test_the_notebooks_are_what_the_source_gives():
    run = subprocess.run(
        [sys.executable, str(SCRIPT), "lesson", "--check"], capture_output=True, text=True, timeout=600
    )
    assert run.returncode == 0, run.stdout + run.stderr[-2000:]
    assert int(re.search(r"(\d+) s of one processor", run.stdout)[1]) < 60


@pytest.mark.slow
def test_the_lesson_runs_without_torch():
    program = "import runpy, sys; sys.modules['torch'] = None; runpy.run_path('lesson.py')"
    environment = {**os.environ, "MPLBACKEND": "Agg"}
    folder = SOURCE.parent
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    assert "epoch 5, loss: 0.0" in run.stdout
    assert "in order" not in run.stdout
