"""Every word and sentence of an answer, in English and in Chinese: the same keys in both.

``{name}`` stands for what is filled in. A name is only ever filled in: it is not searched again.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..known_ahead import ALONE
from ..parameters import one_of
from ..text import fill

ENGLISH = {
    # Headlines.
    "trust": "Trust {model} {a} to {b} {units} ahead.",
    "trust_one": "Trust {model} {b} {unit} ahead.",
    "trust_only": "Trust {model} {b} {units} ahead only.",
    "of_tested": " Of the steps tested: {steps}.",
    "too_few": "{n} origins are too few to tell how far {model} can be trusted.",
    "one_too_few": "1 origin is too few to tell how far {model} can be trusted.",
    "no_gain_head": "No gain as measured: use {baseline}.",
    "not_better": "No model here is worth more than a baseline: use {baseline}.",
    # The second line, in the unit of the data.
    "off": "Off by {own}{value} at {step}; the best simple baseline by {best}.",
    "off_measured": "Off by {own}{value} at {step} as measured; the best simple baseline by {best}.",
    "log_off": "At {step} its {loss} is {own} (less is better); the best simple baseline has {best}.",
    "log_off_measured": (
        "At {step} its {loss} is {own} as measured (less is better); the best simple baseline has {best}."
    ),
    "size": "9 in 10 errors within {size}{value} (at most {upper}).",
    "size_measured": "9 in 10 errors within {size}{value}, as measured.",
    # The third line: the other steps.
    "rest_close": "{Steps}: too close to call; {model} has the least error.",
    "rest_clear": "{Steps}: clear gain of {model}.",
    "rest_use": "{Steps}: use {baseline}.",
    "rest_on": "From {unit} {a} on, use {baseline}.",
    "rest_more": "{Steps}: no clear gain.",
    "rest_safe": "The safe choice there: {baseline}.",
    "until": "Safe choice until more origins are known: {baseline}.",
    # States and verdicts of a model.
    "ahead_axis": "{units} ahead",
    "clear": "clear gain",
    "close": "too close to call",
    "close_key": "too close to call (unproven)",
    "changes": "changes",
    "none": "no gain",
    "row_trust": "trust it {a} to {b} {units} ahead",
    "row_trust_one": "trust it {b} {unit} ahead",
    "row_trust_only": "trust it {b} {units} ahead only",
    "row_not_better": "not better: use {baseline}",
    "row_no_gain": "no gain as measured: use {baseline}",
    "row_but": "too close to call but for {steps}",
    "row_too_few": "too few origins to tell",
    "row_wanted": "as measured saves {saved} at {step}; about {N} origins would settle it (there are {n})",
    "row_decades": "as measured saves {saved} at {step}; it would need decades more",
    "row_many": "as measured saves {saved} at {step}; many times as many origins would settle it",
    "row_unknown": "as measured saves {saved} at {step}",
    "row_infinite": "infinite loss at {steps}",
    # Facts.
    "fact_how_far": "How far",
    "fact_which": "Which model",
    "fact_beyond": "Beyond",
    "fact_season": "Season",
    "fact_columns": "Columns",
    "fact_measured": "As measured",
    "fact_settle": "What would settle it",
    "gain": "{model} has a clear gain of at least {margin} over every baseline at {steps}.",
    "saves": "At {step} it saves {saved} of the {loss} (at least {low}).",
    "small": "The gain is clear, but small: less than {useful} at each of these steps.",
    "again": "{model} also has a clear gain at {steps}.",
    "part_close": "{model}, {steps}: no clear gain (as measured it saves {least} to {most}).",
    "part_none": "{model}, {steps}: no gain (as measured {least} to {most}).",
    "part_use": "Use {baseline} there.",
    "least_error": "{model} has the least error over {steps} as a whole.",
    "least_without": "{model} has the least error over {steps} as a whole, without a clear gain at any step.",
    "least_lone": "{model} has the least error over {steps} as a whole; its clear gain is at {lone} alone.",
    "longer": "{model} has a clear gain at {steps}.",
    "alike": "Not told apart from it at any step: {models}.",
    "worse": "Clearly worse than {better}: {models}.",
    "worse_too": "Clearly worse too: {models}.",
    "another": "another model",
    "worse_at": "{model} (at {x} of {of:step})",
    "worse_at_too": "{model} ({x})",
    "worth": "At {steps} every model saves less than {useful}.",
    "use_there": "Use {baseline}.",
    "measured": "{model} saves {saved} at {step} ({least} to {most} over {steps}).",
    "measured_one": "{model} saves {saved} at {step}.",
    "but": "Clear gain of {model} at {steps} alone.",
    "less_margin": "The best model, {model}, saves less than {margin} at {steps}.",
    "wanted": "About {N} origins would settle it (there are {n}).",
    "decades": "To settle it would need decades more.",
    "many": "To settle it would need many times as many origins.",
    "unknown": "How many would settle it cannot be told from {n:origin}.",
    "season": "A season of {periods} {units} was found in the training part.",
    "seasons": "Seasons of {periods} {units} were found in the training part.",
    "season_and": " and ",
    "season_baselines": "Its baselines ({baselines}) are in the table.",
    "seasons_baselines": "Their baselines ({baselines}) are in the table.",
    "season_trust": (
        "Without these baselines it would have seemed that {model} can be trusted {a} to {b} {units} ahead; "
        "beside them that cannot be shown."
    ),
    "season_trust_one": (
        "Without these baselines it would have seemed that {model} can be trusted {b} {unit} ahead; "
        "beside them that cannot be shown."
    ),
    "season_trust_only": (
        "Without these baselines it would have seemed that {model} can be trusted {b} {units} ahead only; "
        "beside them that cannot be shown."
    ),
    "season_same": "The answer would be the same without them.",
    "season_none": "Without these baselines no model would have seemed better either.",
    "season_less": "Without these baselines no model would have seemed better.",
    "columns_known": "Known ahead: {names}.",
    "columns_calendar": "From the times: {names}.",
    "columns_past": "Read up to the origin: {names}.",
    "columns_foreseen": ("{names} AS IF FORESEEN: an upper bound. No forecast made at the time could have known it."),
    "columns_count": "In short names +{n} stands for {n} columns.",
    "columns_floor": "The noise floor is that without foresight.",
    "columns_add": "{model} has a clear gain over {names} alone, and over every other baseline, at {steps}.",
    "columns_add_none": "{model} has a clear gain over {names} alone and every other baseline at no step.",
    "columns_alone": "{names} alone: clear gain over every baseline without columns at {steps}.",
    "columns_alone_none": "{names} alone: clear gain over the baselines without columns at no step.",
    "alone": "{names} alone",
    "panel": "{model} loses less than the best baseline in {better} of {series} series.",
    # Notes.
    "note_few": "{origins} origins are few for steps above {above}.",
    "note_few_all": "{origins} origins are few for any step.",
    "note_few_one": "{origins} origin is few for any step.",
    "note_no-loss": "All losses at {steps} are 0: there is no error to be saved.",
    "note_infinite": "{model} has an infinite loss at {steps}, so no gain can be shown there.",
    "infinite_log": "{model} gave a probability of 0 to something that happened.",
    "note_infinite_log": (
        "{model} gave a probability of 0 to something that happened; "
        "a MarkovChain with smoothing=1 gives 0 to no state it knows."
    ),
    "note_equal-shares": (
        "No model was ranked first on the training part: each of the {models} has the same share of the significance "
        "level."
    ),
    "note_panel": "{model} loses less than the best baseline in {better} of {series} series.",
    "note_constant": "{constant} of {series} series are constant in training and are left out.",
    "note_constant_one": "{constant} of {series} series is constant in training and is left out.",
    "note_alignment": (
        "The series have no common times: they are aligned by index from the start and from the end, and the larger "
        "standard error counts."
    ),
    "note_unseen": (
        "{names}: only if none of the values that are scored was seen in training, which cannot be told here."
    ),
    "level_one": "Clear gain: shown at {level} over every baseline.",
    "level": "Clear gain: shown at {level} over every baseline, all {models} models together.",
    # Trust in units.
    "within": "{model} is within {width}{value} in at least {share} of cases up to {step}.",
    "within_measured": "As measured: {first} at {one}, {last} at {step}.",
    "within_close": (
        "{model} is within {width}{value} in at least {share} of cases: too close to call at "
        "{one} ({first} as measured, "
        "{n:origin})."
    ),
    "within_none": "{model} is within {width}{value} in {share} of cases at no step ({first} at {one}).",
    "share_0.9": "9 in 10",
    "share_0.5": "half",
    # Losses.
    "loss_squared": "squared error",
    "loss_absolute": "absolute error",
    "loss_log": "log loss",
    "loss_zero-one": "share of wrong symbols",
    "loss_other": "loss",
    # How things are joined.
    "and": ", ",
    "space": " ",
    "the": "the {name}",
    "at_steps": "{baseline} ({steps})",
    "step": "{k} {unit}",
    "one": "{unit} {a}",
    "many_steps": "{units} {a} to {b}",
    "far_below": "below −999%",
}

CHINESE = {
    "trust": "{model}：提前 {a} 至 {b} {unit}可信。",
    "trust_one": "{model}：提前 {b} {unit}可信。",
    "trust_only": "{model}：仅提前 {b} {unit}可信。",
    "of_tested": "只检验了这些步：{steps}。",
    "too_few": "{n} 个起点太少，无法判断 {model} 能信到多远。",
    "one_too_few": "1 个起点太少，无法判断 {model} 能信到多远。",
    "no_gain_head": "实测没有优势：请用{baseline}。",
    "not_better": "没有模型胜过简单基线：请用{baseline}。",
    "off": "{step}误差 {own}{value}；最好的简单基线 {best}{value}。",
    "off_measured": "{step}实测误差 {own}{value}；最好的简单基线 {best}{value}。",
    "log_off": "{step}{loss} {own}（越小越好）；最好的简单基线 {best}。",
    "log_off_measured": "{step}实测{loss} {own}（越小越好）；最好的简单基线 {best}。",
    "size": "十次有九次误差在 {size}{value} 以内（至多 {upper}）。",
    "size_measured": "实测十次有九次误差在 {size}{value} 以内。",
    "rest_close": "{Steps}：难分高下；{model} 误差最小。",
    "rest_clear": "{Steps}：{model} 优势明确。",
    "rest_use": "{Steps}：请用{baseline}。",
    "rest_on": "第 {a} {unit}起，请用{baseline}。",
    "rest_more": "{Steps}：优势不明确。",
    "rest_safe": "那里稳妥的选择：{baseline}。",
    "until": "在有更多起点之前，稳妥的选择：{baseline}。",
    "ahead_axis": "提前{unit}数",
    "clear": "优势明确",
    "close": "难分高下",
    "close_key": "难分高下（证据不足）",
    "changes": "逐步不同",
    "none": "没有优势",
    "row_trust": "提前 {a} 至 {b} {unit}可信",
    "row_trust_one": "提前 {b} {unit}可信",
    "row_trust_only": "仅提前 {b} {unit}可信",
    "row_not_better": "不比基线好：请用{baseline}",
    "row_no_gain": "实测没有优势：请用{baseline}",
    "row_but": "除{steps}外难分高下",
    "row_too_few": "起点太少，无法判断",
    "row_wanted": "实测{step}时小 {saved}；约需 {N} 个起点才能判定（现有 {n} 个）",
    "row_decades": "实测{step}时小 {saved}；还需要数十年的数据",
    "row_many": "实测{step}时小 {saved}；需要多出许多倍的起点",
    "row_unknown": "实测{step}时小 {saved}",
    "row_infinite": "在{steps}的损失是无穷大",
    "fact_how_far": "多远",
    "fact_which": "用哪个模型",
    "fact_beyond": "其余各步",
    "fact_season": "季节",
    "fact_columns": "其他列",
    "fact_measured": "实测",
    "fact_settle": "怎样才能判定",
    "gain": "{steps}，{model} 比每一种简单基线都优势明确（至少小 {margin}）。",
    "saves": "{step}时{loss}小 {saved}（至少 {low}）。",
    "small": "优势明确，但很小：在这些步每一步都不到 {useful}。",
    "again": "{model} 在{steps}也优势明确。",
    "part_close": "{model}，{steps}：优势不明确（实测小 {least} 至 {most}）。",
    "part_none": "{model}，{steps}：没有优势（实测 {least} 至 {most}）。",
    "part_use": "那里请用{baseline}。",
    "least_error": "{steps}总体上，{model} 的误差最小。",
    "least_without": "{steps}总体上，{model} 的误差最小，但在任何一步都没有明确优势。",
    "least_lone": "{steps}总体上，{model} 的误差最小；仅在{lone}优势明确。",
    "longer": "{model} 在{steps}优势明确。",
    "alike": "在任何一步都与它分不出高下：{models}。",
    "worse": "明显不如{better}：{models}。",
    "worse_too": "同样明显不如的：{models}。",
    "another": "另一个模型",
    "worse_at": "{model}（{of} 步中的 {x} 步）",
    "worse_at_too": "{model}（{x} 步）",
    "worth": "{steps}，每个模型都只小不到 {useful}。",
    "use_there": "请用{baseline}。",
    "measured": "{step}时 {model} 小 {saved}（{steps}为 {least} 至 {most}）。",
    "measured_one": "{step}时 {model} 小 {saved}。",
    "but": "仅在{steps}，{model} 优势明确。",
    "less_margin": "最好的模型 {model} 在{steps}都只小不到 {margin}。",
    "wanted": "约需 {N} 个起点才能判定（现有 {n} 个）。",
    "decades": "还需要数十年的数据才能判定。",
    "many": "需要多出许多倍的起点才能判定。",
    "unknown": "需要多少个起点，从这 {n} 个还看不出。",
    "season": "在训练段发现 {periods} {unit}的季节。",
    "seasons": "在训练段发现 {periods} {unit}的季节。",
    "season_and": " 和 ",
    "season_baselines": "表中有了解季节的基线（{baselines}）。",
    "seasons_baselines": "表中有了解这些季节的基线（{baselines}）。",
    "season_trust": "若没有这些基线，{model} 会显得提前 {a} 至 {b} {unit}可信；与它们相比，这得不到证实。",
    "season_trust_one": "若没有这些基线，{model} 会显得提前 {b} {unit}可信；与它们相比，这得不到证实。",
    "season_trust_only": "若没有这些基线，{model} 会显得仅提前 {b} {unit}可信；与它们相比，这得不到证实。",
    "season_same": "没有它们，答案也一样。",
    "season_none": "若没有这些基线，也没有模型会显得更好。",
    "season_less": "若没有这些基线，没有模型会显得更好。",
    "columns_known": "预先已知：{names}。",
    "columns_calendar": "由时间得出：{names}。",
    "columns_past": "只读到起点为止：{names}。",
    "columns_foreseen": "{names} 视同已被预见（AS IF FORESEEN）：这是上限，当时的任何预测都不可能知道它。",
    "columns_count": "简称里的 +{n} 代表 {n} 列。",
    "columns_floor": "噪声下限是没有预见时的下限。",
    "columns_add": "{steps}，{model} 比单独用 {names}、也比其他每一种基线优势明确。",
    "columns_add_none": "{model}：没有一步比单独用 {names} 和其他每一种基线都优势明确。",
    "columns_alone": "{names}（单独）：{steps}，比每一种不用列的基线优势明确。",
    "columns_alone_none": "{names}（单独）：没有一步比不用列的基线优势明确。",
    "alone": "{names}（单独）",
    "panel": "在 {series} 个序列中的 {better} 个，{model} 的误差小于最好的简单基线。",
    "note_few": "{origins} 个起点，对第 {above} 步以后太少。",
    "note_few_all": "{origins} 个起点，对任何一步都太少。",
    "note_few_one": "{origins} 个起点，对任何一步都太少。",
    "note_no-loss": "{steps}，所有损失都是 0，没有误差可减。",
    "note_infinite": "{model} 在{steps}的损失是无穷大，那里无法显示优势。",
    "infinite_log": "{model} 给实际发生的状态 0 概率。",
    "note_infinite_log": "{model} 给实际发生的状态 0 概率；smoothing=1 的 MarkovChain 不会给它知道的状态 0 概率。",
    "note_equal-shares": "训练段没有排出第一名：{models} 个模型平分显著性水平。",
    "note_panel": "在 {series} 个序列中的 {better} 个，{model} 的误差小于最好的简单基线。",
    "note_constant": "{series} 个序列中有 {constant} 个在训练段不变，未计入。",
    "note_constant_one": "{series} 个序列中有 {constant} 个在训练段不变，未计入。",
    "note_alignment": "各序列没有共同的时间：分别从头、从尾按序号对齐，取较大的标准误。",
    "note_unseen": "{names}：前提是计分的值都没有在训练中出现过，这在这里无从得知。",
    "level_one": "优势明确：按 {level} 有充分证据胜过每一种基线。",
    "level": "优势明确：按 {level} 有充分证据胜过每一种基线，{models} 个模型合在一起计算。",
    "within": "{model}：{step}以内，至少{share}的误差在 {width}{value} 以内。",
    "within_measured": "实测：{one} {first}，{step} {last}。",
    "within_close": "{model}：至少{share}的误差在 {width}{value} 以内：{one}难分高下（实测 {first}，{n} 个起点）。",
    "within_none": "{model}：没有一步有{share}的误差在 {width}{value} 以内（{one} {first}）。",
    "share_0.9": "九成",
    "share_0.5": "一半",
    "loss_squared": "平方误差",
    "loss_absolute": "绝对误差",
    "loss_log": "对数损失",
    "loss_zero-one": "错误符号的比例",
    "loss_other": "损失",
    "and": "、",
    "space": "",
    "the": "{name}",
    "at_steps": "{baseline}（{steps}）",
    "step": "提前 {k} {unit}",
    "one": "第 {a} {unit}",
    "many_steps": "第 {a} 至 {b} {unit}",
    "far_below": "低于 −999%",
}

LANGUAGES = {"en": ENGLISH, "zh": CHINESE}

TIMES = {
    "step": ("step", "steps", "步"),
    "ms": ("millisecond", "milliseconds", "毫秒"),
    "s": ("second", "seconds", "秒"),
    "min": ("minute", "minutes", "分钟"),
    "half-hour": ("half-hour", "half-hours", "个半小时"),
    "h": ("hour", "hours", "小时"),
    "D": ("day", "days", "天"),
    "W": ("week", "weeks", "周"),
    "M": ("month", "months", "个月"),
    "quarter": ("quarter", "quarters", "个季度"),
    "Y": ("year", "years", "年"),
}
"""Units of time: one, many, in Chinese."""

_PLAIN = {
    "Naive": ("last value", "最后一个值"),
    "Mean": ("mean of training", "训练段均值"),
    "SES": ("recent average", "近期平均"),
    "Drift": ("last value plus drift", "最后一个值加趋势"),
    "Line": ("straight line", "训练段直线"),
    "MarkovChain": ("frequencies", "总频率"),
    "Frequencies": ("frequencies of the month", "当月频率"),
    "SeasonalNaive": ("value one season ago", "上一周期的值"),
    "Harmonic": ("seasonal curve", "季节曲线"),
    "Phases": ("average by phase", "各相位的均值"),
    "LinePhases": ("straight line plus average by phase", "直线加各相位的均值"),
}
_SEASONS = {
    ("SeasonalNaive", 365, "D"): ("same day last year", "去年同日"),
    ("SeasonalNaive", 7, "D"): ("same day last week", "上周同日"),
    ("SeasonalNaive", 24, "h"): ("same hour yesterday", "昨天同一时刻"),
    ("SeasonalNaive", 12, "M"): ("same month last year", "去年同月"),
    ("SeasonalNaive", 52, "W"): ("same week last year", "去年同周"),
    ("Harmonic", 365, "D"): ("yearly curve", "年度曲线"),
    ("Harmonic", 52, "W"): ("yearly curve", "年度曲线"),
    ("Phases", 52, "W"): ("same-week average", "同一周次的均值"),
    ("Phases", 7, "D"): ("same-weekday average", "同一星期几的均值"),
    ("Phases", 24, "h"): ("same-hour average", "同一时刻的均值"),
    ("Phases", 12, "M"): ("same-month average", "同一月份的均值"),
}
_LIMITS = {"noise floor": "噪声下限", "noise of this draw": "这批数据的噪声"}
_NAME = re.compile(r"(\w+?)(?:\(([\d.]+)\))?")


class Units(NamedTuple):
    """In what an answer is told: the unit of the values, that of a step in time (a key of `TIMES`),
    and the loss compared.
    """

    value: str = ""
    time: str = "step"
    loss: str = "squared"


def words_of(language: str) -> dict[str, str]:
    """The table of a language."""
    one_of("language", language, tuple(LANGUAGES))
    return LANGUAGES[language]


def plain(name: str, units: Units, language: str, article: bool = False) -> str:
    """The plain name of a baseline; a name that nobody here knows as it is.

    >>> plain("Harmonic(365)", Units(time="D"), "en", article=True), plain("SES(0.42)", Units(), "zh")
    ('the yearly curve', '近期平均')
    """
    if name.endswith(ALONE) and language != "en":
        return fill(LANGUAGES[language]["alone"], names=name.removesuffix(ALONE))
    found = _NAME.fullmatch(name)
    if not found or found[1] not in _PLAIN:
        return name
    period = int(float(found[2])) if found[2] else 0
    both = _SEASONS.get((found[1], period, units.time), _PLAIN[found[1]])
    text = both[list(LANGUAGES).index(language)]
    return fill(LANGUAGES[language]["the"], name=text) if article else text


def limit_name(name: str, language: str) -> str:
    """What the smallest possible error is called.

    >>> limit_name("noise floor", "zh")
    '噪声下限'
    """
    return _LIMITS.get(name, name) if language == "zh" else name
