"""Simulated networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from isomoment import _core
from isomoment._arguments import Units, count, counts, doubles, is_scalar, units
from isomoment._gain import named
from isomoment._shards import Run, on_cluster

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from distributed import Client
    from numpy.typing import NDArray


# units that are not homogeneous
_OTHERS = frozenset(("gelu", "silu", "tanh", "elu", "selu", "mish", "softplus", "sigmoid"))


class Simulation(NamedTuple):
    """What :func:`simulate` returns."""

    log_norms: NDArray[np.float64]
    """log(‖x_k‖/‖x₀‖), −inf where the output is exactly 0: a row per trajectory, a column per
    recorded layer; with several inputs a last axis for them."""
    cosines: NDArray[np.float64]
    """Cosines between the outputs of the pairs of inputs (1,2), (1,3), …, (2,3), …: shape
    (trajectories, recorded layers, pairs); 0 with a zero output."""
    layers: NDArray[np.int64]
    """The recorded layers, from 1."""
    scales: NDArray[np.float64]
    """σ of every layer, or one for all."""
    tangents: NDArray[np.float64] | None = None
    """With ``gradient``: log‖J_k v‖, J_k the Jacobian of the first k layers, in the column of the
    recorded layer k."""
    gradients: NDArray[np.float64] | None = None
    """With ``gradient``: log‖Jᵀu‖, J the Jacobian of the last k layers, in the column of the
    recorded layer k."""


def simulate(
    width: int | Sequence[int],
    depth: int,
    trajectories: int,
    activation: str = "relu",
    *,
    moment: float | None = None,
    scale: float | Sequence[float] | None = None,
    slope: float | tuple[float, float] | None = None,
    keep: float = 1.0,
    dropout: str = "inverted",
    weights: str = "gaussian",
    level: str = "network",
    bias: float = 0.0,
    inputs: int = 1,
    cosine: float = 0.0,
    gradient: bool = False,
    rms: float | None = None,
    alpha: float | None = None,
    record: Sequence[int] | None = None,
    seed: int = 0,
    first: int = 0,
    threads: int | None = None,
    progress: bool | Callable[[int], object] = False,
    client: Client | None = None,
) -> Simulation:
    """Simulates independent networks x_k = D_k φ(W_k x_{k−1} + b_k) with a first input of norm 1.

    Trajectory i of a seed has the same bits on every machine, for any number of threads, and
    whichever others are drawn with it: ``first`` and ``trajectories`` divide a run into shards.
    Ctrl-C stops it.

    Args:
        width: The units of every layer, or depth + 1 numbers: of inputs, and of units per layer.
        depth: The number of layers.
        trajectories: The number of networks.
        activation: As in :func:`isomoment.scale`, with ``slope``, ``keep``, ``dropout`` and
            ``weights``; or ``gelu``, ``silu``, ``tanh``, ``elu``, ``selu``, ``mish``, ``softplus``
            or ``sigmoid``, at the level ``network``, of Gaussian weights, without dropout, biases
            and gradients and with one input.
        moment: Every layer's σ keeps E‖x‖^moment. Give it or ``scale``. Of units that are not
            homogeneous σ is :func:`isomoment.gain` over √fan_in, which keeps a moment of the
            root-mean-square in one layer whose input has the root-mean-square ``rms``.
        scale: σ of every layer, or one for each.
        slope: As in :func:`isomoment.scale`.
        keep: As in :func:`isomoment.scale`.
        dropout: As in :func:`isomoment.scale`.
        weights: As in :func:`isomoment.scale`.
        level: ``network`` draws every weight, ``network-single`` in single precision;
            ``preactivation`` draws W x given x, ``radial`` the norm alone: the same law, faster.
        bias: Standard deviation of the biases, drawn anew with the weights.
        inputs: How many inputs go through the same weights, up to 64.
        cosine: Between every two of them, from 0 to 1.
        gradient: Beside the signal a tangent v forwards and a gradient u backwards through the
            network, both uniform on the sphere and independent of it; of Gaussian weights,
            without biases and with one input.
        rms: Root-mean-square of the input of units that are not homogeneous; 1 where not given.
        alpha: Of ``elu``; 1 where not given.
        record: Layers to record, from 1; all where not given.
        seed: From 0 to 2⁶⁴ − 1.
        first: The number of the first trajectory.
        threads: As many as cores where not given; on a cluster one for each of its tasks.
        progress: Shows a bar, if tqdm is installed; or is called now and then with how many
            trajectories are drawn.
        client: Of a Dask cluster, which then draws the trajectories in shards: the same bits, also
            where workers die on the way. Its workers need this version of isomoment.

    Raises:
        ValueError: An argument outside its domain.
        MemoryError: More numbers than there is memory for.
        RuntimeError: Another version of isomoment on a worker.

    >>> import isomoment
    >>> found = isomoment.simulate(16, 50, 1000, moment=1, seed=1)
    >>> found.log_norms.shape
    (1000, 50)
    >>> vanished = (found.log_norms[:, -1] < -4.6).mean()  # DepthLaw says 0.165
    >>> bool(0.12 < vanished < 0.21)
    True
    >>> later = isomoment.simulate(16, 50, 400, moment=1, seed=1, first=600, record=[50])
    >>> bool((later.log_norms[:, 0] == found.log_norms[600:, -1]).all())
    True
    >>> both = isomoment.simulate(16, 50, 1000, moment=1, seed=1, gradient=True)
    >>> bool((both.log_norms == found.log_norms).all())
    True
    >>> bool(0.12 < (both.gradients[:, -1] < -4.6).mean() < 0.21)  # the same law backwards
    True
    """
    import numpy as np

    given = (rms, alpha)
    plain = (slope, keep, weights, level, bias, inputs, cosine, gradient)
    of, start = _units(activation, given, plain, dropout)
    layers = count("depth", depth)
    if is_scalar(width):
        widths = np.full(layers + 1, count("width", width), dtype=np.int64)
    else:
        widths = counts("width", width)
        if widths.shape != (layers + 1,):
            raise ValueError(
                f"width has shape {widths.shape}; it must be one number or depth + 1 of them"
            )
    if start is None:
        drawn = scales = _scales(of, widths, moment, scale)
    else:
        drawn, scales = _gains(of, widths, moment, scale, start)
    if scales.shape not in ((1,), (layers,)):
        raise ValueError(f"scale has shape {scales.shape}; it must be one number or depth of them")
    total = count("trajectories", trajectories)
    natural = {"seed": seed, "first": first}
    for name, value in natural.items():
        if not 0 <= value < 2**64:
            raise ValueError(f"{name} is {value}; it must be an integer from 0 to 2**64 - 1")
    if first + total >= 2**64:
        raise ValueError(f"first is {first}; it must be so small that 64 bits count the last")
    recorded = None if record is None else [count("record", layer) for layer in record]
    several = count("inputs", inputs)
    rest = (recorded, float(bias), several, float(cosine), bool(gradient), start)
    run = Run(of, widths, drawn, level, seed, rest)
    workers = None if threads is None else count("threads", threads)
    with _Bar(total, progress) as bar:
        if client is None:
            norms, others, kept = run.draw(first, total, workers, bar.move)
        else:
            norms, others, kept = on_cluster(client, run, first, total, workers, bar.move)
    shape = (total, len(kept)) if several == 1 else (total, len(kept), several)
    pairs = several * (several - 1) // 2
    cosines, tangents, gradients = others, None, None
    if gradient:
        tangents, gradients = others.reshape(total, 2, len(kept)).transpose(1, 0, 2)
        cosines = others[:0]
    return Simulation(
        norms.reshape(shape),
        cosines.reshape(total, len(kept), pairs),
        np.array(kept, dtype=np.int64),
        scales,
        tangents,
        gradients,
    )


def _units(
    activation: str,
    of_others: tuple[float | None, float | None],
    plain: tuple[object, ...],
    dropout: str,
) -> tuple[Any, float | None]:
    """What the extension takes; and of units that are not homogeneous the input's rms."""
    rms, alpha = of_others
    slope, keep, weights = plain[:3]
    if activation.replace("_", "-") not in _OTHERS:
        for name, value in (("rms", rms), ("alpha", alpha)):
            if value is not None:
                raise ValueError(f"{name} is {value}; it must be left out for {activation}")
        return units(activation, slope, keep, dropout, weights), None  # type: ignore[arg-type]
    names = ("slope", "keep", "weights", "level", "bias", "inputs", "cosine", "gradient")
    usual = (None, 1, "gaussian", "network", 0, 1, 0, False)
    for argument, found, expected in zip(names, plain, usual, strict=True):
        if found != expected:
            raise ValueError(f"{argument} is {found}; it must be {expected} with {activation}")
    name, parameter = named(activation, alpha, None)
    of = Units(name, parameter, 0.0, 1.0, dropout == "inverted", "gaussian")
    return of, 1.0 if rms is None else float(rms)


def _gains(
    of: Any,  # noqa: ANN401 - Units of plain numbers
    widths: NDArray[np.int64],
    moment: float | None,
    scale: float | Sequence[float] | None,
    rms: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Every layer's gain, and its σ."""
    import numpy as np

    fans = np.sqrt(widths[:-1])
    if moment is None or scale is not None:
        scales = _scales(of, widths, moment, scale)
        return (scales * fans if scales.size in (1, fans.size) else scales), scales
    found = {}
    for width in set(widths[1:].tolist()):
        try:
            gains = _core.Level(of.activation, of.first, width).gains(float(moment), rms)
        except ValueError as error:
            # the extension's level is this function's rms
            raise ValueError(str(error).replace("level is", "rms is", 1)) from None
        found[width] = gains[0][0]
    every = np.array([found[width] for width in widths[1:].tolist()])
    return every, every / fans


def _scales(
    of: Any,  # noqa: ANN401 - Units of plain numbers
    widths: NDArray[np.int64],
    moment: float | None,
    scale: float | Sequence[float] | None,
) -> NDArray[np.float64]:
    if (moment is None) == (scale is None):
        given = "neither" if moment is None else "both"
        raise ValueError(f"moment and scale: {given} given; it must be one of them")
    import numpy as np

    if scale is not None:
        return np.atleast_1d(doubles("scale", scale))
    pairs = list(zip(widths[:-1].tolist(), widths[1:].tolist(), strict=True))
    laws = {pair: _core.Layer(of, pair[1], pair[0]) for pair in set(pairs)}
    found = {pair: law.scale(float(moment or 0)) for pair, law in laws.items()}
    if len(found) == 1:
        return np.array(list(found.values()))
    return np.array([found[pair] for pair in pairs])


class _Bar:
    """A bar of tqdm, a function of the user's, or nothing."""

    def __init__(self, total: int, shown: bool | Callable[[int], object]) -> None:
        self.bar: Any = None
        self.called = shown if callable(shown) else None
        if shown is True:
            try:
                from tqdm.auto import tqdm
            except ImportError:
                return
            self.bar = tqdm(total=total, unit="network")

    @property
    def move(self) -> Callable[[int], object] | None:
        """Takes how many are done."""
        if self.bar is None:
            return self.called
        return lambda done: self.bar.update(done - self.bar.n)

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()
