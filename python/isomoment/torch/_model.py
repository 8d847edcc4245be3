"""Whole models."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.nn.utils import parametrize

from isomoment._fans import Moment, Slope, step, weight_std
from isomoment.torch._graph import (
    ADDED,
    LAYERS,
    Follows,
    follows,
    in_sequences,
    projection,
    recorded,
    traced,
)
from isomoment.torch._report import Layer, Report
from isomoment.torch._tensors import Fans, fans, fractional_normal_, fractional_orthogonal_

if TYPE_CHECKING:
    from collections.abc import Callable

_TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, *_TRANSPOSED)
# scales of what is normalised, not weights of a sum
_NO_WEIGHTS = (
    nn.modules.batchnorm._NormBase,
    nn.LayerNorm,
    nn.GroupNorm,
    nn.PReLU,
    *((nn.RMSNorm,) if hasattr(nn, "RMSNorm") else ()),
)


@dataclass
class _Job:
    """One weight that is to be drawn."""

    layer: Layer
    module: nn.Module
    weight: str
    blocks: int
    """Matrices that are stacked in it."""
    groups: int
    transposed: bool
    stride: tuple[int, ...] | int
    divisor: float = 1.0


def init_(
    model: nn.Module,
    moment: Moment = 1.0,
    *,
    activation: str = "auto",
    slope: Slope = None,
    weights: str = "gaussian",
    bias: str = "zero",
    residual: str = "depth",
    generator: torch.Generator | None = None,
    example: Any = None,  # noqa: ANN401 - what the model takes
) -> Report:
    """Draws the weights of a model's layers so that E(‖x‖/√n)^moment stays constant.

    Linear layers and convolutions (grouped, transposed, parametrised) and attention's projections
    are drawn as :func:`fractional_normal_` or :func:`fractional_orthogonal_` do, each for the
    activation (ReLU, LeakyReLU, RReLU, PReLU at its slope) and the dropout that follow it, as a
    module or as a function. These are found by ``torch.fx``; or in one run on ``example``; of a
    model that cannot be traced, inside ``nn.Sequential`` only. What is not understood is left as it
    is and stands in ``report.skipped`` with the reason: a layer before GELU or another activation
    that is not positively homogeneous, embeddings, recurrent layers, layers without a shape yet.
    Errors are raised before anything is changed.

    Args:
        model: Changed in place.
        moment: The order s, above 0, at most 8 (RReLU: 3), or ``"lyapunov"``.
        activation: ``auto``, or what follows every layer, with ``slope`` if it has one; then
            nothing is traced.
        slope: As ``a`` in :func:`fractional_normal_`.
        weights: ``gaussian`` or ``orthogonal``.
        bias: ``zero``, which the theory needs, or ``keep``.
        residual: ``depth`` divides the weights of the N layers whose outputs are added to other
            branches by √N, the 1/√(2L) of L transformer blocks: no weight of a branch keeps a
            moment, and with this one E‖x‖^s grows by a factor that does not depend on depth
            (:meth:`isomoment.ResidualLaw.many_blocks`). ``none`` leaves them.
        generator: As in ``torch.nn.init``.
        example: An input, or a tuple of inputs, for one run of the model in its evaluation mode.

    Returns:
        The report, which prints as a table.

    Raises:
        ValueError: As :func:`isomoment.scale`.

    >>> import isomoment.torch
    >>> from torch import nn
    >>> model = nn.Sequential(nn.Linear(100, 64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 10))
    >>> report = isomoment.torch.init_(model)
    >>> print(report)
    layer  kind    fan-in  units  activation  keep  σ         He        note
    0      Linear  100     64     relu        0.9   0.135674  0.134164
    3      Linear  64      10     linear      1     0.128159  0.125
    keeps E(‖x‖/√n)^1; log(‖x‖/√n) of 2 layers in a chain: -0.03834 ± 0.2812
    """
    if residual not in ("depth", "none"):
        raise ValueError(f"residual is {residual}; it must be depth or none")
    if bias not in ("zero", "keep"):
        raise ValueError(f"bias is {bias}; it must be zero or keep")
    found = _What(model, activation, slope, example)
    jobs: list[_Job] = []
    skipped: dict[str, str] = {}
    owners: dict[int, str] = {}
    for name, module in model.named_modules():
        # what a parametrisation is made of
        if "parametrizations" in name.split("."):
            continue
        for weight in _weights(module):
            label = name if weight == "weight" else f"{name}.{weight}".lstrip(".")
            try:
                _mark_owner(module, weight, label, owners)
                jobs += _jobs(found, (moment, weights), name, module, weight)
            except _SkippedError as reason:
                skipped[label] = str(reason)
    added = [job for job in jobs if ADDED in job.layer.note]
    if residual == "depth" and len(added) > 1:
        for job in added:
            job.divisor = math.sqrt(len(added))
            note = f"{job.layer.note}: divided by √{len(added)}"
            job.layer = replace(job.layer, std=job.layer.std / job.divisor, note=note)
    done = []
    for job in jobs:
        why = _draw(job, moment, weights, generator)
        if why is not None:
            skipped[job.layer.name] = why
            continue
        done.append(job.layer)
        if bias == "zero":
            _zero_biases(job.module)
    return Report(moment, tuple(done), skipped)


class _SkippedError(Exception):
    """Why a weight is left as it is."""


def _weights(module: nn.Module) -> list[str]:
    """Names of a module's own weight matrices."""
    if isinstance(module, _NO_WEIGHTS):
        return []
    if isinstance(module, nn.MultiheadAttention):
        stacked = module.in_proj_weight is not None
        names = (
            ["in_proj_weight"] if stacked else ["q_proj_weight", "k_proj_weight", "v_proj_weight"]
        )
        return names
    if parametrize.is_parametrized(module, "weight"):
        return ["weight"]
    own = dict(module.named_parameters(recurse=False))
    # of the older weight_norm
    if "weight_g" in own:
        return ["weight"]
    return [
        name
        for name, value in own.items()
        if "bias" not in name and (nn.parameter.is_lazy(value) or value.dim() >= 2)
    ]


def _mark_owner(module: nn.Module, weight: str, label: str, owners: dict[int, str]) -> None:
    parameter: Any = getattr(module, weight)
    if parametrize.is_parametrized(module, weight):
        parametrizations: Any = module.parametrizations
        parameter = next(parametrizations[weight].parameters(), parameter)
    if nn.parameter.is_lazy(parameter):
        raise _SkippedError("has no shape before the model's first run")
    owner = owners.setdefault(id(parameter), label)
    if owner != label:
        raise _SkippedError(f"shares its weight with {owner}")


class _What:
    """What follows each layer."""

    def __init__(self, model: nn.Module, activation: str, slope: Slope, example: Any) -> None:  # noqa: ANN401
        self.fixed = None
        self.found: dict[str, set[Follows | str]] = {}
        self.missing = "not reached when the model runs"
        self.projections = {
            projection(name)
            for name, module in model.named_modules()
            if isinstance(module, nn.MultiheadAttention)
        }
        if activation != "auto":
            self.fixed = Follows(activation, slope)
            return
        if isinstance(model, LAYERS):
            self.fixed = Follows()
        if slope is not None:
            raise ValueError("slope is given; it must be left out for activation='auto'")
        if example is not None:
            nodes = recorded(model, example)
        else:
            try:
                nodes = traced(model)
                self.missing = "inside a module that torch.fx does not look into: give example="
            except Exception as error:  # whatever a model's code raises on symbols
                nodes = in_sequences(model)
                first = str(error).split("\n", 1)[0]
                self.missing = (
                    f"the model could not be traced ({first}): give example= or activation="
                )
        for node in nodes:
            if node.kind == "layer":
                self.found.setdefault(node.name, set()).update(follows(node))

    def after(self, name: str) -> Follows:
        if self.fixed is not None:
            return self.fixed
        found = self.found.get(name)
        if not found and name in self.projections:
            return Follows()
        if not found:
            raise _SkippedError(self.missing)
        for reason in found:
            if isinstance(reason, str):
                raise _SkippedError(reason)
        known = [one for one in found if isinstance(one, Follows)]
        if len({one[:3] for one in known}) > 1:
            raise _SkippedError(
                "its output goes several ways, with different activations or dropouts"
            )
        return known[0]


def _jobs(
    found: _What, how: tuple[Moment, str], name: str, module: nn.Module, weight: str
) -> list[_Job]:
    tensor = getattr(module, weight)
    if isinstance(module, nn.MultiheadAttention):
        blocks = 3 if weight == "in_proj_weight" else 1
        shape = Fans(tensor.shape[1], tensor.shape[0] // blocks)
        label = f"{name}.{weight}".lstrip(".")
        layer = _layer(how, label, module, shape, Follows(notes=("stacked",) * (blocks > 1)))
        return [_Job(layer, module, weight, blocks, 1, False, 1)]
    if not isinstance(module, LAYERS) or weight != "weight":
        raise _SkippedError(f"{type(module).__name__}: no law of this library")
    if hasattr(module, "weight_g"):
        raise _SkippedError("torch.nn.utils.weight_norm: use torch.nn.utils.parametrizations")
    transposed = isinstance(module, _TRANSPOSED)
    groups = module.groups if isinstance(module, _CONVOLUTIONS) else 1
    stride: tuple[int, ...] | int = 1
    if isinstance(module, _TRANSPOSED):
        stride = module.stride
    if transposed and how[1] == "orthogonal":
        raise _SkippedError("orthogonal weights of transposed convolutions are not covered")
    shape = fans(tensor.shape, groups, transposed, stride)
    layer = _layer(how, name, module, shape, found.after(name))
    return [_Job(layer, module, weight, 1, groups, transposed, stride)]


def _layer(
    how: tuple[Moment, str], name: str, module: nn.Module, shape: Fans, after: Follows
) -> Layer:
    moment, weights = how
    units = (after.activation, after.slope, after.keep)
    growth, variance = step(moment, shape.units, shape.fan_in, *units, weights)
    return Layer(
        name=name,
        kind=parametrize.type_before_parametrizations(module).__name__,
        fan_in=shape.fan_in,
        units=shape.units,
        activation=after.activation,
        slope=after.slope,
        keep=after.keep,
        std=weight_std(moment, shape.units, shape.fan_in, *units, weights),
        he=weight_std(2.0, shape.units, shape.fan_in, *units),
        growth=growth,
        variance=variance,
        note=", ".join(dict.fromkeys(after.notes)),
    )


def _draw(job: _Job, moment: Moment, weights: str, generator: torch.Generator | None) -> str | None:
    """Draws a weight; why it could not be."""
    layer = job.layer
    of: dict[str, Any] = {"keep": layer.keep, "groups": job.groups, "generator": generator}
    args = (moment, layer.activation, layer.slope)

    def fill(tensor: torch.Tensor) -> None:
        for block in tensor.chunk(job.blocks):
            if weights == "orthogonal":
                fractional_orthogonal_(block, *args, **of)
            else:
                fractional_normal_(block, *args, **of, transposed=job.transposed, stride=job.stride)
        tensor.div_(job.divisor)

    with torch.no_grad():
        tensor = getattr(job.module, job.weight)
        if not parametrize.is_parametrized(job.module, job.weight):
            fill(tensor)
            return None
        drawn = torch.empty_like(tensor)
        fill(drawn)
        before = tensor.clone()
        try:
            setattr(job.module, job.weight, drawn)
        except (NotImplementedError, RuntimeError, ValueError) as error:
            return f"its parametrisation takes no weight ({str(error).split(chr(10), 1)[0]})"
        if torch.allclose(getattr(job.module, job.weight), drawn, rtol=1e-3, atol=1e-6):
            return None
        setattr(job.module, job.weight, before)
        return "its parametrisation changes the weight that it is given"


def _zero_biases(module: nn.Module) -> None:
    with torch.no_grad():
        for name, value in module.named_parameters(recurse=False):
            if "bias" in name:
                value.zero_()


def initializer(
    moment: Moment = 1.0,
    nonlinearity: str = "relu",
    a: Slope = None,
    *,
    keep: float = 1.0,
    generator: torch.Generator | None = None,
) -> Callable[[nn.Module], None]:
    """A function for ``model.apply``: weights as :func:`fractional_normal_`, biases zero.

    It draws every linear layer and convolution for the same activation; :func:`init_` finds out
    which follows.

    >>> import isomoment.torch
    >>> from torch import nn
    >>> _ = nn.Sequential(nn.Linear(3, 4), nn.ReLU()).apply(isomoment.torch.initializer())
    """

    def apply(module: nn.Module) -> None:
        if not isinstance(module, LAYERS):
            return
        transposed = isinstance(module, _TRANSPOSED)
        fractional_normal_(
            module.weight,
            moment,
            nonlinearity,
            a,
            keep=keep,
            groups=getattr(module, "groups", 1),
            transposed=transposed,
            stride=module.stride if isinstance(module, _TRANSPOSED) else 1,
            generator=generator,
        )
        _zero_biases(module)

    return apply
