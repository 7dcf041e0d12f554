"""Make the two pages "the note, line by line" out of their one list of rows, and run every row: `make lesson`.

A row is a heading, formula, worked example, cell or picture of the note: what the note says there, our call, the figure that
it gives, and what that is equal to. The call is run as it stands on the page. `theirs`, run before it, is the note's own way,
with loops; `after` is what can be made only after it; every line of `holds` must be true. The figures on the pages are those
of the run.

    python docs/make_note.py            write docs/the-note.md, docs/zh/the-note.md and docs/images/error-by-tau.png
"""

from __future__ import annotations

import contextlib
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PAGES = {"en": HERE / "the-note.md", "zh": HERE / "zh" / "the-note.md"}


@dataclass(frozen=True)
class Row:
    """One line of the note. `names` are the headings and pictures of the note that it answers."""

    names: tuple[str, ...]
    en: str
    zh: str
    ours: str
    figure: str
    equal_en: str
    equal_zh: str
    holds: str
    theirs: str = ""
    after: str = ""


SETUP = """
import copy
import numpy as np
import torch
from torch import nn
import stepahead as sa

T, tau, n_train, max_steps = 1000, 4, 600, 64
series = sa.datasets.noisy_sine(seed=0)
x, time = series.values, series.times
"""
"""What stands at the head of the pages; the calls go on from here."""

UNSEEN = """
torch.set_num_threads(1)
torch.manual_seed(0)
rms = lambda errors: float(np.sqrt(np.mean(np.square(errors))))
loss = nn.MSELoss(reduction="none")

def get_net():
    net = nn.Sequential(nn.Linear(tau, 10), nn.ReLU(), nn.Linear(10, 1))
    for layer in (net[0], net[2]):
        nn.init.xavier_uniform_(layer.weight)
    return net

def train(net, epochs_of_batches, lr=0.01):
    trainer, losses = torch.optim.Adam(net.parameters(), lr), []
    for batches in epochs_of_batches:
        for X, y in batches:
            trainer.zero_grad()
            loss(net(X), y).sum().backward()
            trainer.step()
        with torch.no_grad():
            losses.append(loss(net(F), Y).mean().item())
    return losses

features, labels = np.zeros((T - tau, tau)), x[tau:].reshape(-1, 1)
for i in range(tau):
    features[:, i] = x[i : T - tau + i]
F, Y = (torch.tensor(part[:n_train]).float() for part in (features, labels))
start = get_net()
net = copy.deepcopy(start)
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(F, Y), 16, shuffle=True)
train(net, [loader] * 5)
"""
"""The note's own net, trained by the note's own loop: the `net` of the calls."""

DRAW = """
from matplotlib.figure import Figure
axes = Figure(figsize=(6, 3)).add_subplot()
"""


ROWS = (
    Row(
        ("1.1 什么是序列模型？",),
        "Order carries the meaning: **stock prices**, **speech**, **temperature**. Shuffle it and the meaning is gone.",
        "顺序有意义：**股价**、**语音**、**气温**。打乱顺序，意义就没了。",
        "mixed = np.random.default_rng(0).permutation(x)\n"
        "lost = sa.evaluate(sa.AR(4), mixed, horizon=1, train=604)['AR(4)'].rmse()[0]",
        "f'{lost:.2f}'",
        "the sd of the values: nothing is left to predict from (as it came 0.20)",
        "数值本身的标准差：没有什么可用来预测了（原来的顺序是 0.20）",
        "abs(lost / mixed[604:].std() - 1) < 0.05\nkept < 0.21\nall(len(s) > 1000 for s in three)",
        "kept = sa.evaluate(sa.AR(4), x, horizon=1, train=604)['AR(4)'].rmse()[0]\n"
        "three = [sa.datasets.stock_price(), sa.datasets.speech(), sa.datasets.seattle_temperature()]",
    ),
    Row(
        ("1.2 常见的统计方法",),
        "Window, summary, last state: three ways to say what of the past counts.",
        "窗口、小结、最后的状态：过去该记住什么的三种回答。",
        "three = [sa.AR(4), sa.StateSpace(cycles=1), sa.MarkovChain(bins=8)]\n"
        "table = sa.evaluate(three, series, horizon=64, train=604)",
        "f'{len(table[three[0].name].origins)}'",
        "T - max_steps + 1 - 604 held-out origins, the same for all three",
        "T - max_steps + 1 - 604 个留出的预测起点，三者相同",
        "all(list(table[m.name].origins) == list(range(604, T - max_steps + 1)) for m in three)",
    ),
    Row(
        ("1.2.1 自回归模型",),
        "Only a window tau of one's own past: `x_t ~ P(x_t | x_{t-1}, ..., x_{t-tau})`. (The last few days' notes before an exam.)",
        "只看自己过去的一个窗口 tau：`x_t ~ P(x_t | x_{t-1}, ..., x_{t-tau})`。（考前只翻最近几天的笔记。）",
        "ar = sa.AR(lags=tau).fit(series[:604])\nar.coefficients_",
        "f'{np.abs(ar.coefficients_ - weights[1:]).max():.7f}'",
        "least squares on the note's windows",
        "对笔记的窗口做最小二乘",
        "np.abs(np.r_[ar.intercept_, ar.coefficients_] - weights).max() < 1e-12",
        "design = [[1.0, *x[t - tau : t]] for t in range(tau, 604)]\n"
        "weights = np.linalg.lstsq(np.array(design), x[tau:604], rcond=None)[0]",
    ),
    Row(
        ("1.2.2 隐变量自回归模型",),
        "Keep a summary h_t: `h_t = f(h_{t-1}, x_{t-1}), x_t ~ P(x_t | h_t)`. (Revise from your summary, not from a recording.)",
        "留一份小结 h_t：`h_t = f(h_{t-1}, x_{t-1}), x_t ~ P(x_t | h_t)`。（复习看小结，不听录音。）",
        "latent = sa.Recurrent(Summary()).fit(series[:604])\nstate = latent.encode(series)[0]",
        "f'{np.abs(state - loop).max():.1f}'",
        "the loop `h = h + 0.3 * (x[t - 1] - h)` over all 1000 values; that line is the `update` of `Summary`",
        "循环 `h = h + 0.3 * (x[t - 1] - h)`，全部 1000 个值；这一行就是 `Summary` 的 `update`",
        "len(state) == T\nnp.array_equal(state, loop)",
        "class Summary:\n"
        "    def start(self, rows): return np.zeros(rows)\n"
        "    def update(self, h, y): return h + 0.3 * (y - h)\n"
        "    def advance(self, h): return h, h\n"
        "h, loop = 0.0, []\n"
        "for t in range(1, T + 1):\n"
        "    h = h + 0.3 * (x[t - 1] - h)\n"
        "    loop.append(h)",
    ),
    Row(
        ("Picture",),
        "Picture: the latent chain, `h_1 -> h_2 -> h_3 -> ...`, each h_t giving its x_t and fed by x_{t-1}.",
        "图：隐变量链，`h_1 -> h_2 -> h_3 -> ...`，每个 h_t 给出 x_t，由 x_{t-1} 喂入。",
        "other = x.copy()\nother[9] += 1.0  # x_10, from 1\nmoved = latent.encode(other)[0] != state",
        "f'h_{np.flatnonzero(moved)[0] + 2}'",
        "the first h that x_10 feeds; h_10 itself, which gives x_10, has not seen it. Drawn [below](CHAIN)",
        "x_10 喂入的第一个 h；给出 x_10 的 h_10 本身没有看到它。画在[下面](CHAIN)",
        "not moved[:9].any()\nmoved[9:40].all()\nchain_is_drawn",
        "svg = open('docs/images/latent-chain.svg').read()\n"
        "chain_is_drawn = svg.count('<circle') == 6\n"
        "svg.count('marker-end') == 1\n"
        "svg.count('stroke=\"#1b8246\" d=') == 3",
    ),
    Row(
        ("1.2.3 马尔可夫模型",),
        "Only the last state: `P(x_{t+1} | x_1..x_t) = P(x_{t+1} | x_t)`. (Tomorrow's umbrella depends on today's weather.)",
        "只看最后的状态：`P(x_{t+1} | x_1..x_t) = P(x_{t+1} | x_t)`。（明天带不带伞，只看今天的天气。）",
        "rain = sa.datasets.markov(length=2000, seed=0)\nchain = sa.MarkovChain(order=1).fit(rain)\nchain.transition_",
        "f'{np.abs(chain.transition_ - P).max():.1f}'",
        "the counts of what followed what, each row divided by its sum",
        "数一数谁跟着谁，每行除以行和",
        "np.array_equal(chain.transition_, P)",
        after="seen = rain.values.astype(int)\n"
        "counts = np.zeros((seen.max() + 1,) * 2)\n"
        "for today, tomorrow in zip(seen[:-1], seen[1:]):\n"
        "    counts[today, tomorrow] += 1\n"
        "P = counts / counts.sum(axis=1, keepdims=True)",
    ),
    Row(
        ("1.2.3 马尔可夫模型",),
        "k steps ahead (the note goes one): P^k.",
        "向前 k 步（笔记只走一步）：P^k。",
        "week = chain.power(7)",
        "f'{np.abs(week - np.linalg.matrix_power(P, 7)).max():.1f}'",
        "`np.linalg.matrix_power(P, 7)`; a loop of seven products to 1e-15; and the distribution that the chain forecasts",
        "`np.linalg.matrix_power(P, 7)`；连乘七次的循环，到 1e-15；也就是链所预测的分布",
        "np.array_equal(week, np.linalg.matrix_power(P, 7))\n"
        "np.abs(week - product).max() < 1e-14\n"
        "np.abs(distribution - week[last]).max() < 1e-14",
        "product, last = np.eye(len(P)), int(seen[-1])\nfor _ in range(7):\n    product = product @ P",
        "distribution = chain.predictive(chain.encode(rain), 7).probabilities[-1, -1]",
    ),
    Row(
        ("1.2.4 因果关系",),
        "`P(z_{t+1} | z_t)` can be explained. (Whether it rains today is not decided by tomorrow.)",
        "`P(z_{t+1} | z_t)` 解释得通。（今天下不下雨，不由明天决定。）",
        "verdict = sa.audit(sa.AR(lags=tau), series[:200])\nverdict.causal",
        "f'{verdict.causal}'",
        "what comes after an origin is rewritten to 1e6: no forecast before it changes by a bit",
        "把起点之后的值全改成 1e6：之前的预测一个比特也不变",
        "verdict.causal\nnot leaks",
        "leaks = 0\n"
        "for o in range(120, 200, 7):\n"
        "    other = np.where(np.arange(200) < o, x[:200], 1e6)\n"
        "    one, two = (sa.AR(lags=tau).fit(v[:120]).forecast(v, 8, origin=o) for v in (x[:200], other))\n"
        "    leaks += one.tobytes() != two.tobytes()",
    ),
    Row(
        ("1.2.4 因果关系",),
        "`P(z_t | z_{t+1})` cannot: a model that reads the next value, such as a mean around the present.",
        "`P(z_t | z_{t+1})` 解释不通：模型读了后面的值，例如以现在为中心的平均。",
        "leak = sa.audit(Centred(lags=tau), series[:200], train=120)\nleak.causal, leak.first_leak",
        "f'{leak.causal}, {first}'",
        "False, and the first origin whose forecast changes when what comes after it is rewritten, by a loop over all (`Centred` is an AR on such means)",
        "False，以及逐个起点改写后面的值时，第一个跟着变的预测起点（`Centred` 是看这种平均的 AR）",
        "not leak.causal\nleak.first_leak.origin == first",
        "class Centred(sa.AR):\n"
        "    def encode(self, values, after=None):\n"
        "        v = np.asarray(sa.Series(values).values if not isinstance(values, sa.Series) else values.values)\n"
        "        w = np.r_[v[1:], v[-1]]\n"
        "        return super().encode(v / 2 + w / 2)\n"
        "m = Centred(lags=tau).fit(x[:120])\n"
        "first = None\n"
        "for o in range(120, 193):\n"
        "    other = np.where(np.arange(200) < o, x[:200], 1e6)\n"
        "    one, two = (m.encode(v)[0][o - tau].tobytes() for v in (x[:200], other))\n"
        "    if first is None and one != two:\n"
        "        first = o",
    ),
    Row(
        ("1.3 总结",),
        "Summary: a few steps of the past; a summary; only the most recent; from before to after only. "
        "(The note numbers two chapters 1.3.)",
        "总结：过去的几步；一份小结；只有最近的；只能从前往后。（笔记里有两章都编号 1.3。）",
        "reads = [sa.AR(4).fit(series[:604]).context, sa.MarkovChain(bins=8).fit(series[:604]).context]",
        "f'{reads}'",
        "tau values and 1 value; the size of a summary does not depend on how much it has read, and all four are audited",
        "tau 个值和 1 个值；小结的大小与读了多少无关，四者都通过因果审计",
        "reads == [tau, 1]\nstate.ndim == 1\nverdict.causal",
    ),
    Row(
        ("1.3 代码实践",),
        "Each step comes twice: explained line by line, and as code to copy and run.",
        "每一步出现两次：逐行讲解一次，可以复制运行的代码一次。",
        "book = open('docs/lesson/note-en.ipynb').read()",
        "f'{sum(name in book for name in own)}'",
        "of its six names stand in a notebook that runs: [get_net, train, train_iter, load_array, evaluate_loss, plot](LESSON)",
        "笔记的六个名字里，在能运行的笔记本里的个数：[get_net、train、train_iter、load_array、evaluate_loss、plot](LESSON)",
        "all(name in book and name in source for name in own)\n'import d2l' not in source",
        "source = open('docs/lesson/note.py').read()\n"
        "own = ['def get_net()', 'def train(net, train_iter, loss, epochs, lr)', 'train_iter = load_array(', 'def load_array(',\n"
        "       'def evaluate_loss(', 'def plot(']",
    ),
    Row(
        ("1.3.1 原始数据",),
        "T = 1000, time = 1..T (float32), `x = sin(0.01 time) + N(0, 0.2^2)`.",
        "数据：T = 1000，time = 1..T（float32），`x = sin(0.01 time) + N(0, 0.2^2)`。",
        "sa.datasets.noisy_sine(seed=0)",
        "f'{np.abs(note_x - x).max():.1f}'",
        "the formula, with numpy's random numbers; its times are `torch.arange(1, T + 1, dtype=torch.float32)`",
        "公式本身，用 numpy 的随机数；时间就是 `torch.arange(1, T + 1, dtype=torch.float32)`",
        "np.array_equal(note_x, x)\nnp.array_equal(torch.arange(1, T + 1, dtype=torch.float32).numpy(), time)",
        "note_x = np.sin(0.01 * np.arange(1, T + 1)) + np.random.default_rng(0).normal(0, 0.2, T)",
    ),
    Row(
        ("Figure 1",),
        "Figure 1: x against time, xlim [1, 1000], 6 x 3 inches.",
        "图 1：x 对 time，xlim [1, 1000]，6 x 3 英寸。",
        "axes.plot(series.times, series.values)\naxes.set_xlim(1, 1000)",
        "f'{len(axes.lines[0].get_xdata())}'",
        "T points, at the note's times; drawn in both notebooks and by `make demo`",
        "T 个点，在笔记的时间上；两个笔记本和 `make demo` 都画了它",
        "np.array_equal(axes.lines[0].get_xydata(), np.c_[time, note_x])\n"
        "axes.get_xlim() == (1, 1000)\n"
        "list(axes.figure.get_size_inches()) == [6, 3]",
        DRAW,
    ),
    Row(
        ("1.3.2 转化",),
        "`X_i = [x_i .. x_{i+tau-1}], Y_i = x_{i+tau}`: the first tau values cannot be labels, so T - tau pairs.",
        "`X_i = [x_i .. x_{i+tau-1}], Y_i = x_{i+tau}`：最前面 tau 个值当不了标签，所以是 T - tau 对。",
        "X, y = sa.pairs(series, lags=tau)",
        "f'{len(X)}'",
        "T - tau; and the pairs of the two list comprehensions, apart by 0.0",
        "T - tau；与两个列表推导式得到的样本相差 0.0",
        "len(X) == len(y) == T - tau\nnp.array_equal(X, rows)\nnp.array_equal(y, [x[i + tau] for i in range(T - tau)])",
        "rows = [x[i : i + tau] for i in range(T - tau)]",
    ),
    Row(
        ("1.3.2 转化",),
        "Worked example: tau = 5, x1..x10.",
        "例子：tau = 5，x1..x10。",
        "small, label = sa.pairs(np.arange(1, 11), lags=5)",
        "f'{len(small)}'",
        "10 - 5 pairs: [1..5] -> 6, [2..6] -> 7, [3..7] -> 8, [4..8] -> 9, [5..9] -> 10",
        "10 - 5 对：[1..5] -> 6，[2..6] -> 7，[3..7] -> 8，[4..8] -> 9，[5..9] -> 10",
        "small.tolist() == [[1, 2, 3, 4, 5], [2, 3, 4, 5, 6], [3, 4, 5, 6, 7], [4, 5, 6, 7, 8], [5, 6, 7, 8, 9]]\n"
        "label.tolist() == [6, 7, 8, 9, 10]",
    ),
    Row(
        ("1.3.3 基本数据处理",),
        "tau = 4: features filled by column, `features[:, i] = x[i : T - tau + i]`; labels `x[tau:]` as a column.",
        "tau = 4：特征矩阵按列填，`features[:, i] = x[i : T - tau + i]`；标签 `x[tau:]` 排成一列。",
        "X, y = sa.pairs(series, lags=tau)",
        "f'{max(np.abs(X - features).max(), np.abs(y - labels[:, 0]).max()):.1f}'",
        "the note's features and labels, shape (996, 4)",
        "笔记的特征和标签，形状 (996, 4)",
        "X.shape == (996, 4)\nnp.array_equal(X, features)\nnp.array_equal(y[:, None], labels)",
    ),
    Row(
        ("1.3.3 基本数据处理",),
        "Worked example: tau = 3, T = 6.",
        "例子：tau = 3，T = 6。",
        "small, label = sa.pairs(np.arange(1, 7), lags=3)",
        "f'{len(small)}'",
        "6 - 3 rows: [1 2 3] -> 4, [2 3 4] -> 5, [3 4 5] -> 6",
        "6 - 3 行：[1 2 3] -> 4，[2 3 4] -> 5，[3 4 5] -> 6",
        "np.array_equal(small, filled)\nsmall.tolist() == [[1, 2, 3], [2, 3, 4], [3, 4, 5]]\nlabel.tolist() == [4, 5, 6]",
        "filled = np.zeros((3, 3))\nfor i in range(3):\n    filled[:, i] = np.arange(1, 7)[i : 6 - 3 + i]",
    ),
    Row(
        ("1.3.3 基本数据处理",),
        "The first n_train = 600 pairs train, batch_size = 16, shuffled.",
        "前 n_train = 600 对用来训练，batch_size = 16，打乱。",
        "pairs = torch.utils.data.TensorDataset(*(torch.tensor(part).float() for part in sa.pairs(series[:604], lags=tau)))\n"
        "loader = torch.utils.data.DataLoader(pairs, batch_size=16, shuffle=True)",
        "f'{len(loader.dataset)}'",
        "the note's 600 pairs, each once an epoch, in 38 batches; `train=604` counts values",
        "笔记的 600 对，每轮各一次，分成 38 批；`train=604` 数的是值",
        "len(batches) == 38\n"
        "torch.equal(torch.cat([b for b, _ in batches]).sort(0)[0], F.sort(0)[0])\n"
        "torch.equal(pairs.tensors[0], F)\n"
        "torch.equal(pairs.tensors[1], Y[:, 0])\n"
        "not torch.equal(batches[0][0], F[:16])",
        after="batches = list(loader)",
    ),
    Row(
        ("1.3.4 模型架构",),
        "`Linear(tau, 10) - ReLU - Linear(10, 1)`, its own module.",
        "`Linear(tau, 10) - ReLU - Linear(10, 1)`，笔记自己的模块。",
        "model = sa.from_torch(net, lags=tau, training=None)  # trained already: no weight moves\nmodel.forecast(series, horizon=1)",
        "f'{abs(model.forecast(series, horizon=1)[0] - last):.1f}'",
        "`net(x[-tau:])`, with the weights as they were",
        "`net(x[-tau:])`，权重原封不动",
        "model.forecast(series, horizon=1)[0] == last\n"
        "all(torch.equal(a, b) for a, b in zip(before, net.state_dict().values()))",
        "before = [w.clone() for w in net.state_dict().values()]\nlast = net(torch.tensor(x[-tau:]).float()).item()",
    ),
    Row(
        ("1.3.4 模型架构",),
        "Xavier-uniform weights for every Linear layer.",
        "每个 Linear 层用 Xavier 均匀分布初始化。",
        "drawn = sa.MLP(lags=tau, training=sa.Training(learning_rate=1e-30)).fit(series[:604])\nfirst, second = drawn.weights1_[0][:-1], drawn.weights2_[0][:-1]",
        "f'{np.abs(first).max():.3f}, {np.abs(second).max():.3f}'",
        "inside sqrt(6 / (in + out)) = 0.655 and 0.739, and more than half of it",
        "在 sqrt(6 / (in + out)) = 0.655 和 0.739 之内，并且超过它的一半",
        "all(b / 2 < np.abs(w).max() <= b for w, b in zip((first, second), bounds))\n"
        "all(b / 2 < l.weight.abs().max().item() <= b for l, b in zip((start[0], start[2]), bounds))\n"
        "[round(b, 3) for b in bounds] == [0.655, 0.739]",
        "bounds = [(6 / (4 + 10)) ** 0.5, (6 / (10 + 1)) ** 0.5]",
    ),
    Row(
        ("1.3.4 模型架构", "Figure 2"),
        "Squared error (`reduction='none'`), summed and differentiated; Adam, lr = 0.01, 5 epochs; after each epoch "
        "`epoch 1, loss: 0.0xxxxx`. Figure 2: that output.",
        "平方误差（`reduction='none'`），求和再求导；Adam，lr = 0.01，5 轮；每轮之后打印 `epoch 1, loss: 0.0xxxxx`。图 2 就是这些输出。",
        "fitted = sa.from_torch(start, lags=tau).fit(series[:604])\nprint(fitted.log())",
        "'<br>'.join(fitted.log().splitlines())",
        "the note's loop on the same batches, line by line, to 1e-6; drawn in both notebooks",
        "同样的批次上笔记的循环，一行一行相同，到 1e-6；两个笔记本都画了它",
        "np.abs(np.array(losses) - fitted.losses_).max() < 1e-6\n"
        "fitted.log() == '\\n'.join(f'epoch {i + 1}, loss: {l:f}' for i, l in enumerate(fitted.losses_))\n"
        "all(line.startswith(f'epoch {i + 1}, loss: 0.0') for i, line in enumerate(fitted.log().splitlines()))",
        "from stepahead.models.windowed import batch_order\n"
        "order = batch_order(0, 0, n_train, 5)\n"
        "losses = train(copy.deepcopy(start), [[(F[e[i : i + 16]], Y[e[i : i + 16]]) for i in range(0, 600, 16)] for e in order])",
    ),
    Row(
        ("1.3.4 模型架构",),
        "The same net without torch.",
        "同样的网络，不用 torch。",
        "mlp = sa.MLP(lags=tau).fit(series[:604])\nmlp.losses_",
        "f'{mlp.losses_[-1]:.4f}'",
        "the same loop on the same start and batches in 64 bits, every epoch to 1e-9",
        "同样的起点和批次，64 位的同一个循环，每一轮都到 1e-9",
        "np.abs(np.array(doubled) - mlp.losses_).max() < 1e-9",
        "one = sa.MLP(lags=tau)\n"
        "wide = copy.deepcopy(start).double()\n"
        "with torch.no_grad():\n"
        "    for layer, w in zip((wide[0], wide[2]), one._start(0)):\n"
        "        layer.weight.copy_(torch.tensor(w[:-1].T))\n"
        "        layer.bias.copy_(torch.tensor(w[-1]))\n"
        "F, Y = (torch.tensor(part[:n_train]) for part in (features, labels))\n"
        "doubled = train(wide, [[(F[e[i : i + 16]], Y[e[i : i + 16]]) for i in range(0, 600, 16)] for e in order])\n"
        "F, Y = F.float(), Y.float()",
    ),
    Row(
        ("1.3.4 预测",),
        "Three ways to predict: one step, many steps, k steps.",
        "三种预测：单步、多步、K步。",
        "every = sa.k_step(model, series, horizon=64, train=0)  # row: an origin; column: a step",
        "f'{np.abs(every.predictions[600] - model.forecast(series, 64, origin=604)).max():.5f}'",
        "many steps are a row of it, one step its first column, k steps its column k",
        "多步是它的一行，单步是第一列，K步是第 k 列",
        "np.abs(every.predictions[600] - model.forecast(series, 64, origin=604)).max() < 1.4e-6\n"
        "np.abs(every.predictions[:, 0] - sa.k_step(model, series, 1, train=0).predictions[:933, 0]).max() < 2.5e-7",
    ),
    Row(
        ("单步预测",),
        "One step: every prediction from observed values, `net(features)`; errors do not accumulate.",
        "单步：每个预测都来自观测值，`net(features)`；误差不累积。",
        "one = sa.k_step(model, series, horizon=1, train=0).predictions[:, 0]",
        "f'{np.abs(one - onestep).max():.6f}'",
        "`net(features)`, all 996",
        "`net(features)`，全部 996 个",
        "len(one) == 996\nnp.abs(one - onestep).max() < 2.5e-7",
        "with torch.no_grad():\n    onestep = net(torch.tensor(features).float())[:, 0].double().numpy()",
    ),
    Row(
        ("Figure 3",),
        "Figure 3: data and 1-step predictions over `time[tau:]`.",
        "图 3：数据和单步预测，画在 `time[tau:]` 上。",
        "axes.plot(time, x)\naxes.plot(time[tau:], one)\naxes.set_xlim(1, 1000)",
        "f'{len(axes.lines[1].get_xdata())}'",
        "T - tau points, the first at time 5",
        "T - tau 个点，第一个在时刻 5",
        "np.abs(axes.lines[1].get_xydata() - np.c_[time[tau:], onestep]).max() < 2.5e-7\n"
        "axes.lines[1].get_xdata()[0] == 5\n"
        "axes.get_xlim() == (1, 1000)",
        DRAW,
    ),
    Row(
        ("多步预测",),
        "Many steps, recursively: from index n_train + tau = 604 to 999 on the model's own predictions.",
        "多步，递归：从下标 n_train + tau = 604 到 999，用模型自己的预测往下走。",
        "many = model.forecast(series, horizon=396, origin=604)",
        "f'{np.abs(many - multistep[604:]).max():.6f}'",
        "the note's loop `y[i] = net(y[i - tau : i])`, all 396",
        "笔记的循环 `y[i] = net(y[i - tau : i])`，全部 396 个",
        "len(many) == 396\nnp.abs(many - multistep[604:]).max() < 2.5e-7",
        "y = torch.tensor(x).float()\n"
        "y[604:] = 0\n"
        "with torch.no_grad():\n"
        "    for i in range(604, T):\n"
        "        y[i] = net(y[i - tau : i].reshape(1, -1)).item()\n"
        "multistep = y.double().numpy()",
    ),
    Row(
        ("多步预测",),
        "... or directly, several steps at once.",
        "……或者直接，一次几步。",
        "at_once = sa.AR(lags=tau, chunk=64).fit(series[:604])\ndirect = at_once.forecast(series, horizon=64, origin=604)",
        "f'{np.abs(direct - own).max():.7f}'",
        "64 regressions, one for each step, each on the windows whose 64 targets are in the training part",
        "64 个回归，每步一个，窗口的 64 个目标都在训练段里",
        "np.abs(direct - own).max() < 1e-12",
        "windows = np.array([[1.0, *x[t - tau : t]] for t in range(tau, 604 - 63)])\n"
        "own = [np.r_[1.0, x[600:604]] @ np.linalg.lstsq(windows, x[tau + k : 604 - 63 + k], rcond=None)[0] for k in range(64)]",
    ),
    Row(
        ("Figure 4",),
        "Figure 4: data, 1-step, multi-step.",
        "图 4：数据、单步、多步。",
        "axes.plot(time, x)\naxes.plot(time[tau:], one)\naxes.plot(time[604:], many)\naxes.set_xlim(1, 1000)",
        "f'{len(axes.lines[2].get_xdata())}'",
        "T - 604 points, the first at time 605",
        "T - 604 个点，第一个在时刻 605",
        "len(axes.lines) == 3\n"
        "np.abs(axes.lines[2].get_xydata() - np.c_[time[604:], multistep[604:]]).max() < 2.5e-7\n"
        "axes.lines[2].get_xdata()[0] == 605",
        DRAW,
    ),
    Row(
        ("K步预测",),
        "k = 1, 4, 16, 64: a matrix of T - tau - max_steps + 1 rows and tau + max_steps columns; column i from the tau before it.",
        "k = 1、4、16、64：矩阵有 T - tau - max_steps + 1 行、tau + max_steps 列；第 i 列由它前面 tau 列算出。",
        "every = sa.k_step(model, series, horizon=64, train=0)",
        "f'{matrix.shape}'",
        "the note's matrix in 32 bits to 1.4e-6; the same net in 64 bits, to 5e-7 and better (1e-13)",
        "笔记的矩阵，32 位到 1.4e-6；同一个网络用 64 位，到 5e-7，实际更小（1e-13）",
        "matrix.shape == (933, 68)\n"
        "every.predictions.shape == (933, 64)\n"
        "np.abs(every.predictions - matrix[:, tau:]).max() < 1.4e-6\n"
        "np.abs(sa.k_step(sa.from_torch(wide, lags=tau, training=None), series, 64, train=0).predictions - doubled[:, tau:]).max() < 1e-13",
        "def k_matrix(net, dtype):\n"
        "    m = torch.zeros(T - tau - max_steps + 1, tau + max_steps, dtype=dtype)\n"
        "    for i in range(tau):\n"
        "        m[:, i] = torch.tensor(x[i : i + T - tau - max_steps + 1])\n"
        "    with torch.no_grad():\n"
        "        for i in range(tau, tau + max_steps):\n"
        "            m[:, i] = net(m[:, i - tau : i]).reshape(-1)\n"
        "    return m.double().numpy()\n"
        "wide = copy.deepcopy(net).double()\n"
        "matrix, doubled = k_matrix(net, torch.float32), k_matrix(wide, torch.float64)",
    ),
    Row(
        ("Figure 5",),
        "Figure 5: for each k the column tau + k - 1 against `time[tau + k - 1 : T - max_steps + k]`, xlim [5, 1000].",
        "图 5：对每个 k，第 tau + k - 1 列对 `time[tau + k - 1 : T - max_steps + k]`，xlim [5, 1000]。",
        "for k in (1, 4, 16, 64): axes.plot(time[every.origins + k - 1], every.predictions[:, k - 1])\naxes.set_xlim(5, 1000)",
        "f'{len(axes.lines)}'",
        "the note's four curves, at the note's times (0.0), in the note's places (1.4e-6)",
        "笔记的四条曲线，时间相差 0.0，高低相差 1.4e-6 以内",
        "all(np.array_equal(line.get_xdata(), time[tau + k - 1 : T - max_steps + k]) and np.abs(line.get_ydata() - matrix[:, tau + k - 1]).max() < 1.4e-6 for k, line in zip((1, 4, 16, 64), axes.lines))\n"
        "len(axes.lines) == 4\n"
        "axes.get_xlim() == (5, 1000)",
        DRAW,
    ),
    Row(
        ("为什么出现公式",),
        "Why T - tau - max_steps + 1: each origin t needs t + max_steps <= T.",
        "为什么是 T - tau - max_steps + 1：每个起点 t 都要满足 t + max_steps <= T。",
        "len(every.origins)",
        "f'{len(every.origins)}'",
        "the origins of a count, t + max_steps <= T from t = tau on; one step alone has 996",
        "逐个数出来的起点，从 t = tau 起，t + max_steps <= T；只走一步有 996 个",
        "list(every.origins) == counted\nlen(counted) == T - tau - max_steps + 1 == 933",
        "counted = [t for t in range(tau, T + 1) if t + max_steps <= T]",
    ),
    Row(
        ("为什么出现公式",),
        "Worked example: T = 6, tau = 2: 1-step t3 t4 t5, 2-step t4 t5 t6, 3-step t5 t6 then t7, which does not exist.",
        "例子：T = 6，tau = 2：1 步 t3 t4 t5，2 步 t4 t5 t6，3 步 t5 t6，再往后是 t7，不存在。",
        "toy = sa.baselines.Naive().fit([1.0, 2.0])\n"
        "rows = [len(sa.k_step(toy, np.arange(1.0, 7.0), H, origins=range(2, 7 - H), train=0).origins) for H in (1, 2, 3)]",
        "f'{rows}'",
        "6 - 2 - H + 1 rows for H = 1, 2, 3; with three steps the targets are t3 t4 / t4 t5 / t5 t6, and t7 has no row",
        "H = 1、2、3 时 6 - 2 - H + 1 行；走三步时目标是 t3 t4 / t4 t5 / t5 t6，t7 没有行",
        "rows == [6 - 2 - H + 1 for H in (1, 2, 3)]\nthree.actuals.T.tolist() == [[3, 4], [4, 5], [5, 6]]\nfourth is not None",
        after="three = sa.k_step(toy, np.arange(1.0, 7.0), 3, origins=range(2, 4), train=0)\n"
        "try:\n"
        "    fourth = sa.k_step(toy, np.arange(1.0, 7.0), 3, origins=[4], train=0) and None\n"
        "except sa.errors.ParameterError as error:\n"
        "    fourth = error",
    ),
    Row(
        ("slip 1",),
        "Slip: `Linear(2, 10)` beside tau = 4.",
        "笔误：tau = 4 旁边写着 `Linear(2, 10)`。",
        "mlp.weights1_.shape  # one row more: the bias",
        "f'{mlp.weights1_.shape}'",
        "(1, tau + 1, 10): the window sizes the layer; the note's raises RuntimeError",
        "(1, tau + 1, 10)：窗口决定层的宽度；笔记的写法报 RuntimeError",
        "mlp.weights1_.shape == (1, tau + 1, 10)\nraised",
        "try:\n"
        "    raised = nn.Sequential(nn.Linear(2, 10), nn.ReLU(), nn.Linear(10, 1))(F) is None\n"
        "except RuntimeError:\n"
        "    raised = True",
    ),
    Row(
        ("slip 2",),
        "Slip: `max_steps = 64` is defined only in a comment.",
        "笔误：`max_steps = 64` 只写在注释里。",
        "sa.k_step(model, series, horizon=64, train=0)",
        "f'{every.steps[-1]}'",
        "max_steps is an argument, and nothing else is; the note's cell raises NameError ([run](LESSON))",
        "max_steps 是一个参数，别处没有；笔记的那一段报 NameError（[运行](LESSON)）",
        "every.steps[-1] == max_steps\n'except NameError' in source",
    ),
    Row(
        ("slip 3",),
        "Slip: the explained training code is Paddle's, the runnable one PyTorch's.",
        "笔误：讲解的训练代码是 Paddle 的，能运行的是 PyTorch 的。",
        "sa.from_torch(start, lags=tau).fit(series[:604])",
        "f'{len(fitted.losses_)}'",
        "epochs of the loop above, the runnable one; PyTorch has no `clear_grad`",
        "轮数，就是上面那个能运行的循环；PyTorch 没有 `clear_grad`",
        "len(fitted.losses_) == 5\nnot hasattr(torch.optim.Adam, 'clear_grad')",
    ),
    Row(
        ("slip 4",),
        "Slip: `d2l` (plotting, `load_array`, `evaluate_loss`) pins numpy 1.23.5.",
        "笔误：`d2l`（画图、`load_array`、`evaluate_loss`）把 numpy 钉在 1.23.5。",
        "import stepahead  # numpy, and no d2l",
        "'0'",
        "imports of d2l here or in [the notebook](LESSON); the three are ten lines there",
        "处 d2l 的导入，这里和[笔记本](LESSON)里都没有；那三样在那里各写几行",
        "'d2l' not in __import__('sys').modules\n'import d2l' not in source\n'from d2l' not in source",
    ),
    Row(
        ("slip 5",),
        "Slip: its k-step cell keeps autograd on while writing into the matrix.",
        "笔误：K步那一段写矩阵时没有关自动求导。",
        "kept = sa.k_step(model, series, horizon=64, train=0).predictions",
        "f'{kept.nbytes:,}'",
        "bytes, 8 a forecast: arrays of numpy, no history of gradients; the note's matrix has one",
        "字节，每个预测 8 个：numpy 数组，不留梯度历史；笔记的矩阵留着",
        "kept.nbytes == 8 * 933 * 64\nhistory is not None",
        "history = net(torch.tensor(features).float()).grad_fn",
    ),
    Row(
        ("slip 6",),
        "Slip: the k-step matrix mixes training origins with held-out ones.",
        "笔误：K步的矩阵把训练段里的起点和留出的起点混在一起。",
        "apart = sa.k_step(model, series, horizon=64, train=604)",
        "f'{len(apart.training.origins)} + {len(apart.origins)}'",
        "the 933 rows of the note, told apart at 604",
        "笔记的 933 行，在 604 处分开",
        "len(apart.training.origins) + len(apart.origins) == 933\napart.origins[0] == 604\napart.training.origins[-1] == 603",
    ),
    Row(
        ("slip 7",),
        "Slip: it looks at the errors and never prints them.",
        "笔误：只看误差的图，从不打印误差。",
        "sa.k_step(model, series, horizon=64, train=604).rmse()[[0, 3, 15, 63]]",
        "', '.join(f'{e:.2f}' for e in apart.rmse()[[0, 3, 15, 63]])",
        "RMSE at k = 1, 4, 16, 64 of this one net, by hand from the note's matrix to 1e-6. Repeating the last value has 0.54 at 64; "
        "over the 20 draws of the [lesson](COURSE) the net's mean is 0.74, and the noise is 0.2",
        "这一个网络在 k = 1、4、16、64 的均方根误差，与由笔记的矩阵手算的相差不到 1e-6。第 64 步照抄最后一个值是 0.54；"
        "[课程](COURSE)里 20 次抽样，网络的平均是 0.74，噪声是 0.2",
        "np.abs(apart.rmse() - by_hand).max() < 1e-6\nround(naive, 2) == 0.54",
        "truth = np.array([[x[o + k] for k in range(64)] for o in range(604, 937)])\n"
        "by_hand = np.sqrt(np.mean((matrix[600:, tau:] - truth) ** 2, axis=0))\n"
        "naive = rms(truth[:, 63] - x[603:936])",
    ),
)


def run() -> list[str]:
    """Run every row from top to bottom in one space, and give its figure; an AssertionError names the row that fails."""
    space: dict[str, Any] = {"__name__": "the_note"}
    exec(SETUP + UNSEEN, space)
    figures: list[str] = []
    with warnings.catch_warnings(), contextlib.chdir(HERE.parent):
        warnings.simplefilter("ignore")
        _run(space, figures)
    return figures


def _run(space: dict[str, Any], figures: list[str]) -> None:
    for number, row in enumerate(ROWS):
        for code in (row.theirs, row.ours, row.after):
            exec(compile(code, f"row {number + 1}: {row.en}", "exec"), space)
        for line in row.holds.splitlines():
            if not eval(line, space):
                raise AssertionError(f"row {number + 1}, {row.names[0]}: {line}")
        figures.append(str(eval(row.figure, space)))


TITLES = {
    "1.1 什么是序列模型？": "What a sequence model is",
    "1.2 常见的统计方法": "The statistical methods",
    "1.2.1 自回归模型": "The autoregressive model",
    "1.2.2 隐变量自回归模型": "The latent autoregressive model",
    "1.2.3 马尔可夫模型": "The Markov model",
    "1.2.4 因果关系": "Causality",
    "1.3 总结": "Summary",
    "1.3 代码实践": "In code",
    "1.3.1 原始数据": "The data",
    "1.3.2 转化": "Embedding",
    "1.3.3 基本数据处理": "The pairs",
    "1.3.4 模型架构": "The model",
    "1.3.4 预测": "Prediction",
    "单步预测": "One step",
    "多步预测": "Many steps",
    "K步预测": "k steps",
    "为什么出现公式": "Why T - tau - max_steps + 1",
}
"""The note's headings in English; its own stand beside them."""


def title(heading: str, language: str) -> str:
    """A heading of the note, with its own number and title."""
    if language == "zh" or heading not in TITLES:
        return heading
    number, _, words = heading.rpartition(" ")
    return f"{number} {TITLES[heading]} ({words})".strip()


WORDS = {
    "en": {
        "title": "The note, line by line",
        "head": (
            "Every heading, formula, worked example, cell and picture of the teaching note 《序列建模基础》 (basics of sequence "
            "modelling), in its order, with its own numbers and titles: what it says, our call, the figure that the call gives, and "
            "what that is equal to.\nEvery row of this page is run by a test; the loops that it is compared with stand in "
            "`docs/make_note.py`. The note's own cells, run: [notebook](LESSON). What it all means: [lesson](COURSE).\n\n"
            "The calls go on from here; `net` is the note's own net, trained by the note's own loop:"
        ),
        "columns": ("The note", "Our call", "Figure", "Equal to"),
        "chain": "## The latent chain\n\nThe note's first picture (1.2.2 隐变量自回归模型): each h_t gives its x_t, and the next h is made "
        "of h_t and x_t.",
        "alt": "The latent chain: h_1 to h_2 to h_3 and on; each h_t gives its x_t, and each x_(t-1) feeds h_t",
        "tau": "## Error against tau\n\nWhat the note's one-step picture cannot show: how long a window has to be depends on how far ahead it "
        "has to see. AR(tau), mean over 20 draws, held-out origins 604 to 936.",
        "tau_alt": "RMSE against tau, 1 to 128: one step ahead it is flat from tau = 8 on; 64 steps ahead it falls until 128",
        "loader": "## From pairs to a DataLoader\n\nTwo lines:",
        "slips": "What the note gets wrong, and we get right",
    },
    "zh": {
        "title": "笔记逐行对照",
        "head": (
            "教学笔记《序列建模基础》的每一个标题、公式、例子、代码和图，次序、编号、题目都照原样：笔记怎么说，我们的一行代码，"
            "得到的数，以及它等于什么。\n本页每一行都由测试运行；用来对照的循环在 `docs/make_note.py` 里。"
            "笔记自己的代码，能运行的：[笔记本](LESSON)。这一切意味着什么：[课程](COURSE)。\n\n"
            "各行代码从这里接着写；`net` 是笔记自己的网络，由笔记自己的循环训练："
        ),
        "columns": ("笔记", "我们的代码", "数", "等于什么"),
        "chain": "## 隐变量链\n\n笔记的第一幅图（1.2.2 隐变量自回归模型）：每个 h_t 给出自己的 x_t，下一个 h 由 h_t 和 x_t 得到。",
        "alt": "隐变量链：h_1 到 h_2 到 h_3，一直下去；每个 h_t 给出 x_t，每个 x_(t-1) 喂给 h_t",
        "tau": "## 误差与 tau\n\n笔记的单步图看不出来的事：窗口要多长，取决于要看多远。AR(tau)，20 次抽样的平均，留出的预测起点 604 到 936。",
        "tau_alt": "均方根误差与 tau，1 到 128：向前 1 步，从 tau = 8 起就平了；向前 64 步，一直降到 128",
        "loader": "## 从样本到 DataLoader\n\n两行：",
        "slips": "笔记里的错，我们改对了",
    },
}
LINKS = {
    "en": {
        "LESSON": "lesson/note-en.ipynb",
        "COURSE": "lesson/lesson-en.ipynb",
        "IMAGES": "images",
        "CHAIN": "#the-latent-chain",
    },
    "zh": {
        "LESSON": "../lesson/note-zh.ipynb",
        "COURSE": "../lesson/lesson-zh.ipynb",
        "IMAGES": "../images",
        "CHAIN": "#隐变量链",
    },
}


def cell(text: str) -> str:
    """Text in a cell of a table: a bar there would end it."""
    return text.replace("|", r"\|")


def page(language: str, figures: list[str]) -> str:
    """The page of one language."""
    words = WORDS[language]
    out = [f"# {words['title']}", words["head"], f"```python\n{SETUP.strip()}\n```"]
    section, table = "", []
    for row, figure in zip(ROWS, figures, strict=True):
        name = row.names[0]
        heading = words["slips"] if name.startswith("slip") else section if name[0] in "PF" else name
        if heading != section:
            section = heading
            out.append(f"## {title(section, language)}")
            table = ["{.the-note}", "| " + " | ".join(words["columns"]) + " |", "|---|---|---|---|"]
            out.append("")
        says, equal = (row.en, row.equal_en) if language == "en" else (row.zh, row.equal_zh)
        calls = "<br>".join(f"`{line}`" for line in row.ours.splitlines())
        table.append(f"| {cell(says)} | {cell(calls)} | {cell(figure)} | {cell(equal)} |")
        out[-1] = "\n".join(table)
    out += [words["chain"], f"![{words['alt']}](IMAGES/latent-chain.svg)"]
    out += [words["tau"], f"![{words['tau_alt']}](IMAGES/error-by-tau.png)"]
    loader = next(row.ours for row in ROWS if "DataLoader" in row.ours)
    out += [words["loader"], f"```python\n{loader}\n```"]
    text = "\n\n".join(out) + "\n"
    for name, target in LINKS[language].items():
        text = text.replace(f"]({name}", f"]({target}")
    return text


def errors_by_tau(seeds: int = 20) -> tuple[list[int], Any]:
    """The lengths of window, and RMSE at k = 1 and 64 of AR(tau) on the held-out origins, [windows, 2], mean over draws."""
    import numpy as np

    import stepahead as sa

    taus = [1, 2, 4, 8, 16, 32, 64, 128]
    found = []
    for seed in range(seeds):
        series = sa.datasets.noisy_sine(seed=seed)
        found.append([sa.k_step(sa.AR(tau).fit(series[:604]), series, 64, steps=[1, 64]).rmse() for tau in taus])
    return taus, np.mean(found, axis=0)


def draw_tau(file: Path) -> None:
    """The error against tau, one step ahead and 64; the words in it are symbols, so that it serves both languages."""
    from matplotlib.figure import Figure

    taus, errors = errors_by_tau()
    figure = Figure(figsize=(6, 3), dpi=160, layout="constrained", facecolor="white")
    axes = figure.add_subplot()
    for column, (label, colour) in enumerate((("k = 1", "#2f78e0"), ("k = 64", "#a33b00"))):
        axes.plot(taus, errors[:, column], "o-", color=colour, markerfacecolor="white")
        axes.annotate(
            label, (taus[1], errors[1, column]), xytext=(0, 7), textcoords="offset points", color=colour, ha="center"
        )
    axes.axhline(0.2, color="#16191d", linestyle="--", linewidth=0.8)
    axes.annotate("0.2", (1, 0.2), xytext=(0, -11), textcoords="offset points", color="#16191d")
    axes.set_xscale("log", base=2)
    axes.set_xticks(taus, [str(tau) for tau in taus])
    axes.set(xlabel="tau", ylabel="RMSE", ylim=(0, 0.8))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#d9dde1", linewidth=0.5)
    figure.savefig(file, metadata={"Software": None})


def main() -> int:
    """Run the rows, write both pages and draw the picture that only they have."""
    draw_tau(HERE / "images" / "error-by-tau.png")
    figures = run()
    for language, file in PAGES.items():
        file.write_text(page(language, figures))
    print(f"{len(ROWS)} rows hold")
    return 0


if __name__ == "__main__":
    sys.exit(main())
