"""What weights that somebody has do at depth."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from isomoment import _core
from isomoment._arguments import count, layer, units
from isomoment._constants import standard_deviation


class Diagnosis(NamedTuple):
    """What :func:`diagnose` returns; ``print`` shows a table."""

    std: float
    """Standard deviation of the weights."""
    preserved_order: float | None
    """The order s whose moment E(‖x‖/√n)^s the weights keep; None where the typical signal grows,
    or shrinks so fast that s, then about −2·growth/variance, is beyond what is computed."""
    growth: float
    """Mean growth of log(‖x‖/√n) per layer, given survival."""
    variance: float
    """Its variance."""
    backward_growth: float | None
    """Of gradients; None for orthogonal weights that are not square."""
    backward_variance: float | None
    """Its variance."""
    dead: float
    """P(output is exactly 0)."""
    vanished: float
    """P(‖x_k‖/√n ≤ ε‖x₀‖/√n₀), dead ones included."""
    exploded: float
    """P(‖x_k‖/√n > ‖x₀‖/√n₀/ε)."""
    low: float
    """Lower end of the middle ``share`` of the log of the output's root-mean-square, given
    survival."""
    median: float
    """Its median."""
    high: float
    """Its upper end."""
    layers_to_epsilon: float | None
    """Layers after which the typical signal is ε of the input; None where it does not shrink."""

    def __str__(self) -> str:
        def number(value: float | None) -> str:
            return "none" if value is None else f"{value:.6g}"

        band = f"{self.low:.4g} … {self.median:.4g} … {self.high:.4g}"
        rows = [
            ("standard deviation of the weights", number(self.std)),
            ("moment order s that they keep", number(self.preserved_order)),
            ("growth rate of the log-norm per layer", number(self.growth)),
            ("its variance", number(self.variance)),
            ("growth rate of gradients", number(self.backward_growth)),
            ("P(output is 0)", number(self.dead)),
            ("P(vanished)", number(self.vanished)),
            ("P(exploded)", number(self.exploded)),
            ("log(output/input): middle share, median", band),
            ("layers until the signal has vanished", number(self.layers_to_epsilon)),
        ]
        return "\n".join(f"{name:<40} {value}" for name, value in rows)


def diagnose(
    width: int,
    depth: int,
    activation: str = "relu",
    *,
    std: float | None = None,
    scheme: str | None = None,
    moment: float | None = None,
    slope: float | tuple[float, float] | None = None,
    keep: float = 1.0,
    dropout: str = "inverted",
    weights: str = "gaussian",
    fan_in: int | None = None,
    epsilon: float = 1e-6,
    share: float = 0.9,
) -> Diagnosis:
    """What becomes of signals and gradients in equal layers with weights of a given size.

    In layers of unequal numbers of inputs and units the root-mean-square takes the norm's place.

    Args:
        width: The number of units.
        depth: The number of layers.
        activation: As in :func:`isomoment.scale`, with ``slope``, ``keep``, ``dropout``,
            ``weights`` and ``fan_in``.
        std: The standard deviation of a weight. Give it, ``scheme`` or ``moment``.
        scheme: Or that of a scheme, as in :func:`isomoment.standard_deviation`; Gaussian weights.
        moment: Or that which keeps E(‖x‖/√n)^moment.
        slope: As in :func:`isomoment.scale`.
        keep: As in :func:`isomoment.scale`.
        dropout: As in :func:`isomoment.scale`.
        weights: As in :func:`isomoment.scale`.
        fan_in: As in :func:`isomoment.scale`.
        epsilon: What counts as vanished, and its reciprocal as exploded.
        share: The share of outputs between ``low`` and ``high``.

    Raises:
        ValueError: An argument outside its domain, and as :class:`isomoment.DepthLaw`.

    >>> import isomoment
    >>> found = isomoment.diagnose(64, 50, scheme="framework-default")
    >>> round(found.growth, 4)
    -0.9159
    >>> round(found.layers_to_epsilon, 1)
    15.1
    >>> round(isomoment.diagnose(64, 50, moment=1).preserved_order, 9)
    1.0
    """
    given = [one for one in (std, scheme, moment) if one is not None]
    if len(given) != 1:
        raise ValueError(f"std, scheme, moment: {len(given)} given; it must be one of them")
    of = units(activation, slope, keep, dropout, weights)
    law = layer(of, width, fan_in)
    outputs = count("width", width)
    inputs = outputs if fan_in is None else count("fan_in", fan_in)
    if moment is not None:
        entries = law.scale(moment) * math.sqrt(outputs / inputs) / law.scale_of_entries(1.0)
    elif scheme is not None:
        if weights != "gaussian":
            raise ValueError(f"weights is {weights}; it must be gaussian for a scheme")
        of_units: dict[str, Any] = {"slope": slope, "keep": keep, "dropout": dropout}
        entries = standard_deviation(scheme, inputs, outputs, activation, **of_units)
    else:
        entries = float(std or 0)
    found = _core.diagnose(law, entries, count("depth", depth), epsilon, share)
    (forward, backward), order, chances, band, layers = found
    return Diagnosis(
        std=entries,
        preserved_order=order,
        growth=forward[0],
        variance=forward[1],
        backward_growth=None if backward is None else backward[0],
        backward_variance=None if backward is None else backward[1],
        dead=chances[0],
        vanished=chances[1],
        exploded=chances[2],
        low=band[0],
        median=band[1],
        high=band[2],
        layers_to_epsilon=layers,
    )
