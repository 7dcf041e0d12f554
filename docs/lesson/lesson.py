# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] tags=["en", "title"]
# # How many steps ahead can I trust my model?
#
# This lesson walks through the teaching note 《序列建模基础》 (basics of sequence modelling): its headings, its data, its
# network and its five figures, and then the table that the note stops short of. Every section is built alike: one
# idea, one figure, one question to **guess before you read on**, the answer with its reasons, the note's own loop beside our
# line with an `assert` that they agree, and a belief that sounds right and is not.
#
# Three words:
#
# * the **origin** o is the first place that was not seen: `x[:o]` is known;
# * **step k** counts from 1: from origin o it is the value `x[o + k - 1]`;
# * in every figure **filled dots are values that were seen, hollow dots are the model's own forecasts**.
#
# The code is the same in both languages: [中文版](lesson-zh.ipynb). Run it with a Python that has stepahead and matplotlib;
# the cells for torch are skipped where torch is not installed.

# %% [markdown] tags=["zh", "title"]
# # 我的模型，向前几步还可信？
#
# 这一课沿着教学笔记《序列建模基础》走一遍：标题、数据、网络和五幅图都照原样，再补上笔记没有算的那张表。
# 每一节的写法都一样：一个想法，一幅图，一道**先猜再往下看**的题，答案和理由，笔记里的循环和我们的一行代码
# （用 `assert` 确认两者相等），最后是一个听起来有理、其实不对的说法。
#
# 三个约定：
#
# * **预测起点** o 是第一个还没有看到的位置：`x[:o]` 已知；
# * **第 k 步**从 1 数起：从起点 o 出发，第 k 步就是 `x[o + k - 1]`；
# * 所有的图里，**实心点是看到的值，空心点是模型自己的预测**。
#
# 两种语言的代码完全相同：[English](lesson-en.ipynb)。运行它只需要装有 stepahead 和 matplotlib 的 Python；没有安装 torch 时，
# 用到 torch 的单元会自动跳过。

# %%
import copy
import math
import warnings

import matplotlib.pyplot as plt
import numpy as np

import stepahead as sa

try:
    import torch
    from torch import nn
except ImportError:  # the lesson goes on without it
    torch = None

T, tau, n_train, max_steps = 1000, 4, 600, 64  # the note's names
train = n_train + tau  # 600 pairs touch the first 604 values
steps = [1, 4, 16, 64]
held = range(train, T - max_steps + 1)  # held out, with all 64 targets

draws = [sa.datasets.noisy_sine(seed=seed) for seed in range(20)]
series = draws[0]
x, time = series.values, series.times


def twenty(make):
    """RMSE at k = 1, 4, 16, 64 on the held-out origins of each draw, [20, 4]."""
    found = []
    for seed, data in enumerate(draws):
        model = make(seed).fit(data[:train])
        run = sa.k_step(model, data, max_steps, origins=held, steps=steps)
        found.append(run.rmse())
    return np.array(found)


def rms(errors):
    """The root of the mean square."""
    return np.sqrt(np.mean(np.square(errors)))


def show(rows):
    """Print {name: RMSE at k = 1, 4, 16, 64} as a table."""
    print(" " * 28 + "".join(f"{f'k={k}':>8}" for k in steps))
    for name, values in rows.items():
        print(f"{name:28}" + "".join(f"{value:8.3f}" for value in values))


warnings.filterwarnings("ignore", category=sa.errors.StepaheadWarning)
plt.rcParams.update({"figure.figsize": (6, 3), "font.size": 9, "axes.grid": True})
plt.rcParams.update({"figure.constrained_layout.use": True, "grid.color": "#e3e6e9"})
plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False})
GREY, BLUE, ORANGE, GREEN, INK = "#8b939b", "#2f78e0", "#c2540a", "#1b8246", "#16191d"
print(f"{len(held)} held-out origins: {held[0]} .. {held[-1]}")
assert len(held) == 333

# %% [markdown] tags=["en", "idea"]
# ## 1.1 What a sequence model is (什么是序列模型？)
#
# **Idea.** Order is information. Temperatures, share prices and speech mean something only in their order; a sequence model
# says how the past shapes the future. Above: as it came. Below: the same values, shuffled.

# %% [markdown] tags=["zh", "idea"]
# ## 1.1 什么是序列模型？
#
# **想法。** 顺序就是信息。气温、股价、语音，顺序一乱就什么也听不懂、看不出了；序列模型说的正是“过去怎样影响未来”。
# 上排是原来的样子，下排是同样的数值打乱之后。

# %%
strips = {
    "temperature, C": sa.datasets.seattle_temperature().values,
    "share price, USD": sa.datasets.stock_price().values,
    "speech": sa.datasets.speech().values[16000:17000],
}
mix = np.random.default_rng(0).permutation

figure, axes = plt.subplots(2, 3, sharex="col", sharey="col")
for (above, below), (name, values) in zip(axes.T, strips.items()):
    above.plot(values, color=BLUE, linewidth=0.6)
    below.plot(mix(values), color=GREY, linewidth=0.3)
    above.set_title(name, fontsize=9)
axes[0, 0].set_ylabel("as it came")
axes[1, 0].set_ylabel("shuffled")
plt.show()

# %% [markdown] tags=["en", "guess"]
# **Guess.** Shuffle a series. What survives?
#
# 1. its mean and its histogram,
# 2. the error with which the next value can be predicted,
# 3. both.

# %% [markdown] tags=["zh", "guess"]
# **先猜。** 把一个序列打乱，什么不会变？
#
# 1. 均值和直方图；
# 2. 预测下一个值的误差；
# 3. 两者都不变。

# %%
shuffled = x[mix(T)]  # the note: x[torch.randperm(T)]
assert np.array_equal(np.sort(shuffled), np.sort(x))  # so the histogram is the same


def one_step_error(values):
    # ours
    result = sa.evaluate([sa.AR(lags=tau)], values, horizon=1, train=train)["AR(4)"]
    # the note: stand at every origin and look at the tau values before it
    model, missed = result.model, []
    for o in range(train, T):
        guess = values[o - tau : o] @ model.coefficients_ + model.intercept_
        missed.append(guess - values[o])
    assert np.isclose(result.rmse()[0], rms(missed))
    return result.rmse()[0]


kept, mixed = one_step_error(x), one_step_error(shuffled)
spread = shuffled[train:].std()
print(f"mean:           {x.mean():.3f} as it came, {shuffled.mean():.3f} shuffled")
print(f"one-step error: {kept:.3f} as it came, {mixed:.3f} shuffled")
print(f"sd of the shuffled values: {spread:.3f}")
assert kept < 0.24 and abs(mixed / spread - 1) < 0.05

# %% [markdown] tags=["en", "answer"]
# **Answer: 1.** Mean and histogram do not know the order, so they stay to the last digit. The error goes from {kept:.3f} to
# {mixed:.3f}, and {spread:.3f} is the spread of the values themselves: the four values before tell nothing any more. 2 and 3
# are wrong for the same reason: what predicts is the order.

# %% [markdown] tags=["zh", "answer"]
# **答案：1。** 均值和直方图不看顺序，所以一位小数都不会变。预测误差却从 {kept:.3f} 变成 {mixed:.3f}，而 {spread:.3f}
# 就是这些数值本身的离散程度：前面四个值什么也说不出来了。2 和 3 错在同一个地方：能用来预测的，恰恰是顺序。

# %% [markdown] tags=["en", "belief"]
# **A belief to drop: "a sequence is a table with a date column."** Both versions are the same table with its rows in another
# order, and a table model would call them equal. They are not: one of them has a next value.

# %% [markdown] tags=["zh", "belief"]
# **一个误解：“序列就是带日期的表格。”** 上面两份数据作为表格是同一张，只是行的次序不同，表格模型会认为它们一样。
# 其实不一样：只有其中一份谈得上“下一个值”。

# %% [markdown] tags=["en", "text"]
# ## 1.2 The statistical methods (常见的统计方法)
#
# Three ways to say what of the past counts: a window, a summary, the last state. And one rule that holds for all of them.

# %% [markdown] tags=["zh", "text"]
# ## 1.2 常见的统计方法
#
# 过去那么长，该记住什么？有三种回答：一个窗口、一份小结、最后一个状态。还有一条谁都要守的规矩。

# %% [markdown] tags=["en", "idea"]
# ### 1.2.1 The autoregressive model (自回归模型)
#
#     x_t ~ P(x_t | x_{t-1}, ..., x_{t-tau})
#
# **Idea.** Predict a series from its own last tau values. Before an exam you reread the notes of the last few days, not of the
# whole term: good for the last topic, useless if the question is about a trend. **A window sees the height
# of a wave; its direction needs length.** Be the model: each window is cut where the wave is steep. Which ones rise?

# %% [markdown] tags=["zh", "idea"]
# ### 1.2.1 自回归模型
#
#     x_t ~ P(x_t | x_{t-1}, ..., x_{t-tau})
#
# **想法。** 用序列自己最近的 tau 个值来预测。好比考前只翻最近几天的笔记，不从开学第一页看起：最近讲的都会，
# 可要是考题问的是一整个学期的趋势，那几页就不够了。**窗口看得见波的高低，要看出方向，窗口得够长。**
# 请你来当一回模型：下面每个窗口都截在波最陡的地方，哪些在涨，哪些在跌？


# %%
def steep(n, count, rng):
    """Windows of n noisy values where the wave is steep, and whether each rises."""
    phase = rng.uniform(0, 2 * np.pi, 4 * count)
    phase = phase[np.abs(np.cos(phase)) > 0.7][:count, None]
    places = np.arange(n) - (n - 1) / 2
    noise = rng.normal(0, 0.2, (count, n))
    return np.sin(phase + 0.01 * places) + noise, np.cos(phase[:, 0]) > 0


rng = np.random.default_rng(1)
figure, axes = plt.subplots(2, 3, sharey=True)
secret = []
for column, n in zip(axes.T, (4, 16, 32)):
    windows, rises = steep(n, 2, rng)
    secret += [f"tau = {n}: {['falls', 'rises'][int(up)]}" for up in rises]
    for axis, window in zip(column, windows):
        axis.plot(window, "o", color=INK, markersize=3)
        axis.set_xticks([])
    column[0].set_title(f"tau = {n}", fontsize=9)
plt.show()

# %% [markdown] tags=["en", "guess"]
# **Guess.** At its steepest the wave rises by 0.01 a step, under noise of 0.2. How many values do you need before the slope stands
# out from the noise by two standard deviations: 4, 27, or all 1000?

# %% [markdown] tags=["zh", "guess"]
# **先猜。** 波在最陡处每步上升 0.01，噪声标准差是 0.2。至少要看几个值，斜率才会超出噪声两个标准差：4 个，27 个，还是全部 1000 个？

# %%
print("the windows above, top to bottom:", "; ".join(secret))


def blur(n):
    """How far the slope of a line through n values is off, from the noise alone."""
    return 0.2 / math.sqrt(n * (n * n - 1) / 12)


odds = {}
for n in (4, 8, 16, 32, 64):
    windows, rises = steep(n, 20_000, rng)
    places = np.arange(n) - (n - 1) / 2
    odds[n] = np.mean((windows @ places > 0) == rises)
    print(
        f"{n:3} values: slope 0.01, give or take {blur(n):.4f};",
        f"direction right {odds[n]:.0%}",
    )
needed = next(n for n in range(2, T) if 2 * blur(n) <= 0.01)
times_steeper, period = blur(4) / 0.01, 2 * np.pi / 0.01
print(f"two standard deviations from {needed} values on")
print(
    f"with 4 values the noise is {times_steeper:.1f} times the slope;",
    f"one wave is {period:.0f} steps",
)
# the formula, against straight lines through nothing but noise
lines = [np.polyfit(range(8), noise, 1)[0] for noise in rng.normal(0, 0.2, (4000, 8))]
assert abs(np.std(lines) / blur(8) - 1) < 0.05
assert needed == 27 and 0.52 < odds[4] < 0.56 and odds[32] > 0.97
assert 8 < times_steeper < 10 and 628 < period < 629

# %% [markdown] tags=["en", "answer"]
# **Answer: {needed}.** With 4 values, the note's window, the noise of the slope is {times_steeper:.1f} times the slope: you are right
# {odds[4]:.0%} of the time, a coin. With 16 it is {odds[16]:.0%}, with 32 {odds[32]:.0%}. All 1000 is wrong the other way:
# a straight line through more than one wave of {period:.0f} steps has no direction left.

# %% [markdown] tags=["zh", "answer"]
# **答案：{needed} 个。** 只看 4 个值（正是笔记的窗口），斜率的误差是斜率本身的 {times_steeper:.1f} 倍，猜对方向的机会只有 {odds[4]:.0%}，
# 和抛硬币差不多；16 个值是 {odds[16]:.0%}，32 个值是 {odds[32]:.0%}。全部 1000 个也不对：一个波长是 {period:.0f} 步，
# 一条直线横跨一个多波长，方向早就抵消了。

# %%
# ours
model = sa.AR(lags=tau).fit(series[:train])
# the note: x_t from x_{t-tau} .. x_{t-1}, by least squares
rows = [[1.0, *x[t - tau : t]] for t in range(tau, train)]
intercept, *weights = np.linalg.lstsq(np.array(rows), x[tau:train])[0]
assert np.allclose([*weights, intercept], [*model.coefficients_, model.intercept_])
terms = [f"{weight:.2f} x_(t-{tau - i})" for i, weight in enumerate(weights)]
print("x_t is about", " + ".join(terms))

found = {f"AR({n})": twenty(lambda seed, n=n: sa.AR(lags=n)) for n in (4, 16, 64, 128)}
found["the note's net"] = twenty(lambda seed: sa.MLP(lags=tau, seed=seed))
found["the same net, 64 values"] = twenty(lambda seed: sa.MLP(lags=64, seed=seed))
mean = {name: runs.mean(axis=0) for name, runs in found.items()}
show(mean)
by_one = sa.AR(lags="auto", horizon=1).fit(series[:train]).lags_
by_many = sa.AR(lags="auto", horizon=64).fit(series[:train]).lags_
print(f"lags chosen by the loss 1 step ahead: {by_one}; over 64 steps: {by_many}")
assert mean["AR(16)"][0] < mean["AR(128)"][0] < 0.25
assert mean["AR(128)"][3] < 0.25 < 0.48 < mean["AR(16)"][3]
assert mean["the same net, 64 values"][3] > 2 * mean["AR(64)"][3]
assert by_one < 17 < by_many

# %%
# error against tau: AR of each length, mean of 20 draws
taus = [1, 2, 4, 8, 16, 32, 64, 128]
for n in taus:
    if f"AR({n})" not in found:
        found[f"AR({n})"] = twenty(lambda seed, n=n: sa.AR(lags=n))
by_tau = np.array([found[f"AR({n})"].mean(axis=0) for n in taus])
for column, k, colour in ((0, 1, BLUE), (3, 64, ORANGE)):
    plt.plot(taus, by_tau[:, column], "o-", color=colour, mfc="white", label=f"k = {k}")
plt.axhline(0.2, color=INK, linestyle="--", linewidth=0.8, label="noise")
plt.xscale("log", base=2)
plt.xticks(taus, [str(n) for n in taus])
plt.ylim(0, 0.8)
plt.xlabel("tau")
plt.ylabel("RMSE")
plt.legend()
plt.show()
assert int(by_tau[:, 0].argmin()) < int(by_tau[:, 3].argmin()) == len(taus) - 1

# %% [markdown] tags=["en", "belief"]
# **A belief to drop: "longer is better", and its twin "longer is unfair".** (Means over 20 draws.) One step ahead AR(16) wins
# ({mean["AR(16)"][0]:.3f} against {mean["AR(128)"][0]:.3f} with 128 values); 64 steps ahead it is the other way round, {mean["AR(16)"][3]:.3f} against
# {mean["AR(128)"][3]:.3f}. And the net given 64 values misses by {mean["the same net, 64 values"][3]:.3f} where the straight AR(64) misses by {mean["AR(64)"][3]:.3f}: it has more
# weights than 604 values settle in five epochs. So choose tau by the loss over the steps you care about: one step asks for {by_one}
# values here, 64 steps for {by_many}.

# %% [markdown] tags=["zh", "belief"]
# **一个误解：“窗口越长越好”，以及它的反面“长窗口不公平”。**（表中是 20 次抽样的平均。）向前 1 步，AR(16) 更好
# （{mean["AR(16)"][0]:.3f}，128 个值的是 {mean["AR(128)"][0]:.3f}）；向前 64 步正好反过来，{mean["AR(16)"][3]:.3f} 对 {mean["AR(128)"][3]:.3f}。
# 同样看 64 个值，网络的误差是 {mean["the same net, 64 values"][3]:.3f}，线性的 AR(64) 是 {mean["AR(64)"][3]:.3f}：网络的参数太多，604 个值训练五轮定不下来。
# 所以 tau 要按你真正关心的步数来选：只看 1 步，这里选 {by_one}；看 64 步，选 {by_many}。

# %% [markdown] tags=["en", "idea"]
# ### 1.2.2 The latent autoregressive model (隐变量自回归模型)
#
#     h_t = f(h_{t-1}, x_{t-1}),   x_t ~ P(x_t | h_t)
#
# **Idea.** Keep a summary h of everything, **update** it with each value you see, and **advance** it without looking. You revise
# from your summary of the lecture, not from a recording. Left: after 40 values the summary is vague. Right: after 604 it knows
# where the wave is and where it is going. Hollow dots and bands (90 %) are its forecasts.

# %% [markdown] tags=["zh", "idea"]
# ### 1.2.2 隐变量自回归模型
#
#     h_t = f(h_{t-1}, x_{t-1}),   x_t ~ P(x_t | h_t)
#
# **想法。** 给全部历史写一份小结 h（也有人把隐变量叫作潜变量）：看到一个值就**更新**一次，不看的时候让它自己往前**推进**。
# 听完课复习时看的是小结，不是把录音从头再放一遍。左图：只看了 40 个值，小结还很含糊；右图：看过 604 个值，
# 它既知道波在哪里，也知道往哪里走。空心点和色带（90 %）是它的预测。

# %%
memory = sa.StateSpace(cycles=1).fit(series[:train])  # a cycle, wherever it is
summary = memory.encode(series)
figure, axes = plt.subplots(1, 2, sharey=True)
for axis, o in zip(axes, (40, train)):
    row = o - memory.context
    distribution = memory.predictive(
        tuple(part[row : row + 1] for part in summary), 128
    )
    ahead = np.arange(o, o + 128)
    axis.plot(np.arange(o), x[:o], ".", color=GREY, markersize=2)
    # the middle 90 %
    low, middle, high = (
        distribution.quantile(0.05)[0],
        distribution.mean()[0],
        distribution.quantile(0.95)[0],
    )
    axis.fill_between(ahead, low, high, color=GREEN, alpha=0.2)
    axis.plot(ahead[::8], middle[::8], "o", color=GREEN, mfc="white", markersize=3)
    axis.set(title=f"after {o} values", xlabel="time", xlim=(max(0, o - 250), o + 128))
plt.show()

# %% [markdown] tags=["en", "guess"]
# **Guess 1.** Instead of advancing, feed the model its own forecasts through `update`, 50 times, as if they had been seen. Is the
# variance that it then states (a) right, (b) too small, (c) too large?
#
# **Guess 2.** Here, does the error of a latent model grow from step 1 to step 64?

# %% [markdown] tags=["zh", "guess"]
# **先猜（一）。** 不推进，而是把模型自己的预测当成看到的值，用 `update` 喂回去 50 次。这时它报出的方差是 (a) 对的，(b) 太小，(c) 太大？
#
# **先猜（二）。** 在这份数据上，隐变量模型的误差从第 1 步到第 64 步会变大吗？


# %%
class Level:
    """h = (level, its variance): it wanders (variance 0.1 a step) under noise (1)."""

    def start(self, rows):
        return np.zeros(rows), np.full(rows, 1e6)

    def advance(self, h):  # nothing seen: the level stays, the doubt grows
        return (h[0], h[1] + 0.1), h[0]

    def update(self, h, y):  # a value seen: move towards it, the doubt shrinks
        (level, doubt), _ = self.advance(h)
        gain = doubt / (doubt + 1)
        return level + gain * (y - level), doubt * (1 - gain)


cell = Level()
# ours
latent = sa.Recurrent(cell).fit(series[:train])
ours = sa.k_step(latent, series, horizon=1).predictions[:, 0]
# the note: h = f(h, x[t-1])
h, loop = cell.start(1), []
for t in range(1, T):
    h = cell.update(h, x[t - 1 : t])
    loop.append(cell.advance(h)[1][0])
assert np.array_equal(loop[train - 1 :], ours)

honest = pretend = h
for _ in range(49):
    honest, _own = cell.advance(honest)
    pretend = cell.update(pretend, cell.advance(pretend)[1])
right, stated = (float(cell.advance(end)[0][1][0] + 1) for end in (honest, pretend))
print(
    f"variance 50 steps ahead: {right:.2f} by advance,",
    f"{stated:.2f} by update on its own forecasts",
)
assert abs(right - 6.27) < 0.005 and abs(stated - 1.37) < 0.005

run = sa.k_step(memory, series, max_steps, origins=held)
by_memory = run.rmse()
truth = np.sin(0.01 * time)  # the wave without its noise
luck = [rms((x - truth)[train + k - 1 : held[-1] + k]) for k in (1, 64)]
off = rms(run.predictions[:, 63] - truth[train + 63 :])
print(f"StateSpace at k = 1 and 64: {by_memory[0]:.3f} and {by_memory[63]:.3f}")
print(f"the noise itself, at the same places: {luck[0]:.3f} and {luck[1]:.3f}")
print(f"at k = 64 it is {off:.2f} off the wave without the noise")
assert by_memory[0] < 1.03 * luck[0] and by_memory[63] < 1.03 * luck[1]
assert off < 0.06

# %% [markdown] tags=["en", "answer"]
# **Answer 1: (b).** It says {stated:.2f} where {right:.2f} is right: it takes its own forecasts for news. That is why seeing (`update`)
# and going on without seeing (`advance`) are two functions here. (a) would need the forecasts to carry information; (c) would need it
# to doubt them.
#
# **Answer 2: no.** {by_memory[0]:.3f} one step ahead, {by_memory[63]:.3f} at 64, and the noise alone is {luck[0]:.3f} and {luck[1]:.3f} there. The summary knows where on
# the wave it is: 64 steps on it is off by {off:.2f}. Rolling out turns a small error of phase and does not multiply it.

# %% [markdown] tags=["zh", "answer"]
# **答案（一）：(b)。** 应该是 {right:.2f}，它却报 {stated:.2f}：它把自己的猜测当成了新消息。所以这里“看到一个值”（`update`，更新）
# 和“没看到，自己往前走”（`advance`，推进）是两个函数。要选 (a)，猜测里得真有信息；要选 (c)，它得先怀疑自己的猜测。
#
# **答案（二）：不会。** 第 1 步 {by_memory[0]:.3f}，第 64 步 {by_memory[63]:.3f}，而光是噪声就有 {luck[0]:.3f} 和 {luck[1]:.3f}。
# 小结很清楚自己在波的什么位置：走 64 步之后也只偏了 {off:.2f}。往前滚动只是把一点点相位误差转个角度，并不会放大它。


# %%
def held_out_rmse(model):
    run = sa.k_step(model.fit(series[:train]), series, max_steps, origins=held)
    return run.rmse()


by_level = held_out_rmse(sa.StateSpace(cycles=0, local_level="walk"))
last_value = held_out_rmse(sa.baselines.Naive())
print(f"at k = 64: level alone {by_level[63]:.3f}, last value {last_value[63]:.3f}")
assert by_level[63] > 0.9 * last_value[63] > 2 * by_memory[63]

# %% [markdown] tags=["en", "belief"]
# **A belief to drop: "a hidden state is better than a window."** This one keeps a summary of everything too, a level and no
# direction: {by_level[63]:.3f} at k = 64, worse than repeating the last value ({last_value[63]:.3f}). What counts is not that there is a
# state; it is **what the state remembers**, and how many values it has read by the origin.

# %% [markdown] tags=["zh", "belief"]
# **一个误解：“有隐状态就比窗口强。”** 这个模型也在给全部历史写小结，可只记水平、不记方向：第 64 步误差 {by_level[63]:.3f}，
# 还不如重复最后一个值（{last_value[63]:.3f}）。要紧的不是有没有隐状态，而是**它记住了什么**，以及到预测起点为止读过多少个值。

# %% [markdown] tags=["en", "idea"]
# ### 1.2.3 The Markov model (马尔可夫模型)
#
#     P(x_{t+1} | x_1..x_t) = P(x_{t+1} | x_t)
#
# **Idea.** If the last state is all that counts, today's influence fades geometrically. Tomorrow's umbrella depends on today's
# weather, not on last month's. Real days in Seattle: the chance of rain in k days, if today is wet and if it is dry.

# %% [markdown] tags=["zh", "idea"]
# ### 1.2.3 马尔可夫模型
#
#     P(x_{t+1} | x_1..x_t) = P(x_{t+1} | x_t)
#
# **想法。** 如果只有最后一个状态算数，今天的影响就会一天天按比例淡下去。明天带不带伞，看的是今天的天气，不是上个月的。
# 下面是西雅图的真实记录：今天下雨、今天不下雨，k 天后下雨的概率各是多少。

# %%
file = "../../examples/seattle_weather_daily.csv"
rainfall = sa.read(file, value="precipitation", time="date")
days = np.where(rainfall.values > 0, "wet", "dry")
# ours
chain = sa.MarkovChain(order=1).fit(days.tolist())
# the note: count, then divide each row by its sum
counts = np.zeros((2, 2))
for today, tomorrow in zip(days[:-1], days[1:]):
    counts[int(today == "wet"), int(tomorrow == "wet")] += 1
P = counts / counts.sum(axis=1, keepdims=True)
assert np.array_equal(counts, chain.counts_) and np.allclose(P, chain.transition_)

# P(rain in k days): today dry, today wet
rain = {k: np.linalg.matrix_power(P, k)[:, 1] for k in range(11)}
assert all(np.allclose(chain.power(k)[:, 1], rain[k]) for k in range(1, 11))  # ours
dry, wet = np.array(list(rain.values())).T
plt.plot(dry, "o-", color=ORANGE, mfc="white", label="today dry")
plt.plot(wet, "o-", color=BLUE, mfc="white", label="today wet")
plt.plot([0], [0], "o", color=ORANGE)
plt.plot([0], [1], "o", color=BLUE)
plt.ylabel("P(rain in k days)")
plt.xlabel("k")
plt.legend()
plt.show()

# %% [markdown] tags=["en", "guess"]
# **Guess.** It rains today. How much more likely is rain in a week than if today were dry: 43 percentage points, 5, or less than 1?

# %% [markdown] tags=["zh", "guess"]
# **先猜。** 今天在下雨。和今天不下雨相比，一周后下雨的概率要高多少：43 个百分点，5 个，还是不到 1 个？

# %%
print("counts", counts.astype(int).tolist(), "rows of P", P.round(3).tolist())
for k in (1, 2, 3, 4, 7):
    print(f"k = {k}: {wet[k]:.3f} after a wet day, {dry[k]:.3f} after a dry one")
fade = P[1, 1] - P[0, 1]
gaps = wet - dry
print(
    f"the gap shrinks by {fade:.3f} a day:",
    ", ".join(f"{gaps[k]:.3f}" for k in (1, 2, 3, 4)),
)
assert np.allclose(gaps, fade ** np.arange(11)) and wet[7] - dry[7] < 0.01
distributions = chain.predictive(chain.encode(days.tolist()), 7).probabilities  # ours
assert np.allclose(distributions[days == "wet", 6, 1], wet[7])

dry_later = 1 - rain[2]  # two days on
print(
    f"P(dry in two days): {dry_later[0]:.3f} after a dry day,",
    f"{dry_later[1]:.3f} after a wet one",
)
assert dry_later[0] - dry_later[1] > 0.15 and np.allclose(P.sum(axis=1), 1)
found["chain of 10 levels"] = twenty(lambda seed: sa.MarkovChain(order=1, bins=10))
found["mean"] = twenty(lambda seed: sa.baselines.Mean())
levels, average = (found[n].mean(axis=0) for n in ("chain of 10 levels", "mean"))
show({"chain of 10 levels": levels, "mean of the training part": average})
assert levels[0] < 0.3 and abs(levels[3] / average[3] - 1) < 0.03

# %% [markdown] tags=["en", "answer"]
# **Answer: less than 1.** {wet[7]:.3f} against {dry[7]:.3f}: after a week today's weather is forgotten. 43 points is the gap of **one** day
# ({gaps[1]:.3f}), and each day leaves only {fade:.3f} of it; it is under 5 points from the fourth day on.
#
# The note's sine as a chain of ten levels does the same thing: {levels[0]:.3f} one step ahead, {levels[3]:.3f} at 64, where the mean alone has {average[3]:.3f}. A
# level has no direction. (Put the direction into the state, and it has: 1.2.2.)

# %% [markdown] tags=["zh", "answer"]
# **答案：不到 1 个。** {wet[7]:.3f} 对 {dry[7]:.3f}：一周之后，今天的天气已经被忘光了。43 个百分点是**一天**之后的差距（{gaps[1]:.3f}），
# 每过一天只剩下 {fade:.3f} 倍，到第四天就不足 5 个百分点。
#
# 把笔记的正弦波切成十个水平当作马尔可夫链，也是一样：第 1 步 {levels[0]:.3f}，第 64 步 {levels[3]:.3f}，而只报均值是 {average[3]:.3f}。
# 一个水平里没有方向。（把方向也放进状态里就有了：见 1.2.2。）

# %% [markdown] tags=["en", "belief"]
# **A belief to drop: "first order means that everything older is forgotten."** Two days on, dry has a chance of {dry_later[0]:.3f} after a dry day and
# {dry_later[1]:.3f} after a wet one: the past still acts, *through* the present. (And in P the rows sum to 1, not the columns: a row
# says where you go from there.)

# %% [markdown] tags=["zh", "belief"]
# **一个误解：“一阶就是把更早的全忘掉。”** 两天之后不下雨的概率，今天晴是 {dry_later[0]:.3f}，今天雨是 {dry_later[1]:.3f}：过去仍在起作用，
# 只是要*经过*现在。（还有，转移矩阵是行和为 1，不是列和：一行说的是“从这里出发，会去哪里”。）

# %% [markdown] tags=["en", "idea"]
# ### 1.2.4 Causality (因果关系)
#
# **Idea.** Probability factorises in either order; time does not. Whether it rains today is not decided by tomorrow's rain. Left: the
# logistic map, where today decides tomorrow. Right: the same dots read backwards: **two pasts lead to one present**, so
# `P(z_t | z_{t+1})` exists and explains nothing.

# %% [markdown] tags=["zh", "idea"]
# ### 1.2.4 因果关系
#
# **想法。** 概率按哪个次序都能分解，时间却只朝一个方向走。今天下不下雨，不由明天下不下雨来决定。左图是逻辑斯谛映射：今天决定明天。
# 右图是同样的点倒着读：**两个不同的过去通向同一个现在**。`P(z_t | z_{t+1})` 写得出来，却解释不了什么。

# %%
chaos = sa.datasets.logistic_map(length=T, seed=0).values
figure, axes = plt.subplots(1, 2)
axes[0].plot(chaos[:-1], chaos[1:], ".", color=INK, markersize=2)
axes[1].plot(chaos[1:], chaos[:-1], ".", color=INK, markersize=2)
axes[1].axvline(0.7, color=ORANGE)
for axis, (known, wanted) in zip(axes, (("x(t)", "x(t+1)"), ("x(t+1)", "x(t)"))):
    axis.set(xlabel=f"known: {known}", ylabel=f"wanted: {wanted}")
plt.show()

# %% [markdown] tags=["en", "guess"]
# **Guess 1.** Train the same small net forwards and backwards. On which series does backwards cost much: the noisy sine, the
# logistic map, or both?
#
# **Guess 2.** You smooth the inputs with a mean of 21 values and the one-step error falls to 0.195, under noise of 0.2. Keep it?

# %% [markdown] tags=["zh", "guess"]
# **先猜（一）。** 同一个小网络，正着训练一次，倒着训练一次。在哪份数据上倒着会差很多：带噪声的正弦、逻辑斯谛映射，还是两者都是？
#
# **先猜（二）。** 你先用 21 个值的平均把输入平滑一下，单步误差降到了 0.195，而噪声是 0.2。要不要保留这个好结果？


# %%
def one_way(values, seed):
    net = sa.MLP(lags=1, hidden=20, seed=seed, training=sa.Training(epochs=30)).fit(
        values[:train]
    )
    return sa.k_step(net, values, horizon=1).rmse()[0]


arrow = {}
for make in (sa.datasets.noisy_sine, sa.datasets.logistic_map):
    errors = []
    for seed in range(5):
        data = make(length=T, seed=seed)
        errors.append([one_way(data.values, seed), one_way(data.values[::-1], seed)])
    arrow[data.name] = there, back = np.mean(errors, axis=0)
    print(f"{data.name:12} forwards {there:.3f}, backwards {back:.3f}")
assert abs(arrow["noisy sine"][1] / arrow["noisy sine"][0] - 1) < 0.1
assert arrow["logistic map"][1] > 3 * arrow["logistic map"][0]


class Smoothed:
    """AR(4) on a running mean of `width` values, around the present or the last ones."""

    context = 4

    def __init__(self, width, centred):
        self.width, self.ahead = width, width // 2 if centred else 0

    def encode(self, values, after=None):
        values = sa.Series(values).values
        last = [t + 1 + self.ahead for t in range(len(values))]
        smooth = [values[max(0, end - self.width) : end].mean() for end in last]
        return (np.lib.stride_tricks.sliding_window_view(smooth, 4),)

    def fit(self, values):
        X = np.column_stack([self.encode(values)[0][:-1], np.ones(len(values) - 4)])
        self.weights = np.linalg.lstsq(X, sa.Series(values).values[4:])[0]
        return self

    def rollout(self, state, horizon):
        windows = state[0]
        for _ in range(horizon):
            ahead = windows[:, -4:] @ self.weights[:4] + self.weights[4]
            windows = np.column_stack([windows, ahead])
        return windows[:, 4:]


smooth = {}
for width in (3, 9, 21):
    for centred in (True, False):
        errors = []
        for data in draws:
            leaky = Smoothed(width, centred).fit(data[:train])
            errors.append(sa.k_step(leaky, data, horizon=1, train=train).rmse()[0])
        smooth[width, centred] = np.mean(errors)
noise_seen = np.mean([rms((data.values - truth)[train:]) for data in draws])
for width in (3, 9, 21):
    print(
        f"{width:2} values: centred {smooth[width, True]:.3f},",
        f"trailing {smooth[width, False]:.3f}",
    )
print(f"the noise in these targets: {noise_seen:.3f}")
assert smooth[3, True] < smooth[9, True] < smooth[21, True] < noise_seen
assert noise_seen < smooth[21, False] < 0.22


# %% [markdown] tags=["en", "answer"]
# **Answer 1: the map alone.** Forwards {arrow["logistic map"][0]:.3f}, backwards {arrow["logistic map"][1]:.3f}: nobody can tell which of two pasts it was. On the sine
# ({arrow["noisy sine"][0]:.3f} and {arrow["noisy sine"][1]:.3f}) there is hardly a difference, so "it fits worse backwards" is no proof of a cause, and "it fits as well" none
# against.
#
# **Answer 2: no, you have seen the future.** The noise in these targets is {noise_seen:.3f} and nobody honest gets under it. A mean *around*
# the present (21 values: {smooth[21, True]:.3f}; 3 values: {smooth[3, True]:.3f}) contains the value to be predicted. The trailing mean, which does not, has {smooth[21, False]:.3f}.

# %% [markdown] tags=["zh", "answer"]
# **答案（一）：只有逻辑斯谛映射。** 正着 {arrow["logistic map"][0]:.3f}，倒着 {arrow["logistic map"][1]:.3f}：两个过去里到底是哪一个，谁也说不出来。
# 正弦（{arrow["noisy sine"][0]:.3f} 和 {arrow["noisy sine"][1]:.3f}）几乎没有差别。所以“倒着拟合得差”不能证明因果关系，“倒着一样好”也不能否定它。
#
# **答案（二）：不要，你看到了未来。** 这些目标里的噪声是 {noise_seen:.3f}，老实的预测谁也低不过它。以现在为*中心*的平均（21 个值 {smooth[21, True]:.3f}，
# 3 个值 {smooth[3, True]:.3f}）把要预测的那个值也算进去了。只用过去的平均没有这样做，误差是 {smooth[21, False]:.3f}。

# %%
short = x[:200]
for centred in (True, False):
    leaky = Smoothed(9, centred)
    # ours
    verdict = sa.audit(leaky, short, horizon=4)
    # the note: rewrite everything from o on, and compare the forecast of o, bit for bit
    leaky.fit(short[:100])
    first = None
    for o in range(100, 197):
        changed = np.where(np.arange(200) < o, short, 1e6)
        rows = [leaky.encode(values)[0][o - 4 : o - 3] for values in (short, changed)]
        one, other = (leaky.rollout((row,), 4).tobytes() for row in rows)
        if first is None and one != other:
            first = o
    assert verdict.causal == (first is None)
    print("centred " if centred else "trailing", verdict)
assert verdict.causal

# %% [markdown] tags=["en", "belief"]
# **A belief to drop: "smoothing, scaling and splitting are only preparation."** They are part of the model, and the commonest way
# for the future to leak in: a centred smoother, a scaler fitted on everything, a random split. So let the whole pipeline be audited: `audit`
# rewrites the future and demands the same bits from every forecast before it.

# %% [markdown] tags=["zh", "belief"]
# **一个误解：“平滑、归一化、划分数据，都只是预处理。”** 它们就是模型的一部分，也是数据泄漏最常见的入口：以现在为中心的平滑、
# 用全部数据算的均值和标准差、随机划分。所以要把整条流程拿来做因果审计：`audit` 改写未来，要求在它之前的每个预测一个比特都不变。

# %% [markdown] tags=["en", "text"]
# ## 1.3 Summary (总结)
#
# (The note numbers two chapters 1.3: this one, and the code below.)
#
# * **AR:** look at a few steps of the past.
# * **Latent:** keep a summary. The chain is the note's first picture: each h_t gives its x_t, and the x before it feeds it.
# * **Markov:** only the most recent counts.
# * **Causality:** from before to after only.
#
# ![The latent chain: h_1 to h_2 to h_3 and on; each h_t gives its x_t, and each x_(t-1) feeds h_t](../images/latent-chain.svg)

# %% [markdown] tags=["zh", "text"]
# ## 1.3 总结
#
# （笔记里有两章都编号 1.3：这一章，和下面的代码。）
#
# * **自回归：** 只看过去的几步。
# * **隐变量：** 留一份小结。下面的链是笔记的第一幅图：每个 h_t 给出自己的 x_t，前一个 x 又喂给它。
# * **马尔可夫：** 只有最近的算数。
# * **因果关系：** 只能从前往后。
#
# ![隐变量链：h_1 到 h_2 到 h_3，一直下去；每个 h_t 给出 x_t，每个 x_(t-1) 喂给 h_t](../images/latent-chain.svg)

# %% [markdown] tags=["en", "text"]
# ## 1.3 In code (代码实践)
#
# From here on we build the note, step by step.

# %% [markdown] tags=["zh", "text"]
# ## 1.3 代码实践
#
# 从这里开始，一步一步把笔记搭起来。

# %% [markdown] tags=["en", "idea"]
# ### 1.3.1 The data (原始数据)
#
# **Idea.** You made the noise yourself, so you know the limit before there is any model: `x = sin(0.01 t) + N(0, 0.2²)`, and 0.2 is a
# standard deviation, not a variance. This is figure 1 of the note.

# %% [markdown] tags=["zh", "idea"]
# ### 1.3.1 原始数据
#
# **想法。** 噪声是你自己加的，所以还没有任何模型，你就已经知道极限在哪里：`x = sin(0.01 t) + N(0, 0.2²)`，其中 0.2 是标准差，不是方差。
# 这是笔记的图 1。

# %%
plt.plot(time, x, color=BLUE, linewidth=0.8)
plt.xlim(1, 1000)
plt.xlabel("time")
plt.ylabel("x")
plt.title("Figure 1: the data")
plt.show()

# %% [markdown] tags=["en", "guess"]
# **Guess.** A model that *knows* sin(0.01 t) forecasts it exactly. Its RMSE is (a) 0, (b) 0.2 at every step, (c) 0.2 at first, and more
# the further ahead?

# %% [markdown] tags=["zh", "guess"]
# **先猜。** 一个模型*知道* sin(0.01 t)，并且分毫不差地报出来。它的均方根误差是 (a) 0，(b) 每一步都是 0.2，(c) 开始是 0.2，越往前越大？

# %%
# ours: series = sa.datasets.noisy_sine(seed=0), above; the note:
note_x = np.sin(0.01 * np.arange(1, T + 1)) + np.random.default_rng(0).normal(0, 0.2, T)
assert np.allclose(note_x, x)
places = [slice(train + k - 1, held[-1] + k) for k in steps]
knowing = np.array([[rms((d.values - truth)[at]) for at in places] for d in draws])
average = knowing.mean(axis=0)
show({"knows the sine, this draw": knowing[0], "knows the sine, 20 draws": average})
floor = series.limit(max_steps)
periods, in_training = 0.01 * T / (2 * np.pi), 0.01 * train / (2 * np.pi)
print(f"noise floor: {floor[0]:.1f} at k = 1, {floor[63]:.1f} at k = 64")
print(
    f"1000 values are {periods:.2f} periods;",
    f"the 604 of the training part are {in_training:.2f}",
)
assert np.all(np.abs(average - 0.2) < 0.005) and floor[63] == floor[0] == 0.2
assert 1.5 < periods < 1.7 and in_training < 1 and 0.17 < knowing[0, 0] < 0.22

# %% [markdown] tags=["en", "answer"]
# **Answer: (b).** The noise of the value to come is in no past value, so {floor[0]:.1f} is the **noise floor** at every step (in this one draw the noise
# happens to be {knowing[0, 0]:.3f}). (a) is what a memoriser gets on its training part. (c) mixes up two things: what nobody can know, which
# is the same at every k here, and what *this* model does not know.

# %% [markdown] tags=["zh", "answer"]
# **答案：(b)。** 未来那个值的噪声不在任何过去的值里，所以每一步的**噪声下限**都是 {floor[0]:.1f}（在这一次抽样里，噪声碰巧是 {knowing[0, 0]:.3f}）。
# (a) 是死记硬背的模型在训练段上的成绩。(c) 混淆了两件事：谁都不可能知道的，在这里每一步都一样；*这个*模型不知道的，才会随步数变。

# %%
if torch:
    note_time = torch.arange(1, T + 1, dtype=torch.float32)  # the note's own line
    assert np.array_equal(note_time.numpy(), time)
    layer = nn.Linear(tau, 1)
    try:
        layer(torch.tensor(x[:tau]))
    except RuntimeError as error:
        print("float64 into a float32 layer:", error)
    print("with .float():", tuple(layer(torch.tensor(x[:tau]).float()).shape))

# %% [markdown] tags=["en", "belief"]
# **A belief to drop: "1000 values are plenty."** They are {periods:.2f} periods, and the training part is {in_training:.2f} of one: whatever is fitted sees
# each segment of the wave **once**. (And one trap: numpy makes float64, torch's layers are float32. The message is the one above, the
# cure is `.float()`, once, on the data.)

# %% [markdown] tags=["zh", "belief"]
# **一个误解：“1000 个值已经很多了。”** 它们只有 {periods:.2f} 个周期，训练段只有 {in_training:.2f} 个：不管用什么模型，波的每一段它都只见过**一次**。
# （还有一个小坑：numpy 默认 float64，torch 的层是 float32。报错就是上面那一句，解法是对数据做一次 `.float()`。）

# %% [markdown] tags=["en", "idea"]
# ### 1.3.2 Embedding (转化)
#
#     X_i = [x_i .. x_{i+tau-1}],   Y_i = x_{i+tau}
#
# **Idea.** One window, one label. The note's example, tau = 5 and ten values: each row is a pair, filled dots are the window, the
# hollow one is the label.

# %% [markdown] tags=["zh", "idea"]
# ### 1.3.2 转化
#
#     X_i = [x_i .. x_{i+tau-1}],   Y_i = x_{i+tau}
#
# **想法。** 一个窗口配一个标签。笔记的例子：tau = 5，十个值。每一行是一个样本，实心点是窗口（特征），空心点是标签。


# %%
def tiles(axis, rows, length):
    """A row for each (seen places, own places); a cross lies past the end of the data."""
    for height, (seen, own) in enumerate(rows):
        everywhere = range(1, length + 1)
        axis.plot(everywhere, [height] * length, ".", color="#d5d9dd", markersize=3)
        axis.plot(seen, [height] * len(seen), "o", color=BLUE, markersize=7)
        for place in own:
            if place <= length:
                axis.plot(place, height, "o", color=ORANGE, mfc="white", markersize=7)
            else:
                axis.plot(place, height, "x", color="#c01818", markersize=8, mew=2)
    last = max(place for _, own in rows for place in own)
    axis.set_yticks(range(len(rows)), [f"row {i + 1}" for i in range(len(rows))])
    axis.set_xticks(range(1, last + 1), [f"x{i}" for i in range(1, last + 1)])
    axis.set(ylim=(len(rows) - 0.5, -0.5), xlim=(0.5, last + 0.5))
    axis.grid(False)


tiles(plt.gca(), [(range(i, i + 5), [i + 5]) for i in range(1, 6)], 10)
plt.title("tau = 5, ten values: T - tau = 5 pairs")
plt.show()

# %% [markdown] tags=["en", "guess"]
# **Guess.** T = 1000 and tau = 4: how many pairs are there: 1000, 997 or 996? At which place (from 0) is the first label?

# %% [markdown] tags=["zh", "guess"]
# **先猜。** T = 1000，tau = 4，一共有几个样本：1000、997 还是 996？第一个标签在哪个位置（从 0 数起）？

# %%
# ours
X, y = sa.pairs(series, lags=tau)
# the note
note_X = [x[i : i + tau] for i in range(T - tau)]
note_y = [x[i + tau] for i in range(T - tau)]
assert np.array_equal(X, note_X) and np.array_equal(y, note_y)
places, _ = sa.pairs(np.arange(T), lags=tau)
windows = np.lib.stride_tricks.sliding_window_view(x, tau)
first_label, last_label = tau, int(places[-1, -1]) + 1
print(
    f"{len(X)} pairs, labels at the places {first_label} .. {last_label};",
    f"{len(windows)} windows",
)
assert (len(X), first_label, last_label, len(windows)) == (996, 4, 999, 997)
small_X, small_y = sa.pairs(np.arange(1, 11), lags=5)
for window, label in zip(small_X.astype(int), small_y.astype(int)):
    print(window.tolist(), "->", label)
tomorrow = model.forecast(series, horizon=1)
assert np.isclose(tomorrow[0], windows[-1] @ model.coefficients_ + model.intercept_)

# %% [markdown] tags=["en", "answer"]
# **Answer: {len(X)}, and the first label is at place {first_label}.** The first four values have no full window before them, so they cannot be labels:
# T - tau. 1000 would need labels without a past.

# %% [markdown] tags=["zh", "answer"]
# **答案：{len(X)} 个，第一个标签在位置 {first_label}。** 最前面四个值之前凑不齐一个窗口，当不了标签，所以是 T - tau 个。
# 要有 1000 个，就得有“没有过去”的标签。

# %% [markdown] tags=["en", "belief"]
# **A belief to drop: "{len(windows)} windows, so {len(windows)} pairs."** The last window, places 996 .. 999, has no label. It is not lost: it
# is the window from which you forecast tomorrow.

# %% [markdown] tags=["zh", "belief"]
# **一个误解：“有 {len(windows)} 个窗口，就有 {len(windows)} 个样本。”** 最后一个窗口（位置 996 到 999）没有标签。它也没有浪费：预测明天，用的正是它。

# %% [markdown] tags=["en", "idea"]
# ### 1.3.3 The pairs (基本数据处理)
#
# **Idea.** Fill by column, read by row. Column i is the whole series, started i later; row r is the window that starts at r. The note's example:
# tau = 3, T = 6.

# %% [markdown] tags=["zh", "idea"]
# ### 1.3.3 基本数据处理
#
# **想法。** 按列填，按行读。第 i 列是整个序列往后错 i 位，第 r 行是从 r 开始的窗口。笔记的例子：tau = 3，T = 6。

# %%
toy = np.arange(1, 7)
toy_features = np.zeros((3, 3), dtype=int)
figure, axes = plt.subplots(1, 3, figsize=(6, 2))
for i, axis in enumerate(axes):
    toy_features[:, i] = toy[i : 6 - 3 + i]  # the note: x[i : T - tau + i]
    axis.imshow(toy_features == 0, cmap="Blues_r", vmin=-1.5, vmax=1)
    for (r, c), value in np.ndenumerate(toy_features):
        axis.text(c, r, f"x{value}" if value else "", ha="center", va="center")
    axis.set(title=f"after i = {i}: x[{i} : {3 + i}]", xticks=[], yticks=[])
    axis.grid(False)
plt.show()

# %% [markdown] tags=["en", "guess"]
# **Guess.** The first 600 pairs train. What is the first value that no training pair has touched: `x[600]`, `x[603]` or `x[604]`?

# %% [markdown] tags=["zh", "guess"]
# **先猜。** 用前 600 个样本训练。第一个没有被任何训练样本碰过的值是 `x[600]`、`x[603]` 还是 `x[604]`？

# %%
# the note
features = np.zeros((T - tau, tau))
for i in range(tau):
    features[:, i] = x[i : T - tau + i]
labels = x[tau:].reshape(-1, 1)
# ours
assert np.array_equal(features, X) and np.array_equal(labels[:, 0], y)
assert np.array_equal(features, windows[:-1])  # and so does numpy's sliding window

touched = np.unique(np.concatenate([np.arange(i, i + tau + 1) for i in range(n_train)]))
print(
    f"{n_train} pairs touch the values {touched[0]} .. {touched[-1]}:",
    f"{len(touched)} of them",
)
print(f"the last of them: window {touched[-5]} .. {touched[-2]}, label {touched[-1]}")
design = np.column_stack([features[:600], np.ones(600)])
by_pairs = np.linalg.lstsq(design, labels[:600, 0])[0]
same = {}
for values in (600, 604):
    fit = sa.AR(lags=tau).fit(series[:values])
    same[values] = np.allclose(fit.coefficients_, by_pairs[:tau])
print("the same fit as from 600 pairs:", same)
assert len(touched) == train == 604 and same == {600: False, 604: True}

# %% [markdown] tags=["en", "answer"]
# **Answer: `x[{train}]`.** The 600th pair is the window 599 .. 602 with its label at 603. So 600 *pairs* are {len(touched)} *values*, and the first held-out
# origin is {train}. `x[600]` counts pairs as values; `x[603]` is the last label itself.

# %% [markdown] tags=["zh", "answer"]
# **答案：`x[{train}]`。** 第 600 个样本的窗口是 599 到 602，标签在 603。所以 600 个*样本*用到 {len(touched)} 个*值*，第一个留出的预测起点是 {train}。
# 选 `x[600]` 是把样本数当成了值的个数；`x[603]` 正是最后一个标签。

# %% [markdown] tags=["en", "belief"]
# **A belief to drop: "train=600 is the note's split."** In `sa.evaluate(..., train=604)` the number counts **values**, since that is what the future
# is measured in. The cell above fits on 600 and on 604 values: only the second gives what the 600 pairs give. (Another: "a row is a time step and a
# column a feature." Both are times; look at the figure.)

# %% [markdown] tags=["zh", "belief"]
# **一个误解：“笔记的划分就是 train=600。”** `sa.evaluate(..., train=604)` 里数的是**值**，因为“从哪里开始是未来”要用值来说。上面的代码用 600 个值
# 和 604 个值各拟合了一次，只有后者和 600 个样本的结果相同。（另一个误解：“一行是一个时间步，一列是一种特征。”行和列都是时间，看图就明白。）

# %% [markdown] tags=["en", "idea"]
# ### 1.3.4 The model (模型架构)
#
# **Idea.** Know the best possible loss *before* you train. The net is `Linear(4, 10) - ReLU - Linear(10, 1)`, trained by Adam for five
# epochs. Figure 2 of the note is its log; beside it we draw two lines: the noise, and the best that *anybody* can do who sees four values.
# (The note's text has `Linear(2, 10)` beside tau = 4. It does not run: the window sizes the first layer.)

# %% [markdown] tags=["zh", "idea"]
# ### 1.3.4 模型架构
#
# **想法。** 训练*之前*先弄清楚最好能好到哪里。网络是 `Linear(4, 10) - ReLU - Linear(10, 1)`，用 Adam 训练五轮。笔记的图 2 就是它打印的日志；
# 我们在旁边画两条线：噪声，以及*任何人*只看四个值时能做到的最好成绩。（笔记正文里写的是 `Linear(2, 10)`，和 tau = 4 对不上，
# 运行会报错：第一层的宽度要由窗口来定。）


# %%
def wall(n, phases, seed=0):
    """RMSE at k = 1, 4, 16, 64 of the best forecast from n values, the phase unknown.

    Bayes: weigh every phase by how well it explains the window; average what they say.
    """
    rng, back = np.random.default_rng(seed), np.arange(-n, 0)
    grid = np.arange(0, 2 * np.pi, 0.01)
    phase = np.repeat(phases, 12)
    window = np.sin(phase[:, None] + 0.01 * back) + rng.normal(0, 0.2, (len(phase), n))
    shape = np.sin(grid[:, None] + 0.01 * back)
    fit = (window @ shape.T - 0.5 * np.sum(shape**2, axis=1)) / 0.2**2
    weight = np.exp(fit - fit.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    later = 0.01 * (np.array(steps) - 1)
    missed = [weight @ np.sin(grid + a) - np.sin(phase + a) for a in later]
    return np.sqrt(0.2**2 + np.mean(np.square(missed), axis=1))


mlp = sa.MLP(lags=tau).fit(series[:train])  # ours: the note's net, in numpy
print(mlp.log())
best = wall(tau, np.linspace(0, 2 * np.pi, 400, endpoint=False))
plt.plot(range(1, 6), mlp.losses_, "o-", color=BLUE, label="training loss")
plt.axhline(best[0] ** 2, color=ORANGE, linestyle="--", label="best with 4 values")
plt.axhline(0.2**2, color=INK, linestyle="--", label="noise")
plt.ylim(0, 1.1 * mlp.losses_[0])
plt.xticks(range(1, 6))
plt.xlabel("epoch")
plt.ylabel("mean squared error")
plt.title("Figure 2: the training log")
plt.legend()
plt.show()

# %% [markdown] tags=["en", "guess"]
# **Guess 1.** After the fifth epoch the loss is about 0.05. How much could longer training still gain: all of it, half of it, next to nothing?
#
# **Guess 2.** Leave the 600 pairs in their order instead of shuffling them. Is the forecast at k = 64 better, the same, or worse?

# %% [markdown] tags=["zh", "guess"]
# **先猜（一）。** 第五轮之后，损失大约是 0.05。再训练下去还能降多少：可以降到 0，能降一半，还是几乎降不动了？
#
# **先猜（二）。** 600 个样本不打乱，按原来的次序训练。第 64 步的预测会更好、一样，还是更差？

# %%
nets = [sa.MLP(lags=tau, seed=s).fit(d[:train]) for s, d in enumerate(draws)]
final = np.mean([one.losses_[-1] for one in nets])
print(f"after 5 epochs {final:.4f}, mean of 20 nets")
print(f"best with 4 values {best[0] ** 2:.4f}")
lowest = 0.2**2
print(f"the noise alone {lowest:.4f}")
assert lowest < best[0] ** 2 - 0.002 < final < best[0] ** 2 + 0.008

if torch:

    def note_net():
        net = nn.Sequential(nn.Linear(tau, 10), nn.ReLU(), nn.Linear(10, 1))
        for layer in net:
            if isinstance(layer, nn.Linear):
                nn.init.xavier_uniform_(layer.weight)
        return net

    def note_train(net, F, Y, batch_size=16, shuffle=True, say=print):
        pairs = torch.utils.data.TensorDataset(F, Y)
        batches = torch.utils.data.DataLoader(pairs, batch_size, shuffle=shuffle)
        loss = nn.MSELoss(reduction="none")
        trainer = torch.optim.Adam(net.parameters(), lr=0.01)
        for epoch in range(5):
            for inputs, wanted in batches:
                trainer.zero_grad()
                loss(net(inputs), wanted).sum().backward()
                trainer.step()
            with torch.no_grad():
                say(f"epoch {epoch + 1}, loss: {loss(net(F), Y).mean():f}")
        return net

    torch.manual_seed(0)
    start = note_net()
    F, Y = (torch.tensor(part[:n_train]).float() for part in (features, labels))
    # the note
    print("the note's cell:")
    note_train(copy.deepcopy(start), F, Y)
    # ours
    ours = sa.from_torch(start, lags=tau).fit(series[:train])
    print("the same net through sa.from_torch:", ours.log().splitlines()[-1])
    # Only the order of the batches differs. One batch of all 600 pairs has no order:
    loop = note_train(copy.deepcopy(start), F, Y, batch_size=600, say=lambda line: None)
    whole = sa.from_torch(start, lags=tau, training=sa.Training(batch_size=600)).fit(
        series[:train]
    )
    with torch.no_grad():
        assert torch.allclose(loop(F), whole.module_(F), atol=1e-4)
    try:
        nn.Sequential(nn.Linear(2, 10), nn.ReLU(), nn.Linear(10, 1))(F)
    except RuntimeError as error:
        print("Linear(2, 10):", error)

# %% [markdown] tags=["en", "answer"]
# **Answer 1: next to nothing.** Five epochs end at {final:.4f}; whoever sees four values stays at {best[0] ** 2:.4f} or above, and the noise alone is
# {lowest:.4f}. The wall is the window. Half would be under the noise, 0 is learning by heart.

# %% [markdown] tags=["zh", "answer"]
# **答案（一）：几乎降不动了。** 五轮之后是 {final:.4f}；只看四个值，最好也就是 {best[0] ** 2:.4f}，而光是噪声就有 {lowest:.4f}。
# 挡路的墙是窗口，不是训练。再降一半就低于噪声了，降到 0 则是死记硬背。

# %%
mixed_64, ordered_64 = math.nan, math.nan
if torch:

    def error_at_64(seed, shuffle):
        torch.manual_seed(seed)
        values = torch.tensor(draws[seed].values).float()
        F, Y = values.unfold(0, tau, 1)[:n_train], values[tau:train, None]
        net = note_train(note_net(), F, Y, shuffle=shuffle, say=lambda line: None)
        rows = values[: T - max_steps].unfold(0, tau, 1)[n_train:]
        with torch.no_grad():
            for _ in range(max_steps):
                rows = torch.cat([rows, net(rows[:, -tau:])], dim=1)
        return float((rows[:, -1] - values[train + 63 :]).square().mean().sqrt())

    mixed_64 = np.median([error_at_64(seed, shuffle=True) for seed in range(6)])
    ordered_64 = np.median([error_at_64(seed, shuffle=False) for seed in range(6)])
    print(
        f"RMSE at k = 64, median of 6 nets: shuffled {mixed_64:.2f},",
        f"in order {ordered_64:.2f}",
    )
    assert ordered_64 > 1.2 * mixed_64

# %% [markdown] tags=["en", "belief"]
# **Answer 2, and a belief to drop: "never shuffle a time series."** In order it is *worse*: {ordered_64:.2f} against {mixed_64:.2f} at k = 64, since the last batches all
# come from one slope of the wave and pull the net there. Shuffling **pairs** of the training part is right; each pair keeps its inner
# order. Shuffling **time** destroys the series (1.1), and shuffling before the **split** leaks (1.2.4).

# %% [markdown] tags=["zh", "belief"]
# **答案（二），也是一个误解：“时间序列绝对不能打乱。”** 不打乱反而*更差*：第 64 步 {ordered_64:.2f}，打乱是 {mixed_64:.2f}。因为最后几个小批量都来自波的同一段斜坡，
# 把网络拉偏了。打乱训练段里的**样本**是对的，每个样本内部的次序没有动。打乱**时间**会毁掉序列（1.1），先打乱再**划分**就是数据泄漏（1.2.4）。

# %% [markdown] tags=["en", "text"]
# ### 1.3.4 Prediction (预测)
#
# Three readings of one table: rows are origins, columns are steps. **One step** is its first column, **many steps** is one row,
# **k steps** is column k.

# %% [markdown] tags=["zh", "text"]
# ### 1.3.4 预测
#
# 其实是同一张表的三种读法：行是预测起点，列是步数。**单步预测**是第一列，**多步预测**是一整行，**K步预测**是第 k 列。

# %% [markdown] tags=["en", "idea"]
# #### 1.3.4 One step (单步预测)
#
# **Idea.** It looks perfect and proves little. Every prediction is made from observed values, so errors do not add up. Figure 3 of the
# note, and with it a forecaster that knows nothing: the last value, repeated.

# %% [markdown] tags=["zh", "idea"]
# #### 1.3.4 单步预测
#
# **想法。** 看上去完美，其实说明不了多少。每个预测都用观测值算，误差不会累积。这是笔记的图 3，
# 我们多画一条什么都不懂的线：把最后一个值照抄一遍。

# %%
# ours: every origin, one step
ahead = sa.k_step(mlp, series, horizon=1, train=0).predictions[:, 0]
plt.plot(time, x, ".", color=GREY, markersize=2, label="data")
plt.plot(time[tau:], x[tau - 1 : -1], color="#e3a97e", label="last value")
plt.plot(time[tau:], ahead, color=BLUE, label="1-step")
plt.xlim(1, 1000)
plt.xlabel("time")
plt.ylabel("x")
plt.title("Figure 3: one step ahead")
plt.legend(ncols=3, loc="lower left")
plt.show()

# %% [markdown] tags=["en", "guess"]
# **Guess.** Rank by RMSE one step ahead: the note's net, the last value, AR(16), AR(128), knowing the sine. Then: will the ranking be the same at k = 64?

# %% [markdown] tags=["zh", "guess"]
# **先猜。** 按向前 1 步的均方根误差从小到大排：笔记的网络、照抄最后一个值、AR(16)、AR(128)、知道正弦的人。再猜：到第 64 步，名次还一样吗？

# %%
W1, W2 = mlp.weights1_[0], mlp.weights2_[0]


def net(window):
    """The trained net, written out: Linear, ReLU, Linear."""
    return np.maximum(window @ W1[:-1] + W1[-1], 0) @ W2[:-1, 0] + W2[-1, 0]


assert np.allclose(net(features), ahead)  # the note: net(features)

found["last value"] = twenty(lambda seed: sa.baselines.Naive())
found["knows the sine"] = knowing
mean = {name: runs.mean(axis=0) for name, runs in found.items()}
names = ["knows the sine", "AR(16)", "AR(128)", "the note's net", "last value"]
show({name: mean[name] for name in names})
near, far = (min(names[1:], key=lambda n, i=i: mean[n][i]) for i in (0, 3))
print(f"best of the four at k = 1: {near}; at k = 64: {far}")
assert [round(mean[n][0], 2) for n in names] == [0.20, 0.21, 0.23, 0.23, 0.28]
assert (near, far) == ("AR(16)", "AR(128)")
assert mean["the note's net"][3] > mean["last value"][3]

# %% [markdown] tags=["en", "answer"]
# **Answer.** {mean["knows the sine"][0]:.3f}, AR(16) {mean["AR(16)"][0]:.3f}, then AR(128) {mean["AR(128)"][0]:.3f} and the net {mean["the note's net"][0]:.3f} close together, last value {mean["last value"][0]:.3f} (means over 20 draws). At k = 64 the
# ranking is another one: AR(128) {mean["AR(128)"][3]:.3f}, AR(16) {mean["AR(16)"][3]:.3f}, last value {mean["last value"][3]:.3f}, and the net last with {mean["the note's net"][3]:.3f}.

# %% [markdown] tags=["zh", "answer"]
# **答案。** 知道正弦 {mean["knows the sine"][0]:.3f}，AR(16) {mean["AR(16)"][0]:.3f}，AR(128) {mean["AR(128)"][0]:.3f} 和网络 {mean["the note's net"][0]:.3f} 不相上下，照抄最后一个值 {mean["last value"][0]:.3f}（20 次抽样的平均）。
# 到第 64 步名次全变了：AR(128) {mean["AR(128)"][3]:.3f}，AR(16) {mean["AR(16)"][3]:.3f}，照抄 {mean["last value"][3]:.3f}，网络垫底，{mean["the note's net"][3]:.3f}。

# %% [markdown] tags=["en", "belief"]
# **A belief to drop: "the one-step plot fits, so the model is good."** The copied last value fits that plot as well, one step late. So: always draw the
# last value beside it, always print the number, and ask at which k. (And feeding the truth in at every step is normal in *training*,
# where it is called teacher forcing. If you do it while *scoring*, you have measured k = 1, whatever you call it.)

# %% [markdown] tags=["zh", "belief"]
# **一个误解：“单步预测的图贴得很好，所以模型好。”** 照抄最后一个值，图也贴得一样好，只是晚了一步。所以旁边总要画上最后一个值，总要把误差算成数字，
# 总要问一句：是第几步？（每一步都喂真值，在*训练*时很正常，叫教师强制，也译作强制教学。要是在*打分*时还这么做，不管叫什么名字，你量的都是第 1 步。）

# %% [markdown] tags=["en", "idea"]
# #### 1.3.4 Many steps (多步预测)
#
# **Idea.** One origin, and the forecasts are fed back. From 604 to 999 the net lives on its own values: after four steps no filled dot is left in its
# window. Figure 4 of the note.

# %% [markdown] tags=["zh", "idea"]
# #### 1.3.4 多步预测
#
# **想法。** 只有一个预测起点，之后用回代法：把预测当作输入再喂进去。从 604 到 999，网络全靠自己的预测过日子：四步之后，窗口里一个实心点也没有了。
# 这是笔记的图 4。

# %%
many = mlp.forecast(series, horizon=T - train, origin=train)  # ours
# the note
loop = np.zeros(T)
loop[:train] = x[:train]
for i in range(train, T):
    loop[i] = net(loop[i - tau : i])
assert np.allclose(many, loop[train:])

plt.plot(time, x, ".", color=GREY, markersize=2, label="data")
plt.plot(time[tau:], ahead, color=BLUE, linewidth=1, label="1-step")
plt.plot(time[train:], many, color=ORANGE, label="multi-step")
plt.plot(time[train::16], many[::16], "o", color=ORANGE, mfc="white", markersize=3)
plt.axvline(train, color=INK, linewidth=0.8)
plt.xlim(1, 1000)
plt.xlabel("time")
plt.ylabel("x")
plt.title("Figure 4: many steps from one origin")
plt.legend(ncols=3, loc="lower left")
plt.show()

# %% [markdown] tags=["en", "guess"]
# **Guess.** The forecast goes flat. Where does it come to rest: at the mean of the data, at the last value, or somewhere else?

# %% [markdown] tags=["zh", "guess"]
# **先猜。** 预测变平了。它最后停在哪里：数据的均值、最后一个值，还是别的什么地方？

# %%
grid = np.linspace(-3, 3, 601)
answers = net(np.repeat(grid[:, None], tau, axis=1))  # g(c) = f(c, c, c, c)
plt.figure(figsize=(3.2, 3))
plt.plot(grid, answers, color=ORANGE, label="g(c) = f(c, c, c, c)")
plt.plot(grid, grid, color=INK, linewidth=0.8, label="g(c) = c")
plt.plot(many[-1], many[-1], "o", color=ORANGE, mfc="white", label="it rests here")
plt.xlabel("c")
plt.legend()
plt.show()

ends = []
for seed, data in enumerate(draws):
    far = nets[seed].forecast(data, horizon=5000, origin=train)
    ends.append(far[-1] if abs(far[-1] - far[-2]) < 1e-6 else math.nan)
rests = np.sort([end for end in ends if math.isfinite(end)])
resting, near = len(rests), int((np.abs(rests) < 0.1).sum())
print(f"of 20 nets {resting} come to rest, at", rests.round(2).tolist())
print(f"{near} of them within 0.1 of the mean of the data, {x[:train].mean():.2f}")
root, wave = model.cycles_[0]
centre = model.intercept_ / (1 - model.coefficients_.sum())
half_life = math.log(0.5) / math.log(root)
print(f"AR(4): dominant root {root:.3f}, real: half is gone in {half_life:.0f} steps;")
print(f"it rests at {centre:.2f}")
assert abs(net(np.full(tau, many[-1])) - many[-1]) < 1e-3  # f(c, c, c, c) = c
assert resting < 20 and near <= 3 and abs(centre) < 0.1
assert math.isinf(wave) and 60 < half_life < 130

# %% [markdown] tags=["en", "answer"]
# **Answer: somewhere else.** The net falls to a fixed point, f(c, c, c, c) = c, and every net has another one: of 20 nets {resting} come to rest, {near} of them
# within 0.1 of the mean; the others run away. The last value is only where it starts. (A *linear* AR with a real root
# does decay to the mean: here to {centre:.2f}, half of the way every {half_life:.0f} steps.)

# %% [markdown] tags=["zh", "answer"]
# **答案：别的地方。** 网络会落到一个不动点上，f(c, c, c, c) = c，而每个网络的不动点都不同：20 个网络里有 {resting} 个停了下来，离均值不到 0.1 的只有 {near} 个，其余的越走越远。
# 最后一个值只是它出发的地方。（*线性*的 AR 如果特征根是实数，倒真的会衰减到均值：这里是 {centre:.2f}，每 {half_life:.0f} 步走完一半。）

# %%
for n in (4, 128):
    found[f"AR({n}) direct"] = twenty(lambda seed, n=n: sa.AR(lags=n, chunk=max_steps))
mean = {name: runs.mean(axis=0) for name, runs in found.items()}
names = ["AR(4)", "AR(4) direct", "AR(128)", "AR(128) direct"]
show({name: mean[name] for name in names})
assert abs(mean["AR(4)"][3] - mean["AR(4) direct"][3]) < 0.01
assert mean["AR(128)"][3] < mean["AR(128) direct"][3] < 0.5 * mean["AR(4)"][3]

# %% [markdown] tags=["en", "belief"]
# **A belief to drop: "errors accumulate, so predict directly."** The direct method (one regression for each k) feeds nothing back, and with four values it has
# {mean["AR(4) direct"][3]:.3f} at k = 64 where the recursive one has {mean["AR(4)"][3]:.3f}: no gain. With 128 values feeding back is even the better of the two ({mean["AR(128)"][3]:.3f} against {mean["AR(128) direct"][3]:.3f}).
# The window first, the strategy second.

# %% [markdown] tags=["zh", "belief"]
# **一个误解：“误差会累积，所以要用直接法。”** 直接法给每个 k 单独做一个回归，什么都不回代；只看四个值时，它在第 64 步是 {mean["AR(4) direct"][3]:.3f}，递归法是 {mean["AR(4)"][3]:.3f}：
# 没有好处。看 128 个值时，递归法反而更好（{mean["AR(128)"][3]:.3f} 对 {mean["AR(128) direct"][3]:.3f}）。先看窗口够不够，再谈用哪种方法。

# %% [markdown] tags=["en", "idea"]
# #### 1.3.4 k steps (K步预测)
#
# **Idea.** All origins, one column for each step. The note's matrix has 933 rows and 68 columns: four seen values, then 64 own forecasts, each column made from the four before
# it. A row is a multi-step forecast; a column is a curve of figure 5.

# %% [markdown] tags=["zh", "idea"]
# #### 1.3.4 K步预测
#
# **想法。** 所有的预测起点都出发，每一步占一列。笔记的矩阵有 933 行、68 列：先是四个看到的值，再是 64 个自己的预测，每一列由它前面的四列算出来。
# 横着读一行，是一次多步预测；竖着读一列，是图 5 的一条曲线。

# %%
# the note
table = np.zeros((T - tau - max_steps + 1, tau + max_steps))
for i in range(tau):
    table[:, i] = x[i : i + T - tau - max_steps + 1]
for i in range(tau, tau + max_steps):
    table[:, i] = net(table[:, i - tau : i])
# ours
every = sa.k_step(mlp, series, horizon=max_steps, train=0)
assert table.shape == (933, 68) and np.allclose(every.predictions, table[:, tau:])

for k, colour in zip(steps, (BLUE, GREEN, ORANGE, INK)):
    where = time[tau + k - 1 : T - max_steps + k]
    plt.plot(where, table[:, tau + k - 1], color=colour, label=f"{k}-step")
plt.plot(time, x, ".", color=GREY, markersize=1.5, zorder=0)
plt.xlim(5, 1000)
plt.xlabel("time")
plt.ylabel("x")
plt.title("Figure 5: k steps ahead from every origin")
plt.legend(ncols=4, loc="lower left")
plt.show()

# %% [markdown] tags=["en", "guess"]
# **Guess.** From the figure alone: at k = 64, is the net better or worse than repeating the last value? In how many of 20 draws?

# %% [markdown] tags=["zh", "guess"]
# **先猜。** 只看这幅图：第 64 步，网络比照抄最后一个值好还是差？20 次抽样里有几次？

# %%
if torch:  # the note's own net, in torch, through the same matrix
    module, matrix = ours.module_, torch.zeros(933, 68)
    matrix[:, :tau] = torch.tensor(table[:, :tau])
    with torch.no_grad():  # without it every run keeps its history in memory
        for i in range(tau, tau + max_steps):
            matrix[:, i] = module(matrix[:, i - tau : i])[:, 0]
    torch_steps = sa.k_step(ours, series, horizon=max_steps, train=0)
    assert np.allclose(torch_steps.predictions, matrix[:, tau:].numpy(), atol=1e-4)

result = sa.evaluate({"the note's net": mlp}, series, horizon=max_steps, train=train)
mine = result["the note's net"]
print(result)
inside = mine.training.rmse()[63]
single = np.abs(mine.predictions[:, 63] - mine.actuals[:, 63])
print(f"k = 64: held-out origins {mine.rmse()[63]:.3f}, training origins {inside:.3f}")
print(f"one row alone: |error| from {single.min():.3f} to {single.max():.2f}")
name = "the note's net"
worse = int((found[name][:, 3] > found["last value"][:, 3]).sum())
middle = np.median(found[name], axis=0)
print(f"worse than the last value at k = 64 in {worse} of 20 draws")
print(f"over the 20 draws at k = 64: median {middle[3]:.3f}, mean {mean[name][3]:.3f}")
assert worse >= 18 and single.min() < 0.1 < 1 < single.max()
assert 0.55 < middle[3] < 0.8 and 0.3 < inside < 1
assert mine.origins.tolist() == list(held)
result.plot()

# %% [markdown] tags=["en", "answer"]
# **Answer: worse, in {worse} of 20 draws.** The eye cannot see it; the number can: {middle[3]:.3f} (the median; the mean is {mean["the note's net"][3]:.3f}, since a few nets run away) against {mean["last value"][3]:.3f}. Two things the
# note does not do: training origins ({inside:.3f} here) and held-out ones ({mine.rmse()[63]:.3f}) are kept apart, and every k has the same {len(held)} origins.

# %% [markdown] tags=["zh", "answer"]
# **答案：更差，20 次里有 {worse} 次。** 眼睛看不出来，数字看得出来：{middle[3]:.3f}（中位数；平均是 {mean["the note's net"][3]:.3f}，因为有几个网络跑飞了），照抄最后一个值是 {mean["last value"][3]:.3f}。
# 有两件事笔记没有做：把训练段里的起点（这里是 {inside:.3f}）和留出的起点（{mine.rmse()[63]:.3f}）分开；让每个 k 都用同样的 {len(held)} 个起点打分。

# %% [markdown] tags=["en", "belief"]
# **A belief to drop: "multi-step and k-step are the same thing."** Multi-step is one row, and one row proves nothing: at k = 64 the error of this
# very net runs from {single.min():.3f} to {single.max():.2f} over the origins. Only a whole column tells how far to trust it.

# %% [markdown] tags=["zh", "belief"]
# **一个误解：“多步预测和 K步预测是一回事。”** 多步预测只是一行，而一行什么也证明不了：同一个网络，第 64 步的误差在不同起点上从 {single.min():.3f} 到 {single.max():.2f} 都有。
# 只有把整列放在一起看，才知道能信到第几步。

# %% [markdown] tags=["en", "idea"]
# #### 1.3.4 Why T - tau - max_steps + 1 (为什么出现公式)
#
# **Idea.** Every step of every row must have a truth to be compared with. The note's example: T = 6, tau = 2, three steps. The third row would need a seventh value.

# %% [markdown] tags=["zh", "idea"]
# #### 1.3.4 为什么出现公式 T - tau - max_steps + 1
#
# **想法。** 每一行的每一步都要有真值来对照。笔记的例子：T = 6，tau = 2，走 3 步。第三行要用到第七个值，可是没有。

# %%
tiles(plt.gca(), [((i, i + 1), (i + 2, i + 3, i + 4)) for i in (1, 2, 3)], 6)
plt.title("T = 6, tau = 2, max_steps = 3: 6 - 2 - 3 + 1 = 2 rows")
plt.show()

# %% [markdown] tags=["en", "guess"]
# **Guess.** With T = 1000 and tau = 4, one step alone could be scored at how many origins? And why do we not use them all for k = 1?

# %% [markdown] tags=["zh", "guess"]
# **先猜。** T = 1000，tau = 4，如果只看 1 步，有多少个起点可以打分？既然如此，为什么 k = 1 不把它们都用上？

# %%
toy_rows = {H: max(6 - 2 - H + 1, 0) for H in range(1, 6)}
for H, count in toy_rows.items():  # the note: count the rows whose last step exists
    assert count == sum(o + H <= 6 for o in range(2, 7))
print("T = 6, tau = 2, rows by max_steps:", toy_rows)
# ours
alone = len(sa.k_step(mlp, series, horizon=1, train=0).origins)
rows = len(every.origins)
assert rows == T - tau - max_steps + 1 and alone == T - tau
longer = T - tau + 1  # "I left max_steps out of the formula and it works the same"
extra = longer - rows
without = sum(o + k - 1 >= T for o in range(tau, T + 1) for k in range(1, 65))
print(f"all 64 steps: {rows} origins; one step alone: {alone}")
print(
    f"without max_steps: {longer} rows, {extra} too many,",
    f"{without} forecasts without a truth",
)
assert (rows, alone, longer, extra, without) == (933, 996, 997, 64, 2080)

# %% [markdown] tags=["en", "answer"]
# **Answer: {alone}.** But then k = 1 and k = 64 would be scored on different segments of the wave, and a difference could come from the segment. With {rows} origins for
# every k, only k differs.

# %% [markdown] tags=["zh", "answer"]
# **答案：{alone} 个。** 可那样一来，k = 1 和 k = 64 就是在波的不同地段上打分，差别可能来自地段。每个 k 都用同样的 {rows} 个起点，差别就只能来自 k。

# %% [markdown] tags=["en", "belief"]
# **A belief to drop: "I removed max_steps from the formula and it works the same."** It runs, because the note scores nothing: {longer} rows instead of {rows}, and {without} of
# their forecasts lie past the end of the data, where there is nothing to be right or wrong about.

# %% [markdown] tags=["zh", "belief"]
# **一个误解：“我把公式里的 max_steps 去掉了，照样能跑。”** 能跑，是因为笔记从来没有打分：{rows} 行变成 {longer} 行，其中有 {without} 个预测落在数据之外，
# 那里没有真值，谈不上对错。

# %% [markdown] tags=["en", "idea"]
# ## Epilogue: from 0.74 to 0.20 (尾声：从 0.74 到 0.20)
#
# **Idea.** Errors accumulate: that story is not wrong, and it misses half. A short window sees the height of the wave and not its direction. Knowing the height
# *exactly* and the direction not at all, the best forecast misses by `sqrt(0.2² + sin²(0.01 k) / 2)`: the first step never notices, the 64th is ruined. Each bar
# below removes one named cause. (The first number of the title is the first bar, the note's net; the last is the noise.)

# %% [markdown] tags=["zh", "idea"]
# ## 尾声：从 0.74 到 0.20
#
# **想法。** “误差会累积”，这话不算错，但只说对了一半。短窗口看得见波的高低，看不出波的方向。即使高低知道得*分毫不差*，方向一点不知道，
# 最好的预测也要差 `sqrt(0.2² + sin²(0.01 k) / 2)`：第 1 步毫无感觉，第 64 步就毁了。下图每往下一根，就拿掉一个说得出名字的原因。
# （标题里的第一个数就是第一根，笔记的网络；最后一个数是噪声。）

# %%
found["trained gently"] = twenty(
    lambda seed: sa.MLP(
        lags=tau, seed=seed, training=sa.Training(epochs=50, learning_rate=0.001)
    )
)
found["one-shot net"] = twenty(
    lambda seed: sa.MLP(lags=tau, chunk=max_steps, seed=seed)
)
found["SSA, 2 directions"] = twenty(lambda seed: sa.SSA(rank=2, window=128))
found["StateSpace, a cycle"] = twenty(lambda seed: sa.StateSpace(cycles=1))
mean = {name: runs.mean(axis=0) for name, runs in found.items()}
here = wall(tau, 0.01 * (np.array(held) + 1))  # on the held-out segment of the wave
stairs = {
    "the note's net": (mean["the note's net"], BLUE),
    "the same, trained gently": (mean["trained gently"], BLUE),
    "linear: AR(4)": (mean["AR(4)"], BLUE),
    "the wall of 4 values": (here, INK),
    "64 values: AR(64)": (mean["AR(64)"], GREEN),
    "128 values: AR(128)": (mean["AR(128)"], GREEN),
    "SSA, 2 directions": (mean["SSA, 2 directions"], GREEN),
    "StateSpace, a cycle": (mean["StateSpace, a cycle"], GREEN),
    "knows the sine": (mean["knows the sine"], INK),
}
for place, (values, colour) in enumerate(stairs.values()):
    plt.barh(place, values[3], color=colour, height=0.7)
    plt.text(values[3] + 0.01, place, f"{values[3]:.3f}", va="center")
plt.yticks(range(len(stairs)), list(stairs))
plt.gca().invert_yaxis()
plt.grid(False)
plt.xlabel("RMSE at k = 64, mean of 20 draws")
plt.show()

# %% [markdown] tags=["en", "guess"]
# **Guess 1.** Which single change to the note's net helps most at k = 64: more epochs; 64 values in the same net; all 64 steps at once (direct) instead of recursive; a
# straight AR with 128 values?
#
# **Guess 2.** And if there were no noise at all, how many values would do?

# %% [markdown] tags=["zh", "guess"]
# **先猜（一）。** 只许改一处，哪一处对第 64 步帮助最大：多训练几轮；同样的网络看 64 个值；不用递归法，改成一次输出 64 步；换成看 128 个值的线性 AR？
#
# **先猜（二）。** 如果一点噪声也没有，看几个值就够了？

# %%
# ours: one line a model, above; the note has the first. The rest is arithmetic.
names = ["trained gently", "the same net, 64 values", "one-shot net", "AR(128)"]
show({name: mean[name] for name in ["the note's net", *names]})
blind = [math.sqrt(0.04 + math.sin(0.01 * k) ** 2 / 2) for k in steps]
show({"knows the height only": blind, "the wall of 4 values": here})
noise_part, window_part = 0.2**2, here[3] ** 2 - 0.2**2
total = middle[3] ** 2
rest_part = total - here[3] ** 2
print(
    f"squared error of the median net, {total:.3f}:",
    f"noise {noise_part:.3f} + window {window_part:.3f}",
)
print(f"+ the net itself and its feedback {rest_part:.3f}")
clean = np.sin(0.01 * np.arange(1, 1001))
exact = sa.AR(lags=2, intercept=False).fit(clean)  # ours, where there is no noise
print("no noise, 2 values:", exact.coefficients_.round(4).tolist())
assert np.allclose(exact.coefficients_, [-1, 2 * math.cos(0.01)])
assert np.allclose(2 * math.cos(0.01) * clean[1:-1] - clean[:-2], clean[2:])
assert min(names, key=lambda name: mean[name][3]) == "AR(128)"
assert math.isclose(noise_part + window_part + rest_part, total)
assert window_part > rest_part and blind[3] < here[3]
assert mean["StateSpace, a cycle"][3] < 0.21
assert abs(mean["the note's net"][3] - 0.74) < 0.01  # the number in the title

# %% [markdown] tags=["en", "answer"]
# **Answer 1: the straight AR with 128 values,** {mean["AR(128)"][3]:.3f}. More epochs {mean["trained gently"][3]:.3f}, 64 values in the same net {mean["the same net, 64 values"][3]:.3f}, all steps at once {mean["one-shot net"][3]:.3f}: that last
# one stands at the wall of four values ({here[3]:.3f}), which nothing but a longer memory gets past. Of the squared error {total:.3f} of the median net, {window_part:.3f} is the window, more
# than the {rest_part:.3f} that its own fit and feedback add to the noise ({noise_part:.3f}).
#
# **Answer 2: two,** `x_t = 2 cos(0.01) x_(t-1) - x_(t-2)`, exactly. It is the noise that makes you look longer.

# %% [markdown] tags=["zh", "answer"]
# **答案（一）：看 128 个值的线性 AR，** {mean["AR(128)"][3]:.3f}。多训练是 {mean["trained gently"][3]:.3f}，同样的网络看 64 个值是 {mean["the same net, 64 values"][3]:.3f}，一次输出 64 步是 {mean["one-shot net"][3]:.3f}：
# 最后这个已经贴在“四个值的墙”（{here[3]:.3f}）上了，除了更长的记忆，什么也翻不过去。中位数那个网络的平方误差 {total:.3f} 里，窗口占 {window_part:.3f}，
# 比网络自己和回代带来的 {rest_part:.3f} 还多；噪声是 {noise_part:.3f}。
#
# **答案（二）：两个，** `x_t = 2 cos(0.01) x_(t-1) - x_(t-2)`，一点不差。是噪声逼得你看得更长。


# %%
def dominant_root(n, sd):
    """Of the best AR(n) for the noisy sine: the root that outlives all others."""
    apart = np.arange(n)
    moments = 0.5 * np.cos(0.01 * (apart[:, None] - apart)) + sd**2 * np.eye(n)
    step = np.eye(n, k=-1)
    step[0] = np.linalg.solve(moments, 0.5 * np.cos(0.01 * (apart + 1)))
    roots = np.linalg.eigvals(step)
    return roots[np.argmax(np.abs(roots))]


def turn(n, sd=0.2):
    """How far the forecast turns at each step: 0 for a real root, which decays."""
    return abs(np.angle(dominant_root(n, sd)))


lags, noises = np.arange(2, 66, 3), np.geomspace(0.002, 1, 24)
swings = [[turn(n, sd) > 1e-6 for sd in noises] for n in lags]
plt.contourf(noises, lags, swings, levels=[-1, 0.5, 2], colors=["#f3ded0", "#d5ead9"])
plt.plot(0.2, tau, "o", color=ORANGE)
plt.annotate("the note", (0.2, tau), xytext=(6, 6), textcoords="offset points")
plt.text(0.4, 20, "decays", color=ORANGE)
plt.text(0.006, 45, "swings", color=GREEN)
plt.xscale("log")
plt.xlabel("noise sd")
plt.ylabel("tau")
plt.show()
turns = next(n for n in range(2, 99) if turn(n) > 1e-6)
close = next(n for n in range(2, 99) if abs(turn(n) / 0.01 - 1) < 0.1)
print(
    f"at noise 0.2 the forecast swings from tau = {turns} on;",
    f"with the right period from {close} on",
)
assert (turns, close) == (39, 47)

# %% [markdown] tags=["en", "belief"]
# **A belief to drop: "beyond a few steps the future cannot be known."** Look at the map: noise in the window shrinks the coefficients of an AR until its dominant root turns real, and a
# real root can only decay. The note sits deep inside that region. There are two ways out, less noise or a longer memory: at noise 0.2 the forecast begins to swing at tau =
# {turns}. It was the model, not the future.

# %% [markdown] tags=["zh", "belief"]
# **一个误解：“超过几步，未来就不可知了。”** 看这张图：窗口里的噪声会把 AR 的系数往小里压，压到主特征根变成实数，而实根只会衰减。笔记正陷在衰减区的深处。
# 出路有两条：噪声更小，或者记忆更长；噪声是 0.2 时，从 tau = {turns} 起预测就开始摆动了。问题出在模型，不在未来。

# %% [markdown] tags=["en", "text"]
# **The whole story in one call.** `answer` says at which of the 64 steps a model has a *clear gain*: shown at 95 % to save 1 % or more of the squared error
# over every simple baseline. There are five: the mean, the last value, a recent average, a straight line, the last value plus drift.
#
# **Guess.** Of the five models below two have a clear gain at every step. Which? And from which step on is AR(128) one of them?

# %% [markdown] tags=["zh", "text"]
# **一次调用讲完整个故事。** `answer` 说出 64 步里哪些步上模型*优势明确*：按 95 % 有充分证据，比每一种简单基线的平方误差都小 1 % 以上。
# 简单基线有五种：均值、最后一个值、近期平均、训练段直线、最后一个值加趋势。
#
# **先猜。** 下面五个模型里，有两个在每一步都优势明确。是哪两个？AR(128) 又从第几步起才优势明确？

# %%
models = {
    "the note's net": sa.MLP(lags=tau),
    "AR(4)": sa.AR(lags=4),
    "AR(128)": sa.AR(lags=128),
    "SSA(2)": sa.SSA(rank=2, window=128),
    "StateSpace": sa.StateSpace(),
}
story = sa.evaluate(models, series, horizon=max_steps, train=train)
print(story)
trust = story.answer.verdicts
saves = story.answer.saving
assert [name for name in models if trust[name].first == 1] == ["SSA(2)", "StateSpace"]
assert trust["SSA(2)"].last == trust["StateSpace"].last == trust["AR(128)"].last == 64
assert story.answer.headline == "Trust StateSpace 1 to 64 steps ahead."
assert trust["AR(4)"].first is None and (saves["AR(4)"] >= 0.01).any()
assert (saves["the note's net"] < 0.01).all()
story.plot()

# %% [markdown] tags=["en", "text"]
# **Answer.** Trust StateSpace {trust["StateSpace"].first} to {trust["StateSpace"].last} steps ahead, and SSA(2) as far: both keep a summary of the past. AR(128) has a clear gain at steps {trust["AR(128)"].first} to {trust["AR(128)"].last}: nearer, its 128
# coefficients cost more than they tell. The note's net is at no step better than the best baseline, not even as measured. AR(4) gains a little far out, *too close to
# call*: it is not shown to be better, which is not the same as being no better.
#
# **To be honest:** a sine is the home ground of the cycle model. On your own data run the table; do not copy the winner.

# %% [markdown] tags=["zh", "text"]
# **答案。** StateSpace：提前 {trust["StateSpace"].first} 至 {trust["StateSpace"].last} 步可信。SSA(2) 也是：两者都给过去留了一份小结。AR(128) 在第 {trust["AR(128)"].first} 至 {trust["AR(128)"].last} 步优势明确：再近一些，128 个系数的代价比它们带来的还多。
# 笔记的网络在任何一步都不如最好的基线，实测也没有。AR(4) 远处稍好一点，但*难分高下*：只是没有充分证据说它更好，并不等于它一定不好。
#
# **说句公道话：** 正弦是周期模型的主场。换成你自己的数据，请把这张表重跑一遍，不要照抄赢家。

# %% [markdown] tags=["en", "exercise"]
# ## Exercises on your own data
#
# Each asks for one number *and* one sentence. For the series that come with the library the answers are below.
#
# 1. **Guess how far you can trust it, then measure.** Write the guess down first:
#    `stepahead evaluate my.csv --value y --time t --models ar,mlp,gru --horizon 48`. No data? `sa.datasets.sunspots()`.
# 2. **Prices.** The logarithm of any share price, AR(10), 20 days. Then explain to a friend why its one-step plot still looks perfect.
# 3. **Temperature.** AR(14) on `sa.datasets.seattle_temperature()`, 60 days, with `season=None` and with `season=365`. Is what it has at 18 days skill?
# 4. **Find your floor.** `sa.datasets.nile()`, AR(1), AR(2), AR(5), AR(10), AR(20): where does the one-step error stop falling, and what does that say
#    about the noise?
# 5. **Find the direction.** Your series, `lags` 1, 2, 4 .. 128: the error at your last step, and `model.cycles_[0]`. When does the root turn
#    complex, and is its period one you know?
# 6. **Leak on purpose.** Smooth your series around the present, evaluate, be delighted; run `sa.audit`, be ashamed; mend it with a trailing mean. Report the three
#    numbers.
# 7. **Your own chain.** Two states of anything (late train, up or down): counts, P, and the number of steps after which today is forgotten (gap below 0.05).
# 8. **Add a model.** `sa.Windowed(any_regressor, lags=24, chunk=6)`, or a torch module through `sa.from_torch`. Does it win at k = 1? At k = H?
# 9. **Latent against window.** Give the `Level` of 1.2.2 a slope as well (one more number in h), audit it, and find a series on which it beats every AR in your table.
# 10. **Speak.** One second of your voice, AR(16), trained on the first 60 %. Do it for three different seconds. What would "stationary" mean for
#     speech?
# 11. **Find the slip.** Some books draw every curve of figure 5 against the time of the **last** step, `time[tau + 63:]`. How large does the one-step error then look?
# 12. **Send it.** `result.report("report.html")`. One reader who was not there must be able to say: how far, compared with what, on which origins.

# %% [markdown] tags=["zh", "exercise"]
# ## 练习：换成你自己的数据
#
# 每题要一个数字，*再加*一句话。用库里自带的序列做的题，答案在下面。
#
# 1. **先猜能信几步，再量。** 先把猜测写下来：`stepahead evaluate my.csv --value y --time t --models ar,mlp,gru --horizon 48`。
#    手边没有数据，就用 `sa.datasets.sunspots()`（太阳黑子）。
# 2. **股价。** 任何一只股票价格的对数，AR(10)，20 天。再向朋友解释：为什么它的单步预测图看上去还是那么完美。
# 3. **气温。** 在 `sa.datasets.seattle_temperature()` 上用 AR(14) 预测 60 天，一次 `season=None`，一次 `season=365`。它在第 18 天的本事算不算本事？
# 4. **找到你的噪声下限。** `sa.datasets.nile()`（尼罗河），AR(1)、AR(2)、AR(5)、AR(10)、AR(20)：单步误差从哪里起不再下降？这说明噪声有多大？
# 5. **找方向。** 你的序列，`lags` 取 1、2、4……128：最后一步的误差，以及 `model.cycles_[0]`。特征根什么时候变成复数？它的周期你认得吗？
# 6. **故意泄漏一次。** 以现在为中心平滑你的序列，评估，高兴一下；运行 `sa.audit`，脸红一下；再改成只用过去的平均。把三个数字都报出来。
# 7. **你自己的链。** 随便什么事情的两个状态（火车晚不晚点、涨还是跌）：计数，P，以及几步之后今天就被忘掉了（差距小于 0.05）。
# 8. **带一个模型来。** `sa.Windowed(any_regressor, lags=24, chunk=6)`，或者用 `sa.from_torch` 包一个 torch 模块。k = 1 时它赢吗？k = H 时呢？
# 9. **隐变量对窗口。** 给 1.2.2 的 `Level` 再加一个斜率（h 里多一个数），做因果审计，再找一个序列，让它胜过表里所有的 AR。
# 10. **说句话。** 录一秒钟自己的声音，AR(16)，用前 60 % 训练。换三个不同的一秒各做一次。对语音来说，“平稳”是什么意思？
# 11. **找错。** 有的书把图 5 的每条曲线都画在**最后一步**的时间上，即 `time[tau + 63:]`。这样看，单步误差会显得有多大？
# 12. **发给别人。** `result.report("report.html")`。一个不在场的读者要能说出：可信几步，跟什么比，在哪些起点上。

# %%
sunspots, celsius = sa.datasets.sunspots(), sa.datasets.seattle_temperature()
log_price = np.log(sa.datasets.stock_price().values)
trusted = {}
for name, lags, data, last, season in (
    ("1 sunspots", 9, sunspots, 22, None),
    ("1 sunspots, season", 9, sunspots, 22, 11),
    ("2 log price", 10, log_price, 20, None),
    ("3 temperature", 14, celsius, 60, None),
    ("3 temperature, season", 14, celsius, 60, 365),
):
    run = sa.evaluate([sa.AR(lags=lags)], data, last, train=0.6, season=season)
    trusted[name] = run.answer.trusted_to()
    print(f"{name}: {run.answer.headline}")
    if name == "2 log price":
        price = {who: found.rmse()[0] for who, found in run.items()}
print(f"2 one day ahead: AR(10) {price['AR(10)']:.4f}, last value {price['Naive']:.4f}")
nile = sa.evaluate([sa.AR(n) for n in (1, 2, 5, 10, 20)], sa.datasets.nile(), 8)
flow = {who: found.rmse()[0] for who, found in nile.items()}
print("4 Nile:", ", ".join(f"{who} {error:.1f}" for who, error in flow.items()))
forgotten = int(np.argmax(gaps < 0.05))
print(f"7 rain in Seattle: forgotten after {forgotten} days")
one_step = every.predictions[:, 0]
late, on_time = rms(one_step - x[tau + 63 :]), rms(one_step - x[tau : T - 63])
print(f"11 one step ahead: {on_time:.2f}; drawn 63 steps late {late:.2f}")
assert 0 < trusted["1 sunspots, season"] < trusted["1 sunspots"]
assert 0 < trusted["3 temperature, season"] < trusted["3 temperature"] == 18
assert trusted["2 log price"] == 0 and price["Naive"] < price["AR(10)"]
assert min(flow["AR(1)"], flow["AR(5)"]) > flow["AR(2)"] > flow["SES"]
assert flow["AR(2)"] < flow["Mean"] < 150 < flow["AR(20)"]
assert forgotten == 4 and late > 2 * on_time

# %% [markdown] tags=["en", "answer"]
# * **1.** {trusted["1 sunspots"]} years. Add the 11-year season to the baselines and {trusted["1 sunspots, season"]} are left: what is "shown" depends on what you compare with.
# * **2.** {trusted["2 log price"]}: the last value wins from the first day on, {price["Naive"]:.4f} against {price["AR(10)"]:.4f}. The plot looks perfect because it copies the last value.
# * **3.** {trusted["3 temperature"]} days, with the season {trusted["3 temperature, season"]}: at 18 days the skill was the season.
# * **4.** {flow["AR(2)"]:.1f} with two values, and no more of them help. A recent average has {flow["SES"]:.1f}, the mean {flow["Mean"]:.1f}. To its own past most of the flow is noise, and twenty values only cost.
# * **7.** {forgotten} days.
# * **11.** {late:.2f} instead of {on_time:.2f}. No forecast got worse, the curve only stands in the wrong place. The eye does not notice, so numbers come first.

# %% [markdown] tags=["zh", "answer"]
# * **1.** {trusted["1 sunspots"]} 年。把 11 年的季节也放进基线里，只剩 {trusted["1 sunspots, season"]} 年：有没有“充分证据”，要看跟什么比。
# * **2.** {trusted["2 log price"]}：从第一天起就是最后一个值更好，{price["Naive"]:.4f} 对 {price["AR(10)"]:.4f}。图看上去完美，正因为它在照抄。
# * **3.** {trusted["3 temperature"]} 天，加上季节后 {trusted["3 temperature, season"]} 天：第 18 天的本事其实是季节。
# * **4.** 看两个值是 {flow["AR(2)"]:.1f}，再多看也没有用；近期平均是 {flow["SES"]:.1f}，均值是 {flow["Mean"]:.1f}。对它自己的过去来说，流量大半是噪声，看二十个值只有坏处。
# * **7.** {forgotten} 天。
# * **11.** {late:.2f}，本来是 {on_time:.2f}。预测一点没变差，只是曲线画错了地方。眼睛看不出来，所以要先看数字。

# %% [markdown] tags=["en", "exercise"]
# ## Before you leave
#
# 1. T = 500, tau = 10, H = 20: how many rows does the matrix have?
# 2. 300 pairs train, tau = 10: what is the first held-out origin?
# 3. tau = 2: what are the inputs of the 3-step forecast from origin o?
# 4. May the training pairs be shuffled? When may you not shuffle?
# 5. One-step RMSE of 0.15 under noise of 0.2: what happened?
# 6. Why can the direct method not help at tau = 4?
# 7. Where is the noise floor at k = 64?
# 8. A forecast goes flat. Two causes, and how do you tell them apart?

# %% [markdown] tags=["zh", "exercise"]
# ## 走之前的小测验
#
# 1. T = 500，tau = 10，H = 20：矩阵有几行？
# 2. 300 个样本训练，tau = 10：第一个留出的预测起点是几？
# 3. tau = 2：从起点 o 出发，第 3 步预测的输入是哪些值？
# 4. 训练样本可以打乱吗？什么时候不可以？
# 5. 噪声是 0.2，单步均方根误差却是 0.15：出了什么事？
# 6. tau = 4 时，直接法为什么帮不上忙？
# 7. 第 64 步的噪声下限在哪里？
# 8. 预测变平了。有哪两种原因？怎样分辨？

# %%
test = sa.AR(lags=10).fit(np.arange(500.0)[:310])
test_rows = len(sa.k_step(test, np.arange(500.0), horizon=20, train=0).origins)
first_held = 300 + 10
print(f"1: {test_rows} rows = 500 - 10 - 20 + 1;  2: {first_held};  7: {floor[63]:.1f}")
assert test_rows == 500 - 10 - 20 + 1 == 471 and first_held == 310 and floor[63] == 0.2

# %% [markdown] tags=["en", "answer"]
# 1. {test_rows} rows: 500 - 10 - 20 + 1.
# 2. {first_held}: 300 pairs touch 310 values.
# 3. Two own forecasts, those of steps 1 and 2: nothing seen is left.
# 4. Pairs of the training part yes; not time, and not before the split.
# 5. The future leaked in; run the audit.
# 6. The wall is the window: four values do not hold the direction, whatever is done with them.
# 7. Where it is at k = 1: {floor[63]:.1f}.
# 8. Either the dominant root is real, so that the window is too short for the noise (a longer one turns the root complex, and the forecast swings); or
#    a net sits on a fixed point (another seed rests elsewhere).
#
# Seven of eight, and you can be trusted with k steps.

# %% [markdown] tags=["zh", "answer"]
# 1. {test_rows} 行：500 - 10 - 20 + 1。
# 2. {first_held}：300 个样本用到 310 个值。
# 3. 两个自己的预测，第 1 步和第 2 步的：看到的值一个也不剩。
# 4. 训练段里的样本可以打乱；时间不可以，划分之前也不可以。
# 5. 看到了未来，是数据泄漏；做一次因果审计。
# 6. 墙是窗口：四个值里没有方向，怎么用都一样。
# 7. 和第 1 步一样：{floor[63]:.1f}。
# 8. 要么主特征根是实数，窗口相对噪声太短（窗口加长，根变成复数，预测就会摆动）；要么网络停在了不动点上（换一个随机种子，就停到别处去）。
#
# 八题对了七题，k 步预测就可以放心交给你了。
