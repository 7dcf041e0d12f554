"""What stands where in the lesson, in any language: the note's headings, the figures under them, the right answers."""

from __future__ import annotations

from typing import NamedTuple


class Section(NamedTuple):
    """A heading of the note and what stands under it.

    key : of its words. level : of its heading. number, note : the note's own number and title. parts : in their order;
    "ask:slope=1" is a question whose second answer is right, "figure:c2" a figure, "belief:longer" a belief and what is
    so, "slip:linear" a slip in the note, any other word a text.
    """

    key: str
    level: int
    number: str
    note: str
    parts: tuple[str, ...] = ()


SECTIONS = (
    Section("s11", 2, "1.1", "什么是序列模型？",
        ("text", "ask:shuffle=0", "figure:c1", "after", "belief:table", "code")),
    Section("s12", 2, "1.2", "常见的统计方法", ("text",)),
    Section(
        "s121", 3, "1.2.1", "自回归模型",
        ("text", "ask:slope=1", "figure:c2", "after", "belief:longer", "figure:c16", "code"),
    ),
    Section(
        "s122", 3, "1.2.2", "隐变量自回归模型",
        (
            "text", "figure:latent", "ask:pretend=1", "ask:grows=1", "figure:c3", "after", "belief:zero",
            "belief:recurrent", "code",
        ),
    ),
    Section(
        "s123", 3, "1.2.3", "马尔可夫模型",
        ("text", "ask:week=1", "ask:older=1", "figure:c4", "after", "belief:columns", "code"),
    ),
    Section(
        "s124", 3, "1.2.4", "因果关系",
        (
            "text", "ask:backward=1", "figure:c5a", "between", "ask:smooth=1", "figure:c5b", "after",
            "belief:direction",
            "belief:visible", "code",
        ),
    ),
    Section("s13s", 2, "1.3", "总结", ("text",)),
    Section("s13", 2, "1.3", "代码实践", ("text",)),
    Section(
        "s131", 3, "1.3.1", "原始数据", ("text", "ask:floor=2", "figure:c6", "after", "belief:periods", "belief:double",
            "code")
    ),
    Section("s132", 3, "1.3.2", "转化", ("text", "ask:pairs=2", "figure:c7", "after", "belief:row", "code")),
    Section(
        "s133", 3, "1.3.3", "基本数据处理",
        (
            "text", "ask:matrix=0", "figure:c8", "between", "ask:order=2", "figure:c8b", "after", "belief:never",
            "belief:rows", "code",
        ),
    ),
    Section(
        "s134", 3, "1.3.4", "模型架构", ("text", "ask:gain=0", "figure:c9", "after", "belief:sum", "slip:linear",
            "code")
    ),
    Section("s134p", 3, "1.3.4", "预测", ("text",)),
    Section(
        "s134one", 4, "", "单步预测",
        ("text", "ask:rank=2", "ask:far=3", "figure:c10", "after", "belief:perfect", "belief:teacher", "code"),
    ),
    Section(
        "s134many", 4, "", "多步预测",
        (
            "text", "ask:flat=1", "figure:c11", "between", "ask:swings=2", "figure:c11b", "after", "belief:bug",
            "belief:direct", "belief:dynamic", "code",
        ),
    ),
    Section(
        "s134k", 4, "", "K步预测",
        ("text", "ask:naive=2", "figure:c12", "after", "belief:same", "belief:origins", "slip:grad", "code"),
    ),
    Section("s134f", 4, "", "为什么出现公式", ("text", "ask:rows=0", "figure:c13", "after", "belief:removed", "code")),
    Section(
        "last", 2, "", "尾声",
        (
            "text", "ask:change=3", "figure:c14", "wallText", "ask:own=2", "figure:own", "phaseText", "ask:clean=1",
            "figure:c15", "after", "belief:accumulate", "belief:useless", "trustAsk", "figure:trust", "trusted",
            "honest", "code", "yours",
        ),
    ),
)  # fmt: skip

# The short way: the place of the right option at each stop, and the section that has the rest.
STOPS = {
    "order": (2, "s11"), "window": (0, "s121"), "summary": (1, "s122"), "leak": (1, "s124"), "steps": (2, "s134k"),
    "cause": (2, "last"),
}  # fmt: skip

# The leaving test: the number that is right, or the place of the right option.
TEST = {"rows": 471, "first": 310, "inputs": 2, "shuffle": 0, "below": 1, "direct": 1, "far": 1, "flat": 1}


def figures() -> list[str]:
    """The ids of all figures, in their order."""
    return [part.partition(":")[2] for section in SECTIONS for part in section.parts if part.startswith("figure:")]
