"""Gains of activations that need not be homogeneous."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tables import column, groups, rows

import isomoment
from isomoment import LevelLaw


def test_gains_of_the_table() -> None:
    checked = 0
    for of in groups("gain.csv", "activation"):
        s, width, level = column(of, "s"), column(of, "width"), column(of, "level")
        found = isomoment.gain(s, width, of[0]["activation"], level=level)
        assert np.max(np.abs(found.gain / column(of, "gain") - 1)) < 3e-14
        assert np.max(np.abs(found.stability - column(of, "stability"))) < 2e-14
        checked += len(of)
    assert checked == 85


def test_one_is_as_many() -> None:
    row = rows("gain.csv")[2]
    given = float(row["s"]), int(row["width"])
    one = isomoment.gain(*given, row["activation"])
    many = isomoment.gain([given[0]], given[1], row["activation"])
    assert one == (many.gain[0], many.stability[0])
    assert one == LevelLaw(given[1], row["activation"]).gain(given[0])


def test_arguments_arrive() -> None:
    sigma = isomoment.scale(1, 64, "leaky-relu", slope=-0.5)
    found = isomoment.gain(1, 64, "leaky_relu", slope=-0.5)
    assert found.gain == pytest.approx(8 * sigma, rel=1e-13)
    assert found.stability == pytest.approx(1, abs=1e-13)
    flat = isomoment.gain(2, 64, "elu", alpha=0.0)
    assert flat.gain == pytest.approx(math.sqrt(2), rel=1e-13)
    assert isomoment.gain(2, 64, "elu").gain < flat.gain
    assert isomoment.gain([1, 2], [[4], [8]], "tanh", level=0.5).gain.shape == (2, 2)


def test_a_function_of_ones_own() -> None:
    own, named = LevelLaw(64, math.tanh), LevelLaw(64, "tanh")
    assert own.gain(1, 0.5).gain == pytest.approx(named.gain(1, 0.5).gain, rel=1e-12)
    # drawn: two units of tanh, an input of the level 0.6
    random = np.random.default_rng(1)
    law = LevelLaw(2, math.tanh)
    tau = 0.6 * law.gain(1, 0.6).gain
    drawn = np.sqrt((np.tanh(tau * random.standard_normal((100_000, 2))) ** 2).mean(axis=1))
    assert abs(drawn.mean() - 0.6) < 4.5 * drawn.std() / 100_000**0.5
    assert law.level(1, tau) == pytest.approx(0.6, rel=1e-12)


def test_what_a_function_raises() -> None:
    def broken(y: float) -> float:
        raise KeyError("mine")

    law = LevelLaw(4, broken)
    with pytest.raises(KeyError, match="mine"):
        law.gain(1)


def test_where_a_function_jumps_is_to_be_said() -> None:
    def step(y: float) -> float:
        return 1.0 if y > 0.3 else 0.1

    with pytest.raises(ValueError, match="not smooth between its breakpoints"):
        LevelLaw(4, step).gain(1, 0.5)
    assert LevelLaw(4, step, breakpoints=[0.3]).gain(1, 0.5).gain > 0


def test_refusals() -> None:
    with pytest.raises(ValueError, match=r"^s is 3\.0; it must be a number from 0\.01 to 2$"):
        isomoment.gain(3, 64, "gelu")
    with pytest.raises(ValueError, match="activation is swoosh; it must be gelu, silu, tanh"):
        isomoment.gain(1, 64, "swoosh")
    with pytest.raises(ValueError, match=r"alpha is 1\.0; it must be left out for gelu"):
        isomoment.gain(1, 64, "gelu", alpha=1.0)
    with pytest.raises(ValueError, match="level is"):
        isomoment.gain([1.0], 64, "tanh", level=2.0)
    with pytest.raises(ValueError, match="it must be left out for a function"):
        LevelLaw(4, math.tanh, slope=0.1)
    with pytest.raises(ValueError, match="they must be left out for a name"):
        LevelLaw(4, "tanh", breakpoints=[1.0])
