"""Weight scales that keep a chosen moment of a deep network's signal, and what the signal does.

A layer x ↦ D φ(W x) of d units with independent N(0, σ²) weights multiplies ‖x‖² by σ²Q, the Q
of different layers being independent copies of one law. From that law come the scale σ(s, d) that
keeps E‖x‖^s constant (:func:`scale`), the growth rate and spread of log‖x‖ (:func:`log_growth`,
:func:`log_cumulants`), and the exact law after k layers (:class:`DepthLaw`).

>>> import isomoment
>>> sigma = isomoment.scale(1, 256, keep=0.9)  # standard deviation of a ReLU layer's weights
>>> sigma > isomoment.scale(2, 256, keep=0.9)  # larger than He's
True

The numbers are computed by the Rust library of the same name, which states and tests their errors.
"""

from isomoment._constants import (
    LogCumulants,
    LogCumulantsArrays,
    dead_probability,
    log_cumulants,
    log_dead_probability,
    log_growth,
    lyapunov_scale,
    moment,
    scale,
    standard_deviation,
)
from isomoment._depth import DepthLaw
from isomoment._diagnose import Diagnosis, diagnose
from isomoment._gain import Gain, GainArrays, LevelLaw, gain
from isomoment._layer import LargeWidth, LayerLaw
from isomoment._residual import ManyBlocks, ResidualLaw
from isomoment._simulate import Simulation, simulate
from isomoment._stable import StableLaw, stable_scale

__all__ = [
    "DepthLaw",
    "Diagnosis",
    "Gain",
    "GainArrays",
    "LargeWidth",
    "LayerLaw",
    "LevelLaw",
    "LogCumulants",
    "LogCumulantsArrays",
    "ManyBlocks",
    "ResidualLaw",
    "Simulation",
    "StableLaw",
    "dead_probability",
    "diagnose",
    "gain",
    "log_cumulants",
    "log_dead_probability",
    "log_growth",
    "lyapunov_scale",
    "moment",
    "scale",
    "simulate",
    "stable_scale",
    "standard_deviation",
]
