"""Residual blocks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from isomoment import LayerLaw, ResidualLaw


def test_drawn_blocks_follow_the_law() -> None:
    random, draws = np.random.default_rng(1), 40_000
    width, hidden, first, second = 3, 5, 0.7, 0.5
    h = np.maximum(first * random.standard_normal((draws, hidden)), 0)
    out = np.array([1.0, 0, 0]) + np.einsum(
        "nij,nj->ni", second * random.standard_normal((draws, width, hidden)), h
    )
    norms = np.linalg.norm(out, axis=1)
    law = ResidualLaw(LayerLaw(hidden), (first * second) ** 2, width)
    for values, right in (
        (norms, law.moment(1)),
        (norms**2, law.moment(2)),
        (np.log(norms), law.log_cumulants().mean),
        ((np.log(norms) - law.log_cumulants().mean) ** 2, law.log_cumulants().variance),
    ):
        assert abs(values.mean() - right) < 4.5 * values.std() / math.sqrt(draws)
    assert law.scale(1) == pytest.approx(1 / law.moment(1), rel=1e-13)
    growth = law.log_cumulants().mean + math.log(law.scale(1))
    assert law.log_growth(1) == pytest.approx(growth, rel=1e-10)


def test_pre_normalised_blocks() -> None:
    stream = ResidualLaw.pre_normalised(LayerLaw(16), 0.01, 8, 12, 2.0)
    assert 4 * stream.moment(2) == pytest.approx(4 + 12 * 64 * 0.01 * 8, rel=1e-13)


def test_refusals() -> None:
    with pytest.raises(ValueError, match="weights is orthogonal; it must be gaussian"):
        ResidualLaw(LayerLaw(4, weights="orthogonal"), 1.0, 4)
    with pytest.raises(ValueError, match=r"branch is 0\.0"):
        ResidualLaw(LayerLaw(4), 0.0, 4)
    with pytest.raises(ValueError, match="width is 0; it must be an integer from 1"):
        ResidualLaw(LayerLaw(4), 1.0, 0)
    with pytest.raises(ValueError, match=r"norm is -1\.0"):
        ResidualLaw.pre_normalised(LayerLaw(4), 1.0, 4, 2, -1.0)
    with pytest.raises(ValueError, match=r"s is 9\.0"):
        ResidualLaw(LayerLaw(4), 1.0, 4).moment(9)
