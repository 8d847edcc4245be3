//! Fourier inversion where one layer's law has atoms or singular edges: few orthogonal units.
//!
//! There the characteristic function of X hardly falls. But E e^{rX} = Σⱼ e^{r xⱼ} Aⱼ(r) over the
//! edges xⱼ, with Aⱼ like a power of r in the upper half plane, so that its k-th power is a sum
//! over compositions k = Σ mⱼ of terms e^{r Σ mⱼxⱼ}·(a power of r). From a point above the path's
//! lower part each of them is integrated along the ray on which it falls, to the upper left or to
//! the upper right (proofs-notes/depth.md).

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

use num_complex::Complex64;

use crate::depth::compositions::{Composition, compositions};
use crate::depth::quadrature::{Kernel, LineSum, refined};
use crate::depth::sum::Sum;
use crate::depth::tilted::Tilted;
use crate::error::Result;
use crate::layer_law::Edges;

/// Step in w of the trapezoidal rule along a ray, t = S·e^{w − e^{−w}}, and the w at which it
/// starts.
const RAY_STEP: f64 = 0.12;
const RAY_START: f64 = -3.7;

/// The double-exponential rule below the rays ends at these w.
const LINE_END: f64 = 3.2;

/// Its first step, which is halved until nothing changes.
const LINE_STEP: f64 = 0.1;

/// A ray ends where the slowest of its exponentials has fallen to e^{−RAY_FALL}, or at this w.
const RAY_FALL: f64 = 60.0;
const RAY_END: f64 = 80.0;

/// Terms below e^{−LEFT_OUT} are left out.
const LEFT_OUT: f64 = 45.0;

/// Terms along both rays, at most.
const MOST_TERMS: usize = 40_000_000;

/// An inversion integral, and where its path leaves the vertical line.
#[derive(Debug, Clone, Copy)]
struct Integral<'a> {
    edges: &'a Edges,
    tilted: &'a Tilted,
    offset: f64,
    kernel: Kernel,
    highest: f64,
}

/// (1/π) ∫₀^∞ Re[φ_θ(ξ)^k e^{iξ(k·mean − offset)} kernel(θ+iξ)] dξ, of which the part above
/// `highest` goes along rays. At an atom the tail is the one with the atom to the left of the
/// offset, and the density is that beside it.
pub(super) fn integrate(
    sum: &Sum,
    edges: &Edges,
    tilted: &Tilted,
    offset: f64,
    kernel: Kernel,
) -> Result<f64> {
    // above a saddle point far from the origin, its width counts too
    let saddle = 7.0 / (sum.depth * tilted.variance).sqrt();
    let highest = sum
        .step
        .highest_frequency()
        .max(saddle.min(tilted.theta.abs()));
    let integral = Integral {
        edges,
        tilted,
        offset,
        kernel,
        highest,
    };
    Ok((below(sum, integral)? + along_rays(sum, integral)?) / PI)
}

/// The part up to `highest`, by the double-exponential rule.
fn below(sum: &Sum, integral: Integral) -> Result<f64> {
    let Integral {
        edges,
        tilted,
        offset,
        kernel,
        highest,
    } = integral;
    let shift = sum.depth * tilted.mean - offset;
    let resolved = sum.step.highest_frequency();
    let value = |xi: f64| -> Complex64 {
        let log = if xi <= resolved {
            sum.log_characteristic(tilted, xi)
        } else {
            let r = Complex64::new(tilted.theta, xi);
            log_transform(edges, r) - tilted.log_mgf - Complex64::new(0.0, xi * tilted.mean)
        };
        let power = (sum.depth * log + Complex64::new(0.0, xi * shift)).exp();
        power * kernel.at(Complex64::new(tilted.theta, xi), tilted.theta.signum())
    };
    // ξ = highest/(1 + e^{−π sinh w})
    let over = |start: f64, step: f64| -> LineSum {
        let mut line = LineSum::default();
        for i in 0..=((LINE_END - start) / step) as u32 {
            let w = start + step * f64::from(i);
            let u = PI * w.sinh();
            let (upper, lower) = (1.0 / (1.0 + (-u).exp()), 1.0 / (1.0 + u.exp()));
            let term = value(highest * upper) * (highest * upper * lower * PI * w.cosh());
            line.add(term.re, term.norm());
        }
        line
    };
    let estimate = LINE_STEP * over(-LINE_END, LINE_STEP).total;
    refined(estimate, LINE_STEP, |step| {
        over(0.5 * step - LINE_END, step)
    })
    .ok_or_else(|| sum.unresolved())
}

/// The part above `highest`, times the factor that [`Sum::weight`] takes out.
fn along_rays(sum: &Sum, integral: Integral) -> Result<f64> {
    let Integral {
        edges,
        tilted,
        offset,
        kernel,
        highest,
    } = integral;
    let start = Complex64::new(tilted.theta, highest);
    let sign = tilted.theta.signum();
    let rounding = sum.edge_rounding(offset);
    let at_start = log_parts(edges, start);
    let log_atoms: Vec<Complex64> = edges
        .atoms()
        .iter()
        .map(|&a| Complex64::from(a.ln()))
        .collect();
    let mut total = 0.0;
    let mut sides: [Vec<Term>; 2] = [Vec::new(), Vec::new()];
    let all = compositions(edges, sum.depth).ok_or_else(|| sum.unresolved())?;
    for composition in all {
        let mut gap = composition.position - offset;
        if gap.abs() <= rounding {
            gap = 0.0;
        }
        let log_ways = composition.log_ways - sum.depth * tilted.log_mgf + tilted.theta * offset;
        let mut term = Term {
            composition,
            gap,
            log_ways,
            atom: None,
        };
        if term.log(&at_start, start).re < -LEFT_OUT {
            continue;
        }
        // the part that does not fall along a ray is integrated in closed form where quadrature
        // would not do
        let atom = term.log(&log_atoms, Complex64::new(0.0, 0.0)).re.exp();
        if atom > 0.0 && (kernel == Kernel::One || gap == 0.0) {
            total += atom * (gap * start.re).exp() * atom_above(kernel, start, sign, gap);
            term.atom = Some(atom);
        }
        sides[usize::from(gap > 0.0)].push(term);
    }
    for (side, terms) in sides.iter().enumerate() {
        let gaps = terms.iter().map(|term| term.gap.abs());
        let Some(nearest) = gaps.clone().reduce(f64::min) else {
            continue;
        };
        // the scale on which the integrand falls first
        let size = start.norm().min(1.0 / gaps.fold(0.0, f64::max));
        let end = (RAY_FALL / (nearest * size)).ln().clamp(2.0, RAY_END);
        let steps = ((end - RAY_START) / RAY_STEP) as usize;
        if steps.saturating_mul(terms.len()) > MOST_TERMS {
            return Err(sum.unresolved());
        }
        let turn = Complex64::from_polar(1.0, FRAC_PI_4 + FRAC_PI_2 * side as f64);
        for i in 0..=steps {
            let w = RAY_START + RAY_STEP * i as f64;
            let t = size * (w - (-w).exp()).exp();
            let r = start + t * turn;
            let logs = log_parts(edges, r);
            let values: Complex64 = terms.iter().map(|term| term.value(&logs, r)).sum();
            let step = RAY_STEP * t * (1.0 + (-w).exp());
            total += (values * kernel.at(r, sign) * turn * step).im;
        }
    }
    Ok(total)
}

/// One composition's term of the integrand.
#[derive(Debug)]
struct Term {
    composition: Composition,
    /// Its position less the offset.
    gap: f64,
    /// log of the multinomial coefficient and of the factor common to all terms.
    log_ways: f64,
    /// The part of e^{−gap·r} times it that does not fall, if that is integrated apart.
    atom: Option<f64>,
}

impl Term {
    fn log(&self, log_parts: &[Complex64], r: Complex64) -> Complex64 {
        let mut log = self.gap * r + self.log_ways;
        for (&count, part) in self.composition.counts.iter().zip(log_parts) {
            if count > 0 {
                log += f64::from(count) * part;
            }
        }
        log
    }

    fn value(&self, log_parts: &[Complex64], r: Complex64) -> Complex64 {
        let all = self.log(log_parts, r).exp();
        self.atom
            .map_or(all, |atom| all - atom * (self.gap * r).exp())
    }
}

/// Im ∫ e^{i Im(r)·gap} kernel dr from r₀ upwards; an atom at the offset itself counts as left of
/// it, and has no density.
fn atom_above(kernel: Kernel, start: Complex64, sign: f64, gap: f64) -> f64 {
    match kernel {
        // what is below r₀ is taken away again
        Kernel::One if gap == 0.0 => -start.im,
        Kernel::One => -(gap * start.im).sin() / gap,
        Kernel::Pole => (start.re.abs() / start.im).atan() - sign * FRAC_PI_2,
    }
}

fn log_parts(edges: &Edges, r: Complex64) -> Vec<Complex64> {
    edges.parts(r).into_iter().map(Complex64::ln).collect()
}

/// log E e^{rY} for large Im r.
fn log_transform(edges: &Edges, r: Complex64) -> Complex64 {
    let positions = edges.positions().iter();
    let parts = edges.parts(r).into_iter().zip(positions);
    let logs: Vec<Complex64> = parts.map(|(part, &x)| part.ln() + r * x).collect();
    let largest = logs
        .iter()
        .copied()
        .reduce(|a, b| if a.re >= b.re { a } else { b });
    let largest = largest.unwrap_or_default();
    let sum: Complex64 = logs.iter().map(|log| (log - largest).exp()).sum();
    largest + sum.ln()
}
