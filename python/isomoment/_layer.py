"""The law of one layer as an object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, overload

from isomoment._arguments import count, is_scalar, layer, of_many, of_one, units
from isomoment._constants import LogCumulants

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from isomoment._depth import DepthLaw


class LargeWidth(NamedTuple):
    """The expansion of σ(s, d)² in 1/d, for Gaussian weights.

    σ² = (1 + first/d + second/d² + …)/(mean_slope·d).
    """

    mean_slope: float
    first: float
    second: float


class LayerLaw:
    """The law of Q = Σ cᵢ zᵢ²: a layer of weights N(0, σ²) multiplies ‖x‖² by σ²Q.

    cᵢ is the squared slope that unit i of ``width`` happens to have, zᵢ is standard normal. With
    orthogonal weights Q is divided by an independent χ² of max(width, fan_in) degrees of freedom.

    Arguments are those of :func:`isomoment.scale`, one number each. Objects do not change, compare
    equal when their arguments are, and can be pickled.

    >>> from isomoment import LayerLaw
    >>> law = LayerLaw(64)
    >>> law
    LayerLaw(64, 'relu')
    >>> round(law.scale(1), 14)
    0.17852802866437
    >>> round(law.scale(2) / (2 / 64) ** 0.5, 14)  # He
    1.0
    >>> LayerLaw(10, "leaky-relu", slope=0.2, keep=0.5).dead_probability == 2**-10
    True
    """

    __slots__ = ("_arguments", "_core", "_fan_in", "_units", "_width")

    def __init__(
        self,
        width: int,
        activation: str = "relu",
        *,
        slope: float | tuple[float, float] | None = None,
        keep: float = 1.0,
        dropout: str = "inverted",
        weights: str = "gaussian",
        fan_in: int | None = None,
    ) -> None:
        self._units = units(activation, slope, keep, dropout, weights)
        self._core = layer(self._units, width, fan_in)
        self._width = count("width", width)
        self._fan_in = self._width if fan_in is None else count("fan_in", fan_in)
        given = {
            "slope": (slope, None),
            "keep": (keep, 1.0),
            "dropout": (dropout, "inverted"),
            "weights": (weights, "gaussian"),
            "fan_in": (self._fan_in, self._width),
        }
        self._arguments = {name: value for name, (value, usual) in given.items() if value != usual}

    @property
    def width(self) -> int:
        """The number of units d."""
        return self._width

    @property
    def fan_in(self) -> int:
        """The number of inputs."""
        return self._fan_in

    @property
    def activation(self) -> str:
        """The activation's name."""
        return self._units.activation

    @overload
    def scale(self, moment: float) -> float: ...
    @overload
    def scale(self, moment: ArrayLike) -> NDArray[np.float64]: ...
    def scale(self, moment: ArrayLike) -> float | NDArray[np.float64]:
        """σ(s, d), as :func:`isomoment.scale`; an array for an array of orders s."""
        return self._of_moment("scale", moment)

    @overload
    def moment(self, moment: float) -> float: ...
    @overload
    def moment(self, moment: ArrayLike) -> NDArray[np.float64]: ...
    def moment(self, moment: ArrayLike) -> float | NDArray[np.float64]:
        """E[Q^{s/2}; Q > 0]; an array for an array of orders s."""
        return self._of_moment("moment", moment)

    @overload
    def log_growth(self, moment: float) -> float: ...
    @overload
    def log_growth(self, moment: ArrayLike) -> NDArray[np.float64]: ...
    def log_growth(self, moment: ArrayLike) -> float | NDArray[np.float64]:
        """The growth of log‖x‖ per layer, as :func:`isomoment.log_growth`."""
        return self._of_moment("log_growth", moment)

    def _of_moment(self, quantity: str, moment: ArrayLike) -> float | NDArray[np.float64]:
        if is_scalar(moment):
            return of_one(self._core, quantity, moment)
        return of_many(quantity, moment, self._width, self._units, self._fan_in)

    def lyapunov_scale(self) -> float:
        """The σ that keeps E log‖x‖ constant, given survival."""
        return self._core.lyapunov_scale()

    def log_cumulants(self) -> LogCumulants:
        """Mean, variance and third cumulant of ½ log Q given Q > 0."""
        return LogCumulants(*self._core.log_cumulants())

    @property
    def dead_probability(self) -> float:
        """P(Q = 0); 0 where no double holds it."""
        return self._core.dead_probability()

    @property
    def log_dead_probability(self) -> float:
        """Log P(Q = 0); −inf where no unit can die."""
        return self._core.log_dead_probability()

    @property
    def log_survival_probability(self) -> float:
        """Log P(Q > 0)."""
        return self._core.log_survival_probability()

    def large_width(self, moment: float) -> LargeWidth:
        """The expansion of σ(s, d)² in 1/d; Gaussian weights.

        >>> from isomoment import LayerLaw
        >>> LayerLaw(64).large_width(1)
        LargeWidth(mean_slope=0.5, first=1.25, second=1.53125)
        """
        return LargeWidth(*self._core.large_width(moment))

    def at_depth(
        self, depth: int, *, moment: float | None = None, scale: float | None = None
    ) -> DepthLaw:
        """The law of the log-norm after so many layers: :class:`isomoment.DepthLaw`."""
        from isomoment._depth import DepthLaw

        return DepthLaw(self, depth, moment=moment, scale=scale)

    def _key(self) -> tuple[object, ...]:
        return (self._width, self._fan_in, *self._units)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LayerLaw) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        keywords = "".join(f", {name}={value!r}" for name, value in self._arguments.items())
        return f"LayerLaw({self._width}, {self._units.activation!r}{keywords})"

    def __reduce__(self) -> tuple[object, ...]:
        return _remade, (self._width, self._units.activation, self._arguments)


def _remade(width: int, activation: str, keywords: dict[str, Any]) -> LayerLaw:
    return LayerLaw(width, activation, **keywords)
