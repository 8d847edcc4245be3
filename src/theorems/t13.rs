//! T13, residual blocks: the norm of a block's output is that of its input times a factor whose law
//! is known, whatever the input is.

use crate::activation::{Activation, Dropout};
use crate::depth::{DepthLaw, DepthTable};
use crate::error::Result;
use crate::layer_law::Weights;
use crate::residual::ResidualLaw;
use crate::simulate::Blocks;
use crate::stats::location::MeanEstimate;
use crate::theorems::case::{ACTIVATIONS, Case};
use crate::theorems::check::Check;
use crate::theorems::claim::{Alternative, Claim, Compared, Tested};
use crate::theorems::color;
use crate::theorems::figure::{Figure, Mark, Series};
use crate::theorems::sample::{self, Design, PATH_DEPTH, size_of_fit};
use crate::theorems::section::{ChecksAndFigures, Section, each, no_tables};
use crate::theorems::settings::{Progress, Settings};

pub const SECTION: Section = Section {
    title: "Residual blocks",
    statement: "A block $x' = x + beta W_2 D phi(W_1 x)$ of $d$ units with $m$ hidden ones, Gaussian weights of standard deviations $sigma_1$ and $sigma_2$: $norm(x')^2$ is distributed as \
$norm(x)^2 R$, $ R = (1 + r g)^2 + r^2 chi_(d-1)^2 , quad r^2 = beta^2 sigma_1^2 sigma_2^2 Q_m , $ independent in successive blocks. If $d >= 2$, then $EE log R > 0$ and $EE R^p > 1$ for $p > 0$: \
no $beta != 0$ keeps a moment. The factor $a = EE[R^(s\\/2)]^(-1\\/s)$ in $a(x + beta W_2 D phi(W_1 x))$ keeps $EE norm(x)^s$, and T5, T6 and T8 then hold with $a sqrt(R)$ in the place of $sigma sqrt(Q)$. \
With $beta = b\\/sqrt(L)$ in each of $L$ blocks $EE norm(x_L)^s\\/norm(x_0)^s$ has a limit.",
    reason: "Given $x$ and the hidden units' outputs, $W_2$ adds an isotropic normal vector to $x$, of length $r norm(x)$ per coordinate. $log norm(x)$ is subharmonic in two dimensions and more: \
such an addition raises its mean.",
    run,
    tables: no_tables,
    percent_of_time: 4.0,
};

/// Units of a block and its hidden ones.
const WIDTH: usize = 8;
const HIDDEN: usize = 16;

/// Hidden units of the blocks whose whole law is tested: fewer leave singularities where most are
/// dead, which the law at depth refuses.
const MANY_HIDDEN: usize = 64;

/// The order that the skip scale keeps.
const ORDER: f64 = 1.0;

/// Blocks of the networks whose whole law is tested.
const DEPTH: usize = 12;

/// Where the branch tends to 0 with the number of blocks, so many of them.
const MANY_BLOCKS: f64 = 1000.0;

fn run(settings: &Settings, progress: &Progress) -> Result<ChecksAndFigures> {
    let block = |activation| Block::new(activation, Dropout::NONE, HIDDEN);
    let [linear, relu, leaky, rrelu] = ACTIVATIONS.map(block);
    let [linear, relu, leaky, rrelu] = &[linear?, relu?, leaky?, rrelu?];
    let masked = &Block::new(Activation::Relu, Dropout::inverted(0.8)?, HIDDEN)?;
    let many = |activation| Block::new(activation, Dropout::NONE, MANY_HIDDEN);
    let mut checks = each([linear, relu, leaky, rrelu, masked], |block| {
        skip_scale(block, settings, progress)
    })?;
    checks.extend(each([relu, leaky], |block| {
        growth(block, settings, progress)
    })?);
    let many = [many(Activation::Linear)?, many(Activation::Relu)?];
    let at_depth = each(&many, Block::at_depth)?;
    checks.extend(each(many.iter().zip(&at_depth), |(block, at_depth)| {
        whole_law(block, at_depth, settings, progress)
    })?);
    let (many_relu, at_depth) = (&many[1], &at_depth[1]);
    checks.push(pre_normalised(many_relu, at_depth, settings, progress)?);
    checks.extend(each([linear, relu, leaky, rrelu], many_blocks)?);
    let figure = figure(many_relu, at_depth, settings, progress)?;
    Ok((checks, vec![figure]))
}

/// A block whose branch doubles E‖x‖².
struct Block {
    hidden: Case,
    branch: f64,
}

impl Block {
    fn new(activation: Activation, dropout: Dropout, hidden: usize) -> Result<Self> {
        let hidden = Case::with(activation, dropout, Weights::Gaussian, hidden)?;
        let branch = 1.0 / (WIDTH as f64 * hidden.law.moment(2.0)?);
        Ok(Self { hidden, branch })
    }

    fn name(&self) -> String {
        let (units, hidden) = (self.hidden.units(), self.hidden.width);
        format!("{units}, d = {WIDTH}, m = {hidden}")
    }

    /// The law of R, for so many times the branch.
    fn law(&self, factor: f64) -> Result<ResidualLaw> {
        ResidualLaw::new(&self.hidden.law, factor * self.branch, WIDTH as u64)
    }

    /// The law of log‖x_k‖ after [`DEPTH`] blocks without a skip scale.
    fn at_depth(&self) -> Result<DepthTable> {
        DepthLaw::new(&self.law(1.0)?, 1.0, DEPTH as u64)?.table()
    }

    fn blocks(&self, factor: f64, depth: usize) -> Result<Blocks> {
        let (activation, dropout) = (self.hidden.activation, self.hidden.dropout);
        let widths = (WIDTH, self.hidden.width);
        Blocks::new(activation, dropout, widths, factor * self.branch, depth)
    }

    /// The log-norms of so many networks.
    fn draw(
        &self,
        blocks: &Blocks,
        settings: &Settings,
        experiment: &str,
        count: u64,
        progress: &Progress,
    ) -> Vec<Vec<f64>> {
        let name = format!("T13 {experiment} {}", self.name());
        let layers = 2 * blocks.depth() as u64;
        let draw = |seed, trajectory| blocks.log_norms(seed, trajectory);
        sample::drawn(settings, &name, (count, layers), progress, draw)
    }
}

/// What each block adds to the log-norm.
fn increments(networks: &[Vec<f64>]) -> impl Iterator<Item = f64> {
    networks.iter().flat_map(|log_norms| {
        let before = std::iter::once(&0.0).chain(log_norms);
        log_norms
            .iter()
            .zip(before)
            .map(|(now, before)| now - before)
    })
}

/// At the skip scale a block keeps the moment.
fn skip_scale(block: &Block, settings: &Settings, progress: &Progress) -> Result<Check> {
    let s = ORDER;
    let law = block.law(1.0)?;
    let (right, second) = (law.scale(s)?, law.scale(2.0)?);
    let factor = (second / right).powf(s);
    let design = Design {
        effect: factor - 1.0,
        deviation: (right.powf(2.0 * s) * law.moment(2.0 * s)? - 1.0).sqrt(),
        spread: factor,
    };
    let count = design.paths(settings)?;
    let estimate = |experiment: &str, skip: f64| -> Result<MeanEstimate> {
        let blocks = block.blocks(1.0, PATH_DEPTH)?.with_skip(skip)?;
        let networks = block.draw(&blocks, settings, experiment, count, progress);
        MeanEstimate::from_sample(increments(&networks).map(|x| (s * x).exp()))
    };
    let (found, wrong) = (estimate("check", right)?, estimate("control", second)?);
    let the_second_moment_s = "the skip scale of the second moment";
    let alternative = Alternative {
        name: the_second_moment_s.into(),
        value: factor,
        power: design.power(found.size)?,
    };
    let claim = Claim::new(
        format!("{}, s = {s}", block.name()),
        "mean of (‖x′‖/‖x‖)ˢ over one block",
        1.0,
    );
    Ok(claim.of_mean(&found, alternative, the_second_moment_s, &wrong))
}

/// Without a skip scale the typical norm grows, at the rate E ½ log R. In the control W₁ is scaled
/// for m inputs instead of d.
fn growth(block: &Block, settings: &Settings, progress: &Progress) -> Result<Check> {
    let confused = WIDTH as f64 / HIDDEN as f64;
    let (right, wrong) = (
        block.law(1.0)?.log_cumulants(),
        block.law(confused)?.log_cumulants(),
    );
    let design = Design {
        effect: wrong.mean - right.mean,
        deviation: right.variance.sqrt(),
        spread: (wrong.variance / right.variance).sqrt(),
    };
    let count = design.paths(settings)?;
    let estimate = |experiment: &str, factor: f64| -> Result<MeanEstimate> {
        let blocks = block.blocks(factor, PATH_DEPTH)?;
        let networks = block.draw(&blocks, settings, experiment, count, progress);
        MeanEstimate::from_sample(increments(&networks))
    };
    let (found, other) = (estimate("growth", 1.0)?, estimate("confused", confused)?);
    let name = "hidden units taken for the inputs of W₁";
    let alternative = Alternative {
        name: name.into(),
        value: wrong.mean,
        power: design.power(found.size)?,
    };
    let quantity = "mean growth of log‖x‖ in a block, a = 1";
    let claim = Claim::new(block.name(), quantity, right.mean);
    Ok(claim.of_mean(&found, alternative, name, &other))
}

/// The law of log‖x_k‖ at the skip scale is that of a sum of independent ½ log R.
fn whole_law(
    block: &Block,
    at_depth: &DepthTable,
    settings: &Settings,
    progress: &Progress,
) -> Result<Check> {
    let law = block.law(1.0)?;
    let table = |s: f64| -> Result<DepthTable> { Ok(scaled(at_depth, law.scale(s)?)) };
    let (exact, second) = (table(ORDER)?, table(2.0)?);
    let wanted = size_of_fit(exact.largest_difference(&second));
    let tested = |experiment: &str, s: f64| -> Result<Tested> {
        let blocks = block.blocks(1.0, DEPTH)?.with_skip(law.scale(s)?)?;
        let count = settings.count(wanted as f64);
        let networks = block.draw(&blocks, settings, experiment, count, progress);
        fitted(&networks, &exact)
    };
    let (found, wrong) = (tested("law", ORDER)?, tested("law control", 2.0)?);
    let name = "the skip scale of the second moment";
    let claim = Claim::new(
        format!("{}, s = {ORDER}, k = {DEPTH}", block.name()),
        "Kolmogorov–Smirnov distance of log‖xₖ‖ to the exact law",
        0.0,
    );
    let alternative = Alternative::law(name, &exact, &second, found.observations)?;
    Ok(claim.tested(found, alternative, name, wrong))
}

/// The law of blocks with a skip scale.
fn scaled(at_depth: &DepthTable, skip: f64) -> DepthTable {
    at_depth.shifted(DEPTH as f64 * skip.ln())
}

/// Pre-normalised blocks add up to a single one with as many hidden units as all of them. The
/// control's branches see ‖x‖.
fn pre_normalised(
    block: &Block,
    at_depth: &DepthTable,
    settings: &Settings,
    progress: &Progress,
) -> Result<Check> {
    // smaller branches, as d times τ² are added per coordinate
    let factor = 1.0 / WIDTH as f64;
    let blocks = block.blocks(factor, DEPTH)?;
    let (hidden, branch) = (&block.hidden.law, factor * block.branch);
    let (width, depth) = (WIDTH as u64, DEPTH as u64);
    let all = ResidualLaw::pre_normalised(hidden, branch, width, depth, 1.0)?;
    let exact = DepthLaw::new(&all, 1.0, 1)?.table()?;
    let plain = block.blocks(1.0, DEPTH)?;
    let wanted = size_of_fit(exact.largest_difference(at_depth));
    let tested = |experiment: &str, blocks: &Blocks| -> Result<Tested> {
        let count = settings.count(wanted as f64);
        fitted(
            &block.draw(blocks, settings, experiment, count, progress),
            &exact,
        )
    };
    let found = tested("normalised", &blocks.pre_normalised())?;
    let wrong = tested("not normalised", &plain)?;
    let name = "branches of unnormalised inputs";
    let claim = Claim::new(
        format!("{}, k = {DEPTH}, pre-normalised", block.name()),
        "Kolmogorov–Smirnov distance of log‖xₖ‖ to the exact law",
        0.0,
    );
    let alternative = Alternative::law(name, &exact, at_depth, found.observations)?;
    Ok(claim.tested(found, alternative, name, wrong))
}

/// The last log-norms against a law.
fn fitted(networks: &[Vec<f64>], law: &DepthTable) -> Result<Tested> {
    let last: Vec<f64> = networks.iter().filter_map(|n| n.last().copied()).collect();
    Tested::law(&last, law)
}

/// With the L-th part of the branch in each of L blocks, the moment tends to its limit, with a term
/// in 1/L; without that term the distance is of its size.
fn many_blocks(block: &Block) -> Result<Check> {
    let s = ORDER;
    let limit = block.law(1.0)?.many_blocks(s)?;
    let exact = block.law(1.0 / MANY_BLOCKS)?.moment(s)?.powf(MANY_BLOCKS);
    let compare = |correction: f64| {
        let predicted = limit.exponent.exp() * (1.0 + correction / MANY_BLOCKS);
        Compared {
            observed: exact,
            error: (exact / predicted - 1.0).abs(),
        }
    };
    let claim = Claim::new(
        format!("{}, s = {s}, L = {MANY_BLOCKS}", block.name()),
        "E‖x_L‖ˢ/‖x₀‖ˢ of L blocks, each with the L-th part of the branch",
        limit.exponent.exp() * (1.0 + limit.correction / MANY_BLOCKS),
    );
    // the next term is of the order of 1/L²
    let bound = 3.0 / (MANY_BLOCKS * MANY_BLOCKS);
    let (right, wrong) = (compare(limit.correction), compare(0.0));
    Ok(claim.compared(right, bound, "without the term in 1/L", wrong))
}

/// Distribution functions of log‖x_k‖ for three skip scales.
fn figure(
    block: &Block,
    at_depth: &DepthTable,
    settings: &Settings,
    progress: &Progress,
) -> Result<Figure> {
    let law = block.law(1.0)?;
    let schemes = [
        ("a = 1", 1.0, color::LIMIT),
        ("s = 2", law.scale(2.0)?, color::of_order(2.0)),
        ("s = 1", law.scale(ORDER)?, color::of_order(ORDER)),
    ];
    let mut series = Vec::new();
    let count = settings.count(1000.0);
    for (name, skip, color) in schemes {
        let exact = scaled(at_depth, skip);
        let blocks = block.blocks(1.0, DEPTH)?.with_skip(skip)?;
        let experiment = format!("figure {name}");
        let networks = block.draw(&blocks, settings, &experiment, count, progress);
        let line = (0..=160).map(|i| -4.0 + 0.075 * f64::from(i));
        let line = line.map(|x| (x, exact.cdf(x)));
        series.push(Series::exact(Mark::Line, color, line).labelled(name));
        let shares: Vec<(f64, u64, u64)> = (-8..=16)
            .map(|i| {
                let x = 0.5 * f64::from(i);
                let below = networks.iter().filter(|n| n[DEPTH - 1] <= x).count();
                (x, below as u64, count)
            })
            .collect();
        series.extend(Series::shares(color, &shares)?);
    }
    let (x, y) = ("log(‖x₁₂‖/‖x₀‖)", "distribution function");
    Ok(Figure::new("t13-residual-blocks", x, y, series).with_caption(format!(
        "The norm after {DEPTH} residual blocks of ReLU, width {WIDTH}, {MANY_HIDDEN} hidden units, a branch that doubles E‖x‖²: without a skip scale, and with those that keep E‖x‖² and E‖x‖. \
Lines: the exact law. Points: {count} networks of real matrices each, with 95 % intervals."
    )))
}
