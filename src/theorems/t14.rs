//! T14, heavy-tailed weights: independent α-stable ones, in the norm (Σ|xᵢ|^α)^{1/α}.

use crate::activation::{Activation, Dropout};
use crate::error::Result;
use crate::layer_law::Weights;
use crate::simulate::{Level, Path, Simulator};
use crate::stable::StableLaw;
use crate::stats::location::MeanEstimate;
use crate::stats::proportion;
use crate::theorems::case::{ACTIVATIONS, Case};
use crate::theorems::check::{Check, SINGLE_LEVEL};
use crate::theorems::claim::{Alternative, Claim, Compared, Share, Tested};
use crate::theorems::color;
use crate::theorems::figure::{Figure, Mark, Series};
use crate::theorems::sample::{Design, PATH_DEPTH, powers, relative_scale};
use crate::theorems::section::{ChecksAndFigures, Section, no_tables};
use crate::theorems::settings::{Progress, Settings};

pub const SECTION: Section = Section {
    title: "Heavy-tailed weights",
    statement: "Let the weights be independent and symmetric $alpha$-stable with $EE e^(i t W) = e^(-|gamma t|^alpha)$, $0 < alpha <= 2$, and $norm(x) = (sum |x_i|^alpha)^(1\\/alpha)$. \
Then $norm(x_k)^alpha$ is distributed as $gamma^alpha norm(x_(k-1))^alpha Q$, $ Q = sum_(i <= d) c_i |z_i|^alpha , $ with $z_i$ stable for $gamma = 1$ and $c_i$ the slope's size to the power $alpha$, independent in successive layers. \
For $0 < s < alpha$ the scale $gamma = EE[Q^(s\\/alpha); Q > 0]^(-1\\/s)$ keeps $EE norm(x_k)^s$; from $s = alpha < 2$ on moments are infinite. It falls in $s$; at $alpha = 2$ it is $sigma(s, d)\\/sqrt(2)$. \
For large $d$ it tends to the scaling of infinite width, $(C d log d)^(-1\\/alpha)$ with $C = 2\\/pi dot.c Gamma(alpha) sin(pi alpha\\/2) EE c$, but as slowly as $log log d\\/log d$; in powers of $1\\/log d$ it has an expansion.",
    reason: "Sums of independent stable variables are stable: given $x$ the pre-activations are independent, of scale $gamma norm(x)$. The rest is the law of $Q$, whose Laplace transform is that of one unit to the power $d$ and behaves like $1 - t (a - b log t)$ at 0.",
    run,
    tables: no_tables,
    percent_of_time: 0.2,
};

const WIDTH: usize = 16;

/// The tail index of most checks.
const ALPHA: f64 = 1.5;

/// α/s of moments that are estimated: the powers have moments of every order below six, enough for a z test at the level
/// of a single test.
const MOMENTS: f64 = 6.0;

/// Units of the networks whose deaths are counted, and their layers.
const FEW: usize = 4;
const DEPTH: usize = 10;

/// Width at which the expansion is compared.
const WIDE: u64 = 1_000_000;

fn run(settings: &Settings, progress: &Progress) -> Result<ChecksAndFigures> {
    let layer = |activation| HeavyTailed::new(activation, Dropout::NONE, ALPHA, WIDTH);
    let [linear, relu, leaky, rrelu] = ACTIVATIONS.map(layer);
    let [linear, relu, leaky, rrelu] = &[linear?, relu?, leaky?, rrelu?];
    let masked = &HeavyTailed::new(Activation::Relu, Dropout::inverted(0.8)?, ALPHA, WIDTH)?;
    let other = |activation, alpha| HeavyTailed::new(activation, Dropout::NONE, alpha, WIDTH);
    let (heavier, lighter) = (
        &other(Activation::Relu, 0.6)?,
        &other(Activation::Linear, 1.9)?,
    );
    let mut checks = Vec::new();
    for layer in [linear, relu, leaky, rrelu, masked, heavier, lighter] {
        checks.push(one_layer(layer, Wrong::Order, settings, progress)?);
    }
    for layer in [relu, heavier] {
        checks.push(one_layer(layer, Wrong::InfiniteWidth, settings, progress)?);
    }
    for layer in [relu, rrelu, heavier] {
        checks.push(growth(layer, settings, progress)?);
    }
    checks.push(deaths(settings, progress)?);
    for layer in [linear, relu, leaky, rrelu] {
        checks.push(order_in_s(layer)?);
        checks.push(gaussian(layer)?);
        checks.push(wide(layer)?);
    }
    Ok((checks, vec![figure(settings, progress)?]))
}

/// A layer with stable weights.
struct HeavyTailed {
    case: Case,
    alpha: f64,
    law: StableLaw,
}

impl HeavyTailed {
    fn new(activation: Activation, dropout: Dropout, alpha: f64, width: usize) -> Result<Self> {
        Ok(Self {
            case: Case::with(activation, dropout, Weights::Gaussian, width)?,
            alpha,
            law: StableLaw::with_dropout(alpha, activation, dropout, width as u64)?,
        })
    }

    fn name(&self) -> String {
        format!("{}, α = {}", self.case.name(), self.alpha)
    }

    /// Paths of so many networks of real matrices.
    fn paths(
        &self,
        settings: &Settings,
        experiment: &str,
        (scale, depth): (f64, usize),
        count: u64,
        progress: &Progress,
    ) -> Result<Vec<Path>> {
        let model = self
            .case
            .model(scale, depth)?
            .with_stable_weights(self.alpha)?;
        let simulator = Simulator::new(model, Level::Network)?;
        let name = format!("T14 {experiment} {}", self.alpha);
        Ok(self.case.draw(settings, &name, &simulator, count, progress))
    }
}

/// What theory of infinite width would take.
const INFINITE_WIDTH: &str = "the scaling of infinite width";

/// A scale that is not the right one.
#[derive(Clone, Copy)]
enum Wrong {
    /// That of the order α/2.
    Order,
    InfiniteWidth,
}

impl Wrong {
    fn name(self) -> &'static str {
        match self {
            Self::Order => "the scale of order s = α/2",
            Self::InfiniteWidth => INFINITE_WIDTH,
        }
    }

    /// α/s of the moment that is tested against it; every test has its own case.
    fn share(self) -> f64 {
        match self {
            Self::Order => MOMENTS,
            Self::InfiniteWidth => MOMENTS + 2.0,
        }
    }

    fn scale(self, layer: &HeavyTailed) -> Result<f64> {
        match self {
            Self::Order => layer.law.scale(0.5 * layer.alpha),
            Self::InfiniteWidth => layer.law.infinite_width_scale(),
        }
    }
}

/// At γ(s; α, d) a layer keeps the moment.
fn one_layer(
    layer: &HeavyTailed,
    wrong: Wrong,
    settings: &Settings,
    progress: &Progress,
) -> Result<Check> {
    let share = wrong.share();
    let s = layer.alpha / share;
    let (right, other) = (layer.law.scale(s)?, wrong.scale(layer)?);
    let factor = (other / right).powf(s);
    let design = Design {
        effect: factor - 1.0,
        deviation: (right.powf(2.0 * s) * layer.law.moment(2.0 * s)? - 1.0).sqrt(),
        spread: factor,
    };
    let count = design.paths(settings)?;
    let estimate = |experiment: &str, scale: f64| -> Result<MeanEstimate> {
        let name = format!("{experiment} {}", wrong.name());
        let paths = layer.paths(settings, &name, (scale, PATH_DEPTH), count, progress)?;
        MeanEstimate::from_sample(powers(&paths, s))
    };
    let (found, control) = (estimate("check", right)?, estimate("control", other)?);
    let alternative = Alternative {
        name: wrong.name().into(),
        value: factor,
        power: design.power(found.size)?,
    };
    let claim = Claim::new(
        format!("{}, s = α/{share}", layer.name()),
        "mean of (‖xₖ‖/‖xₖ₋₁‖)ˢ",
        1.0,
    );
    Ok(claim.of_mean(&found, alternative, wrong.name(), &control))
}

/// At the Lyapunov scale log-norms have no drift, given survival.
fn growth(layer: &HeavyTailed, settings: &Settings, progress: &Progress) -> Result<Check> {
    let (right, kept) = (
        layer.law.lyapunov_scale()?,
        layer.law.scale(0.5 * layer.alpha)?,
    );
    let design = Design {
        effect: (kept / right).ln(),
        deviation: layer.law.log_cumulants().variance.sqrt(),
        spread: 1.0,
    };
    let count = design.paths(settings)?;
    let estimate = |experiment: &str, scale: f64| -> Result<MeanEstimate> {
        let paths = layer.paths(settings, experiment, (scale, PATH_DEPTH), count, progress)?;
        MeanEstimate::from_sample(paths.iter().flat_map(Path::increments))
    };
    let (found, wrong) = (
        estimate("growth", right)?,
        estimate("growth control", kept)?,
    );
    let name = Wrong::Order.name();
    let alternative = Alternative {
        name: name.into(),
        value: design.effect,
        power: design.power(found.size)?,
    };
    let claim = Claim::new(
        format!("{}, Lyapunov scale", layer.name()),
        "mean of log(‖xₖ‖/‖xₖ₋₁‖)",
        0.0,
    );
    Ok(claim.of_mean(&found, alternative, name, &wrong))
}

/// Networks die as often as those of Gaussian weights. The control has a unit more.
fn deaths(settings: &Settings, progress: &Progress) -> Result<Check> {
    let count = settings.count(1500.0);
    let alive = |layer: &HeavyTailed| layer.law.survival_probability().powi(DEPTH as i32);
    let counted = |layer: &HeavyTailed| -> Result<Share> {
        let paths = layer.paths(settings, "deaths", (1.0, DEPTH), count, progress)?;
        Ok(Share {
            found: paths.iter().filter(|path| !path.died()).count() as u64,
            of: count,
        })
    };
    let layer = |width| HeavyTailed::new(Activation::Relu, Dropout::NONE, ALPHA, width);
    let (few, more) = (layer(FEW)?, layer(FEW + 1)?);
    let (predicted, other) = (alive(&few), alive(&more));
    let name = "networks with a unit more in each layer";
    let alternative = Alternative {
        name: name.into(),
        value: other,
        power: proportion::power(count, predicted, other, SINGLE_LEVEL)?,
    };
    let claim = Claim::new(
        format!("{}, k = {DEPTH}", few.name()),
        "share of networks that are alive",
        predicted,
    );
    let found = Tested::share(counted(&few)?, predicted)?;
    let wrong = Tested::share(counted(&more)?, predicted)?;
    Ok(claim.tested(found, alternative, name, wrong))
}

/// γ falls in s; the control goes the other way.
fn order_in_s(layer: &HeavyTailed) -> Result<Check> {
    let shares = (1..40).map(|i| f64::from(i) / 40.0 * layer.alpha);
    let scales: Vec<f64> = shares.map(|s| layer.law.scale(s)).collect::<Result<_>>()?;
    let largest = |ratio: fn(&[f64]) -> f64| {
        let ratios = scales.windows(2).map(ratio);
        let error = ratios.fold(f64::NEG_INFINITY, f64::max);
        Compared {
            observed: error,
            error,
        }
    };
    let (right, wrong) = (
        largest(|pair| pair[1] / pair[0]),
        largest(|pair| pair[0] / pair[1]),
    );
    let claim = Claim::new(
        format!("{}, s = α/40, 2α/40, …, 39α/40", layer.name()),
        "largest quotient of γ at an order by that at the order before",
        1.0,
    );
    // rounding is 1e-14
    Ok(claim.compared(right, 1.0 - 1e-12, "orders taken backwards", wrong))
}

/// γ√2 = σ at α = 2, from another transform; the control's α is 2 − 10⁻⁶.
fn gaussian(layer: &HeavyTailed) -> Result<Check> {
    let sigma = layer.case.law.scale(1.0)?;
    let compare = |alpha: f64| -> Result<Compared> {
        let (activation, dropout) = (layer.case.activation, layer.case.dropout);
        let law = StableLaw::with_dropout(alpha, activation, dropout, WIDTH as u64)?;
        let observed = law.scale(1.0)? * 2.0_f64.sqrt();
        Ok(Compared {
            observed,
            error: (observed / sigma - 1.0).abs(),
        })
    };
    let (right, wrong) = (compare(2.0)?, compare(2.0 - 1e-6)?);
    let claim = Claim::new(
        format!("{}, α = 2, s = 1", layer.case.name()),
        "γ√2, relative to σ(s, d)",
        sigma,
    );
    Ok(claim.compared(right, 1e-13, "α = 1.999999", wrong))
}

/// The expansion in 1/log d, to its third power; the control is the limit.
fn wide(layer: &HeavyTailed) -> Result<Check> {
    let (activation, dropout) = (layer.case.activation, layer.case.dropout);
    let law = StableLaw::with_dropout(layer.alpha, activation, dropout, WIDE)?;
    let exact = law.scale(1.0)?;
    let compare = |observed: f64| Compared {
        observed,
        error: (observed / exact - 1.0).abs(),
    };
    let right = compare(law.scale_expansion(1.0)?);
    let wrong = compare(law.infinite_width_scale()?);
    let units = layer.case.activation;
    let claim = Claim::new(
        format!("{units}, d = {WIDE}, α = {}, s = 1", layer.alpha),
        "expansion of γ in 1/log d, relative to γ",
        exact,
    );
    let bound = (WIDE as f64).ln().powi(-3);
    Ok(claim.compared(right, bound, INFINITE_WIDTH, wrong))
}

/// The scaling of infinite width and the expansion over the exact scale, by width; and what networks
/// of real matrices give for the exact one.
fn figure(settings: &Settings, progress: &Progress) -> Result<Figure> {
    let s = ALPHA / MOMENTS;
    let law = |width: u64| StableLaw::new(ALPHA, Activation::Relu, width);
    let widths: Vec<u64> = (4..=60)
        .map(|i| 2_f64.powf(f64::from(i) / 2.0) as u64)
        .collect();
    let curve = |approximate: &dyn Fn(&StableLaw) -> Result<f64>| -> Result<Vec<(f64, f64)>> {
        let point = |&width: &u64| {
            let law = law(width)?;
            Ok((width as f64, approximate(&law)? / law.scale(s)?))
        };
        widths.iter().map(point).collect()
    };
    let limit = curve(&|law| law.infinite_width_scale())?;
    let expansion = curve(&|law| law.scale_expansion(s))?;
    let count = settings.count(100.0);
    let mut points = Vec::new();
    for width in [4, 8, 16, 32, 64] {
        let layer = HeavyTailed::new(Activation::Relu, Dropout::NONE, ALPHA, width)?;
        let scale = layer.law.scale(s)?;
        let paths = layer.paths(settings, "figure", (scale, PATH_DEPTH), count, progress)?;
        let (value, standard_error, _) = relative_scale(&paths, s)?;
        points.push((width as f64, value, 1.96 * standard_error));
    }
    let series = vec![
        Series::exact(Mark::Dashed, color::LIMIT, limit).labelled("infinite width"),
        Series::exact(Mark::Line, color::EXACT, expansion).labelled("expansion"),
        Series::new(Mark::Points, color::SIMULATED, points),
    ];
    let (x, y) = ("width d", "scale over γ(s; α, d)");
    let figure = Figure::new("t14-heavy-tails", x, y, series).with_log_x();
    Ok(figure.with_caption(format!(
        "Scales of α-stable weights over the exact one that keeps E‖x‖ˢ, ReLU, α = {ALPHA}, s = α/6: that of infinite width, the expansion in 1/log d, and (points) estimates from networks of real matrices \
({count} of {PATH_DEPTH} layers at each width, 95 % intervals)."
    )))
}
