"""Types as a checker sees them: numbers for numbers, arrays for arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from typing_extensions import assert_type

import isomoment
from isomoment import DepthLaw, Gain, GainArrays, LayerLaw, LogCumulants, LogCumulantsArrays


def test_types() -> None:
    widths = np.array([3, 4])
    assert_type(isomoment.scale(1, 64), float)
    assert_type(isomoment.scale(1.0, 64, "rrelu", slope=(0.1, 0.2)), float)
    assert_type(isomoment.scale([0.5, 1.0], 64), NDArray[np.float64])
    assert_type(isomoment.scale(1, widths, "leaky-relu", slope=0.1), NDArray[np.float64])
    assert_type(isomoment.dead_probability(64), float)
    assert_type(isomoment.dead_probability(widths), NDArray[np.float64])
    assert_type(isomoment.log_cumulants(64), LogCumulants)
    assert_type(isomoment.log_cumulants(widths), LogCumulantsArrays)
    assert_type(isomoment.gain(1, 64, "gelu"), Gain)
    assert_type(isomoment.gain([1], 64, "gelu"), GainArrays)
    assert_type(isomoment.stable_scale(1, 1.5, 64), float)
    assert_type(isomoment.stable_scale(1, 1.5, widths), NDArray[np.float64])
    law = LayerLaw(64)
    assert_type(law.scale(1), float)
    assert_type(law.scale([1, 2]), NDArray[np.float64])
    deep = DepthLaw(law, 5, moment=1)
    assert_type(deep.cdf(0.0), float)
    assert_type(deep.cdf([0.0]), NDArray[np.float64])
