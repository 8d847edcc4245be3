"""Heavy-tailed weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from isomoment import _core
from isomoment._arguments import count, counts, doubles, is_scalar, units
from isomoment._constants import LogCumulants

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


@overload
def stable_scale(
    moment: float,
    alpha: float,
    width: int,
    activation: str = ...,
    *,
    slope: float | tuple[float, float] | None = ...,
    keep: float = ...,
    dropout: str = ...,
) -> float: ...
@overload
def stable_scale(
    moment: ArrayLike,
    alpha: ArrayLike,
    width: ArrayLike,
    activation: str = ...,
    *,
    slope: float | tuple[float, float] | None = ...,
    keep: float = ...,
    dropout: str = ...,
) -> NDArray[np.float64]: ...
def stable_scale(
    moment: ArrayLike,
    alpha: ArrayLike,
    width: ArrayLike,
    activation: str = "relu",
    *,
    slope: float | tuple[float, float] | None = None,
    keep: float = 1.0,
    dropout: str = "inverted",
) -> float | NDArray[np.float64]:
    """γ(s; α, d): the scale of independent α-stable weights that keeps E‖x‖_α^s constant.

    A weight of scale γ has the characteristic function exp(−|γt|^α), and the norm is
    (Σ|xᵢ|^α)^{1/α}; at α = 2, γ = σ/√2. Relative error below 3e-14. ``moment``, ``alpha`` and
    ``width`` may be arrays, as in :func:`isomoment.scale`.

    Args:
        moment: s, above 0 and below α (at α = 2 up to 2): from α on the moment is infinite.
        alpha: α, from 0.3 to 2.
        width: d, the number of units.
        activation: As in :func:`isomoment.scale`, with ``slope``, ``keep`` and ``dropout``.
        slope: As in :func:`isomoment.scale`.
        keep: As in :func:`isomoment.scale`.
        dropout: As in :func:`isomoment.scale`.

    Raises:
        ValueError: An argument outside its domain, or a value that no double holds.

    >>> import isomoment
    >>> gamma = isomoment.stable_scale(1, 2, 64)
    >>> abs(gamma * 2**0.5 / isomoment.scale(1, 64) - 1) < 1e-14
    True
    >>> isomoment.stable_scale(1, [1.25, 1.5], [[16], [64], [256]]).shape
    (3, 2)
    """
    of: Any = units(activation, slope, keep, dropout, "gaussian")
    if all(is_scalar(value) for value in (moment, alpha, width)):
        law = _core.Stable(of, float(alpha), count("width", width))  # type: ignore[arg-type]
        return law.scale(float(moment))  # type: ignore[arg-type]
    import numpy as np

    given = (doubles("moment", moment), doubles("alpha", alpha), counts("width", width))
    s, alphas, widths = np.broadcast_arrays(*given)
    return _core.stable_scales(of, s.ravel(), alphas.ravel(), widths.ravel()).reshape(s.shape)


class StableLaw:
    """The law of Q = Σ cᵢ|zᵢ|^α: α-stable weights of scale γ multiply ‖x‖_α by γ·Q^{1/α}.

    Arguments are those of :func:`stable_scale`, one number each.

    >>> from isomoment import StableLaw
    >>> law = StableLaw(1.5, 256, "linear")
    >>> round(law.infinite_width_scale() / law.scale(1), 2)  # the limit is 70 % too large
    1.7
    >>> abs(law.scale_expansion(1) / law.scale(1) - 1) < 2e-3
    True
    >>> law.scale(1.5)
    Traceback (most recent call last):
        ...
    ValueError: s is 1.5; it must be above 0 and below alpha = 1.5: from there on the moment is infinite
    """  # noqa: E501 - a message

    __slots__ = ("_core",)

    def __init__(
        self,
        alpha: float,
        width: int,
        activation: str = "relu",
        *,
        slope: float | tuple[float, float] | None = None,
        keep: float = 1.0,
        dropout: str = "inverted",
    ) -> None:
        of: Any = units(activation, slope, keep, dropout, "gaussian")
        self._core = _core.Stable(of, alpha, count("width", width))

    def scale(self, moment: float) -> float:
        """γ(s; α, d), as :func:`stable_scale`."""
        return self._core.scale(moment)

    def moment(self, moment: float) -> float:
        """E[Q^{s/α}; Q > 0]."""
        return self._core.moment(moment)

    def log_growth(self, moment: float) -> float:
        """The growth of log‖x‖_α per layer, given survival, at the scale that keeps E‖x‖_α^s."""
        return self._core.log_growth(moment)

    def scale_expansion(self, moment: float) -> float:
        """γ(s; α, d) to second order in what falls like 1/log d."""
        return self._core.scale_expansion(moment)

    def lyapunov_scale(self) -> float:
        """The γ that keeps E log‖x‖_α constant, given survival."""
        return self._core.lyapunov_scale()

    def infinite_width_scale(self) -> float:
        """The scaling of infinite width, (C_α E[c] d log d)^{−1/α}; of no use at real widths."""
        return self._core.infinite_width_scale()

    def log_cumulants(self) -> LogCumulants:
        """Mean, variance and third cumulant of (1/α) log Q given Q > 0."""
        return LogCumulants(*self._core.log_cumulants())

    @property
    def dead_probability(self) -> float:
        """P(Q = 0)."""
        return self._core.dead_probability()
