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
# # The note's own cells, and ours beside them
#
# The six cells of the note 《序列建模基础》 as it has them, under its own names, without `d2l`. What does not run there is
# mended and marked **mended**. After each cell stands our line, and the `assert` that the two agree.
#
# The code is the same in both languages: [中文版](note-zh.ipynb). It needs stepahead, torch and matplotlib.
# The [lesson](lesson-en.ipynb) asks what all this means; [the note, line by line](../the-note.md) lists every line of it.

# %% [markdown] tags=["zh", "title"]
# # 笔记原来的代码，旁边是我们的
#
# 笔记《序列建模基础》的六段代码，名字照旧，不用 `d2l`。原文里跑不通的地方改好了，并标出**已改**。
# 每段之后是我们的一行，和确认两者相等的 `assert`。
#
# 两种语言的代码完全相同：[English](note-en.ipynb)。运行它要装 stepahead、torch 和 matplotlib。
# 这些代码意味着什么，见[课程](lesson-zh.ipynb)；笔记的每一行，见[逐行对照](../zh/the-note.md)。

# %% [markdown] tags=["en", "text"]
# ## 1.1 What a sequence model is (什么是序列模型？)
#
# Data whose order carries the meaning: share prices, speech, temperature. The note has no code for its first chapters.
#
# ## 1.2 The statistical methods (常见的统计方法)
#
# * **1.2.1 自回归模型 (AR):** `x_t ~ P(x_t | x_{t-1}, ..., x_{t-tau})`.
# * **1.2.2 隐变量自回归模型 (latent AR):** `h_t = f(h_{t-1}, x_{t-1}), x_t ~ P(x_t | h_t)`, the note's first picture:
#
# ![The latent chain: h_1 to h_2 to h_3 and on; each h_t gives its x_t, and each x_(t-1) feeds h_t](../images/latent-chain.svg)
#
# * **1.2.3 马尔可夫模型 (Markov):** `P(x_{t+1} | x_1..x_t) = P(x_{t+1} | x_t)`.
# * **1.2.4 因果关系 (causality):** from before to after only.
#
# ## 1.3 Summary (总结)
#
# AR: a few steps of the past. Latent: a summary. Markov: only the most recent. Causality: from before to after.
# (The note numbers two chapters 1.3; the code is the second.)

# %% [markdown] tags=["zh", "text"]
# ## 1.1 什么是序列模型？
#
# 顺序有意义的数据：股价、语音、气温。笔记的前几章没有代码。
#
# ## 1.2 常见的统计方法
#
# * **1.2.1 自回归模型：** `x_t ~ P(x_t | x_{t-1}, ..., x_{t-tau})`。
# * **1.2.2 隐变量自回归模型：** `h_t = f(h_{t-1}, x_{t-1}), x_t ~ P(x_t | h_t)`，笔记的第一幅图：
#
# ![隐变量链：h_1 到 h_2 到 h_3，一直下去；每个 h_t 给出 x_t，每个 x_(t-1) 喂给 h_t](../images/latent-chain.svg)
#
# * **1.2.3 马尔可夫模型：** `P(x_{t+1} | x_1..x_t) = P(x_{t+1} | x_t)`。
# * **1.2.4 因果关系：** 只能从前往后。
#
# ## 1.3 总结
#
# 自回归：过去的几步。隐变量：一份小结。马尔可夫：只有最近的。因果关系：从前往后。
# （笔记里有两章都编号 1.3，代码是第二个。）

# %% [markdown] tags=["en", "text"]
# ## 1.3 In code (代码实践)
#
# `d2l` pins a numpy of its own time, so that hardly anybody can install it today. The note takes three things from it: `plot`,
# `load_array` and `evaluate_loss`. **Mended:** here they are, in a few lines each.

# %% [markdown] tags=["zh", "text"]
# ## 1.3 代码实践
#
# `d2l` 把 numpy 钉在很旧的版本上，今天几乎没人装得上。笔记只用到它的三样东西：`plot`、`load_array`、`evaluate_loss`。
# **已改：** 每样几行，写在这里。

# %%
import copy

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

import stepahead as sa


def plot(X, Y, xlabel, ylabel, legend=(), xlim=None, figsize=(6, 3)):
    """d2l.plot, as far as the note uses it: one x for all lines, or a list of them."""
    X = X if isinstance(X, list) else [X] * len(Y)
    plt.figure(figsize=figsize)
    for where, line, style in zip(X, Y, ("-", "m--", "g-.", "r:")):
        line = line.detach() if torch.is_tensor(line) else line
        plt.plot(where, line, style, linewidth=1)
    plt.xlim(xlim)
    plt.xlabel(xlabel)
    plt.ylabel(ylabel)
    plt.legend(legend) if legend else None
    plt.show()


def load_array(arrays, batch_size, is_train=True):
    """d2l.load_array."""
    pairs = torch.utils.data.TensorDataset(*arrays)
    return torch.utils.data.DataLoader(pairs, batch_size, shuffle=is_train)


def evaluate_loss(net, data_iter, loss):
    """d2l.evaluate_loss: the mean over all pairs."""
    with torch.no_grad():
        parts = [loss(net(X), y) for X, y in data_iter]
    return sum(part.sum() for part in parts) / sum(part.numel() for part in parts)


torch.manual_seed(0)
torch.set_num_threads(1)  # so that sums are taken in one order

# %% [markdown] tags=["en", "text"]
# ### 1.3.1 The data (原始数据)
#
# **The note's cell 1.** Figure 1.

# %% [markdown] tags=["zh", "text"]
# ### 1.3.1 原始数据
#
# **笔记的第一段。** 图 1。

# %%
T = 1000
time = torch.arange(1, T + 1, dtype=torch.float32)
x = torch.sin(0.01 * time) + torch.normal(0, 0.2, (T,))
plot(time, [x], "time", "x", xlim=[1, 1000], figsize=(6, 3))

# %%
# ours: the same recipe, with numpy's random numbers; and the note's own values as a series
recipe = sa.datasets.noisy_sine(seed=0)
series = sa.Series(x, times=time)
assert np.array_equal(series.values, x.double().numpy())
assert np.array_equal(recipe.times, time.numpy())
for values in (x.numpy(), recipe.values):
    noise = values - np.sin(0.01 * time.numpy())
    print(f"{len(values)} values, noise of sd {noise.std():.3f}")
    assert len(values) == 1000 and abs(noise.std() - 0.2) < 0.015

# %% [markdown] tags=["en", "text"]
# ### 1.3.2 Embedding (转化)
#
# `X_i = [x_i .. x_{i+tau-1}], Y_i = x_{i+tau}`: T - tau pairs.
#
# ### 1.3.3 The pairs (基本数据处理)
#
# **The note's cell 2.**

# %% [markdown] tags=["zh", "text"]
# ### 1.3.2 转化
#
# `X_i = [x_i .. x_{i+tau-1}], Y_i = x_{i+tau}`：T - tau 个样本。
#
# ### 1.3.3 基本数据处理
#
# **笔记的第二段。**

# %%
tau = 4
features = torch.zeros((T - tau, tau))
for i in range(tau):
    features[:, i] = x[i : T - tau + i]
labels = x[tau:].reshape((-1, 1))
batch_size, n_train = 16, 600
train_iter = load_array((features[:n_train], labels[:n_train]), batch_size)

# %%
# ours: one line; from there to a DataLoader two
X, y = sa.pairs(series, lags=tau)
pairs = torch.utils.data.TensorDataset(torch.tensor(X).float(), torch.tensor(y).float())
loader = torch.utils.data.DataLoader(pairs, batch_size=16, shuffle=True)

apart = max(np.abs(X - features.numpy()).max(), np.abs(y - labels[:, 0].numpy()).max())
print(f"{X.shape[0]} pairs of {X.shape[1]} values and a label; apart by {apart:.1f}")
assert X.shape == (T - tau, tau) and apart == 0.0 and len(pairs) == T - tau
assert torch.equal(pairs.tensors[0], features)
assert torch.equal(pairs.tensors[1], labels[:, 0])

# %% [markdown] tags=["en", "text"]
# ### 1.3.4 The model (模型架构)
#
# **The note's cell 3. Mended:** the note's text has `Linear(2, 10)` beside tau = 4, and that does not run. The window sizes the layer.

# %% [markdown] tags=["zh", "text"]
# ### 1.3.4 模型架构
#
# **笔记的第三段。已改：** 笔记正文里 tau = 4，旁边却写着 `Linear(2, 10)`，跑不通。第一层有多宽，由窗口来定。


# %%
def init_weights(m):
    if type(m) is nn.Linear:
        nn.init.xavier_uniform_(m.weight)


def get_net():
    net = nn.Sequential(nn.Linear(tau, 10), nn.ReLU(), nn.Linear(10, 1))
    net.apply(init_weights)
    return net


loss = nn.MSELoss(reduction="none")

# %%
try:
    nn.Sequential(nn.Linear(2, 10), nn.ReLU(), nn.Linear(10, 1))(features)
except RuntimeError as error:
    print("Linear(2, 10):", error)

# ours: any module is a model; with training=None its weights are taken as they are
net = get_net()
untrained = sa.from_torch(net, lags=tau, training=None)
assert np.array_equal(untrained.forecast(series, 1), net(x[-tau:]).detach().numpy())
for layer in (net[0], net[2]):  # Xavier: uniform between the bounds
    bound = (6 / (layer.in_features + layer.out_features)) ** 0.5
    largest = layer.weight.abs().max().item()
    print(f"largest weight {largest:.3f}, bound {bound:.3f}")
    assert 0.5 * bound < largest <= bound

# %% [markdown] tags=["en", "text"]
# **The note's cell 4. Mended:** the loop that the note explains is Paddle's (`optimizer.clear_grad()`, `paddle.optimizer.Adam(parameters=...)`); the one
# it lets you copy is PyTorch's. Here is PyTorch's. Figure 2 is what it prints; below it is drawn.

# %% [markdown] tags=["zh", "text"]
# **笔记的第四段。已改：** 笔记讲解的循环是 Paddle 的（`optimizer.clear_grad()`、`paddle.optimizer.Adam(parameters=...)`），让人复制的却是 PyTorch 的。
# 这里是 PyTorch 的。图 2 就是它打印的内容，下面也画了出来。


# %%
def train(net, train_iter, loss, epochs, lr):
    trainer = torch.optim.Adam(net.parameters(), lr)
    losses = []
    for epoch in range(epochs):
        for X, y in train_iter:
            trainer.zero_grad()
            l = loss(net(X), y)
            l.sum().backward()
            trainer.step()
        losses.append(evaluate_loss(net, train_iter, loss).item())
        print(f"epoch {epoch + 1}, loss: {losses[-1]:f}")
    return losses


start = copy.deepcopy(net)
losses = train(net, train_iter, loss, 5, 0.01)
plot(torch.arange(1, 6), [losses], "epoch", "loss", legend=["mean squared error"])

# %%
print("Paddle's name in PyTorch:", hasattr(torch.optim.Adam, "clear_grad"))
# ours: the same loop. Only the order of the batches is another, so:
fitted = sa.from_torch(start, lags=tau).fit(series[: n_train + tau])
print(fitted.log())
assert abs(fitted.losses_[-1] - losses[-1]) < 0.01
# one batch of all the pairs has no order, and line by line the losses are the note's
whole = load_array((features[:n_train], labels[:n_train]), n_train)
print("one batch:")
theirs = train(copy.deepcopy(start), whole, loss, 5, 0.01)
ours = sa.from_torch(start, lags=tau, training=sa.Training(batch_size=n_train)).fit(
    series[: n_train + tau]
)
assert np.allclose(ours.losses_, theirs, rtol=0, atol=1e-5)
# and MLP is the same net in numpy, without the install
assert sa.MLP(lags=tau).fit(series[:604]).weights1_.shape == (1, tau + 1, 10)

# %% [markdown] tags=["en", "text"]
# ### 1.3.4 Prediction (预测)
#
# **The note's cell 5: one step (单步预测), many steps (多步预测).** Figures 3 and 4. **Mended:** the note leaves autograd on here; `torch.no_grad()` is added.
# From now on `model` is the net that the note's own loop trained: `training=None` moves no weight.

# %% [markdown] tags=["zh", "text"]
# ### 1.3.4 预测
#
# **笔记的第五段：单步预测，多步预测。** 图 3 和图 4。**已改：** 笔记在这里没有关自动求导，补上 `torch.no_grad()`。
# 从这里起，`model` 就是笔记自己的循环训练出来的那个网络：`training=None` 一个权重也不动。

# %%
with torch.no_grad():
    onestep_preds = net(features)
plot(
    [time, time[tau:]],
    [x, onestep_preds],
    "time",
    "x",
    legend=["data", "1-step preds"],
    xlim=[1, 1000],
)

multistep_preds = torch.zeros(T)
multistep_preds[: n_train + tau] = x[: n_train + tau]
with torch.no_grad():
    for i in range(n_train + tau, T):
        multistep_preds[i] = net(multistep_preds[i - tau : i].reshape((1, -1))).item()
plot(
    [time, time[tau:], time[n_train + tau :]],
    [x, onestep_preds, multistep_preds[n_train + tau :]],
    "time",
    "x",
    legend=["data", "1-step preds", "multistep preds"],
    xlim=[1, 1000],
)

# %%
# ours
model = sa.from_torch(net, lags=tau, training=None)
one = sa.k_step(model, series, horizon=1, train=0).predictions[:, 0]
many = model.forecast(series, horizon=T - 604, origin=604)
one_apart = np.abs(one - onestep_preds[:, 0].numpy()).max()
many_apart = np.abs(many - multistep_preds[604:].numpy()).max()
print(f"one step: {len(one)} forecasts, apart by {one_apart:.1e}")
print(f"many steps: {len(many)} forecasts, apart by {many_apart:.1e}")
assert len(one) == 996 and len(many) == 396
assert one_apart < 2.5e-7 and many_apart < 2.5e-7

# %% [markdown] tags=["en", "text"]
# **The note's cell 6: k steps (K步预测).** Figure 5. **Mended twice:** `max_steps = 64` stands in a comment alone, so the cell, copied as it is,
# raises NameError; and autograd stays on while the matrix is written, so that each run of the cell keeps the whole history of the matrix in memory.
#
# *Why T - tau - max_steps + 1 (为什么出现公式):* every one of the max_steps forecasts of a row must have a value to be compared with.

# %% [markdown] tags=["zh", "text"]
# **笔记的第六段：K步预测。** 图 5。**两处已改：** `max_steps = 64` 只写在注释里，照抄运行会报 NameError；写矩阵时没有关自动求导，
# 每运行一次，矩阵的整个计算历史就留在内存里。
#
# *为什么出现公式 T - tau - max_steps + 1：* 一行里的 max_steps 个预测，每一个都要有真值来对照。

# %%
try:
    rows = T - tau - max_steps + 1
except NameError as error:
    print("as it stands:", error)

max_steps = 64
features = torch.zeros((T - tau - max_steps + 1, tau + max_steps))
for i in range(tau):
    features[:, i] = x[i : i + T - tau - max_steps + 1]
with torch.no_grad():
    for i in range(tau, tau + max_steps):
        features[:, i] = net(features[:, i - tau : i]).reshape(-1)

steps = (1, 4, 16, 64)
plot(
    [time[tau + k - 1 : T - max_steps + k] for k in steps],
    [features[:, tau + k - 1] for k in steps],
    "time",
    "x",
    legend=[f"{k}-step preds" for k in steps],
    xlim=[5, 1000],
)

# %%
# what autograd would have kept
kept = features[:, :tau].clone()
kept = torch.cat([kept, net(kept)], dim=1)
print(
    "without no_grad:",
    kept.grad_fn is not None,
    "| with it:",
    features.grad_fn is not None,
)
assert kept.grad_fn is not None and features.grad_fn is None

# ours
every = sa.k_step(model, series, horizon=max_steps, train=0)
k_apart = np.abs(every.predictions - features[:, tau:].numpy()).max()
print(f"matrix {tuple(features.shape)}; apart by less than 2e-6: {k_apart < 2e-6}")
assert features.shape == (933, 68) and len(every.origins) == 933
assert k_apart < 2e-6  # 32 bits, and 64 times fed back

# %% [markdown] tags=["en", "text"]
# **Your net, your figure 5.** A net that is trained already, by whatever loop: three lines from there to the figure.

# %% [markdown] tags=["zh", "text"]
# **你的网络，你的图 5。** 网络已经训练好了，不管用的是什么循环：从那里到图，只要三行。

# %%
own = sa.from_torch(net, lags=tau, training=None)
every = sa.k_step(own, series, horizon=64, train=0)
where = [time[every.origins + k - 1] for k in steps]
lines = [every.predictions[:, k - 1] for k in steps]
plot(
    where, lines, "time", "x", legend=[f"{k}-step preds" for k in steps], xlim=[5, 1000]
)

# %% [markdown] tags=["en", "text"]
# **And the number that the note never prints.** Held-out origins alone, beside the simple baselines.

# %% [markdown] tags=["zh", "text"]
# **还有笔记从来没有打印的数。** 只看留出的预测起点，旁边是简单基线。

# %%
result = sa.evaluate({"the note's net": model}, series, horizon=64, train=604)
print(result)
held = result["the note's net"]
truth = np.array([x[o : o + 64].numpy() for o in held.origins], dtype=float)
by_hand = np.sqrt(np.mean((features[600:, tau:].double().numpy() - truth) ** 2, axis=0))
assert held.origins.tolist() == list(range(604, 937))
assert np.allclose(held.rmse(), by_hand, atol=1e-5)
result.plot()

# %% [markdown] tags=["en", "text"]
# At k = 1 it misses by {held.rmse()[0]:.2f}, at k = 64 by {held.rmse()[63]:.2f}; repeating the last value misses by {result["Naive"].rmse()[63]:.2f} there. One net on one draw: the [lesson](lesson-en.ipynb)
# has twenty, and why.

# %% [markdown] tags=["zh", "text"]
# 第 1 步差 {held.rmse()[0]:.2f}，第 64 步差 {held.rmse()[63]:.2f}；在第 64 步照抄最后一个值差 {result["Naive"].rmse()[63]:.2f}。这只是一个网络、一次抽样：[课程](lesson-zh.ipynb)里有二十次，以及原因。
