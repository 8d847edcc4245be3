"""Gains of activations that need not be homogeneous."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, overload

from isomoment import _core
from isomoment._arguments import count, counts, doubles, is_scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import ArrayLike, NDArray


class Gain(NamedTuple):
    """A gain, and what happens beside its level."""

    gain: float
    """g: weights with the standard deviation g/√n keep the moment, n the number of inputs."""
    stability: float
    """What the next layers make of an input 1 % above the level: that many percent remain."""


class GainArrays(NamedTuple):
    """Gains, and what happens beside their levels."""

    gain: NDArray[np.float64]
    """As in :class:`Gain`."""
    stability: NDArray[np.float64]
    """As in :class:`Gain`."""


def named(activation: str, alpha: float | None, slope: float | None) -> tuple[str, float]:
    """The name and the parameter, refused where the activation has none."""
    name = activation.replace("_", "-")
    for argument, value, of in (("alpha", alpha, "elu"), ("slope", slope, "leaky-relu")):
        if value is not None and name != of:
            raise ValueError(f"{argument} is {value}; it must be left out for {activation}")
    if name == "elu":
        return name, 1.0 if alpha is None else float(alpha)
    return name, 0.01 if slope is None else float(slope)


@overload
def gain(
    moment: float,
    width: int,
    activation: str,
    *,
    level: float = ...,
    alpha: float | None = ...,
    slope: float | None = ...,
) -> Gain: ...
@overload
def gain(
    moment: ArrayLike,
    width: ArrayLike,
    activation: str,
    *,
    level: ArrayLike = ...,
    alpha: float | None = ...,
    slope: float | None = ...,
) -> GainArrays: ...
def gain(
    moment: ArrayLike,
    width: ArrayLike,
    activation: str,
    *,
    level: ArrayLike = 1.0,
    alpha: float | None = None,
    slope: float | None = None,
) -> Gain | GainArrays:
    """The gain of any activation: weights of standard deviation g/√fan_in keep E[rms^s]^{1/s}.

    What a layer of GELU, SiLU or tanh does depends on how large its input is: g keeps the
    root-mean-square's moment where the input has the root-mean-square ``level``. Where there are
    several gains it is the smallest; :class:`LevelLaw` has all of them, and functions of your own.
    Relative error below 3e-14. ``moment``, ``width`` and ``level`` may be arrays, as in
    :func:`isomoment.scale`.

    Args:
        moment: s, from 0.01 to 2.
        width: d, the number of units.
        activation: ``gelu``, ``silu``, ``tanh``, ``elu``, ``selu``, ``mish``, ``softplus``,
            ``sigmoid``, ``relu`` or ``leaky-relu``.
        level: r, from 1e-6 to 100 000.
        alpha: Of ``elu``; 1 where not given.
        slope: Of ``leaky-relu``; 0.01 where not given.

    Raises:
        ValueError: An argument outside its domain, a level that the activation does not have.

    >>> import isomoment
    >>> round(isomoment.gain(1, 64, "gelu").gain, 12)
    1.483319928333
    >>> isomoment.gain([1, 2], [[64], [256]], "tanh", level=0.5).stability.shape
    (2, 2)
    """
    name, parameter = named(activation, alpha, slope)
    if all(is_scalar(value) for value in (moment, width, level)):
        law = _core.Level(name, parameter, count("width", width))
        return Gain(*law.gains(float(moment), float(level))[0])  # type: ignore[arg-type]
    import numpy as np

    given = (doubles("moment", moment), counts("width", width), doubles("level", level))
    s, widths, levels = np.broadcast_arrays(*given)
    flat = (s.ravel(), widths.ravel(), levels.ravel())
    found = _core.gains(name, parameter, *flat).reshape(*s.shape, 2)
    return GainArrays(found[..., 0].copy(), found[..., 1].copy())


class LevelLaw:
    """The root-mean-square of a layer of one activation, at every level of its input.

    Args:
        width: d, the number of units.
        activation: As in :func:`gain`, or a function of one number.
        alpha: As in :func:`gain`.
        slope: As in :func:`gain`.
        breakpoints: Of a function: its zeros and the points where it or a derivative jumps, beside
            0. Between them it must be smooth on the scale of 1.

    Raises:
        ValueError: An argument outside its domain; and whatever the function raises.

    >>> from isomoment import LevelLaw
    >>> relu6 = LevelLaw(64, lambda y: min(max(y, 0.0), 6.0), breakpoints=[6])
    >>> relu6.gain(2).stability < 1  # it saturates
    True
    >>> [round(found.gain, 3) for found in LevelLaw(1, "softplus").gains(0.1, 0.685)]
    [0.693, 1760.924]
    """

    __slots__ = ("_core",)

    def __init__(
        self,
        width: int,
        activation: str | Callable[[float], float],
        *,
        alpha: float | None = None,
        slope: float | None = None,
        breakpoints: Sequence[float] = (),
    ) -> None:
        units = count("width", width)
        if isinstance(activation, str):
            if len(breakpoints):
                raise ValueError("breakpoints are given; they must be left out for a name")
            self._core = _core.Level(*named(activation, alpha, slope), units)
        else:
            if (alpha, slope) != (None, None):
                raise ValueError("alpha or slope is given; it must be left out for a function")
            self._core = _core.Level.of_function(activation, list(breakpoints), units)

    def level(self, moment: float, tau: float) -> float:
        """R(τ) = E[((1/d) Σ φ(τzᵢ)²)^{s/2}]^{1/s}: the output's level, τ = g·r; 1e-12 to 1e12.

        >>> from isomoment import LevelLaw
        >>> round(LevelLaw(64, "relu").level(2, 2**0.5), 12)
        1.0
        """
        return self._core.level(moment, tau)

    def gain(self, moment: float, level: float = 1.0) -> Gain:
        """The smallest gain at a level, as :func:`isomoment.gain`."""
        return self.gains(moment, level)[0]

    def gains(self, moment: float, level: float = 1.0) -> list[Gain]:
        """Every gain at a level, in rising order; there is at least one."""
        return [Gain(*found) for found in self._core.gains(moment, level)]
