"""Heavy-tailed weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats
from tables import column, groups

import isomoment
from isomoment import StableLaw

NAMES: dict[str, dict[str, Any]] = {"leaky": {"activation": "leaky-relu", "slope": -0.2}}


def test_the_table() -> None:
    checked = 0
    for of in groups("stable.csv", "activation", "keep"):
        name = of[0]["activation"]
        units = NAMES.get(name, {"activation": name})
        units = units | {"keep": float(of[0]["keep"]), "dropout": "plain"}
        right = column(of, "gamma")
        # what no double holds is refused
        here = np.isfinite(right)
        s, alpha, width = (column(of, one) for one in ("s", "alpha", "width"))
        found = isomoment.stable_scale(s[here], alpha[here], width[here], **units)
        assert np.max(np.abs(found / right[here] - 1)) < 3e-14
        for i, row in enumerate(of):
            law = StableLaw(alpha[i], int(width[i]), **units)
            assert law.moment(s[i]) == pytest.approx(float(row["moment"]), rel=2e-14)
            cumulants, mean = law.log_cumulants(), float(row["mean_log"])
            assert abs(cumulants.mean - mean) < 2e-14 * max(1, abs(mean))
            assert cumulants.variance == pytest.approx(float(row["var_log"]), rel=1e-13)
            third = abs(cumulants.third - float(row["third_log"]))
            assert third < 2e-9 * cumulants.variance**1.5
            if here[i]:
                assert law.scale(s[i]) == pytest.approx(right[i], rel=3e-14)
                growth = np.log(law.scale(s[i])) + cumulants.mean
                assert law.log_growth(s[i]) == pytest.approx(growth, rel=1e-9, abs=1e-12)
        checked += len(of)
    assert checked == 672


def test_drawn_layers_keep_the_moment() -> None:
    alpha, width, draws = 1.5, 8, 40_000
    law = StableLaw(alpha, width, keep=0.8)
    shape = (draws, width)
    random = np.random.default_rng(1)
    outputs = np.maximum(stats.levy_stable.rvs(alpha, 0, size=shape, random_state=random), 0)
    outputs *= (random.random(shape) < 0.8) / 0.8
    norms = (outputs**alpha).sum(axis=1) ** (1 / alpha)
    kept = (law.scale(0.7) * norms) ** 0.7
    assert abs(kept.mean() - 1) < 4.5 * kept.std() / draws**0.5
    # the control: as far as the law of another tail index
    other = (StableLaw(1.6, width, keep=0.8).scale(0.7) * norms) ** 0.7
    assert abs(other.mean() - 1) > 4.5 * other.std() / draws**0.5
    alive = norms[norms > 0]
    logs = np.log(alive) + np.log(law.lyapunov_scale())
    assert abs(logs.mean()) < 4.5 * logs.std() / len(alive) ** 0.5
    dead = int((norms == 0).sum())
    assert stats.binomtest(dead, draws, law.dead_probability).pvalue > 1e-4


def test_refusals() -> None:
    with pytest.raises(
        ValueError, match=r"below alpha = 1\.5: from there on the moment is infinite"
    ):
        isomoment.stable_scale([1, 1.5], 1.5, 64)
    with pytest.raises(ValueError, match="alpha is"):
        StableLaw(2.1, 64)
    with pytest.raises(ValueError, match="width is 0; it must be an integer from 1"):
        isomoment.stable_scale(1, 1.5, 0)
    with pytest.raises(ValueError, match="width is 1; it must be at least 2 for this scaling"):
        StableLaw(1.5, 1).infinite_width_scale()
