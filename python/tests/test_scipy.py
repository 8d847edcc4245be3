"""The package against formulas in SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate, stats
from scipy.special import gammaln

import isomoment
from isomoment import DepthLaw, LayerLaw


def relu_scale(s: float, d: int) -> float:
    """σ of ReLU as the binomial sum over the number of units that are alive."""
    n = np.arange(1, d + 1)
    logs = stats.binom.logpmf(n, d, 0.5) + gammaln(0.5 * (n + s)) - gammaln(0.5 * n)
    return float((2 ** (s / 2) * np.exp(logs).sum()) ** (-1 / s))


def test_the_binomial_sum() -> None:
    s, d = np.array([0.3, 1.0, 1.7]), np.array([1, 2, 16, 300])
    found = isomoment.scale(s[:, None], d)
    right = [[relu_scale(order, width) for width in d.tolist()] for order in s.tolist()]
    assert np.allclose(found, right, rtol=1e-11, atol=0)


@pytest.fixture
def chi() -> tuple[DepthLaw, NDArray[np.float64], NDArray[np.float64]]:
    """One linear layer: e^{2x}/σ² is χ² of 16 degrees of freedom."""
    law = DepthLaw(LayerLaw(16, "linear"), 1, scale=0.3)
    x = np.linspace(-1.5, 1, 301)
    return law, x, np.exp(2 * x) / 0.09


def test_one_linear_layer_exactly(
    chi: tuple[DepthLaw, NDArray[np.float64], NDArray[np.float64]],
) -> None:
    law, x, q = chi
    assert np.allclose(law.cdf(x, exact=True), stats.chi2.cdf(q, 16), rtol=1e-9, atol=1e-300)
    assert np.allclose(law.sf(x, exact=True), stats.chi2.sf(q, 16), rtol=1e-9, atol=1e-300)
    assert np.allclose(law.pdf(x, exact=True), 2 * q * stats.chi2.pdf(q, 16), rtol=1e-8)
    p = np.array([1e-9, 1e-6, 0.05, 0.5, 0.95, 1 - 1e-6])
    right = 0.5 * np.log(0.09 * stats.chi2.ppf(p, 16))
    assert np.allclose(law.quantile(p, exact=True), right, rtol=0, atol=1e-9)


def test_one_linear_layer_from_the_table(
    chi: tuple[DepthLaw, NDArray[np.float64], NDArray[np.float64]],
) -> None:
    law, x, q = chi
    assert np.max(np.abs(law.cdf(x) - stats.chi2.cdf(q, 16))) < 1e-8
    assert np.max(np.abs(law.sf(x) - stats.chi2.sf(q, 16))) < 1e-8
    density = 2 * q * stats.chi2.pdf(q, 16)
    assert np.max(np.abs(law.pdf(x) - density)) < 3e-4 * density.max()
    # the first and the last lie beyond the table
    p = np.array([1e-9, 1e-5, 0.05, 0.5, 0.95, 1 - 1e-5, 1 - 1e-9])
    right = 0.5 * np.log(0.09 * stats.chi2.ppf(p, 16))
    assert np.allclose(law.quantile(p), right, rtol=0, atol=2e-5)
    assert np.allclose(law.quantile(p)[2:5], right[2:5], rtol=0, atol=1e-7)
    assert law.cdf(0.1, exact=False) == law.cdf([0.1])[0]


def test_the_density_and_the_moments_at_depth() -> None:
    law = DepthLaw(LayerLaw(16, keep=0.8), 20, moment=1)
    x = law.mean + law.variance**0.5 * np.linspace(-8, 8, 4001)
    density = law.pdf(x)
    found = [integrate.simpson(x**n * density, x=x) for n in range(3)]
    assert abs(found[0] - 1) < 1e-5
    assert abs(found[1] - law.mean) < 1e-4
    assert abs(found[2] - found[1] ** 2 - law.variance) < 1e-3


def test_death_is_counted_below_any_level() -> None:
    law = DepthLaw(LayerLaw(4), 30, moment=1)
    dead = 1 - (1 - 2**-4) ** 30
    assert law.below(0) == pytest.approx(dead, rel=1e-13)
    assert law.dead_probability + law.survival_probability == pytest.approx(1, rel=1e-15)
    levels = np.array([0.0, 1e-3, 0.1, 1.0])
    right = dead + (1 - dead) * law.cdf(np.log(levels[1:]), exact=True)
    assert np.allclose(law.below(levels)[1:], right, rtol=0, atol=1e-8)
    assert np.allclose(law.below(levels, exact=True)[1:], right, rtol=1e-13, atol=0)
