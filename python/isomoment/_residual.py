"""The law of a residual block."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from isomoment import _core
from isomoment._arguments import count
from isomoment._constants import LogCumulants

if TYPE_CHECKING:
    from isomoment._layer import LayerLaw


class ManyBlocks(NamedTuple):
    """Of L blocks with τ²/L each E‖x_L‖^s is ‖x₀‖^s·e^exponent·(1 + correction/L)."""

    exponent: float
    correction: float


class ResidualLaw:
    """The law of R = ‖x′‖²/‖x‖² of a block x′ = x + β W₂ φ(W₁x), all weights Gaussian.

    Args:
        hidden: The law of φ(W₁x): LayerLaw of the hidden units.
        branch: τ² = (βσ₁σ₂)², σ₁ and σ₂ the standard deviations of W₁ and W₂; 1e-100 to 1e100.
        width: The size d of x.

    Raises:
        ValueError: An argument outside its domain; hidden units with orthogonal weights.

    No β ≠ 0 keeps a moment if d ≥ 2: every one grows. :meth:`scale` is what keeps it.

    >>> from isomoment import LayerLaw, ResidualLaw
    >>> block = ResidualLaw(LayerLaw(64), 1 / 4096, 64)  # both deviations 1/8, β = 1
    >>> round(block.moment(2), 12)  # 1 + d τ² E Q
    1.5
    >>> round(block.scale(2) ** -2, 12)
    1.5
    """

    __slots__ = ("_core",)

    def __init__(self, hidden: LayerLaw, branch: float, width: int) -> None:
        self._core = _core.Residual(hidden._core, branch, count("width", width))

    @classmethod
    def pre_normalised(
        cls, hidden: LayerLaw, branch: float, width: int, blocks: int, norm: float
    ) -> ResidualLaw:
        """Of the output of blocks x + β W₂ φ(W₁x·√d/‖x‖), from ‖x₀‖ = norm on, relative to it."""
        made = object.__new__(cls)
        sizes = (count("width", width), count("blocks", blocks))
        made._core = _core.Residual.pre_normalised(hidden._core, branch, *sizes, norm)
        return made

    def moment(self, moment: float) -> float:
        """E‖x′‖^s/‖x‖^s; relative error below 5e-14. 0 < s ≤ 8."""
        return self._core.moment(moment)

    def scale(self, moment: float) -> float:
        """The skip scale a: a(x + β W₂ φ(W₁x)) keeps E‖x‖^s."""
        return self._core.scale(moment)

    def log_growth(self, moment: float) -> float:
        """The growth of log‖x‖ per block at the skip scale of order s; negative."""
        return self._core.log_growth(moment)

    def log_cumulants(self) -> LogCumulants:
        """Mean, variance and third cumulant of ½ log R."""
        return LogCumulants(*self._core.log_cumulants())

    def many_blocks(self, moment: float) -> ManyBlocks:
        """What L blocks with β/√L each do to E‖x‖^s, as L grows: the 1/√L of transformers.

        >>> from isomoment import LayerLaw, ResidualLaw
        >>> found = ResidualLaw(LayerLaw(64), 1 / 4096, 64).many_blocks(1)
        >>> exact = ResidualLaw(LayerLaw(64), 0.01 / 4096, 64).moment(1) ** 100
        >>> import math
        >>> abs(math.exp(found.exponent) * (1 + found.correction / 100) / exact - 1) < 1e-4
        True
        """
        return ManyBlocks(*self._core.many_blocks(moment))
