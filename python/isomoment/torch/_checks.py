"""What a model's layers are given, beside what was predicted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Checked:
    """Log of the root-mean-square of one layer's inputs, relative to the first layer's."""

    name: str
    measured: float
    """Mean over the data."""
    predicted: float
    """Mean over networks, given survival, for layers in one chain."""
    deviation: float
    """Standard deviation over networks."""


class Checks(list[Checked]):
    """One for each layer; ``print`` shows a table, :meth:`plot` a picture."""

    def plot(self, axes: Any = None) -> Any:  # noqa: ANN401 - matplotlib's, which need not be there
        """Draws what was measured over the band where 95 % of models are predicted to be.

        Args:
            axes: Of matplotlib; a new figure's where not given.

        Returns:
            The axes.
        """
        if axes is None:
            from matplotlib import pyplot as plt

            _, axes = plt.subplots(layout="constrained")
        at = range(1, len(self) + 1)
        predicted = [row.predicted for row in self]
        low, high = ([row.predicted + z * row.deviation for row in self] for z in (-1.96, 1.96))
        axes.fill_between(at, low, high, alpha=0.2, label="95 % of models")
        axes.plot(at, predicted, label="predicted mean")
        axes.plot(at, [row.measured for row in self], "o", ms=3, label="measured")
        axes.set(xlabel="layer", ylabel="log of the inputs' rms, relative to the first layer's")
        axes.legend()
        return axes

    def __str__(self) -> str:
        width = max([5, *(len(row.name) for row in self)])
        lines = [f"{'layer':<{width}}  measured  predicted  deviation"]
        lines += [
            f"{row.name:<{width}}  {row.measured:>8.3f}  {row.predicted:>9.3f}  "
            f"{row.deviation:>9.3f}"
            for row in self
        ]
        return "\n".join(lines)
