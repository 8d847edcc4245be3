"""Simulated networks follow the laws, and are the same however they are divided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

import isomoment
from isomoment import DepthLaw, LayerLaw

LEVELS = ["network", "network-single", "preactivation", "radial"]


def p_value(law: DepthLaw, log_norms: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    """Kolmogorov and Smirnov's, of the networks that survived."""
    alive = log_norms[np.isfinite(log_norms)]
    return float(stats.kstest(alive, law.cdf).pvalue)


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_follows_the_law(level: str) -> None:
    drawn = isomoment.simulate(16, 10, 4000, moment=1, level=level, seed=3)
    law = DepthLaw(LayerLaw(16), 10, moment=1)
    assert p_value(law, drawn.log_norms[:, -1]) > 1e-4
    # the control: a scale 1 % off, in ten layers
    off = isomoment.simulate(16, 10, 4000, scale=1.01 * law.layer.scale(1), level=level, seed=3)
    assert p_value(law, off.log_norms[:, -1]) < 1e-4


@pytest.mark.parametrize(
    "units",
    [
        {"activation": "leaky-relu", "slope": 0.3, "keep": 0.8},
        {"activation": "rrelu", "slope": (-0.2, 0.6), "keep": 0.9, "dropout": "plain"},
        {"activation": "linear", "weights": "orthogonal", "keep": 0.5},
    ],
)
def test_units_arrive(units: dict[str, Any]) -> None:
    drawn = isomoment.simulate(6, 5, 4000, scale=0.7, seed=4, **units)
    law = DepthLaw(LayerLaw(6, **units), 5, scale=0.7)
    # few orthogonal units have no table, and take their time
    few = 200 if "weights" in units else None
    assert p_value(law, drawn.log_norms[:few, -1]) > 1e-4
    died = np.isneginf(drawn.log_norms[:, -1]).sum()
    assert stats.binomtest(int(died), 4000, law.dead_probability).pvalue > 1e-4


def test_layers_of_different_widths() -> None:
    widths = [5, 30, 8, 8]
    drawn = isomoment.simulate(widths, 3, 3000, "leaky-relu", moment=1, seed=5)
    right = [isomoment.scale(1, d, "leaky-relu") for d in widths[1:]]
    assert drawn.scales.tolist() == right
    means = np.exp(drawn.log_norms).mean(axis=0)
    spread = np.exp(drawn.log_norms).std(axis=0) / 3000**0.5
    assert np.all(np.abs(means - 1) < 4.5 * spread)
    given = isomoment.simulate(widths, 3, 3000, "leaky-relu", scale=right, seed=5)
    assert np.array_equal(given.log_norms, drawn.log_norms)
    small = isomoment.simulate(widths, 3, 20, "linear", moment=1, weights="orthogonal", seed=5)
    assert small.scales[0] == isomoment.scale(1, 30, "linear", weights="orthogonal", fan_in=5)


def test_the_same_bits_in_shards_and_threads() -> None:
    whole = isomoment.simulate(8, 20, 101, moment=1, seed=2**64 - 1)
    parts = [
        isomoment.simulate(8, 20, 50, moment=1, seed=2**64 - 1, threads=1),
        isomoment.simulate(8, 20, 51, moment=1, seed=2**64 - 1, first=50, threads=3),
    ]
    assert np.array_equal(np.concatenate([part.log_norms for part in parts]), whole.log_norms)
    assert not np.array_equal(parts[0].log_norms, whole.log_norms[51:])


@pytest.mark.parametrize("level", LEVELS)
def test_gradients(level: str) -> None:
    widths = [9, 16, 6, 12]
    run: dict[str, Any] = {
        "width": widths,
        "depth": 3,
        "activation": "leaky-relu",
        "scale": 0.3,
        "seed": 7,
    }
    run |= {"slope": 0.3, "keep": 0.8, "level": level, "gradient": True}
    drawn = isomoment.simulate(trajectories=4000, **run)
    assert drawn.tangents is not None
    assert drawn.gradients is not None
    assert drawn.gradients.shape == drawn.tangents.shape == (4000, 3)
    assert drawn.cosines.shape == (4000, 3, 0)
    # a second moment, exact: the layer's E c times the inputs that the gradient reaches
    slope = (1 + 0.3**2) / 2 / 0.8
    squares = np.exp(2 * drawn.gradients[:, 0])
    error = squares.std() / np.sqrt(4000)
    assert abs(squares.mean() - 0.3**2 * slope * 6) < 4 * error
    # without the masks it would be
    assert abs(squares.mean() - 0.3**2 * slope * 0.8 * 6) > 4 * error
    later = isomoment.simulate(trajectories=10, first=3990, threads=2, record=[3, 1], **run)
    assert later.gradients is not None
    assert np.array_equal(later.gradients, drawn.gradients[3990:, [0, 2]])
    if level == "network":
        alone = isomoment.simulate(trajectories=10, **(run | {"gradient": False}))
        assert np.array_equal(alone.log_norms, drawn.log_norms[:10])
        assert alone.gradients is None


@pytest.mark.parametrize(
    ("units", "rms"),
    [
        ({"activation": "gelu"}, 1.0),
        ({"activation": "tanh"}, 0.5),
        ({"activation": "elu", "alpha": 1.5}, 2.0),
    ],
)
def test_any_activation(units: dict[str, Any], rms: float) -> None:
    widths = [6, 12, 4]
    drawn = isomoment.simulate(widths, 2, 8000, moment=1, rms=rms, seed=2, **units)
    gains = [isomoment.gain(1, d, level=rms, **units).gain for d in widths[1:]]
    assert drawn.scales.tolist() == (np.array(gains) / np.sqrt(widths[:-1])).tolist()

    def z(log_norms: np.ndarray[Any, np.dtype[np.float64]]) -> float:
        # the root-mean-square's mean, after one layer
        levels = np.exp(log_norms[:, 0]) * (6 / 12) ** 0.5
        return float((levels.mean() - 1) / levels.std() * 8000**0.5)

    assert abs(z(drawn.log_norms)) < 4.5
    off = isomoment.simulate(
        widths, 2, 8000, scale=(1.08 * drawn.scales).tolist(), rms=rms, seed=2, **units
    )
    assert abs(z(off.log_norms)) > 4.5
    later = isomoment.simulate(
        widths, 2, 10, moment=1, rms=rms, seed=2, first=90, threads=2, record=[2], **units
    )
    assert np.array_equal(later.log_norms[:, 0], drawn.log_norms[90:100, 1])
    assert drawn.cosines.shape == (8000, 2, 0)


def test_what_is_recorded() -> None:
    every = isomoment.simulate(8, 20, 10, moment=1)
    some = isomoment.simulate(8, 20, 10, moment=1, record=[20, 3])
    assert some.layers.tolist() == [3, 20]
    assert every.layers.tolist() == list(range(1, 21))
    assert np.array_equal(some.log_norms, every.log_norms[:, [2, 19]])
    assert every.cosines.shape == (10, 20, 0)


def test_several_inputs() -> None:
    drawn = isomoment.simulate(64, 4, 50, "linear", moment=2, inputs=3, cosine=0.5, seed=1)
    assert drawn.log_norms.shape == (50, 4, 3)
    assert drawn.cosines.shape == (50, 4, 3)
    # the first layer turns three inputs by one random matrix
    assert abs(drawn.cosines[:, 0].mean() - 0.5) < 0.05
    biased = isomoment.simulate(64, 4, 50, "linear", moment=2, bias=1.0, seed=1)
    assert biased.log_norms[:, -1].mean() > 1.5


@pytest.mark.parametrize(
    ("keywords", "sentence"),
    [
        ({}, "moment and scale: neither given; it must be one of them"),
        ({"moment": 1, "scale": 1}, "moment and scale: both given; it must be one of them"),
        ({"scale": [1, 2]}, "scale has shape (2,); it must be one number or depth of them"),
        (
            {"moment": 1, "level": "gpu"},
            "level is gpu; it must be network, network-single, preactivation or radial",
        ),
        ({"moment": 1, "seed": -1}, "seed is -1; it must be an integer from 0 to 2**64 - 1"),
        ({"moment": 1, "record": [6]}, "record is 6; it must be a layer of the network"),
        (
            {"moment": 1, "threads": 0},
            "threads is 0; it must be an integer from 1 to 9007199254740992",
        ),
        ({"moment": 1, "bias": -1}, "bias is -1.0; it must be 0 or a positive number"),
        ({"scale": -1}, "scale is -1.0; it must be a positive number"),
        (
            {"moment": 1, "gradient": True, "weights": "orthogonal"},
            "weights is orthogonal; it must be gaussian with gradients",
        ),
        (
            {"moment": 1, "rms": 1.0},
            "rms is 1.0; it must be left out for relu",
        ),
        (
            {"moment": 1, "activation": "gelu", "gradient": True},
            "gradient is True; it must be False with gelu",
        ),
        (
            {"moment": 1, "activation": "gelu", "weights": "orthogonal"},
            "weights is orthogonal; it must be gaussian with gelu",
        ),
        (
            {"moment": 1, "activation": "gelu", "alpha": 2.0},
            "alpha is 2.0; it must be left out for gelu",
        ),
        (
            {"moment": 1, "activation": "tanh", "rms": 1.5},
            "rms is 1.5; it must be below 1, the largest that the activation has",
        ),
        (
            {"scale": [1, 2], "activation": "tanh"},
            "scale has shape (2,); it must be one number or depth of them",
        ),
        (
            {"scale": 1, "activation": "tanh", "rms": -1},
            "rms is -1.0; it must be from 1e-100 to 1e100 to simulate",
        ),
        (
            {"moment": 1, "first": 2**64 - 1},
            f"first is {2**64 - 1}; it must be so small that 64 bits count the last",
        ),
    ],
)
def test_refusals(keywords: dict[str, Any], sentence: str) -> None:
    simulate: Callable[..., object] = isomoment.simulate
    with pytest.raises(ValueError) as raised:
        simulate(4, 5, 10, **keywords)
    assert str(raised.value) == sentence


def test_more_than_there_is_memory_for() -> None:
    with pytest.raises(MemoryError):
        isomoment.simulate(4, 50, 2**50, moment=1)


def test_a_bar_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    isomoment.simulate(4, 5, 321, moment=1, progress=True)
    assert "321/321" in capsys.readouterr().err


def test_a_function_is_told() -> None:
    told: list[int] = []
    isomoment.simulate(4, 5, 321, moment=1, progress=told.append)
    assert told[-1] == 321
