"""Initialisers for Keras 3."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

import isomoment

os.environ.setdefault("KERAS_BACKEND", "jax")
pytest.importorskip("jax")
keras: Any = pytest.importorskip("keras")

import isomoment.keras as iso  # noqa: E402

layers = keras.layers
array = keras.ops.convert_to_numpy


def test_the_moment_stays_constant() -> None:
    """2000 networks of 16 units: their first layer keeps it, and so every other."""

    def norms(init: Any) -> Any:
        x = np.ones((2000, 1, 16)) / 4
        for _ in range(6):
            weights = np.array(init((2000, 16, 16)), dtype=np.float64)
            x = np.maximum(x @ weights, 0)
        return np.sqrt((x**2).sum(axis=(1, 2)))

    def z_score(values: Any) -> float:
        return float((values.mean() - 1) / (values.std() / math.sqrt(2000)))

    stacked: dict[str, Any] = {"input_axes": [1], "output_axes": [2]}
    assert abs(z_score(norms(iso.FractionalNormal(1.0, seed=1, **stacked)))) < 4.5
    # the control: He's variance, and his law as Keras draws it
    assert z_score(norms(iso.FractionalNormal(2.0, seed=1, **stacked))) < -4.5


@pytest.mark.parametrize(
    ("layer", "inputs", "keywords", "fan_in", "units"),
    [
        (lambda i: layers.Dense(64, kernel_initializer=i), (None, 100), {}, 100, 64),
        (lambda i: layers.Conv2D(64, 3, kernel_initializer=i), (None, 8, 8, 10), {}, 90, 64),
        (
            lambda i: layers.Conv2D(64, 3, groups=4, kernel_initializer=i),
            (None, 8, 8, 40),
            {"groups": 4},
            90,
            16,
        ),
        (
            lambda i: layers.DepthwiseConv2D(3, depth_multiplier=4, depthwise_initializer=i),
            (None, 8, 8, 100),
            {"layout": "depthwise"},
            9,
            4,
        ),
        (
            lambda i: layers.Conv2DTranspose(64, 4, strides=2, kernel_initializer=i),
            (None, 8, 8, 10),
            {"layout": "transposed", "strides": 4},
            40,
            64,
        ),
        (
            lambda i: layers.EinsumDense("ab,bcd->acd", (8, 8), kernel_initializer=i),
            (None, 100),
            {"input_axes": [0], "output_axes": [1, 2]},
            100,
            64,
        ),
    ],
)
def test_layers(layer: Any, inputs: Any, keywords: Any, fan_in: int, units: int) -> None:
    built = layer(iso.FractionalNormal(1.0, seed=3, **keywords))
    built.build(inputs)
    kernel = array(built.weights[0])
    right = isomoment.scale(1, units) * math.sqrt(units / fan_in)
    assert kernel.std() == pytest.approx(right, rel=4 / math.sqrt(2 * kernel.size))


@pytest.mark.parametrize("kind", [iso.FractionalNormal, iso.LyapunovNormal])
def test_attention(kind: Any) -> None:
    attention = layers.MultiHeadAttention(
        4, 32, kernel_initializer=kind(activation="linear", heads=4)
    )
    attention.build((None, 3, 100), (None, 3, 100))
    kernels = {w.path.split("/")[-2]: array(w) for w in attention.weights if "kernel" in w.path}
    ask = isomoment.LayerLaw(128, "linear"), isomoment.LayerLaw(100, "linear")
    first, last = (
        law.scale(1) if kind is iso.FractionalNormal else law.lyapunov_scale() for law in ask
    )
    right = {name: first * math.sqrt(128 / 100) for name in ("query", "key", "value")}
    right["attention_output"] = last * math.sqrt(100 / 128)
    assert kernels.keys() == right.keys()
    for name, kernel in kernels.items():
        assert kernel.std() == pytest.approx(right[name], rel=4 / math.sqrt(2 * kernel.size))
    # the layer clones its initialiser; without a seed the clones differ
    assert not np.array_equal(kernels["query"], kernels["key"])


def test_names_are_registered() -> None:
    found = keras.initializers.get("isomoment>FractionalNormal")
    assert isinstance(found, iso.FractionalNormal)


def test_the_law_is_normal() -> None:
    """Unlike that of ``HeNormal``, which is truncated."""
    inits = (iso.FractionalNormal(2.0, seed=1), keras.initializers.HeNormal(seed=1))
    drawn = [array(init((300, 200))).ravel() * math.sqrt(300 / 2) for init in inits]
    right, truncated = (stats.kstest(values, "norm").pvalue for values in drawn)
    assert right > 1e-4
    assert truncated < 1e-4


@pytest.mark.parametrize("seed", [None, 5])
def test_a_shared_instance_draws_different_weights(seed: int | None) -> None:
    init = iso.FractionalNormal(seed=seed)
    first, second = array(init((4, 4))), array(init((4, 4)))
    assert not np.array_equal(first, second)
    if seed is not None:
        clone = init.clone()
        assert np.array_equal(array(clone((4, 4))), first)
        assert np.array_equal(array(clone((4, 4))), second)


@pytest.mark.parametrize(
    "init",
    [
        iso.FractionalNormal("lyapunov", "rrelu", (0.1, 0.3), keep=0.9, seed=1),
        iso.FractionalNormal(0.5, groups=2, input_axes=[0], output_axes=(1,)),
        iso.LyapunovNormal("leaky-relu", 0.2, seed=1),
        iso.FractionalOrthogonal(1.0, "leaky-relu", 0.2, seed=1),
    ],
)
def test_models_are_saved_and_loaded(init: Any, tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((6,)), layers.Dense(4, kernel_initializer=init)])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    again = loaded.layers[0].kernel_initializer
    assert type(again) is type(init)
    assert again.settings == init.settings
    assert np.array_equal(array(loaded.weights[0]), array(model.weights[0]))
    if init.settings["seed"] is not None:
        assert np.array_equal(array(again.clone()((6, 4))), array(model.weights[0]))


def test_orthogonal_and_kinds_and_refusals() -> None:
    w = np.array(iso.FractionalOrthogonal(activation="linear")((3, 3, 2, 5)))
    gram = w.reshape(18, 5).T @ w.reshape(18, 5)
    assert np.allclose(gram, gram[0, 0] * np.eye(5), atol=1e-5)
    law = isomoment.LayerLaw(5, "linear", weights="orthogonal", fan_in=18)
    assert gram[0, 0] == pytest.approx(law.scale(1) ** 2 * 5 / 18, rel=1e-5)
    assert (
        keras.backend.standardize_dtype(iso.FractionalNormal()((3, 4), "bfloat16").dtype)
        == "bfloat16"
    )
    for call, sentence in (
        (lambda: iso.FractionalNormal()((4,)), "must have at least 2"),
        (lambda: iso.FractionalNormal(groups=3)((4, 4)), "groups is 3; it must divide 4"),
        (lambda: iso.FractionalNormal(layout="rows"), "layout is rows; it must be dense"),
        (lambda: iso.FractionalNormal(input_axes=[0]), "it must be both or neither"),
        (lambda: iso.FractionalNormal(heads=4)((4, 4, 3)), "heads is 4; it must be one of the"),
        (lambda: iso.FractionalNormal(9.0)((4, 4)), "s is 9.0; it must be above 0"),
    ):
        with pytest.raises(ValueError, match=sentence):
            call()
