//! Colours as numbers: a scheme, an order or an activation has one in every figure. What colour a
//! number is, the drawing says.

use crate::activation::Activation;
use crate::init::Scheme;

/// The Lyapunov scale, order 0.
pub const LYAPUNOV: usize = 0;
/// Orders below 1, drawn at ½.
pub const HALF: usize = 1;
/// Order 1.
pub const ONE: usize = 2;
/// Orders between 1 and 2, drawn at 3/2.
pub const THREE_HALVES: usize = 3;
/// Order 2, He's rule.
pub const HE: usize = 4;
/// The formula of the authors' released code.
pub const PUBLISHED: usize = 5;
/// Glorot's rule.
pub const GLOROT: usize = 6;
/// Random-walk initialisation.
pub const RANDOM_WALK: usize = 7;
/// LeCun's rule.
pub const LECUN: usize = 8;
/// Linear units.
pub const LINEAR: usize = 9;
/// ReLU.
pub const RELU: usize = 10;
/// Leaky ReLU.
pub const LEAKY_RELU: usize = 11;
/// Randomized Leaky ReLU.
pub const RRELU: usize = 12;
/// An exact law, where nothing else tells series apart.
pub const EXACT: usize = 13;
/// A simulation, likewise.
pub const SIMULATED: usize = 14;
/// A limit, or what is only said for comparison.
pub const LIMIT: usize = 15;
/// The first of three steps of a quantity that grows, as width or depth.
pub const STEPS: [usize; 3] = [16, 17, 18];
/// The frameworks' default.
pub const FRAMEWORK_DEFAULT: usize = 19;
/// How many there are.
pub const COUNT: usize = 20;

/// The colour of what keeps, or is, the moment of order s.
///
/// ```
/// use isomoment::theorems::color;
/// assert_eq!(color::of_order(2.0), color::HE);
/// ```
pub fn of_order(s: f64) -> usize {
    match s {
        0.0 => LYAPUNOV,
        s if s < 1.0 => HALF,
        1.0 => ONE,
        s if s < 2.0 => THREE_HALVES,
        _ => HE,
    }
}

/// The colour of an activation.
pub fn of_activation(activation: Activation) -> usize {
    match activation {
        Activation::Linear => LINEAR,
        Activation::Relu => RELU,
        Activation::LeakyRelu { .. } => LEAKY_RELU,
        Activation::RandomizedLeakyRelu { .. } => RRELU,
    }
}

/// The colour of a scheme: of one that keeps a moment, that of the moment's order.
pub fn of_scheme(scheme: Scheme) -> usize {
    match scheme {
        Scheme::Fractional(s) | Scheme::Backward(s) | Scheme::Balanced(s) => of_order(s),
        Scheme::Published(_) => PUBLISHED,
        Scheme::Lyapunov => LYAPUNOV,
        Scheme::He => HE,
        Scheme::Glorot => GLOROT,
        Scheme::LeCun => LECUN,
        Scheme::FrameworkDefault => FRAMEWORK_DEFAULT,
        Scheme::RandomWalk => RANDOM_WALK,
    }
}
