"""Shapes, kinds of numbers, refusals."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import isomoment
from isomoment import DepthLaw, LayerLaw


def test_arguments_are_broadcast() -> None:
    s = np.array([0.5, 1.0, 2.0])[:, None, None]
    d = np.array([[1], [64], [1000], [64]])
    slope = np.linspace(-0.5, 0.5, 50)
    found = isomoment.scale(s, d, "leaky-relu", slope=slope, keep=0.7)
    assert found.shape == (3, 4, 50)
    for index in [(0, 0, 0), (1, 2, 3), (2, 1, 49), (2, 3, 49)]:
        i, j, k = index
        one = LayerLaw(int(d[j, 0]), "leaky-relu", slope=float(slope[k]), keep=0.7)
        assert found[index] == one.scale(float(s[i, 0, 0]))
    cumulants = isomoment.log_cumulants(d, "rrelu", slope=(slope - 1, 1.0))
    assert cumulants.third.shape == (4, 50)
    one = LayerLaw(1000, "rrelu", slope=(float(slope[7]) - 1, 1.0))
    assert cumulants.mean[2, 7] == one.log_cumulants().mean
    assert cumulants.third[2, 7] == one.log_cumulants().third


def test_fan_in_counts_for_orthogonal_weights() -> None:
    found = isomoment.moment(2, 64, "linear", weights="orthogonal", fan_in=[64, 128, 256])
    assert np.allclose(found, [1, 0.5, 0.25], rtol=1e-14)
    one = LayerLaw(64, "linear", weights="orthogonal", fan_in=128)
    assert one.moment(2) == found[1]
    assert (one.width, one.fan_in, one.activation) == (64, 128, "linear")


@pytest.mark.parametrize("kind", [float, int, np.float32, np.float64, np.int8, Fraction])
def test_numbers_of_any_kind(kind: Callable[[int], Any]) -> None:
    right = isomoment.scale(1.0, 64)
    assert isinstance(isomoment.scale(kind(1), 64), float)
    assert isomoment.scale(kind(1), kind(64)) == right
    assert isomoment.scale([kind(1)], [kind(64)]).tolist() == [right]
    assert LayerLaw(kind(64)).scale(kind(1)) == right


def test_arrays_of_any_layout() -> None:
    widths = np.arange(1, 2001).reshape(40, 50)
    right = isomoment.scale(1.0, widths)
    assert right.dtype == np.float64
    for other in (np.asfortranarray(widths), widths.astype(np.uint16), widths.astype(np.float32)):
        assert np.array_equal(isomoment.scale(1.0, other), right)
    assert np.array_equal(isomoment.scale(1.0, widths.T[::-1, ::2]), right.T[::-1, ::2])
    assert isomoment.scale(1.0, np.zeros((0, 3))).shape == (0, 3)
    assert isinstance(isomoment.scale(1.0, np.array(64)), float)


def test_the_same_bits_alone_and_among_many() -> None:
    widths = np.random.default_rng(1).integers(1, 10**6, 3000)
    orders = np.random.default_rng(2).uniform(0.01, 3, 3000)
    found = isomoment.log_growth(orders, widths)
    pairs = zip(orders.tolist(), widths.tolist(), strict=True)
    assert [isomoment.log_growth(s, d) for s, d in pairs] == found.tolist()


LARGEST = "it must be an integer from 1 to 9007199254740992"


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: isomoment.scale(1, 0), f"width is 0; {LARGEST}"),
        (lambda: isomoment.scale(1, -3), f"width is -3; {LARGEST}"),
        (lambda: isomoment.scale(1, 64.5), f"width is 64.5; {LARGEST}"),
        (lambda: isomoment.scale(1, float("nan")), f"width is nan; {LARGEST}"),
        (lambda: isomoment.scale(1, 2**53 + 1), f"width is {2**53 + 1}; {LARGEST}"),
        (lambda: isomoment.scale(1, 2**80), f"width is {2**80}; {LARGEST}"),
        (lambda: isomoment.scale(1, [3, 0, -1]), f"width is 0; {LARGEST}"),
        (lambda: isomoment.scale(1, [3, 0.5]), f"width is 0.5; {LARGEST}"),
        (lambda: isomoment.scale(1, [3, np.nan]), f"width is nan; {LARGEST}"),
        (lambda: isomoment.scale(1, [2**53 + 1, 3]), f"width is {2**53 + 1}; {LARGEST}"),
        (lambda: isomoment.scale(9, 3), "s is 9.0; it must be above 0 and at most 8"),
        (lambda: isomoment.scale([1, 9, 10], 3), "s is 9.0; it must be above 0 and at most 8"),
        (
            lambda: isomoment.scale(np.r_[np.ones(5000), -7, np.ones(5000), -8], 3),
            "s is -7.0; it must be above 0 and at most 8",
        ),
        (
            lambda: isomoment.scale(1, 3, "tanh"),
            "activation is tanh; it must be linear, relu, leaky-relu or rrelu",
        ),
        (
            lambda: isomoment.scale(1, 3, keep=0),
            "keep is 0.0; it must be a probability from 1e-100 to 1",
        ),
        (lambda: isomoment.scale(1, 3, slope=0.1), "slope is 0.1; it must be left out for relu"),
        (
            lambda: isomoment.scale(1, 3, "rrelu", slope=0.1),
            "slope is 0.1; it must be a pair (lower, upper) for rrelu",
        ),
        (
            lambda: isomoment.scale(1, 3, "rrelu", slope=(0.5, 0.1)),
            "lower is 0.5, upper 0.1; it must be at most upper",
        ),
        (
            lambda: isomoment.scale(1, 3, dropout="yes"),
            "dropout is yes; it must be inverted or plain",
        ),
        (
            lambda: isomoment.scale(1, 3, weights="uniform"),
            "weights is uniform; it must be gaussian or orthogonal",
        ),
        (lambda: DepthLaw(LayerLaw(3), 0, moment=1), f"depth is 0; {LARGEST}"),
        (
            lambda: DepthLaw(LayerLaw(3), 5),
            "moment and scale: neither given; it must be one of them",
        ),
        (
            lambda: DepthLaw(LayerLaw(3), 5, moment=1, scale=1),
            "moment and scale: both given; it must be one of them",
        ),
        (
            lambda: DepthLaw(LayerLaw(3), 5, scale=-1),
            "sigma is -1.0; it must be positive and finite",
        ),
        (
            lambda: DepthLaw(LayerLaw(3), 5, moment=1).cdf(float("nan")),
            "x is NaN; it must be a number",
        ),
        (
            lambda: DepthLaw(LayerLaw(3), 5, moment=1).cdf([0, np.nan]),
            "x is NaN; it must be a number",
        ),
        (
            lambda: DepthLaw(LayerLaw(3), 5, moment=1).below([1, -1]),
            "epsilon is -1.0; it must be at least 0",
        ),
        (
            lambda: DepthLaw(LayerLaw(3), 5, moment=1).quantile([0.5, 1]),
            "probability is 1.0; it must be between 0 and 1, both excluded",
        ),
    ],
)
def test_refusals(call: Callable[[], object], sentence: str) -> None:
    with pytest.raises(ValueError) as raised:
        call()
    assert str(raised.value) == sentence


def test_texts_are_no_numbers() -> None:
    calls: list[Callable[[], object]] = [
        lambda: isomoment.scale(1, "64"),
        lambda: isomoment.scale(1, ["64"]),
        lambda: isomoment.scale(["1"], 64),
        lambda: isomoment.scale(1j, 64),
        lambda: isomoment.scale([1j], 64),
        lambda: LayerLaw(64).at_depth(5, moment=1).cdf(["1"]),
    ]
    for call in calls:
        with pytest.raises(TypeError):
            call()


def test_shapes_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="shape mismatch"):
        isomoment.scale([1, 2, 1.5], [1, 2])


LAYERS = [
    LayerLaw(64),
    LayerLaw(3, "leaky_relu", slope=-0.25, keep=0.5, dropout="plain"),
    LayerLaw(3, "rrelu", slope=(0.1, 0.2), weights="orthogonal", fan_in=8),
]


@pytest.mark.parametrize("law", LAYERS)
def test_objects_are_values(law: LayerLaw) -> None:
    for copy in (eval(repr(law)), pickle.loads(pickle.dumps(law))):
        assert copy == law
        assert hash(copy) == hash(law)
        assert copy.scale(1.5) == law.scale(1.5)
    assert sum(law == other for other in LAYERS) == 1
    assert law != 3


def test_depth_laws_are_values() -> None:
    law = LayerLaw(64).at_depth(5, moment=1.5)
    for copy in (eval(repr(law)), pickle.loads(pickle.dumps(law))):
        assert copy.cdf(0.1) == law.cdf(0.1)
    deeper = law.with_depth(9)
    assert deeper.cdf(-0.1) == pytest.approx(
        LayerLaw(64).at_depth(9, moment=1.5).cdf(-0.1), rel=1e-12
    )
    assert (deeper.depth, deeper.layer, law.depth) == (9, LayerLaw(64), 5)


def test_laws_with_atoms_have_no_table() -> None:
    law = LayerLaw(3, "linear", weights="orthogonal").at_depth(4, scale=2.0)
    x = 4 * np.log(2)
    assert law.cdf([x - 1e-9, x + 1e-9]).tolist() == [0, 1]
    assert law.quantile([0.2, 0.5]).tolist() == pytest.approx([x, x])


def test_schemes() -> None:
    with pytest.raises(ValueError, match="scheme is kaiming; it must be fractional:S, "):
        isomoment.standard_deviation("kaiming", 3, 3)
    law = LayerLaw(64, "leaky-relu", slope=0.2, keep=0.9)
    found = isomoment.standard_deviation(
        "fractional:1/2", 100, 64, "leaky-relu", slope=0.2, keep=0.9
    )
    assert found == pytest.approx(law.scale(0.5) * 0.8, rel=1e-15)
    assert isomoment.standard_deviation("glorot", 3, 5) == 0.5
