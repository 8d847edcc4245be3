"""Initialisation of PyTorch's tensors and models."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

import isomoment

torch: Any = pytest.importorskip("torch")

import isomoment.torch as iso  # noqa: E402

nn, F = torch.nn, torch.nn.functional
Module: Any = nn.Module


torch.set_num_threads(1)


def seeded(seed: int) -> Any:
    return torch.Generator().manual_seed(seed)


def z_score(draws: int, norm: Callable[[], float], right: float = 1.0) -> float:
    """How many standard errors the mean of ``norm`` is from ``right``."""
    found = np.array([norm() for _ in range(draws)])
    return float((found.mean() - right) / (found.std() / math.sqrt(draws)))


def chain(activation: Callable[[], Any], layers: int = 6, width: int = 16) -> Any:
    parts = [part for _ in range(layers) for part in (nn.Linear(width, width), activation())]
    return nn.Sequential(*parts)


@pytest.mark.parametrize(
    ("activation", "moment", "weights"),
    [
        (nn.ReLU, 1.0, "gaussian"),
        (nn.ReLU, 0.5, "gaussian"),
        (lambda: nn.LeakyReLU(0.2), 1.0, "gaussian"),
        (nn.RReLU, 1.0, "gaussian"),
        (lambda: nn.Sequential(nn.ReLU(), nn.Dropout(0.25)), 1.0, "gaussian"),
        (nn.ReLU, 1.0, "orthogonal"),
    ],
)
def test_the_moment_stays_constant(
    activation: Callable[[], Any], moment: float, weights: str
) -> None:
    model, generator = chain(activation), seeded(1)
    torch.manual_seed(1)
    x = torch.ones(1, 16)

    def norm() -> float:
        report = iso.init_(model, moment, weights=weights, generator=generator)
        assert not report.skipped
        with torch.no_grad():
            return float(model(x).square().mean() ** (moment / 2))

    assert abs(z_score(2000, norm)) < 4.5

    # the control: He's weights are smaller
    def he() -> float:
        for layer in model:
            if isinstance(layer, nn.Linear):
                slope = getattr(model[1], "negative_slope", 0.0)
                if isinstance(model[1], nn.RReLU):
                    slope = math.sqrt((1 / 8**2 + 1 / 24 + 1 / 9) / 3)
                gain = nn.init.calculate_gain("leaky_relu", slope)
                keep = 0.75 if isinstance(model[1], nn.Sequential) else 1.0
                nn.init.normal_(layer.weight, 0.0, gain * math.sqrt(keep / 16))
        with torch.no_grad():
            return float(model(x).square().mean() ** (moment / 2))

    assert z_score(2000, he) < -4.5


def test_the_log_stays_constant() -> None:
    model, generator = chain(lambda: nn.LeakyReLU(0.1)), seeded(2)
    x = torch.ones(1, 16)

    def log_norm() -> float:
        iso.init_(model, "lyapunov", generator=generator)
        with torch.no_grad():
            return float(model(x).square().mean().log())

    assert abs(z_score(2000, log_norm, right=0.0)) < 4.5


@pytest.mark.parametrize(
    ("module", "fan_in", "units"),
    [
        (lambda: nn.Linear(4, 5), 4, 5),
        (lambda: nn.Conv1d(4, 6, 3), 12, 6),
        (lambda: nn.Conv2d(4, 6, 3), 36, 6),
        (lambda: nn.Conv3d(4, 6, 3), 108, 6),
        (lambda: nn.Conv2d(4, 8, 3, groups=4), 9, 2),
        (lambda: nn.ConvTranspose2d(4, 6, 3), 36, 6),
        (lambda: nn.ConvTranspose2d(4, 8, 3, groups=4), 9, 2),
        (lambda: nn.ConvTranspose2d(4, 6, 4, stride=2), 16, 6),
        (lambda: nn.ConvTranspose1d(4, 6, 4, stride=2), 8, 6),
    ],
)
def test_fans(module: Callable[[], Any], fan_in: int, units: int) -> None:
    report = iso.init_(nn.Sequential(module(), nn.ReLU()), generator=seeded(1))
    (layer,) = report.layers
    assert (layer.fan_in, layer.units) == (fan_in, units)
    assert layer.std == pytest.approx(isomoment.scale(1, units) * math.sqrt(units / fan_in))
    assert layer.he == pytest.approx(math.sqrt(2 / fan_in))


def test_what_is_drawn_has_this_deviation() -> None:
    for module in (
        nn.Linear(100, 80),
        nn.Conv2d(16, 32, 3, groups=4),
        nn.ConvTranspose2d(16, 32, 4, stride=2),
    ):
        report = iso.init_(nn.Sequential(module, nn.ReLU()), generator=seeded(3))
        weight = module.weight.detach()
        assert float(weight.std()) == pytest.approx(report.layers[0].std, rel=0.05)
        # neither truncated nor uniform
        normal = stats.kstest(weight.flatten().numpy() / report.layers[0].std, "norm")
        assert normal.pvalue > 1e-4
        assert float(module.bias.detach().abs().max()) == 0


@pytest.mark.parametrize("stride", [1, 2])
def test_transposed_convolutions_keep_the_second_moment(stride: int) -> None:
    layer = nn.ConvTranspose2d(3, 5, 4, stride=stride, bias=False)
    x, generator = torch.randn(1, 3, 12, 12, generator=seeded(5)), seeded(4)

    def power() -> float:
        iso.init_(nn.Sequential(layer, nn.ReLU()), 2.0, generator=generator)
        with torch.no_grad():
            # away from the borders, where outputs sum less
            out = F.relu(layer(x))[..., 4:-4, 4:-4]
        return float(out.square().mean() / x.square().mean())

    right = float(x[..., 1:-1, 1:-1].square().mean() / x.square().mean())
    found = np.array([power() for _ in range(400)])
    assert abs(found.mean() / right - 1) < 0.1


class Functional(Module):
    """Activations and dropout as functions, registered in another order than called."""

    def __init__(self) -> None:
        super().__init__()
        self.last = nn.Linear(8, 3)
        self.second = nn.Linear(16, 8)
        self.first = nn.Linear(10, 16)

    def forward(self, x: Any) -> Any:
        x = F.dropout(F.leaky_relu(self.first(x), 0.3), 0.2, self.training)
        x = torch.relu(self.second(x.view(-1, 16)))
        return F.log_softmax(self.last(x), dim=1)


class Branching(Functional):
    """Cannot be traced: the path depends on the data."""

    def forward(self, x: Any) -> Any:
        if float(x.sum()) > 1e9:
            return x
        return super().forward(x)


@pytest.mark.parametrize(
    ("model", "example"),
    [
        (Functional, None),
        (Functional, torch.ones(2, 10)),
        (Branching, (torch.ones(2, 10),)),
    ],
)
def test_functions_are_found(model: Callable[[], Any], example: Any) -> None:
    made = model()
    report = iso.init_(made, example=example)
    assert made.training
    found = {layer.name: (layer.activation, layer.slope, layer.keep) for layer in report.layers}
    assert found == {
        "first": ("leaky_relu", 0.3, 0.8),
        "second": ("relu", None, 1.0),
        "last": ("linear", None, 1.0),
    }
    report.assert_healthy()


def test_what_cannot_be_traced_is_left() -> None:
    model = Branching()
    before = model.first.weight.detach().clone()
    report = iso.init_(model)
    assert set(report.skipped) == {"first", "second", "last"}
    assert "could not be traced" in report.skipped["first"]
    assert "example=" in report.skipped["first"]
    assert torch.equal(model.first.weight, before)
    with pytest.raises(AssertionError, match="could not be traced"):
        report.assert_healthy()
    fixed = iso.init_(model, activation="leaky_relu", slope=0.3)
    assert {layer.slope for layer in fixed.layers} == {0.3}
    assert not fixed.skipped

    class Wrapped(Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))

        def forward(self, x: Any) -> Any:
            return self.body(x) if float(x.sum()) > 0 else x

    report = iso.init_(Wrapped())
    assert [layer.name for layer in report.layers] == ["body.0"]
    assert "outside its nn.Sequential" in report.skipped["body.2"]


def reasons(module: Any, **keywords: Any) -> dict[str, str]:
    return iso.init_(module, **keywords).skipped


def test_what_has_no_law_is_left_and_named() -> None:
    assert "gelu" in reasons(nn.Sequential(nn.Linear(3, 3), nn.GELU()))["0"].lower()
    assert "Tanh" in reasons(nn.Sequential(nn.Linear(3, 3), nn.Tanh()))["0"]
    assert "Embedding" in reasons(nn.Sequential(nn.Embedding(5, 3), nn.Linear(3, 3)))["0"]
    lstm = reasons(nn.Sequential(nn.LSTM(3, 3)))
    assert set(lstm) == {"0.weight_ih_l0", "0.weight_hh_l0"}
    assert "shape" in reasons(nn.Sequential(nn.LazyLinear(3), nn.ReLU()))["0"]
    assert not reasons(nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.ReLU()))
    two = nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.LeakyReLU(0.1))
    assert "two activations" in reasons(two)["0"]


def test_normalised_layers_and_prelu_and_flatten() -> None:
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Conv2d(4, 4, 3),
        nn.MaxPool2d(2),
        nn.PReLU(),
        nn.Flatten(),
        nn.Dropout(0.5),
        nn.Linear(16, 2),
        nn.Softmax(1),
    )
    report = iso.init_(model)
    first, second, last = report.layers
    assert "normalised" in first.note
    assert first.activation == "relu"
    assert (second.activation, second.slope, second.keep) == ("leaky_relu", 0.25, 0.5)
    assert last.activation == "linear"


class Residual(Module):
    """A block that is added."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(8, 8)
        self.outer = nn.Linear(8, 8)
        self.both = nn.Linear(8, 8)

    def forward(self, x: Any) -> Any:
        x = x + self.outer(F.relu(self.inner(x)))
        y = self.both(x)
        return F.relu(y) + y.tanh()


@pytest.mark.parametrize("example", [None, torch.ones(1, 8)])
def test_branches(example: Any) -> None:
    report = iso.init_(Residual(), example=example)
    found = {layer.name: (layer.activation, layer.note) for layer in report.layers}
    assert found == {"inner": ("relu", ""), "outer": ("linear", "added to another branch")}
    assert set(report.skipped) == {"both"}


class Stream(Module):
    """A residual stream of several blocks."""

    def __init__(self, blocks: int, width: int) -> None:
        super().__init__()
        self.inner = nn.ModuleList(nn.Linear(width, width) for _ in range(blocks))
        self.outer = nn.ModuleList(nn.Linear(width, width) for _ in range(blocks))

    def forward(self, x: Any) -> Any:
        for inner, outer in zip(self.inner, self.outer, strict=True):
            x = x + outer(F.relu(inner(x)))
        return x


@pytest.mark.parametrize(("residual", "divisor"), [("depth", math.sqrt(8)), ("none", 1.0)])
def test_residual_branches_are_divided(residual: str, divisor: float) -> None:
    model, x, generator = Stream(8, 16), torch.ones(1, 16) / 4, seeded(1)
    first, second = isomoment.scale(1, 16), isomoment.scale(1, 16, "linear")

    def norm() -> float:
        report = iso.init_(model, residual=residual, generator=generator)
        assert not report.skipped
        with torch.no_grad():
            return float(model(x).norm())

    report = iso.init_(model, residual=residual)
    assert report.layers[8].std == pytest.approx(second / divisor)
    branch = (first * second / divisor) ** 2
    law = isomoment.ResidualLaw(isomoment.LayerLaw(16), branch, 16)
    assert abs(z_score(1000, norm, right=law.moment(1) ** 8)) < 4.5


def test_residual_branches_of_transformers() -> None:
    block = nn.TransformerEncoderLayer(8, 2, 32, batch_first=True)
    report = iso.init_(block, example=torch.ones(1, 3, 8))
    notes = {layer.name: layer.note for layer in report.layers}
    right = "added to another branch: divided by √2"
    assert notes["linear2"] == notes["self_attn.out_proj"] == right
    with pytest.raises(ValueError, match="residual is all; it must be depth or none"):
        iso.init_(block, residual="all")


def test_tied_weights_are_drawn_once() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4), nn.ReLU())
    model[2].weight = model[0].weight
    report = iso.init_(model)
    assert [layer.name for layer in report.layers] == ["0"]
    assert report.skipped == {"2": "shares its weight with 0"}
    shared = nn.Linear(4, 4)
    twice = nn.Sequential(shared, nn.ReLU(), shared, nn.ReLU())
    assert len(iso.init_(twice).layers) == 1
    differently = nn.Sequential(shared, nn.ReLU(), shared)
    assert "several ways" in iso.init_(differently).skipped["0"]


def test_a_layer_whose_own_initialisation_was_skipped() -> None:
    layer = nn.utils.skip_init(nn.Linear, 300, 200)
    with torch.no_grad():
        # as memory may be
        layer.weight.fill_(math.nan)
        layer.bias.fill_(math.nan)
    report = iso.init_(nn.Sequential(layer, nn.ReLU()), generator=seeded(1))
    assert float(layer.weight.detach().std()) == pytest.approx(report.layers[0].std, rel=0.02)
    assert float(layer.bias.detach().abs().max()) == 0
    later = nn.utils.skip_init(nn.Linear, 300, 200, device="meta").to_empty(device="cpu")
    iso.init_(nn.Sequential(later, nn.ReLU()), generator=seeded(1))
    assert torch.equal(later.weight, layer.weight)


def test_parametrised_weights() -> None:
    parametrizations = nn.utils.parametrizations
    model = nn.Sequential(parametrizations.weight_norm(nn.Linear(300, 200)), nn.ReLU())
    report = iso.init_(model, generator=seeded(1))
    assert not report.skipped
    assert float(model[0].weight.detach().std()) == pytest.approx(report.layers[0].std, rel=0.02)
    fixed = nn.Sequential(parametrizations.orthogonal(nn.Linear(4, 4)), nn.ReLU())
    before = fixed[0].weight.detach().clone()
    assert "parametrisation" in iso.init_(fixed).skipped["0"]
    assert torch.allclose(fixed[0].weight, before, atol=1e-6)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        old = nn.Sequential(nn.utils.weight_norm(nn.Linear(4, 4)), nn.ReLU())
    assert "weight_norm" in iso.init_(old).skipped["0"]


@pytest.mark.parametrize("example", [None, torch.ones(2, 3, 8)])
def test_attention(example: Any) -> None:
    class Attending(Module):
        def __init__(self) -> None:
            super().__init__()
            self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

        def forward(self, x: Any) -> Any:
            return self.attention(x, x, x)[0]

    model = Attending()
    report = iso.init_(model, example=example, generator=seeded(1))
    found = {layer.name: (layer.fan_in, layer.units) for layer in report.layers}
    assert found == {"attention.in_proj_weight": (8, 8), "attention.out_proj": (8, 8)}
    right = isomoment.scale(1, 8, "linear")
    assert report.layers[0].std == pytest.approx(right)
    assert float(model.attention.in_proj_weight.detach().std()) == pytest.approx(right, rel=0.2)


def test_a_transformer_with_an_example() -> None:
    block = nn.TransformerEncoderLayer(8, 2, 32, dropout=0.1, batch_first=True)
    report = iso.init_(block, example=torch.ones(1, 3, 8))
    found = {layer.name: (layer.activation, layer.keep) for layer in report.layers}
    assert found["self_attn.out_proj"] == ("linear", 0.9)
    assert found["linear1"] == ("relu", 0.9)
    assert found["linear2"] == ("linear", 0.9)
    report.assert_healthy()


def test_tensors_as_the_framework_treats_them() -> None:
    weight = torch.empty(200, 300, dtype=torch.bfloat16)
    assert iso.fractional_normal_(weight, generator=seeded(1)) is weight
    assert weight.dtype == torch.bfloat16
    again = iso.fractional_normal_(torch.empty_like(weight), generator=seeded(1))
    assert torch.equal(weight, again)
    parameter = nn.Parameter(torch.empty(3, 4))
    iso.fractional_normal_(parameter)
    assert parameter.requires_grad
    assert parameter.grad_fn is None
    assert iso.fractional_normal_(torch.empty(3, 4, device="meta")).is_meta
    assert iso.init_(nn.Linear(3, 4, device="meta")).layers
    with pytest.warns(UserWarning, match="zero-element"):
        iso.fractional_normal_(torch.empty(0, 4))
    with pytest.raises(ValueError, match="must have at least 2"):
        iso.fractional_normal_(torch.empty(4))
    with pytest.raises(ValueError, match="groups is 3; it must divide 4"):
        iso.fractional_normal_(torch.empty(4, 4), groups=3)
    with pytest.raises(ValueError, match="it must be of real numbers"):
        iso.fractional_normal_(torch.empty(4, 4, dtype=torch.complex64))
    with pytest.raises(ValueError, match="it must be linear, relu, leaky-relu or rrelu"):
        iso.fractional_normal_(torch.empty(4, 4), nonlinearity="tanh")
    with pytest.raises(ValueError, match="it must be a number or lyapunov"):
        iso.fractional_normal_(torch.empty(4, 4), "first")


def test_the_defaults_are_those_of_the_modules() -> None:
    """Unlike ``kaiming_normal_``, whose leaky_relu has slope 0."""
    std = iso.fractional_normal_(torch.empty(2000, 200), 2.0, "leaky_relu").std()
    assert float(std) == pytest.approx(math.sqrt(2 / (1 + 0.01**2) / 200), rel=0.01)


def test_orthogonal_blocks() -> None:
    weight = iso.fractional_orthogonal_(torch.empty(6, 2, 2, 2), groups=2, nonlinearity="linear")
    for block in weight.view(2, 3, 8):
        gram = block @ block.T
        assert torch.allclose(gram, gram[0, 0] * torch.eye(3), atol=1e-5)
    assert iso.fractional_orthogonal_(torch.empty(4, 4, dtype=torch.float16)).dtype == torch.float16


def test_errors_come_before_anything_is_changed() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4), nn.RReLU())
    before = [parameter.detach().clone() for parameter in model.parameters()]
    with pytest.raises(ValueError, match="s is 5"):
        iso.init_(model, 5.0)  # beyond RReLU's orders, not ReLU's
    for old, new in zip(before, model.parameters(), strict=True):
        assert torch.equal(old, new)


def test_the_report() -> None:
    model = nn.Sequential(nn.Linear(30, 20), nn.ReLU(), nn.Linear(20, 20), nn.RReLU(), nn.Tanh())
    report = iso.init_(model, generator=seeded(1))
    shown = str(report)
    assert "relu" in shown.splitlines()[1]
    assert "rrelu 0.125…0.3333" in shown
    assert "<table>" in report._repr_html_()
    told = report.to_dict()
    assert told["layers"][0]["units"] == 20
    law = isomoment.LayerLaw(20)
    assert report.layers[0].growth == law.log_growth(1)
    assert report.layers[0].variance == law.log_cumulants().variance
    total = law.log_growth(1) + isomoment.log_growth(1, 20, "rrelu")
    assert report.growth == pytest.approx(total)
    with pytest.raises(AssertionError, match="no layer"):
        iso.init_(nn.ReLU()).assert_healthy()


def test_the_report_is_checked_against_activations() -> None:
    model, scores = chain(nn.ReLU, layers=8, width=16), []
    for seed in range(60):
        # under He's rule, where the prediction is far from 0
        report = iso.init_(model, 2.0, generator=seeded(seed))
        rows = report.check(model, torch.ones(1, 16))
        assert rows[0].measured == rows[0].predicted == 0
        scores.append((rows[-1].measured - rows[-1].predicted) / rows[-1].deviation)
    assert abs(np.mean(scores)) < 4.5 / math.sqrt(60)
    assert 0.5 < np.std(scores) < 1.6


def test_the_check_is_drawn() -> None:
    figures = pytest.importorskip("matplotlib.figure")
    model = chain(nn.ReLU, layers=5, width=16)
    rows = iso.init_(model, generator=seeded(1)).check(model, torch.ones(1, 16))
    assert len(str(rows).splitlines()) == 6
    axes = figures.Figure().subplots()
    assert rows.plot(axes) is axes
    predicted, measured = (line.get_ydata() for line in axes.lines)
    assert list(measured) == [row.measured for row in rows]
    assert list(predicted) == [row.predicted for row in rows]
    (band,) = axes.collections
    right = rows[-1].predicted + 1.96 * rows[-1].deviation
    assert band.get_paths()[0].get_extents().y1 == pytest.approx(right)


def test_apply() -> None:
    model = nn.Sequential(nn.Linear(300, 200), nn.ReLU(), nn.ConvTranspose2d(100, 50, 4, stride=2))
    model.apply(iso.initializer(1.0, "leaky_relu", 0.2))
    right = isomoment.standard_deviation("fractional:1", 300, 200, "leaky-relu", slope=0.2)
    assert float(model[0].weight.detach().std()) == pytest.approx(right, rel=0.02)
    right = isomoment.standard_deviation("fractional:1", 400, 50, "leaky-relu", slope=0.2)
    assert float(model[2].weight.detach().std()) == pytest.approx(right, rel=0.02)
    assert float(model[2].bias.detach().abs().max()) == 0
