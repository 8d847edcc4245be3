"""What weights do at depth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import isomoment
from isomoment import DepthLaw, LayerLaw


def test_square_layers_are_the_law_at_depth() -> None:
    found = isomoment.diagnose(64, 50, std=0.15, epsilon=1e-3, share=0.8)
    law = DepthLaw(LayerLaw(64), 50, scale=0.15)
    assert found.growth == law.growth == found.backward_growth
    assert found.variance == law.layer.log_cumulants().variance == found.backward_variance
    assert found.preserved_order is None or found.preserved_order == law.tail_index()
    assert (found.low, found.median, found.high) == tuple(
        law.quantile(p) for p in (0.5 * (1 - 0.8), 0.5, 1 - 0.5 * (1 - 0.8))
    )
    assert found.dead == law.dead_probability
    assert found.vanished == law.below(1e-3)
    above = law.survival_probability * law.sf(-np.log(1e-3))
    assert found.exploded == pytest.approx(above, rel=1e-12, abs=1e-300)
    assert found.layers_to_epsilon == pytest.approx(np.log(1e-3) / law.growth)


def test_the_three_ways_to_say_how_large() -> None:
    he = isomoment.diagnose(64, 10, scheme="he", fan_in=100)
    assert he.std == isomoment.standard_deviation("he", 100, 64)
    assert he.preserved_order == pytest.approx(2)
    assert isomoment.diagnose(64, 10, std=he.std, fan_in=100) == he
    first = isomoment.diagnose(64, 10, "rrelu", moment=1, fan_in=100, keep=0.9)
    assert first.preserved_order == pytest.approx(1)
    scheme = isomoment.diagnose(64, 10, "rrelu", scheme="fractional:1", fan_in=100, keep=0.9)
    assert scheme.std == pytest.approx(first.std, rel=1e-15)


def test_rectangular_layers() -> None:
    narrowing = isomoment.diagnose(64, 10, moment=1, fan_in=256)
    assert narrowing.backward_growth is not None
    # a gradient has more components than the signal: −½ log 4 for the root-mean-square, almost
    assert narrowing.backward_growth == pytest.approx(-np.log(2), abs=0.02)
    orthogonal = isomoment.diagnose(64, 10, moment=1, fan_in=256, weights="orthogonal")
    assert orthogonal.backward_growth is None
    assert orthogonal.backward_variance is None
    assert orthogonal.preserved_order == pytest.approx(1)


def test_it_prints_a_table() -> None:
    shown = str(isomoment.diagnose(64, 50, "leaky-relu", std=1.0))
    assert "moment order s that they keep            none" in shown
    assert len(shown.splitlines()) == 10
    # factors that no double holds
    assert "P(exploded)                              1" in str(
        isomoment.diagnose(64, 10**6, std=1.0)
    )


@pytest.mark.parametrize(
    ("keywords", "sentence"),
    [
        ({}, "std, scheme, moment: 0 given; it must be one of them"),
        ({"std": 1, "moment": 1}, "std, scheme, moment: 2 given; it must be one of them"),
        ({"std": 0}, "std is 0.0; it must be positive and finite"),
        (
            {"scheme": "he", "weights": "orthogonal"},
            "weights is orthogonal; it must be gaussian for a scheme",
        ),
        ({"std": 1, "epsilon": 0}, "epsilon is 0.0; it must be positive and finite"),
        ({"std": 1, "share": 1}, "share is 1.0; it must be between 0 and 1"),
    ],
)
def test_refusals(keywords: dict[str, Any], sentence: str) -> None:
    diagnose: Callable[..., object] = isomoment.diagnose
    with pytest.raises(ValueError) as raised:
        diagnose(64, 50, **keywords)
    assert str(raised.value) == sentence
