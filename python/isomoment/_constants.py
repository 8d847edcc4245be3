"""The constants of layers: numbers for numbers, arrays for arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from isomoment import _core
from isomoment._arguments import count, evaluate, units

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from isomoment._signatures import OfLayer, OfMoment


class LogCumulants(NamedTuple):
    """Cumulants of ½ log Q given Q > 0, the log of what a layer with σ = 1 multiplies a norm by."""

    mean: float
    """E[½ log Q | Q > 0]."""
    variance: float
    """Var[½ log Q | Q > 0], the variance of the log-norm per layer at any σ."""
    third: float
    """Third cumulant of ½ log Q given Q > 0."""


class LogCumulantsArrays(NamedTuple):
    """:class:`LogCumulants` of many layers: arrays of one shape."""

    mean: NDArray[np.float64]
    variance: NDArray[np.float64]
    third: NDArray[np.float64]


def _of_moment(function: Callable[..., Any]) -> OfMoment:
    return cast("OfMoment", function)


def _of_layer(function: Callable[..., Any]) -> OfLayer[float, NDArray[np.float64]]:
    return cast("OfLayer[float, NDArray[np.float64]]", function)


def _cumulants_of_layer(
    function: Callable[..., Any],
) -> OfLayer[LogCumulants, LogCumulantsArrays]:
    return cast("OfLayer[LogCumulants, LogCumulantsArrays]", function)


@_of_moment
def scale(
    moment: ArrayLike,
    width: ArrayLike,
    activation: str = "relu",
    *,
    slope: ArrayLike | None = None,
    keep: ArrayLike = 1.0,
    dropout: str = "inverted",
    weights: str = "gaussian",
    fan_in: ArrayLike | None = None,
) -> float | NDArray[np.float64]:
    """σ(s, d) = E[Q^{s/2}]^{−1/s}: the weights' standard deviation that keeps E‖x‖^s constant.

    A layer x ↦ D φ(W x) of d units whose weights are N(0, σ²) multiplies ‖x‖² by σ²Q,
    Q = Σ cᵢ zᵢ², cᵢ the squared slope that unit i happens to have and zᵢ standard normal. At
    s = 2 this is He's rule. The relative error is below 4e-15 for 0.0005 ≤ s ≤ 8 (RReLU: s ≤ 2).

    All numbers may be arrays, which are broadcast against each other; then the result is an array
    of the common shape, computed on all cores. Ctrl-C stops it.

    Args:
        moment: s, above 0, at most 8 (RReLU: 3).
        width: d, the number of units, from 1 to 2⁵³.
        activation: ``linear``, ``relu``, ``leaky-relu`` or ``rrelu`` (slopes drawn at random).
        slope: The slope for negative inputs of ``leaky-relu`` (0.01), or the pair (lower, upper)
            of ``rrelu`` (1/8, 1/3).
        keep: The probability that dropout keeps a unit, from 1e-100 to 1.
        dropout: ``inverted`` multiplies kept units by 1/keep, as the frameworks do; ``plain``
            leaves them.
        weights: ``gaussian``, or ``orthogonal``: σ is then the factor of a Haar-distributed matrix
            with orthonormal rows or columns.
        fan_in: The number of inputs; it matters for orthogonal weights only. As many as units
            where not given. To keep the root-mean-square ‖x‖/√n instead of the norm, multiply σ by
            √(width/fan_in), or call :func:`standard_deviation`.

    Returns:
        A float for numbers, an array of float64 for arrays.

    Raises:
        ValueError: An argument outside its domain (the sentence names argument, value and domain),
            or a value that no double holds.

    >>> import isomoment
    >>> round(isomoment.scale(1.0, 64), 14)
    0.17852802866437
    >>> isomoment.scale([0.5, 1, 2], [[64], [256]]).shape
    (2, 3)
    >>> isomoment.scale(1.0, 0)
    Traceback (most recent call last):
        ...
    ValueError: width is 0; it must be an integer from 1 to 9007199254740992
    """
    return evaluate(
        "scale", moment, width, units(activation, slope, keep, dropout, weights), fan_in
    )


@_of_moment
def moment(
    moment: ArrayLike,
    width: ArrayLike,
    activation: str = "relu",
    *,
    slope: ArrayLike | None = None,
    keep: ArrayLike = 1.0,
    dropout: str = "inverted",
    weights: str = "gaussian",
    fan_in: ArrayLike | None = None,
) -> float | NDArray[np.float64]:
    """E[Q^{s/2}; Q > 0], the s-th moment of what a layer with σ = 1 multiplies a norm by.

    Arguments, errors and accuracy are those of :func:`scale`.

    >>> import isomoment
    >>> isomoment.moment(2, 64)
    32.0
    """
    of = units(activation, slope, keep, dropout, weights)
    return evaluate("moment", moment, width, of, fan_in)


@_of_moment
def log_growth(
    moment: ArrayLike,
    width: ArrayLike,
    activation: str = "relu",
    *,
    slope: ArrayLike | None = None,
    keep: ArrayLike = 1.0,
    dropout: str = "inverted",
    weights: str = "gaussian",
    fan_in: ArrayLike | None = None,
) -> float | NDArray[np.float64]:
    """μ = log σ(s, d) + E[½ log Q | Q > 0]: the growth of log‖x‖ per layer, given survival.

    It is that of the weights that keep E‖x‖^s constant: negative, unless units can die. Computed
    as one difference, it keeps its digits at large width. Arguments and errors are those of
    :func:`scale`.

    >>> import isomoment
    >>> round(isomoment.log_growth(2, 64), 6)  # under He's rule the typical norm shrinks
    -0.020054
    """
    of = units(activation, slope, keep, dropout, weights)
    return evaluate("log_growth", moment, width, of, fan_in)


@_of_layer
def lyapunov_scale(
    width: ArrayLike,
    activation: str = "relu",
    *,
    slope: ArrayLike | None = None,
    keep: ArrayLike = 1.0,
    dropout: str = "inverted",
    weights: str = "gaussian",
    fan_in: ArrayLike | None = None,
) -> float | NDArray[np.float64]:
    """exp(−E[½ log Q | Q > 0]): the σ that keeps E log‖x‖ constant, given survival.

    Arguments and errors are those of :func:`scale`.

    >>> import isomoment
    >>> isomoment.lyapunov_scale(64) > isomoment.scale(1, 64) > isomoment.scale(2, 64)
    True
    """
    of = units(activation, slope, keep, dropout, weights)
    return evaluate("lyapunov_scale", 1.0, width, of, fan_in)


@_cumulants_of_layer
def log_cumulants(
    width: ArrayLike,
    activation: str = "relu",
    *,
    slope: ArrayLike | None = None,
    keep: ArrayLike = 1.0,
    dropout: str = "inverted",
    weights: str = "gaussian",
    fan_in: ArrayLike | None = None,
) -> LogCumulants | LogCumulantsArrays:
    """Mean, variance and third cumulant of ½ log Q given Q > 0.

    Errors: mean 4e-15 relative, or absolute where it is below 1; variance 1e-13, third cumulant
    1e-10. Arguments are those of :func:`scale`.

    Returns:
        A named tuple (mean, variance, third) of floats, or of arrays.

    >>> import isomoment
    >>> round(isomoment.log_cumulants(1, "linear").variance, 14)  # π²/8
    1.23370055013617
    """
    of = units(activation, slope, keep, dropout, weights)
    found = evaluate("log_cumulants", 1.0, width, of, fan_in)
    if isinstance(found, tuple):
        return LogCumulants(*found)
    arrays: Any = found
    return LogCumulantsArrays(*(arrays[..., i].copy() for i in range(3)))


@_of_layer
def dead_probability(
    width: ArrayLike,
    activation: str = "relu",
    *,
    slope: ArrayLike | None = None,
    keep: ArrayLike = 1.0,
    dropout: str = "inverted",
    weights: str = "gaussian",
    fan_in: ArrayLike | None = None,
) -> float | NDArray[np.float64]:
    """P(Q = 0): every unit of a layer dead or dropped, its output exactly 0.

    0 where no double holds it; :func:`log_dead_probability` does. Arguments are those of
    :func:`scale`.

    >>> import isomoment
    >>> isomoment.dead_probability(4)  # four units of ReLU
    0.0625
    """
    of = units(activation, slope, keep, dropout, weights)
    return evaluate("dead_probability", 1.0, width, of, fan_in)


@_of_layer
def log_dead_probability(
    width: ArrayLike,
    activation: str = "relu",
    *,
    slope: ArrayLike | None = None,
    keep: ArrayLike = 1.0,
    dropout: str = "inverted",
    weights: str = "gaussian",
    fan_in: ArrayLike | None = None,
) -> float | NDArray[np.float64]:
    """log P(Q = 0); −inf where no unit can die. Arguments are those of :func:`scale`.

    >>> import isomoment
    >>> round(isomoment.log_dead_probability(10_000))  # −10⁴ log 2
    -6931
    """
    of = units(activation, slope, keep, dropout, weights)
    return evaluate("log_dead_probability", 1.0, width, of, fan_in)


def standard_deviation(
    scheme: str,
    fan_in: int,
    fan_out: int,
    activation: str = "relu",
    *,
    slope: float | tuple[float, float] | None = None,
    keep: float = 1.0,
    dropout: str = "inverted",
) -> float:
    """The standard deviation that an initialization scheme gives the weights of a layer.

    Args:
        scheme: ``fractional:S`` keeps E(‖x‖/√n)^S, ``lyapunov`` E log(‖x‖/√n), ``backward:S`` the
            same of gradients, ``balanced:S`` is between; beside them ``he``,
            ``glorot``, ``lecun``, ``framework-default`` (variance 1/(3·fan_in)), ``random-walk``
            (Sussillo & Abbott 2014), ``published:S`` (the code of Gürbüzbalaban & Hu 2021).
        fan_in: Number of inputs.
        fan_out: Number of units.
        activation: As in :func:`scale`, with ``slope``, ``keep`` and ``dropout``.
        slope: As in :func:`scale`.
        keep: As in :func:`scale`.
        dropout: As in :func:`scale`.

    Raises:
        ValueError: As :func:`scale`; for a scheme that does not exist, or has no value here.

    >>> import isomoment
    >>> round(isomoment.standard_deviation("he", 800, 64), 6)
    0.05
    >>> round(isomoment.standard_deviation("fractional:1", 800, 64), 6)
    0.050495
    """
    of = units(activation, slope, keep, dropout, "gaussian")
    plain: Any = tuple(of)
    inputs, outputs = count("fan_in", fan_in), count("fan_out", fan_out)
    return _core.standard_deviation(scheme, plain, inputs, outputs)
