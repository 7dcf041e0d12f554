"""Every sentence of the report, in English and in Chinese: the same keys in both.

``{name}`` is a placeholder. A model's name is only ever filled in, never a part of what is searched for placeholders.
"""

from __future__ import annotations

from ...evaluation.fits import FITS

ENGLISH = FITS | {
    "lang": "en",
    "kicker": "{series} · {count} values · stepahead report",
    "kicker_many": "{series} series · {count} values · stepahead report",
    "a_series": "one series",
    "space": " ",
    # The answer.
    "trust_all": "You can trust {model} at every step tested, up to {steps} ahead.",
    "trust_only": "You can trust {model} one step ahead, the only step tested.",
    "trust_some": (
        "You can trust {model} up to {steps} ahead; further out nothing here is shown to beat every baseline."
    ),
    "trust_none": "No model here can be trusted even one step ahead: none is shown to beat every baseline.",
    "trust_nobody": "Only baselines stand here: there is no model to trust.",
    "saved": (
        "By at least {margin}% of the {loss} it beats every baseline up to step {horizon} (95% interval {interval})."
    ),
    "or_more": "{interval} or more",
    "basis": (
        "“Trusted to k” means: at every step up to k the {loss} is below that of every baseline ({baselines}), shown "
        "at 95% confidence. All models were scored from the same {origins} held-out origins ({fit})."
    ),
    "basis_nobody": "A baseline ({baselines}) is what a model has to beat. Scored from {origins} held-out origins.",
    "squared_error": "squared error",
    "log_loss_word": "log loss",
    "zero_one_word": "share of wrong symbols",
    # Steps and their time.
    "step_one": "1 step",
    "step_many": "{k} steps",
    "in_time": "{steps} ({time})",
    "time_one": "1 {unit}",
    "time_many": "{count} {unit}s",
    "ms": "millisecond",
    "s": "second",
    "m": "minute",
    "h": "hour",
    "D": "day",
    "W": "week",
    "M": "month",
    "Y": "year",
    # The table.
    "model": "Model",
    "trusted": "Trusted to",
    "trusted_of": "{claim} of {of} steps",
    "rmse": "RMSE",
    "log_loss": "Log loss",
    "zero_one": "Share of wrong symbols",
    "by_step": "{reading} by number of steps ahead",
    "by_step_unit": (
        "{reading} by number of steps ahead, in the unit of the series; the smallest of each column is bold"
    ),
    "by_step_bold": "{reading} by number of steps ahead; the smallest of each column is bold",
    "floor": "noise floor",
    "floor_drawn": "noise of this draw",
    "counted": "forecasts counted",
    "inside_short": "In 90% interval, k = {k}",
    # The bar.
    "controls": "Controls of the charts",
    "steps_ahead": "Steps ahead, k",
    "highlight": "Highlight",
    "show": "Show in the charts",
    "series_shown": "Series shown",
    "no_script": "The charts need the script of this page, which does not run here. Every number is in the tables.",
    # The charts.
    "error_title": "Error by number of steps",
    "error_text": "{reading} over the held-out origins, with the 95% band of the highlighted model. Lower is better.",
    "loss_text": "{reading} over the held-out origins. Lower is better.",
    "error_floor": "Nobody can stay below the noise floor for long.",
    "error_floor_drawn": "Whoever knows the wave is left with the noise of this draw.",
    "skill_title": "Skill over the best baseline",
    "skill_text": (
        "1 − {loss} / {loss} of the best baseline at that step. Solid as far as a model is trusted, faint after; the "
        "dot says how far. The 95% band ends where the data set it no lower end."
    ),
    "skill_zero": "no better than a baseline",
    "skill_none": "a baseline makes no error here",
    "predictions_title": "Predictions k steps ahead, along the series",
    "predictions_text": (
        "Each point of a line was forecast {steps} before it happened. Move k: where a line leaves the dots, leave the "
        "forecast."
    ),
    "origin_title": "All steps from one origin",
    "origin_text": (
        "Everything left of the line was known, nothing right of it. The bands of the highlighted model are meant to "
        "hold 50% and 90% of what came: the dots on the right."
    ),
    "last_known": "Last known value",
    "known_to": "known up to {time}",
    "inside": "{model}: {inside} of {seen} values inside the 90% band.",
    "no_band": "{model}: too few errors were known at this origin for a band.",
    "axis_k": "steps ahead, k",
    "axis_ahead": "steps from the last known value",
    "at_step": "at {steps}",
    "drawn": "{drawn} of {all} origins are drawn here, evenly taken; every number uses all of them.",
    "drawn_last": "The last {drawn} of {all} origins are drawn here; every number uses all of them.",
    "drawn_series": "{drawn} of {all} series are drawn here, evenly taken; every number uses all of them.",
    "no_season": "No seasonal baseline was tried: --period N (in Python period=N) adds one.",
    "listed_models": "The best {drawn} of {all} models are listed; to_frame() has all of them.",
    "drawn_models": "The best {drawn} of {all} models are drawn.",
    # Every number.
    "numbers_title": "Every number",
    "numbers_error": "{reading} at every k, with its 95% interval",
    "numbers_loss": "{reading} at every k",
    "numbers_skill": "Skill over the best baseline at every k, with its 95% interval",
    "numbers_reach": "How far each model can be trusted",
    "numbers_some": "{drawn} of {all} steps are listed; to_frame() has all of them.",
    "reach_claim": "Trusted to (shown at 95%)",
    "reach_horizon": "At least {margin}% less {loss} up to",
    "reach_interval": "95% interval of that",
    "interval": "{low} to {high}",
    # How it was made.
    "how_title": "How it was made",
    "how_data": "Data",
    "how_data_text": "{series}: {count} values, {first} to {last}",
    "how_data_many": "{series} series with {count} values",
    "how_fingerprint": "SHA-256 of the values",
    "how_split": "Split",
    "how_split_text": "origins {first} to {last} held out, {origins} of them; {fit}",
    "how_split_many": "{origins} origins held out; {fit}",
    "how_models": "Models",
    "how_trust": "Trusted to",
    "how_trust_text": (
        "The error of a model against that of each baseline at the same origins, one test a step at one-sided 5%, "
        "taken in order from k = 1 and stopped at the first that fails. Errors of neighbouring origins share the same "
        "surprises; the variance allows for it. Beyond the trusted step skill is not shown, "
        "which is not the same as no "
        "skill."
    ),
    "how_best": (
        "The best of several models is chosen here by the same data that show it: with many "
        "models, the luckiest looks a "
        "little better than it is."
    ),
    "how_bands": "Bands",
    "how_bands_text": (
        "95% bands of an error or a skill are intervals for the average over origins. The 50% and 90% bands of a "
        "forecast come from the sizes of the model's earlier errors at the same k, on values "
        "that it had not seen, each "
        "used only once it was known (adaptive conformal inference). Where too few are known to "
        "hold so much, none is drawn."
    ),
    "how_unknown": "Not known here",
    "how_unknown_text": (
        "What was done to the data before they came: smoothing, filling of gaps, or a choice of the period that looked "
        "ahead would make every number here too good."
    ),
    "how_versions": "Versions",
    "how_notes": "Notes",
}

CHINESE = {
    "lang": "zh-Hans",
    "kicker": "{series} · {count} 个值 · stepahead 报告",
    "kicker_many": "{series} 条序列 · {count} 个值 · stepahead 报告",
    "a_series": "一条序列",
    "comma": "、",
    "space": "",
    "trust_all": "可以信任 {model}：\u200b所检验的\u200b每一步都可信，\u200b最远向前 {steps}。",
    "trust_only": "可以信任 {model} \u200b向前 1 步：\u200b只检验了这一步。",
    "trust_some": (
        "可以信任 {model} \u200b向前 {steps}；"
        "\u200b再往后，\u200b没有证据表明\u200b这里有任何模型\u200b胜过\u200b每一种基线。"
    ),
    "trust_none": (
        "没有一个模型\u200b可以信任，\u200b哪怕只向前一步：\u200b没有证据表明\u200b它们胜过\u200b每一种基线。"
    ),
    "trust_nobody": "这里只有基线，\u200b没有可以信任的模型。",
    "saved": "{loss}比每一种基线至少小 {margin}%，这一优势保持到第 {horizon} 步（95% 置信区间：{interval}）。",
    "or_more": "{interval} 或更多",
    "basis": (
        "“可信到 k”的意思是：从第 1 步到第 k 步，每一步的{loss}都小于每一种基线（{baselines}），置信水平 95%。所有"
        "模型都在同样的 {origins} 个留出起点上评分（{fit}）。"
    ),
    "fit_here": "只用前 {train} 个值训练一次",
    "fit_here_many": "在 {series} 条序列上一共只训练一次",
    "fit_declared": "据称用前 {train} 个值训练",
    "fit_declared_many": "据称用 {series} 条序列的前一段训练",
    "fit_other": "据称是在别的数据上训练的",
    "fit_elsewhere": "在别处作出，据称从 {train} 起未参与训练",
    "fit_elsewhere_many": "在别处作出，据称每条序列在训练段之后的部分未参与训练",
    "fit_unknown": "在别处作出，怎样训练的无从得知",
    "fit_of": "{names}：{fit}",
    "fit_join": "；",
    "basis_nobody": "基线（{baselines}）是模型必须胜过的对手。这里在 {origins} 个留出起点上评分。",
    "squared_error": "平方误差",
    "log_loss_word": "对数损失",
    "zero_one_word": "错误符号的比例",
    "step_one": "1 步",
    "step_many": "{k} 步",
    "in_time": "{steps}（{time}）",
    "time_one": "1 {unit}",
    "time_many": "{count} {unit}",
    "ms": "毫秒",
    "s": "秒",
    "m": "分钟",
    "h": "小时",
    "D": "天",
    "W": "周",
    "M": "个月",
    "Y": "年",
    "model": "模型",
    "trusted": "可信到",
    "trusted_of": "{of} 步中的 {claim} 步",
    "rmse": "均方根误差（RMSE）",
    "log_loss": "对数损失",
    "zero_one": "错误符号的比例",
    "by_step": "不同步数的{reading}",
    "by_step_unit": "不同步数的{reading}，单位与序列相同；每列最小的用粗体",
    "by_step_bold": "不同步数的{reading}；每列最小的用粗体",
    "floor": "噪声下限",
    "floor_drawn": "本次抽样的噪声",
    "counted": "计入的预测数",
    "inside_short": "落在 90% 区间，k = {k}",
    "controls": "图的控制",
    "steps_ahead": "向前步数 k",
    "highlight": "突出显示",
    "show": "在图中显示",
    "series_shown": "显示的序列",
    "no_script": "图需要运行本页的脚本，而这里没有运行。所有数字都在表中。",
    "error_title": "误差随步数的变化",
    "error_text": "留出起点上的{reading}，阴影为突出显示的模型的 95% 置信带。越低越好。",
    "loss_text": "留出起点上的{reading}。越低越好。",
    "error_floor": "谁也不能长久低于噪声下限。",
    "error_floor_drawn": "知道这条波的人，剩下的只有本次抽样的噪声。",
    "skill_title": "相对最好的基线的技巧评分",
    "skill_text": (
        "1 − {loss} / 该步最好的基线的{loss}。可信的部分用实色，之后变淡；圆点标出可信到哪一步。数据给不出 95% 置"
        "信带下端的地方，不画带。"
    ),
    "skill_zero": "不比基线好",
    "skill_none": "这里有一种基线毫无误差",
    "predictions_title": "沿着序列看向前 k 步的预测",
    "predictions_text": (
        "线上每一点，都是在它发生之前 {steps}作出的预测。移动 k：线离开了圆点的地方，就不要再用这个预测。"
    ),
    "origin_title": "从一个起点出发的全部预测",
    "origin_text": (
        "竖线左边的都已知，右边的都未知。突出显示的模型的两条带，应当各包住后来发生的值（右边的圆点）的 50% 和 90%。"
    ),
    "last_known": "最后的已知值",
    "known_to": "已知到 {time}",
    "inside": "{model}：{seen} 个值中有 {inside} 个落在 90% 预测带内。",
    "no_band": "{model}：在这个起点上已知的误差太少，画不出预测带。",
    "axis_k": "向前步数 k",
    "axis_ahead": "距最后已知值的步数",
    "at_step": "向前 {steps}",
    "drawn": "这里均匀地画出 {all} 个起点中的 {drawn} 个；每个数字都用到全部起点。",
    "drawn_last": "这里画出 {all} 个起点中最后的 {drawn} 个；每个数字都用到全部起点。",
    "drawn_series": "这里均匀地画出 {all} 条序列中的 {drawn} 条；每个数字都用到全部序列。",
    "no_season": "没有试过季节性基线：--period N（在 Python 里是 period=N）会加上一个。",
    "listed_models": "这里列出 {all} 个模型中最好的 {drawn} 个；全部在 to_frame() 中。",
    "drawn_models": "图中画出 {all} 个模型中最好的 {drawn} 个。",
    "numbers_title": "所有数字",
    "numbers_error": "每个 k 的{reading}及其 95% 置信区间",
    "numbers_loss": "每个 k 的{reading}",
    "numbers_skill": "每个 k 相对最好的基线的技巧评分及其 95% 置信区间",
    "numbers_reach": "每个模型可以信任多远",
    "numbers_some": "这里列出 {all} 个步数中的 {drawn} 个；全部在 to_frame() 中。",
    "reach_claim": "可信到（95% 置信水平）",
    "reach_horizon": "{loss}至少小 {margin}% 的步数",
    "reach_interval": "该步数的 95% 置信区间",
    "interval": "{low} 至 {high}",
    "how_title": "这一页是怎样得出的",
    "how_data": "数据",
    "how_data_text": "{series}：{count} 个值，{first} 至 {last}",
    "how_data_many": "{series} 条序列，共 {count} 个值",
    "how_fingerprint": "数值的 SHA-256",
    "how_split": "划分",
    "how_split_text": "留出起点 {first} 至 {last}，共 {origins} 个；{fit}",
    "how_split_many": "共留出 {origins} 个起点；{fit}",
    "how_models": "模型",
    "how_trust": "可信到",
    "how_trust_text": (
        "在同样的起点上，把模型的误差与每一种基线的误差相比；每一步做一次单侧 5% 的检验，从 k = 1 起依次进行，遇"
        "到第一个不通过的就停。相邻起点的误差受到同样的意外影响，方差已经考虑到这一点。可信步数之外是“没有证据”，并不"
        "等于没有技巧。"
    ),
    "how_best": "几个模型中最好的那个，正是用展示它的这些数据挑出来的：模型越多，运气最好的那个就显得比实际更好一点。",
    "how_bands": "阴影带",
    "how_bands_text": (
        "误差和技巧评分的 95% 带，是起点平均值的置信区间。预测的 50% 和 90% 带来自模型在同一个 k 上、"
        "没有见过的值上此前误差的大小，每个误差只在已经知道之后才用（自适应共形推断）。已知的误差太少、包不住这么多时，就不画带。"
    ),
    "how_unknown": "这里无法知道的",
    "how_unknown_text": (
        "数据到来之前做过什么：如果平滑、填补空缺或周期的选取用到了未来的值，这里的每个数字都会好过实际。"
    ),
    "how_versions": "版本",
    "how_notes": "说明",
}

BASELINES = {
    "mean": ("mean of the training part", "训练段均值"),
    "last": ("last value", "最后一个值"),
    "level": ("recent average", "近期平均"),
    "drift": ("last value plus drift", "最后一个值加趋势"),
    "line": ("straight line", "训练段直线"),
    "season": ("one season of {period} ago", "上一周期（{period} 步）的值"),
    "season_day": ("same time the day before", "前一日同一时刻"),
    "season_week": ("same time last week", "上周同一时刻"),
    "season_week_D": ("same day last week", "上周同日"),
    "season_year": ("same time last year", "去年同期"),
    "season_year_D": ("same day last year", "去年同日"),
    "phases": ("average of each phase of {period} steps", "{period} 步周期各相位的均值"),
    "phases_day": ("same-time-of-day average", "每日同一时刻的均值"),
    "phases_day_h": ("same-hour average", "同一小时的均值"),
    "phases_week": ("same-time-of-week average", "每周同一时刻的均值"),
    "phases_week_D": ("same-weekday average", "同一星期几的均值"),
    "phases_year": ("same-time-of-year average", "每年同期的均值"),
    "phases_year_M": ("same-month average", "同一月份的均值"),
    "line-phases": ("straight line plus the phases of {period} steps", "直线加 {period} 步周期各相位"),
    "line-phases_day": ("straight line plus time of day", "直线加每日同一时刻"),
    "line-phases_week": ("straight line plus time of week", "直线加每周同一时刻"),
    "line-phases_year": ("straight line plus time of year", "直线加每年同期"),
    "harmonic": ("smooth curve of {period} steps", "周期 {period} 步的曲线"),
    "harmonic_day": ("daily curve", "日曲线"),
    "harmonic_week": ("weekly curve", "周曲线"),
    "harmonic_year": ("yearly curve", "年度曲线"),
    "symbols": ("how often each symbol occurs", "每个符号的总频率"),
}
"""What each kind of baseline is called in plain words, {kind: (English, Chinese)}; a season may be one of the calendar,
and
a step a unit of it."""

CALENDAR = {
    (1, "D"): "day",
    (7, "D"): "week",
    (365, "D"): "year",
    (366, "D"): "year",
    (52, "W"): "year",
    (1, "Y"): "year",
}
"""Which seasons are of the calendar, {(count, unit of time): name}."""

WORDING = {
    language: wording | {f"baseline_{kind}": names[place] for kind, names in BASELINES.items()}
    for place, (language, wording) in enumerate((("en", ENGLISH), ("zh", CHINESE)))
}

IN_SCRIPT = (
    "comma", "skill_zero", "skill_none", "floor", "known_to", "inside", "no_band", "axis_k", "axis_ahead", "at_step",
    "predictions_text",     "error_title", "skill_title", "predictions_title", "origin_title",
)  # fmt: skip
"""What the script of the page needs of them."""
