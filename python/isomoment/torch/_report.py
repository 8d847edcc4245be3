"""What was done to a model."""

from __future__ import annotations

import html
import math
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn

from isomoment.torch._checks import Checked, Checks


@dataclass(frozen=True)
class Layer:
    """One layer that was initialised."""

    name: str
    kind: str
    """The module's class."""
    fan_in: float
    """Inputs that one unit sums."""
    units: int
    """Units that see the same inputs."""
    activation: str
    slope: float | tuple[float, float] | None
    keep: float
    std: float
    """Standard deviation of the weights; the factor of orthogonal matrices."""
    he: float
    """What He's rule gives."""
    growth: float
    """Predicted mean of log(‖x‖/√n)'s step, given survival."""
    variance: float
    """Predicted variance of that step."""
    note: str = ""


_HEADS = ("layer", "kind", "fan-in", "units", "activation", "keep", "σ", "He", "note")


@dataclass(frozen=True)
class Report:
    """What :func:`isomoment.torch.init_` did; ``print`` and notebooks show a table."""

    moment: float | str
    layers: tuple[Layer, ...]
    """Those that were initialised, in the model's order."""
    skipped: dict[str, str]
    """Weights that were left as they were, and why."""

    @property
    def growth(self) -> float:
        """Predicted mean of log(‖x‖/√n) from input to output, for layers in one chain."""
        return sum(layer.growth for layer in self.layers)

    @property
    def deviation(self) -> float:
        """Its predicted standard deviation over networks."""
        return math.sqrt(sum(layer.variance for layer in self.layers))

    def to_dict(self) -> dict[str, Any]:
        """Numbers, texts and lists alone."""
        return {
            "moment": self.moment,
            "layers": [asdict(layer) for layer in self.layers],
            "skipped": dict(self.skipped),
            "growth": self.growth,
            "deviation": self.deviation,
        }

    def assert_healthy(self) -> None:
        """For a test suite: AssertionError if a weight was left as it was, or nothing was done."""
        if self.skipped:
            reasons = "; ".join(f"{name}: {why}" for name, why in self.skipped.items())
            raise AssertionError(f"not initialised: {reasons}")
        if not self.layers:
            raise AssertionError("no layer was initialised")

    def check(self, model: nn.Module, *data: Any) -> Checks:  # noqa: ANN401 - its inputs
        """Runs the model once on data and measures what each layer is given.

        One model is one draw: its numbers lie about ``deviation`` from the prediction. Dropout is
        as the model's mode has it. ``report.check(model, data).plot()`` draws both.
        """
        found: dict[str, float] = {}

        def hook(name: str) -> Any:  # noqa: ANN401 - a hook
            def measure(module: nn.Module, args: tuple[torch.Tensor, ...]) -> None:
                squares = args[0].detach().double().flatten(1).square().mean(1)
                found[name] = float(0.5 * squares.log().mean())

            return measure

        modules = dict(model.named_modules())
        of = [layer for layer in self.layers if layer.name in modules]
        handles = [modules[layer.name].register_forward_pre_hook(hook(layer.name)) for layer in of]
        try:
            with torch.no_grad():
                model(*data)
        finally:
            for handle in handles:
                handle.remove()
        rows = Checks()
        mean = variance = 0.0
        first: float | None = None
        for layer in of:
            if layer.name in found:
                first = found[layer.name] if first is None else first
                rows.append(
                    Checked(layer.name, found[layer.name] - first, mean, math.sqrt(variance))
                )
            mean, variance = mean + layer.growth, variance + layer.variance
        return rows

    def _rows(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = []
        for layer in self.layers:
            slope = "" if layer.slope is None else f" {_short(layer.slope)}"
            rows.append(
                (
                    layer.name or "(the model)",
                    layer.kind,
                    f"{layer.fan_in:g}",
                    str(layer.units),
                    layer.activation + slope,
                    f"{layer.keep:g}",
                    f"{layer.std:.6g}",
                    f"{layer.he:.6g}",
                    layer.note,
                )
            )
        return rows

    def __str__(self) -> str:
        table = [_HEADS, *self._rows()]
        widths = [max(len(row[i]) for row in table) for i in range(len(_HEADS))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in table
        ]
        kept = "E log(‖x‖/√n)" if self.moment == "lyapunov" else f"E(‖x‖/√n)^{self.moment:g}"
        lines.append(
            f"keeps {kept}; log(‖x‖/√n) of {len(self.layers)} layers in a chain: "
            f"{self.growth:+.4g} ± {self.deviation:.4g}"
        )
        lines += [f"not touched: {name}: {why}" for name, why in self.skipped.items()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        def row(cells: tuple[str, ...], tag: str) -> str:
            return "<tr>" + "".join(f"<{tag}>{html.escape(c)}</{tag}>" for c in cells) + "</tr>"

        rows = "".join(row(cells, "td") for cells in self._rows())
        rest = html.escape(str(self).split("\n", len(self.layers) + 1)[-1]).replace("\n", "<br>")
        return f"<table>{row(_HEADS, 'th')}{rows}</table><p>{rest}</p>"


def _short(slope: float | tuple[float, float]) -> str:
    if isinstance(slope, tuple):
        return f"{slope[0]:.4g}…{slope[1]:.4g}"
    return f"{slope:.4g}"
