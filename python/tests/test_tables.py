"""The package against the library's reference tables: arguments arrive where they belong."""

from __future__ import annotations

import numpy as np
import pytest
from tables import arguments, column, groups

import isomoment
from isomoment import DepthLaw, LayerLaw


def worst(found: np.ndarray, right: np.ndarray) -> float:
    return float(np.max(np.abs(found / right - 1)))


def test_moments_and_scales() -> None:
    # σ is stated to 4e-15, but the table's 0.9 is no double: 2.5e-17/s of its error
    checked = 0
    for of in groups("moments.csv", "activation"):
        given = arguments(of)
        s, width = column(of, "s"), column(of, "width")
        assert worst(isomoment.scale(s, width, **given), column(of, "sigma")) < 6.5e-15
        assert worst(isomoment.moment(s, width, **given), column(of, "moment")) < 4e-15
        checked += len(of)
    assert checked == 1008


def test_orthogonal_weights_and_orders_up_to_eight() -> None:
    checked = 0
    for of in groups("orders.csv", "activation", "weights"):
        given = arguments(of) | {"weights": of[0]["weights"]}
        s, width = column(of, "s"), column(of, "width")
        assert worst(isomoment.scale(s, width, **given), column(of, "sigma")) < 4e-15
        checked += len(of)
    assert checked == 842


def test_cumulants_and_death() -> None:
    checked = 0
    for of in groups("logs.csv", "activation"):
        given = arguments(of)
        width = column(of, "width")
        found = isomoment.log_cumulants(width, **given)
        mean = column(of, "mean_log")
        assert np.max(np.abs(found.mean - mean) / np.maximum(1, np.abs(mean))) < 4e-15
        assert worst(found.variance, column(of, "var_log")) < 1e-13
        assert worst(found.third, column(of, "third_cumulant_log")) < 1e-10
        dead = column(of, "dead_probability")
        assert np.allclose(
            isomoment.dead_probability(width, **given), dead, rtol=1e-13, atol=5e-321
        )
        with np.errstate(divide="ignore"):
            logs = np.log(dead)
        here = dead > 1e-300
        found_logs = isomoment.log_dead_probability(width, **given)
        assert np.allclose(found_logs[here], logs[here], rtol=1e-13, atol=1e-14)
        checked += len(of)
    assert checked == 144


@pytest.mark.parametrize(
    "of", groups("depth.csv", "activation", "slope", "width", "depth", "sigma")
)
def test_depth(of: list[dict[str, str]]) -> None:
    row = of[0]
    slope = float(row["slope"]) if row["slope"] else None
    layer = LayerLaw(int(row["width"]), row["activation"], slope=slope)
    law = DepthLaw(layer, int(row["depth"]), scale=float(row["sigma"]))
    x, cdf, sf = column(of, "x"), column(of, "cdf"), column(of, "survival")
    exact = law.cdf(x, exact=True)
    assert np.allclose(exact, cdf, rtol=1e-9, atol=1e-30)
    assert np.allclose(law.sf(x, exact=True), sf, rtol=1e-9, atol=1e-30)
    assert [law.cdf(float(point)) for point in x] == exact.tolist()
    assert np.max(np.abs(law.cdf(x) - cdf)) < 1e-8
    assert np.max(np.abs(law.sf(x) - sf)) < 1e-8
