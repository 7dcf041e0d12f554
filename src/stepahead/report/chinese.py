"""The library's English sentences in Chinese: notes on data and fits, an audit, a run, the lists of models and data.

Results keep their notes in English; they are put into another language where they are shown, on a page, in a terminal,
on stderr. What nobody put here stays as it is. In a pattern ``{name}`` stands for what differs; a part called ``note``
is a sentence of this table itself, one called ``why`` may be, one called ``amount`` is a number with a unit of time.
"""

from __future__ import annotations

import re
from functools import cache

from ..evaluation.answer_words import TIMES
from ..text import fill

NOTES = {
    # Values and times.
    "read as {n} symbols: {first}": "按 {n} 种符号读入：{first}",
    "times were not in order: the values were sorted by time": "时间没有按顺序：值已按时间排好",
    "time steps are uneven and taken as consecutive: {share} % are {amount}, the longest {amount2}": (
        "时间步长不等，按连续处理：{share}% 是 {amount}，最长 {amount2}"
    ),
    "the first {n} values are missing and were cut off": "最前面的 {n} 个值缺失，已去掉",
    "whole numbers past 2**53 are rounded to the nearest float64: row {row} is {value}": (
        "超过 2**53 的整数取最近的 float64：第 {row} 行是 {value}"
    ),
    "the values differ by at most {spread} at a level of {size}: few significant digits are left; subtract the level "
    "at the source": "各值在 {size} 的水平上相差至多 {spread}：有效数字所剩无几；请在源头减去这个水平",
    "the index was read as times: the places of its ordered categories": "索引按时间读入：取其有序类别的序号",
    "the numbers of the index were read as times; {note}": "索引中的数按时间读入；{note}",
    "if the rows are in order, give reset_index(drop=True)": "若各行已按顺序，请给 reset_index(drop=True)",
    "{where}: {cell} was read as a number, without its leading zeros; for labels give symbols=True": (
        "{where}：{cell} 按数读入，去掉了前面的零；若是标签，请给 symbols=True"
    ),
    "{where}: {cell} was read as {value}, with {mark} between thousands, and nothing in the column decides it: if it "
    "is {other}, give decimal={typed}": (
        "{where}：{cell} 读作 {value}，{mark} 是千位分隔，但列中无从确定：若是 {other}，请给 decimal={typed}"
    ),
    "{n} of {all} series have notes, the first {name}: {why}": "{all} 个序列中有 {n} 个带说明，第一个 {name}：{why}",
    "{n} of {all} series were set aside (.refused says why): {first}": (
        "{all} 个序列中有 {n} 个被搁置（原因见 .refused）：{first}"
    ),
    "{n} of {all} series are not scored (.status says why); {name}: {why}": (
        "{all} 个序列中有 {n} 个没有评分（原因见 .status）；{name}：{why}"
    ),
    "{note} ({n} series)": "{note}（{n} 个序列）",
    # Columns beside the values.
    "the last row has no value: it is the future": "最后一行没有值：它是未来",
    "the last row has no value: it is the future of {names}": "最后一行没有值：它是 {names} 的未来",
    "the last {n} rows have no value: they are the future": "最后 {n} 行没有值：它们是未来",
    "the last {n} rows have no value: they are the future of {names}": "最后 {n} 行没有值：它们是 {names} 的未来",
    "past columns were cut off where the values end: {names}": "过去列在值结束处截断：{names}",
    "known column {name} moves with the values (correlation {r}): is {name2} planned, or measured?": (
        "已知列 {name} 与值同步变动（相关系数 {r}）：{name2} 是计划好的，还是测得的？"
    ),
    "{names} AS IF FORESEEN: an upper bound, since no forecast made at the time could have known it": (
        "{names} 视同已被预见（AS IF FORESEEN）：这是上限，当时的任何预测都不可能知道它"
    ),
    "known column {name} moves with the values one step on (correlation {r}): is {name2} planned, or measured?": (
        "已知列 {name} 与下一步的值同步变动（相关系数 {r}）：{name2} 是计划好的，还是测得的？"
    ),
    "{name}: recursive and one-shot are scored; one net a step takes no columns beside the values": (
        "{name}：比较递归与一次输出；每步一个网络的做法不接受序列旁的列"
    ),
    "too few values to choose the weights by cuts inside them, level is taken": (
        "值太少，无法用其中的切点选择权重，取 level"
    ),
    "{names}: the same throughout the training part, left out": "{names}：在训练段始终不变，未使用",
    "windows and columns span only {n} of {all} directions; the minimum-norm solution is used": (
        "窗口和各列只张成 {all} 个方向中的 {n} 个；取最小范数解"
    ),
    "{names}: not used, since no model named takes such a column; ar does": (
        "{names}：未使用，因为所列的模型都不接受这样的列；ar 可以"
    ),
    # Readings and origins.
    "{n} of {all} series are constant in training: they have no scale and are not pooled": (
        "{all} 个序列中有 {n} 个在训练段不变：没有尺度，未合并"
    ),
    "mase is null where the training part never changes (or is unknown): there is no scale to divide by": (
        "训练段不变（或未知）时 mase 为空：没有可除的尺度"
    ),
    "skill is null where the best baseline makes no error at all, or no target was observed": (
        "最好的基线毫无误差、或没有观测到目标时，skill 为空"
    ),
    "the intervals of {name} at level={level} are infinite in {n} of {all} rows at step {k}, while fewer than {least} "
    "errors are known there: n of them hold at most n / (n + 1)": (
        "{name} 在 level={level} 的区间，于第 {k} 步的 {all} 行中有 {n} 行无穷大：那里已知的误差不到 {least} 个，"
        "n 个误差至多保证 n / (n + 1)"
    ),
    "{n} of {all} origins have no forecast by {name}": "{all} 个起点中有 {n} 个，{name} 没有预测",
    "{n} of {all} origins have no forecast by {name}: they follow a missing value, or what training never saw": (
        "{all} 个起点中有 {n} 个，{name} 没有预测：它们紧跟缺失值，或训练段没有的符号"
    ),
    "{cell} is first met at {place}, after the training part: its probability is 0 and its log loss infinite. Declare "
    "it, Series(.., categories=[..]), for a MarkovChain with smoothing=1 to count it": (
        "{cell} 在训练段之后的 {place} 处才第一次出现：它的概率是 0，对数损失无穷大。"
        "请用 Series(.., categories=[..]) 声明它，smoothing=1 的 MarkovChain 才会把它算进去"
    ),
    "{cell} of {name} is first met at {place}, after the training part: its probability is 0 and its log loss "
    "infinite. Declare it, Series(.., categories=[..]), for a MarkovChain with smoothing=1 to count it": (
        "{name} 的 {cell} 在训练段之后的 {place} 处才第一次出现：它的概率是 0，对数损失无穷大。"
        "请用 Series(.., categories=[..]) 声明它，smoothing=1 的 MarkovChain 才会把它算进去"
    ),
    "no held-out origin: those named are inside the training part, in .training; or pass train=": (
        "没有留出的起点：所指的都在训练段内，见 .training；或给 train="
    ),
    "{n} of {all} series do not begin with training data of {name}: held out as a whole": (
        "{all} 个序列中有 {n} 个不以 {name} 的训练数据开头：整个留出"
    ),
    # Intervals of a forecast.
    "the interval of {name} is made of {first} errors at step 1 and {last} at step {k}": (
        "{name} 的区间由第 1 步的 {first} 个误差和第 {k} 步的 {last} 个误差得出"
    ),
    "the interval of {name} is made of {first} errors at step 1 and {last} at step {k}: too few to rely on": (
        "{name} 的区间由第 1 步的 {first} 个误差和第 {k} 步的 {last} 个误差得出：太少，不可依靠"
    ),
    "{name} is trained anew at {few} cuts for its interval, where other models are fitted at {many}": (
        "为得到区间，{name} 在 {few} 处重新训练，别的模型在 {many} 处"
    ),
    "the interval of {name} at level={level} is infinite from step {k} on: {note}": (
        "{name} 在 level={level} 的区间从第 {k} 步起无穷大：{note}"
    ),
    "{n} errors are known there, which hold at most level={most}": "那里已知 {n} 个误差，至多保证 level={most}",
    "{n} error is known there, which hold at most level={most}": "那里已知 {n} 个误差，至多保证 level={most}",
    "{n} error is known there, which hold no level": "那里已知 {n} 个误差，什么水平也保证不了",
    "{n} errors are known there, which hold no level": "那里已知 {n} 个误差，什么水平也保证不了",
    "{n} of {all} series have infinite ends, the first {name}: {why}": (
        "{all} 个序列中有 {n} 个的区间无穷大，第一个 {name}：{why}"
    ),
    # Forecasts made elsewhere.
    "{name}: each forecast is {note}": "{name}：每个预测是{note}",
    "the median of {n} draws": "{n} 次抽样的中位数",
    "the median of {n} to {m} draws": "{n} 至 {m} 次抽样的中位数",
    "{name}: made elsewhere; whether these forecasts looked ahead is not known": (
        "{name}：在别处作出；这些预测是否看过未来，无从得知"
    ),
    "{n} of {all} origins of {name} lack a forecast, or an actual value, at one of {k} steps: left out": (
        "{name} 的 {all} 个起点中有 {n} 个，在 {k} 步中的某一步缺预测或实际值：已略去"
    ),
    # Fits: what follows the name of a model.
    "not tried, the first cut being too short: lags {lags}": "没有试 {lags} 个滞后：训练段对它们太短",
    "the windows span only {n} of {all} directions; the minimum-norm solution is used": (
        "窗口只张成 {all} 个方向中的 {n} 个；取最小范数解"
    ),
    "the windows span only {n} directions": "窗口只张成 {n} 个方向",
    "its recurrence grows by a factor of {factor} per step: far steps explode; take a lower rank or a longer window": (
        "它的递推每步增长 {factor} 倍：远处的步会爆炸；请取更低的秩或更长的窗口"
    ),
    "a fitted cycle has a period of {period}, more than the {n} values to fit on: forecasts far ahead are not to be "
    "relied on": "拟合出的一个周期是 {period}，比可用来拟合的 {n} 个值还长：远处的预测不可依靠",
    "the standard deviation of a state went to 0 and was held at {least} of that of the series": (
        "一个状态的标准差趋于 0，已限制为序列标准差的 {least}"
    ),
    "not converged after {n} iterations; the last raised the log likelihood by {gain}": (
        "迭代 {n} 次后没有收敛；最后一次使对数似然增加 {gain}"
    ),
    "not fitted, and left out: {names}": "没有拟合成，已略去：{names}",
    "{state} is absorbing: once there, the chain stays": "{state} 是吸收态：一旦进入，就不再离开",
    "equal values leave {n} of {all} bins": "因为有相等的值，{all} 个箱只剩 {n} 个",
    "training ended no better than the mean of the series: give it more updates": (
        "训练结束时不比序列的均值好：请给更多更新次数"
    ),
    "the largest root of the coefficients has modulus {radius}: far steps explode": (
        "系数的最大根的模是 {radius}：远处的步会爆炸"
    ),
    "fewer than {n} values: the last one is repeated": "不到 {n} 个值：重复最后一个",
    "{name} takes one target alone: recursive and direct are scored, there is no one-shot": (
        "{name} 只接受一个目标：评递归与直接两种，没有一次给出的"
    ),
    "a wave of period {period}, longer than the {n} values, was left out: {structure} explains as much": (
        "周期为 {period} 的波比 {n} 个值还长，已略去：{structure} 解释得一样好"
    ),
    "{name} has no distribution, so that a forecast is a median, which lies below the mean; AR, StateSpace, HMM, and a "
    "net inside wrappers.Sampled have one": (
        "{name} 没有分布，因此预测是中位数，低于均值；AR、StateSpace、HMM 和 wrappers.Sampled 里的网络有分布"
    ),
    "ids of {column} that differ only in blanks are kept apart, such as {id}": (
        "{column} 中只差空格的标识按不同的对待，例如 {id}"
    ),
    "{name}: {rows} rows, about {each} a call of {most}, {whole} in all; stride= scores fewer origins": (
        "{name}：{rows} 行，每次调用 {most} 行约 {each}，一共 {whole}；用 stride= 少评一些起点"
    ),
    # Limits, seasons, figures.
    "the noise is {sd} on average; the last line is its RMSE in this draw, at these origins": (
        "噪声平均为 {sd}；最后一行是这批数据在这些起点上的 RMSE"
    ),
    "no season: {note}": "没有季节：{note}",
    "no season of {span} steps is in the values": "值中没有 {span} 步的季节",
    "no season of {span} steps is in the values (largest test value {value}, limit {limit})": (
        "值中没有 {span} 步的季节（最大检验值 {value}，界限 {limit}）"
    ),
    "no season of {span} steps is in most of {n} series": "{n} 个序列的多数中没有 {span} 步的季节",
    "no season of {span} steps is in most of {n} series (largest test value {value}, limit {limit})": (
        "{n} 个序列的多数中没有 {span} 步的季节（最大检验值 {value}，界限 {limit}）"
    ),
    "symbols have none": "符号没有季节",
    "many series without times are not scanned: season=N names one": "没有时间的多个序列不扫描：请用 season=N 指明",
    "yearly values have none": "年度值没有季节",
    "there are no candidates": "没有候选",
    "no training part is known, season=N names one": "不知道训练段，请用 season=N 指明",
    "none is looked for in a stream, season=N names one": "数据流中不寻找，请用 season=N 指明",
    "none is looked for in a run over shards, season=N names one": "分片运行中不寻找，请用 season=N 指明",
    "{n} values are too few, {least} are needed": "{n} 个值太少，需要 {least} 个",
    "the values are constant": "值不变",
    "too few values stand in a row": "连续的值太少",
    "the figure is in English: no font with Chinese letters is installed; one of them is {font}": (
        "图用英文：没有安装中文字体；例如 {font}"
    ),
    "{folder} held results of another spec, or of another release: they are computed again": (
        "{folder} 中有另一份规格或另一版本的结果：重新计算"
    ),
}

AUDIT = {
    "{name} is causal: nothing at or after an origin reaches its forecast.": (
        "{name} 没有看未来：起点及以后的值都没有进入它的预测。"
    ),
    "{name} is causal to within {tolerance}: nothing at or after an origin reaches its forecast.": (
        "{name} 没有看未来（误差不超过 {tolerance}）：起点及以后的值都没有进入它的预测。"
    ),
    "{name} LEAKS: something at or after an origin reaches its forecast.": (
        "{name} 看了未来：起点或以后的值进入了它的预测。"
    ),
    "{name} is NOT DECIDED: no forecast changed, but a file may have passed future values on.": (
        "{name} 无法判定：没有预测改变，但文件可能传递了未来的值。"
    ),
    "and {n} more": "还有 {n} 处",
    "check {check}: with {note}": "检查 {check}：{note}",
    "the values from {cut} on rewritten, {note}": "改写从 {cut} 起的值，{note}",
    "the values from {cut} on rewritten, {note} at origin {origin}": "改写从 {cut} 起的值，{note}起点 {origin}",
    "the values and past columns from {cut} on rewritten, {note}": "改写从 {cut} 起的值与仅知过去的列，{note}",
    "the values and past columns from {cut} on rewritten, {note} at origin {origin}": (
        "改写从 {cut} 起的值与仅知过去的列，{note}起点 {origin}"
    ),
    "the columns known ahead from {cut} on rewritten, {note}": "改写从 {cut} 起的预先已知的列，{note}",
    "the columns known ahead from {cut} on rewritten, {note} at origin {origin}": (
        "改写从 {cut} 起的预先已知的列，{note}起点 {origin}"
    ),
    "the values from {cut} on missing, {note}": "从 {cut} 起的值缺失，{note}",
    "the values from {cut} on missing, {note} at origin {origin}": "从 {cut} 起的值缺失，{note}起点 {origin}",
    "the last value missing, {note}": "最后一个值缺失，{note}",
    "the last value missing, {note} at origin {origin}": "最后一个值缺失，{note}起点 {origin}",
    "the value {cut} missing, {note}": "第 {cut} 个值缺失，{note}",
    "the value {cut} missing, {note} at origin {origin}": "第 {cut} 个值缺失，{note}起点 {origin}",
    "some values from {cut} on missing, {note}": "从 {cut} 起的一些值缺失，{note}",
    "some values from {cut} on missing, {note} at origin {origin}": "从 {cut} 起的一些值缺失，{note}起点 {origin}",
    "every second value from {cut} on missing, {note}": "从 {cut} 起每隔一个值缺失，{note}",
    "every second value from {cut} on missing, {note} at origin {origin}": (
        "从 {cut} 起每隔一个值缺失，{note}起点 {origin}"
    ),
    "in an isolated process {note}": "在隔离的进程中，{note}",
    "a fitted parameter changed": "一个拟合出的参数变了",
    "{n} of {all} rows changed, by up to {far}, the first": "{all} 行中有 {n} 行变了，至多 {far}，第一行在",
    "{n} of {all} rows changed, by an infinite amount, the first": "{all} 行中有 {n} 行变了无穷大，第一行在",
    "a state changed, the first": "一个状态变了，第一个在",
    "{n} of {all} rows changed at steps before it, by up to {far}, the first at step {k}": (
        "{all} 行中有 {n} 行在它之前的步上变了，至多 {far}，第一处在第 {k} 步，"
    ),
    "{n} of {all} rows changed at steps before it, by an infinite amount, the first at step {k}": (
        "{all} 行中有 {n} 行在它之前的步上变了无穷大，第一处在第 {k} 步，"
    ),
    "{n} of {all} rows were lost, the first": "{all} 行中少了 {n} 行，第一行在",
    "and the series cut off there instead, the forecast differs by {far}": "与在那里截断序列相比，预测相差 {far}，",
    "other origins before it had a forecast": "它之前有预测的起点不同了",
    "{n} steps were forecast, not {all}": "预测了 {n} 步，而不是 {all} 步",
    "What one run wrote, another run read or looked for: {files}. Fit and scale inside the function, and audit again "
    "without these files.": (
        "一次运行写下的，另一次运行读了或找了：{files}。请在函数内拟合与缩放，并在没有这些文件时再查一次。"
    ),
    "The values after each of {n} cuts were rewritten: every possible cut.": (
        "在 {n} 处之后改写了值：每一个可能的位置。"
    ),
    "The values after each of {n} cuts were rewritten: the first, the last and random ones.": (
        "在 {n} 处之后改写了值：最前、最后和随机的位置。"
    ),
    "The values and past columns after each of {n} cuts were rewritten: every possible cut.": (
        "在 {n} 处之后改写了值与仅知过去的列：每一个可能的位置。"
    ),
    "The values and past columns after each of {n} cuts were rewritten: the first, the last and random ones.": (
        "在 {n} 处之后改写了值与仅知过去的列：最前、最后和随机的位置。"
    ),
    "The columns known ahead were rewritten at {n} cuts too.": "在 {n} 处也改写了预先已知的列。",
    "{columns} was taken as known ahead, on your word: no audit can prove a plan.": (
        "{columns} 按您的说法作为预先已知的列：没有检查能证明它确是计划。"
    ),
    "{columns} were taken as known ahead, on your word: no audit can prove a plan.": (
        "{columns} 按您的说法作为预先已知的列：没有检查能证明它们确是计划。"
    ),
    "{columns} AS IF FORESEEN: an upper bound. No forecast made at the time could have known it.": (
        "{columns} 视同已预见：这是上界，当时作出的预测不可能知道它。"
    ),
    "No forecast changed with {columns}: the model is idle there.": ("没有预测随 {columns} 改变：模型用不到这些列。"),
    "{n} earlier forecast rows were compared bit for bit, with {refits} refits.": (
        "逐位比较了此前的 {n} 行预测，重新拟合 {refits} 次。"
    ),
    "{n} earlier forecast rows were compared to within {tolerance} of the largest, not bit for bit, with {refits} "
    "refits.": "比较了此前的 {n} 行预测，允许相差最大值的 {tolerance}，不是逐位，重新拟合 {refits} 次。",
    "At {n} cuts the rewritten values were refused, so that nothing could be compared there.": (
        "在 {n} 处模型拒绝了改写的值，那里无法比较。"
    ),
    "Two fits on the same data differ, so parameters could not be compared: set a seed, or use one thread.": (
        "在同样的数据上两次拟合不同，参数无法比较：请设种子，或只用一个线程。"
    ),
    "No forecast after a cut changed either: the model ignores its data once fitted.": (
        "之后的预测也没有改变：模型拟合后就不看数据了。"
    ),
    "Nothing ran in an isolated process ({note}): what a class or a module keeps was not checked.": (
        "没有在隔离的进程中运行（{note}）：类或模块留住的东西没有检查。"
    ),
    "this system cannot fork a process": "本系统不能派生进程",
    "torch is loaded, and its threads do not survive a fork": "已载入 torch，它的线程在派生后不复存在",
    "It wrote to files, also from rewritten values: {files}.": "它写了文件，也用改写过的值写：{files}。",
    "It read files whose content was not rewritten: {files}.": "它读了内容没有改写的文件：{files}。",
    "It communicated with {note}: what these keep between runs was not checked.": (
        "它与{note}通信：这些在两次运行之间留住什么，没有检查。"
    ),
    "other programs": "其他程序",
    "other machines or services": "其他机器或服务",
    "other machines or services and other programs": "其他机器或服务和其他程序",
    "other programs and other machines or services": "其他程序和其他机器或服务",
}

RUN = {
    "shards  {n} of {all} done": "分片    {all} 个中完成 {n} 个",
    "shards  {n} of {all} done, {before} of them before": "分片    {all} 个中完成 {n} 个，其中 {before} 个此前已完成",
    "series  {n} scored, {failed} not": "序列    {n} 个有评分，{failed} 个没有",
    "note of {n} series: {why}": "{n} 个序列的说明：{why}",
    "scores are in {scores}, a status for each series in {status}": "评分在 {scores}，每个序列的状态在 {status}",
}

LISTS = {
    "the mean of the next four, weighted by their errors at each step": "下面四种的均值，按各步的误差加权",
    "exponential smoothing of level, trend and season, averaged": "水平、趋势、季节的指数平滑，取平均",
    "dynamic Theta, averaged": "动态 Theta，取平均",
    "autoregressions on several sets of lags, averaged": "几组滞后上的自回归，取平均",
    "the same of the steps from value to value": "同上，对逐值的差",
    "regression on the columns known ahead, and an autoregression of what is left": (
        "对事先已知的列作回归，余下的部分用自回归"
    ),
    "linear autoregression, recursive": "线性自回归，递归",
    "linear autoregression, one regression per step": "线性自回归，每一步各做一次回归",
    "small neural network, on the scaled series": "小神经网络，用缩放过的序列",
    "gated recurrent unit, trained on 16-step forecasts; needs torch": "门控循环单元，按 16 步预测训练；需要 torch",
    "long short-term memory, the same; needs torch": "长短期记忆网络，同上；需要 torch",
    "singular spectrum analysis, rank and window chosen": "奇异谱分析，自选秩与窗口",
    "state space model of level and cycles, chosen by BIC": "水平与周期的状态空间模型，按 BIC 选",
    "hidden Markov model of two states, for numbers or symbols": "两个状态的隐马尔可夫模型，用于数或符号",
    "autoregression whose mean switches between two regimes": "均值在两种状态间切换的自回归",
    "a straight line through the first and the last value": "过第一个值和最后一个值的直线",
    "first-order Markov chain, for symbols": "一阶马尔可夫链，用于符号",
    "the same, smoothed so that every transition is possible: for states that are rarely left": (
        "同上，加平滑使每种转移都可能：用于很少离开的状态"
    ),
    "repeat the last value": "重复最后一个值",
    "the mean of the training part": "训练段的均值",
    "simple exponential smoothing, a recent average": "简单指数平滑，近期平均",
    "a straight line fitted to the training part": "拟合训练段的直线",
    "repeat the last season": "重复上一个季节",
    "the mean of each phase of the season": "季节各相位的均值",
    "the same, and a straight line": "同上，再加一条直线",
    "a smooth curve of the season": "季节的光滑曲线",
    "highest temperature of the day in Seattle, C": "西雅图每日最高气温，°C",
    "IBM, adjusted close on trading days, US dollars": "IBM 交易日复权收盘价，美元",
    "one spoken sentence at 16 kHz": "一句话的录音，16 kHz",
    "sunspot number, yearly from 1700": "太阳黑子数，1700 年起逐年",
    "sea surface temperature in Nino 1+2, monthly, C": "Nino 1+2 区海面温度，逐月，°C",
    "flow of the Nile at Aswan, yearly, 10^8 m3": "尼罗河在阿斯旺的流量，逐年，10^8 m3",
    "CO2 at Mauna Loa, weekly, 59 weeks missing, ppm": "莫纳罗亚的 CO2，逐周，缺 59 周，ppm",
    "daily sales of a shop, simulated, with promotions and holidays known ahead and warmth": (
        "模拟的商店每日销售额，事先知道促销和节假日，还有气温"
    ),
    "US Government data": "美国政府数据",
    "public domain": "公有领域",
    "free for any use, notice kept": "可任意使用，须保留声明",
}

_PLACE = re.compile(r"\{(\w+)\}")
_COLON = re.compile(r": (?![^(]*\))")
"""Behind a name, not inside one: SSA(auto: 1)."""
_AMOUNT = re.compile(r"(\S+) (\w+?)s?")


def in_language(text: str, language: str) -> str:
    """A sentence of the library in a language.

    >>> in_language("AR(auto): not tried, the first cut being too short: lags 8", "zh")
    'AR(auto)：没有试 8 个滞后：训练段对它们太短'
    >>> in_language("AR(auto): something new", "zh"), in_language("yearly values have none", "en")
    ('AR(auto): something new', 'yearly values have none')
    """
    return text if language == "en" else _found(text) or text


def _found(text: str) -> str | None:
    """The sentence in Chinese, alone or behind a name; None where it is not in the table."""
    bare = text.lstrip()
    space, found = text[: len(text) - len(bare)], _sentence(bare)
    place = bare.find(": ")
    while found is None and place > 0:
        behind = _sentence(bare[place + 2 :])
        found = None if behind is None else _COLON.sub("：", bare[: place + 2]) + behind
        place = bare.find(": ", place + 1)
    return None if found is None else space + found


def _sentence(text: str) -> str | None:
    """A sentence of the table in Chinese."""
    for parts, chinese in _patterns():
        values = _values(parts, text)
        if values is None:
            continue
        if "note" in values:
            inner = _found(values["note"])
            if inner is None:
                continue
            values["note"] = inner
        if "why" in values:
            values["why"] = _found(values["why"]) or values["why"]
        values |= {key: _amount(value) for key, value in values.items() if key.startswith("amount")}
        return fill(chinese, **values)
    return None


def _values(parts: list[str], text: str) -> dict[str, str] | None:
    """What stands at the places of a pattern, each as short as it can be; None where the text is another.

    `parts` are the letters of the pattern with the names of its places between them. Each of its letters is looked for
    once: a regular expression goes back and forth, for minutes where a name has many colons.
    """
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        return {} if text == first else None
    if not text.startswith(first) or not text.endswith(last):
        return None
    values, start = dict[str, str](), len(first)
    for name, letters in zip(parts[1:-2:2], parts[2:-2:2], strict=True):
        stop = text.find(letters, start + 1)
        if stop < 0:
            return None
        values[name], start = text[start:stop], stop + len(letters)
    values[parts[-2]] = text[start : len(text) - len(last)]
    return values if values[parts[-2]] else None


def _amount(text: str) -> str:
    """A number with a unit of time."""
    matched = _AMOUNT.fullmatch(text)
    units = {english: chinese for english, _, chinese in TIMES.values()}
    return f"{matched[1]} {units[matched[2]]}" if matched and matched[2] in units else text


@cache
def _patterns() -> list[tuple[list[str], str]]:
    """The table, each pattern in parts; what has more letters of its own is tried first."""
    every = NOTES | AUDIT | RUN | LISTS
    ordered = sorted(every.items(), key=lambda pair: -len(_PLACE.sub("", pair[0])))
    return [(_PLACE.split(english), chinese) for english, chinese in ordered]
