"""Series of hidden chains whose parameters are known."""

from __future__ import annotations

import numpy as np

import stepahead as sa

STAY = np.array([[0.9, 0.1], [0.2, 0.8]])
THREE = np.array([[0.85, 0.1, 0.05], [0.1, 0.8, 0.1], [0.02, 0.18, 0.8]])


def hidden_path(rng, transition, length):
    states = [0]
    for _ in range(length - 1):
        states.append(int(rng.choice(len(transition), p=transition[states[-1]])))
    return np.array(states)


def levels(seed=0, length=400, means=(0.0, 2.5), std=(0.7, 1.0), transition=STAY):
    rng = np.random.default_rng(seed)
    states = hidden_path(rng, transition, length)
    return np.array(means)[states] + np.array(std)[states] * rng.normal(size=length)


def letters(seed=0, length=400):
    rng = np.random.default_rng(seed)
    emission = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]])
    return [str("abc"[rng.choice(3, p=emission[state])]) for state in hidden_path(rng, STAY, length)]


def switching(seed=0, length=400, coefficients=(0.5,), means=(0.0, 3.0), std=(1.0, 1.0), transition=STAY):
    """Coefficients newest lag first."""
    rng = np.random.default_rng(seed)
    states = hidden_path(rng, transition, length + 50)
    apart = [0.0] * len(coefficients)
    for state in states:
        past = sum(weight * value for weight, value in zip(coefficients, reversed(apart), strict=False))
        apart.append(past + std[state] * rng.normal())
    return (np.array(means)[states] + np.array(apart[len(coefficients) :]))[50:]


def made(regimes=2, lags=1, variance=False):
    transition = STAY if regimes == 2 else THREE
    sigma2 = [0.4, 1.5, 0.8][:regimes] if variance else 0.9
    model = sa.MarkovSwitchingAR(regimes, lags, switching_variance=variance)
    return model.with_parameters(transition, [0.0, 3.0, 7.0][:regimes], [-0.2, 0.5][2 - lags :], sigma2)


GAUSSIAN = sa.HMM(2).with_parameters([0.3, 0.7], STAY, means=[0.0, 2.5], std=[0.7, 1.0])

MODELS = {
    "gaussian": (GAUSSIAN, lambda seed, n: levels(seed, n)),
    "switching": (made(2, 2), lambda seed, n: switching(seed, n, (0.5, -0.2))),
    "variance": (made(2, 1, True), lambda seed, n: switching(seed, n)),
    "no lags": (made(3, 0), lambda seed, n: levels(seed, n)),
}


def peer_of(model, values):
    """The same model in statsmodels, and its parameters in the order it wants them."""
    import statsmodels.api as sm

    how = {"k_regimes": model.states, "trend": "c", "switching_variance": model.switching_variance}
    if model.lags:
        peer = sm.tsa.MarkovAutoregression(values, order=model.lags, switching_ar=False, **how)
    else:
        peer = sm.tsa.MarkovRegression(values, **how)
    given = []
    for name in peer.param_names:
        kind, _, rest = name.partition("[")
        if kind == "p":
            given.append(model.transition_[int(rest[0]), int(rest[3])])
        elif kind == "const":
            given.append(model.means_[int(rest[0])])
        elif kind == "sigma2":
            given.append(model.variance_[int(rest[0])] if rest else model.variance_)
        else:
            given.append(model.coefficients_[::-1][int(kind.removeprefix("ar.L")) - 1])
    return peer, np.array(given)
