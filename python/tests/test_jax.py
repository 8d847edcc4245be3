"""Initialisers for JAX, in Flax."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

import isomoment

jax: Any = pytest.importorskip("jax")

import isomoment.jax as iso  # noqa: E402

jnp = jax.numpy


def rrelu(z: Any, key: Any) -> Any:
    return jnp.where(z > 0, z, jax.random.uniform(key, z.shape, minval=1 / 8, maxval=1 / 3) * z)


UNITS: list[tuple[dict[str, Any], Any]] = [
    ({"activation": "relu"}, lambda z, key: jnp.maximum(z, 0)),
    ({"activation": "leaky-relu", "slope": 0.2}, lambda z, key: jnp.where(z > 0, z, 0.2 * z)),
    ({"activation": "rrelu"}, rrelu),
    (
        {"activation": "relu", "keep": 0.75},
        lambda z, key: jnp.maximum(z, 0) * jax.random.bernoulli(key, 0.75, z.shape) / 0.75,
    ),
]


def norms(init: Any, phi: Any, seed: int, networks: int = 10_000, layers: int = 8) -> Any:
    """Root-mean-squares of the outputs of networks of 16 units, under jit and vmap."""

    def network(key: Any) -> Any:
        def layer(x: Any, key: Any) -> Any:
            drawn, mask = jax.random.split(key)
            return phi(init(drawn, (16, 16), jnp.float32).T @ x, mask), None

        out, _ = jax.lax.scan(layer, jnp.ones(16), jax.random.split(key, layers))
        return jnp.sqrt(jnp.mean(out**2))

    keys = jax.random.split(jax.random.key(seed), networks)
    return np.asarray(jax.jit(jax.vmap(network))(keys), dtype=np.float64)


def z_score(values: Any, right: float = 1.0) -> float:
    return float((values.mean() - right) / (values.std() / math.sqrt(len(values))))


@pytest.mark.parametrize(("units", "phi"), UNITS)
@pytest.mark.parametrize("moment", [0.5, 1.0])
def test_the_moment_stays_constant(units: dict[str, Any], phi: Any, moment: float) -> None:
    found = norms(iso.fractional_normal(moment, **units), phi, seed=1)
    assert abs(z_score(found**moment)) < 4.5
    # the control: He's variance
    he = norms(iso.fractional_normal(2.0, **units), phi, seed=1)
    assert z_score(he**moment) < -4.5


def test_orthogonal_and_lyapunov() -> None:
    _, phi = UNITS[1]
    found = norms(iso.fractional_orthogonal(1.0, "leaky-relu", slope=0.2), phi, 2, networks=4000)
    assert abs(z_score(found)) < 4.5
    found = norms(iso.lyapunov_normal("leaky-relu", slope=0.2), phi, seed=3)
    assert abs(z_score(np.log(found), 0.0)) < 4.5


@pytest.mark.parametrize(
    ("shape", "keywords", "fan_in", "units"),
    [
        ((40, 50), {}, 40, 50),
        ((3, 3, 40, 60), {}, 360, 60),
        ((3, 3, 10, 80), {"groups": 4}, 90, 20),
        ((3, 3, 60, 40), {"in_axis": -1, "out_axis": -2}, 360, 60),
        ((7, 40, 50), {"batch_axis": 0}, 40, 50),
        ((40, 5, 10), {"in_axis": 0, "out_axis": (1, 2)}, 40, 50),
    ],
)
def test_fans(shape: tuple[int, ...], keywords: Any, fan_in: int, units: int) -> None:
    drawn = iso.fractional_normal(1.0, **keywords)(jax.random.key(1), shape)
    right = isomoment.scale(1, units) * math.sqrt(units / fan_in)
    assert float(drawn.std()) == pytest.approx(right, rel=4 / math.sqrt(2 * drawn.size))


def test_the_law_is_normal() -> None:
    """Unlike that of ``he_normal``, which is truncated."""
    shape, std = (300, 200), isomoment.standard_deviation("he", 300, 200)
    drawn = {
        init: np.asarray(init(jax.random.key(1), shape)).ravel() / std
        for init in (iso.fractional_normal(2.0), jax.nn.initializers.he_normal())
    }
    right, truncated = (stats.kstest(values, "norm").pvalue for values in drawn.values())
    assert right > 1e-4
    assert truncated < 1e-4


def test_in_flax() -> None:
    flax = pytest.importorskip("flax")
    linen, nnx = flax.linen, pytest.importorskip("flax.nnx")
    init = iso.fractional_normal()
    right = isomoment.standard_deviation("fractional:1", 400, 64)
    dense = linen.Dense(64, kernel_init=init)
    kernel = dense.init(jax.random.key(1), jnp.ones((1, 400)))["params"]["kernel"]
    assert float(kernel.std()) == pytest.approx(right, rel=0.02)
    attention = linen.MultiHeadDotProductAttention(
        4, kernel_init=iso.fractional_normal(1, "linear")
    )
    made = attention.init(jax.random.key(1), jnp.ones((1, 3, 64)))["params"]["query"]["kernel"]
    assert float(made.std()) == pytest.approx(isomoment.scale(1, 64, "linear"), rel=0.05)
    linear = nnx.Linear(400, 64, kernel_init=init, rngs=nnx.Rngs(1))
    assert float(linear.kernel[...].std()) == pytest.approx(right, rel=0.02)
    of = {"feature_group_count": 4, "kernel_init": iso.fractional_normal(groups=4)}
    grouped = nnx.Conv(40, 80, (3, 3), rngs=nnx.Rngs(1), **of)
    right = isomoment.scale(1, 20) * math.sqrt(20 / 90)
    assert float(grouped.kernel[...].std()) == pytest.approx(right, rel=0.05)
    transposed = linen.ConvTranspose(
        60,
        (3, 3),
        transpose_kernel=True,
        kernel_init=iso.fractional_normal(in_axis=-1, out_axis=-2),
    )
    made = transposed.init(jax.random.key(1), jnp.ones((1, 5, 5, 40)))["params"]["kernel"]
    right = isomoment.scale(1, 60) * math.sqrt(60 / 360)
    assert float(made.std()) == pytest.approx(right, rel=0.02)
    shapes = jax.eval_shape(lambda key: dense.init(key, jnp.ones((1, 400))), jax.random.key(1))
    assert shapes["params"]["kernel"].shape == (400, 64)


def test_layers_of_a_scan() -> None:
    """They are drawn one by one, so that their kernels are those of one layer."""
    flax = pytest.importorskip("flax")
    linen: Any = flax.linen
    dense = functools.partial(linen.Dense, 64, kernel_init=iso.fractional_normal())
    scan = linen.scan(
        lambda layer, x, _: (linen.relu(layer(x)), None),
        variable_axes={"params": 0},
        split_rngs={"params": True},
        length=5,
    )

    class Model(linen.Module):  # type: ignore[misc, name-defined]
        def setup(self) -> None:
            self.dense = dense()

        def __call__(self, x: Any) -> Any:
            return scan(self.dense, x, None)[0]

    made = Model().init(jax.random.key(1), jnp.ones((1, 64)))["params"]
    (kernel,) = (leaf for leaf in jax.tree.leaves(made) if leaf.ndim == 3)
    assert kernel.shape == (5, 64, 64)
    assert float(kernel.std()) == pytest.approx(isomoment.scale(1, 64), rel=0.02)
    assert not jnp.array_equal(kernel[0], kernel[1])


def test_kinds_and_refusals() -> None:
    key = jax.random.key(1)
    assert iso.fractional_normal()(key, (4, 4)).dtype == jnp.float32
    assert iso.fractional_normal(dtype=jnp.float16)(key, (4, 4)).dtype == jnp.float16
    assert iso.fractional_normal()(key, (4, 4), jnp.bfloat16).dtype == jnp.bfloat16
    assert iso.fractional_orthogonal(groups=2)(key, (4, 4), jnp.bfloat16).dtype == jnp.bfloat16
    assert iso.fractional_normal()(key, (0, 4)).shape == (0, 4)
    again = iso.fractional_normal()(key, (4, 4))
    assert jnp.array_equal(iso.fractional_normal()(key, (4, 4)), again)
    calls: list[tuple[Any, str]] = [
        (lambda: iso.fractional_normal()(key, (4,)), "must have at least 2"),
        (lambda: iso.fractional_normal(groups=3)(key, (4, 4)), "groups is 3; it must divide 4"),
        (lambda: iso.fractional_normal(9.0)(key, (4, 4)), "s is 9.0; it must be above 0"),
        (lambda: iso.fractional_normal()(key, (4, 4), jnp.int32), "it must be of real numbers"),
    ]
    for call, sentence in calls:
        with pytest.raises(ValueError, match=sentence):
            call()
