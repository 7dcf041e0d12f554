"""Every word of the report that is not the answer's own, in English and in Chinese: the same keys in both.

``{name}`` is a placeholder. A model's name is only ever filled in, never a part of what is searched for placeholders.
"""

from __future__ import annotations

from ...evaluation.fits import FITS

ENGLISH = FITS | {
    "lang": "en",
    "kicker": "{series} · {count:value} · {origins:held-out origin} (forecast starts)",
    "kicker_many": "{series} series · {count:value} · {origins:held-out origin} (forecast starts)",
    "a_series": "one series",
    "with_unit": "{reading}, {unit}",
    "space": " ",
    "colon": ": ",
    "semicolon": "; ",
    "stop": ".",
    "nobody": "Only baselines stand here: there is no model to trust.",
    # Readings and losses.
    "rmse": "RMSE",
    "mae": "MAE",
    "log_loss": "Log loss",
    "zero_one": "Share of wrong symbols",
    "floor": "noise floor",
    "floor_drawn": "noise of this draw",
    "counted": "forecasts counted",
    # The first chart, with the strip and the bars.
    "first_title": "Typical error ({reading}) by {units} ahead",
    "first_title_loss": "{reading} by {units} ahead",
    "first_text": "Grey: no better than the best simple baseline. Below it: a gain",
    "first_thick": ", thick where clear, thin where too close to call",
    "first_log": "Log loss: the mean of −ln of the probability that was given to what came.",
    "use": "Use",
    "clear": "clear gain",
    "close": "too close to call",
    "none": "no gain",
    "all_models": "all {n} models",
    "stated": "{name}, {state}",
    # What is read at one step.
    "ahead": "{called} ahead",
    "called": "{k} {unit}",
    "read_first": "{model} off by {error}, {state}",
    "read_first_loss": "{model} has {error}, {state}",
    "read": "{model} {error}, {state}",
    "read_bare": "{model} {error}",
    "read_first_many": "all series together: {model} {state}",
    "read_best": "best simple baseline: {baseline}, {error}",
    "read_safe": "best simple baseline, the safe choice here: {baseline}, {error}",
    # The table.
    "model": "model",
    "verdict": "verdict",
    "saves": "saves at",
    "baseline": "simple baseline",
    "by_step": "{reading} by number of steps ahead (k)",
    "by_step_many": "{reading} by number of steps ahead (k), in units of each series' own scale",
    "under_floor": "no model stays below it by skill",
    "bold": "Bold: the one to use at that k (within 1% the model of the headline keeps it).",
    "compared": "{n} simple baselines were compared.",
    "compared_one": "1 simple baseline was compared.",
    "not_listed": "Best at no step and not listed: {names}.",
    "states": "Too close to call: measured, not shown.",
    "present": "{present} of {all} values are present; missing: {gaps}.",
    "gap": "{first} to {last}",
    "listed_models": "{drawn} of {all} models are listed; to_frame() has all of them.",
    "drawn_models": "{drawn} of {all} models are drawn.",
    # The bar.
    "controls": "Controls of the charts",
    "steps_ahead": "Ahead",
    "series_shown": "Series shown",
    "no_script": "The charts need the script of this page, which does not run here. Every number is in the tables.",
    # The second charts.
    "saving_title": "{loss} saved over the best simple baseline",
    "saving_text": (
        "Thick: clear gain. Band and whiskers: {model}, where it was tested; the verdict rests on their lower ends."
    ),
    "saving_zero": "0: the best simple baseline",
    "saving_none": "a baseline makes no error here",
    "predictions_title": "Predictions along the series",
    "predictions_text": (
        "Each point of a line was forecast {steps} before it happened. Where a line parts from the dots, stop relying "
        "on it. Press a time to see all steps from there."
    ),
    "origin_title": "From one origin",
    "origin_text": (
        "Everything left of the line was known, nothing right of it. The band is to hold 90% of what came (the dots at "
        "the right)."
    ),
    "origin_tint": "Tinted: the steps of clear gain.",
    "last_known": "Last known time",
    "known_to": "known up to {time}",
    "inside": "{model}: {inside} of {seen} values inside the 90% band.",
    "no_band": "{model}: too few errors were known at this origin for a band.",
    "axis_ahead": "{units} from the last known value",
    "drawn": "{drawn} of {all} origins are drawn here, evenly taken; every number uses all of them.",
    "drawn_last": "The last {drawn} of {all} origins are drawn here; every number uses all of them.",
    "drawn_series": "{drawn} of {all} series are drawn here, evenly taken; every number uses all of them.",
    # States.
    "states_title": "State to state: {model}",
    "order_one": "the chain of order 1",
    "states_text": (
        "Rows: the state now. Columns: how likely each state is later. Far out all rows agree: now no longer matters."
    ),
    "states_more": "{model} has more to go by than the state now.",
    "states_from": "From one origin: how likely is each state",
    "states_from_text": (
        "Pale: beyond the clear gain. Under it: what came. Press the line of states to choose an origin."
    ),
    "later": "{called} later",
    "what_came": "what came",
    "other": "other",
    # Many series.
    "panel_head": "{model} can be trusted {called} ahead in {count} of {of} series.",
    "panel_all": "In all {of} series {model} can be trusted {called} ahead.",
    "panel_none": "None of the {of} series shows that {model} can be trusted from the first step on.",
    "panel_instead": "In the others the safe choice is the best simple baseline of each, named in the table.",
    "panel_instead_none": "The safe choice: the best simple baseline of each series, named in the table.",
    "panel_empty": "There is no curve to draw: no series shows that a model can be trusted from the first step on.",
    "panel_in": "{called} ahead in {count}",
    "panel_beyond": "in none beyond {called}",
    "panel_title": "How many can be trusted to at least k",
    "panel_axis": "trusted to at least k {units} ahead",
    "panel_read": "{called}: {count} of {of}",
    "count_trusted": "trusted",
    "count_too_few": "too few origins to tell",
    "count_no_gain": "no gain: use a baseline",
    "as_one": "All series together",
    "one_series": "series",
    "last_values": "last {n} values",
    "saves_at": "saves, {called}",
    "error_at": "{reading}, {called}",
    "best_at": "best baseline, {called}",
    "better_here": "; {model} is better here",
    "every_series": "Every series: {n}. Press a heading to sort.",
    "some_series": "{drawn} of {all} series listed; all counted. Press a heading to sort.",
    "without_script": "Without the script of this page {drawn} of {all} series are listed.",
    "by_itself": (
        "Each series is judged by itself at 95%: of series without any gain 1 in 20 may be called trusted by luck. "
        "Errors are compared within a series, so that large ones do not decide."
    ),
    # Every number.
    "numbers_title": "Every number",
    "numbers_error": "{reading} at every k, every baseline, with its 95% interval",
    "numbers_loss": "{reading} at every k, every baseline",
    "numbers_saving": "Saving over the best baseline at every k, with its ends where it was tested",
    "numbers_inside": "Share of values inside the 90% interval at k = {k}",
    "numbers_some": "{drawn} of {all} steps are listed; to_frame() has all of them.",
    "inside_short": "Inside its 90% band at k = {k}",
    "interval": "{low} to {high}",
    # How it was made.
    "how_title": "How it was made",
    "how_data": "Data",
    "how_data_text": "{series}: {count:value}, {first} to {last}",
    "how_data_many": "{series} series with {count:value}",
    "how_fingerprint": "SHA-256 of the values",
    "how_split": "Split",
    "how_split_text": "origins {first} to {last} held out, {origins} of them; {fit}",
    "how_split_one": "origin {first} held out; {fit}",
    "how_split_many": "{origins:origin} held out; {fit}",
    "how_models": "Models",
    "how_baselines": "Baselines",
    "how_trust": "Clear gain",
    "how_trust_text": (
        "The loss of a model is compared with that of every baseline at the same origins. Before any held-out value is "
        "read, refits inside the training part share the error level out over models and steps. Losses of neighbouring "
        "origins are alike; the variance allows for it. A step without a clear gain is not a step without any gain: it "
        "is not shown."
    ),
    "how_bands": "Bands",
    "how_bands_text": (
        "Bands of a saving have the ends that the verdict rests on. Intervals of an error are for its mean over the "
        "origins. The band around a forecast comes from the sizes of the model's earlier errors at the same k, on "
        "values that it had not seen, each used only once it was known (adaptive conformal inference). Where too few "
        "are known to hold so much, none is drawn."
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
    "kicker": "{series} · {count} 个值 · {origins} 个留出的起点（预测由此出发）",
    "kicker_many": "{series} 条序列 · {count} 个值 · {origins} 个留出的起点（预测由此出发）",
    "a_series": "一条序列",
    "with_unit": "{reading}，{unit}",
    "comma": "、",
    "space": "",
    "colon": "：",
    "semicolon": "；",
    "stop": "。",
    "nobody": "这里只有基线，没有可以信任的模型。",
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
    "rmse": "RMSE",
    "mae": "MAE",
    "log_loss": "对数损失",
    "zero_one": "错误符号的比例",
    "floor": "噪声下限",
    "floor_drawn": "本次抽样的噪声",
    "counted": "计入的预测数",
    "first_title": "典型误差（{reading}）随提前{units}数的变化",
    "first_title_loss": "{reading}随提前{units}数的变化",
    "first_text": "灰色区：不胜过最好的简单基线。线在灰色之下即有优势",
    "first_thick": "，粗处优势明确，细处难分高下",
    "first_log": "对数损失：对实际发生者所给概率的 −ln 的均值。",
    "use": "用哪个",
    "clear": "优势明确",
    "close": "难分高下",
    "none": "没有优势",
    "all_models": "全部 {n} 个模型",
    "stated": "{name}，{state}",
    "ahead": "提前 {called}",
    "called": "{k} {unit}",
    "read_first": "{model} 误差 {error}，{state}",
    "read_first_loss": "{model} 为 {error}，{state}",
    "read": "{model} {error}，{state}",
    "read_bare": "{model} {error}",
    "read_first_many": "所有序列合在一起：{model} {state}",
    "read_best": "最好的简单基线：{baseline}，{error}",
    "read_safe": "最好的简单基线，这里稳妥的选择：{baseline}，{error}",
    "model": "模型",
    "verdict": "结论",
    "saves": "误差小",
    "baseline": "简单基线",
    "by_step": "不同步数 k 的 {reading}",
    "by_step_many": "不同步数 k 的 {reading}，以每条序列自己的尺度为单位",
    "under_floor": "没有模型能靠预测能力低于它",
    "bold": "粗体：该 k 处应使用的（相差不到 1% 时保留标题中的模型）。",
    "compared": "共比较 {n} 种简单基线。",
    "compared_one": "比较了 1 种简单基线。",
    "not_listed": "在任何一步都不是最好、未列出的：{names}。",
    "states": "难分高下：实测有优势，证据不足。",
    "present": "{all} 个值中有 {present} 个；缺少：{gaps}。",
    "gap": "{first} 至 {last}",
    "listed_models": "这里列出 {all} 个模型中的 {drawn} 个；全部在 to_frame() 中。",
    "drawn_models": "图中画出 {all} 个模型中的 {drawn} 个。",
    "controls": "图的控制",
    "steps_ahead": "提前",
    "series_shown": "显示的序列",
    "no_script": "图需要运行本页的脚本，而这里没有运行。所有数字都在表中。",
    "saving_title": "{loss}比最好的简单基线小多少",
    "saving_text": "粗线：优势明确。色带与须线：{model} 在检验过的步数上的范围，结论以下端为准。",
    "saving_zero": "0：最好的简单基线",
    "saving_none": "这里有一种基线毫无误差",
    "predictions_title": "沿着序列看预测",
    "predictions_text": (
        "线上每一点，都是在它发生之前 {steps}作出的预测。线离开圆点的地方，就不要再依靠它。"
        "点按一个时刻，看从那里出发的全部预测。"
    ),
    "origin_title": "从一个起点看",
    "origin_text": "竖线左边的都已知，右边的都未知。色带应包住后来发生的值（右边的圆点）的 90%。",
    "origin_tint": "浅底：优势明确的步数。",
    "last_known": "最后已知时刻",
    "known_to": "已知到 {time}",
    "inside": "{model}：{seen} 个值中有 {inside} 个落在 90% 预测带内。",
    "no_band": "{model}：在这个起点上已知的误差太少，画不出预测带。",
    "axis_ahead": "距最后已知值的{units}数",
    "drawn": "这里均匀地画出 {all} 个起点中的 {drawn} 个；每个数字都用到全部起点。",
    "drawn_last": "这里画出 {all} 个起点中最后的 {drawn} 个；每个数字都用到全部起点。",
    "drawn_series": "这里均匀地画出 {all} 条序列中的 {drawn} 条；每个数字都用到全部序列。",
    "states_title": "从状态到状态：{model}",
    "order_one": "一阶马尔可夫链",
    "states_text": "行：现在的状态。列：之后各状态的概率。走得够远，各行相同：现在的状态不再重要。",
    "states_more": "{model} 所依据的不只是现在的状态。",
    "states_from": "从一个起点看：各状态的概率",
    "states_from_text": "浅色：超出优势明确的范围。下方：实际发生的状态。点按状态条可选起点。",
    "later": "{called} 之后",
    "what_came": "实际发生",
    "other": "其他",
    "panel_head": "{of} 条序列中，{model} 在 {count} 条提前 {called}可信。",
    "panel_all": "全部 {of} 条序列中，{model} 都提前 {called}可信。",
    "panel_none": "{of} 条序列中，没有一条显示 {model} 从第一步起可信。",
    "panel_instead": "其余序列稳妥的选择是各自最好的简单基线，见表。",
    "panel_instead_none": "稳妥的选择：每条序列各自最好的简单基线，见表。",
    "panel_empty": "没有曲线可画：没有一条序列显示哪个模型从第一步起可信。",
    "panel_in": "提前 {called} {count} 条",
    "panel_beyond": "没有一条超过 {called}",
    "panel_title": "至少可信到 k 的有多少",
    "panel_axis": "至少提前 k {units}可信",
    "panel_read": "{called}：{of} 条中 {count} 条",
    "count_trusted": "可信",
    "count_too_few": "起点太少，无法判断",
    "count_no_gain": "没有优势，请用基线",
    "as_one": "所有序列合在一起",
    "one_series": "序列",
    "last_values": "最后 {n} 个值",
    "saves_at": "误差小，{called}",
    "error_at": "{reading}，{called}",
    "best_at": "最好的基线，{called}",
    "better_here": "；这里 {model} 更好",
    "every_series": "全部 {n} 条序列。点按列名可排序。",
    "some_series": "列出 {all} 条序列中的 {drawn} 条；全部计入。点按列名可排序。",
    "without_script": "不运行本页的脚本时，列出 {all} 条序列中的 {drawn} 条。",
    "by_itself": (
        "每条序列各自按 95% 判断：毫无优势的序列，20 条中可能有 1 条碰巧被称为可信。"
        "误差在每条序列内部比较，数值大的序列不占便宜。"
    ),
    "numbers_title": "所有数字",
    "numbers_error": "每个 k 的 {reading} 及其 95% 置信区间（含全部基线）",
    "numbers_loss": "每个 k 的{reading}（含全部基线）",
    "numbers_saving": "每个 k 比最好的基线小多少，以及检验过的步数上的两端",
    "numbers_inside": "k = {k} 时落在 90% 区间内的比例",
    "numbers_some": "这里列出 {all} 个步数中的 {drawn} 个；全部在 to_frame() 中。",
    "inside_short": "k = {k} 时落在 90% 预测带内",
    "interval": "{low} 至 {high}",
    "how_title": "这一页是怎样得出的",
    "how_data": "数据",
    "how_data_text": "{series}：{count} 个值，{first} 至 {last}",
    "how_data_many": "{series} 条序列，共 {count} 个值",
    "how_fingerprint": "数值的 SHA-256",
    "how_split": "划分",
    "how_split_text": "留出起点 {first} 至 {last}，共 {origins} 个；{fit}",
    "how_split_one": "留出起点 {first}；{fit}",
    "how_split_many": "共留出 {origins} 个起点；{fit}",
    "how_models": "模型",
    "how_baselines": "简单基线",
    "how_trust": "优势明确",
    "how_trust_text": (
        "在同样的起点上，把模型的损失与每一种基线的损失相比。在读到任何留出的值之前，先在训练段内重新拟合，把显著性水平分给各个"
        "模型和步数。相邻起点的损失彼此相似，方差已经考虑到这一点。某一步优势不明确，并不等于没有优势，只是证据不足。"
    ),
    "how_bands": "色带",
    "how_bands_text": (
        "“误差小多少”的色带以结论所依据的两端为界。误差的区间针对起点平均值。预测的色带来自模型在同一个 k 上、"
        "没有见过的值上此前误差的大小，每个误差只在已经知道之后才用（自适应共形推断）。已知的误差太少、包不住这么多时，就不画带。"
    ),
    "how_unknown": "这里无法知道的",
    "how_unknown_text": (
        "数据到来之前做过什么：如果平滑、填补空缺或周期的选取用到了未来的值，这里的每个数字都会好过实际。"
    ),
    "how_versions": "版本",
    "how_notes": "说明",
}

WORDING = {"en": ENGLISH, "zh": CHINESE}

IN_SCRIPT = (
    "use", "clear", "close", "none", "stated", "ahead", "colon", "semicolon", "stop", "read_first", "read", "read_bare",
    "read_best", "read_safe", "saving_zero", "saving_none", "predictions_text", "known_to", "inside", "no_band",
    "predictions_title", "origin_title", "later", "what_came", "panel_title",
    "panel_read",
)  # fmt: skip
"""What the script of the page needs of them."""
