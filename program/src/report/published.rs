//! σ(1,d) beside the published formula and He's rule, and what the difference does in a deep
//! network.

use isomoment::Result;
use isomoment::activation::{Activation, Dropout};
use isomoment::init::{LayerShape, Scheme};
use isomoment::theorems::{Notation, Table};

const SLOPES: [f64; 6] = [0.0, 0.01, 0.1, 0.25, 0.5, 1.0];
const WIDTHS: [u32; 3] = [16, 64, 256];
const DEPTH: i32 = 50;

pub fn table() -> Result<Table> {
    let mut rows = Vec::new();
    for slope in SLOPES {
        for width in WIDTHS {
            let scale = |scheme: Scheme| {
                let shape = LayerShape::square(u64::from(width));
                let activation = Activation::LeakyRelu { slope };
                scheme.standard_deviation(activation, Dropout::NONE, shape)
            };
            let exact = scale(Scheme::Fractional(1.0))?;
            let mut row = vec![slope, f64::from(width), exact];
            for rival in [Scheme::Published(1.0), Scheme::He] {
                let ratio = scale(rival)? / exact;
                row.extend([100.0 * (ratio - 1.0), ratio.powi(DEPTH)]);
            }
            rows.push(row);
        }
    }
    let columns = [
        ("a", Notation::Plain),
        ("d", Notation::Plain),
        ("σ(1,d)", Notation::Decimals),
        ("published, % off", Notation::Short),
        ("its E‖x₅₀‖", Notation::Short),
        ("He, % off", Notation::Short),
        ("its E‖x₅₀‖ ", Notation::Short),
    ];
    Ok(Table {
        name: "published-scales",
        caption: format!(
            "Leaky ReLU with slope a: the exact σ(1,d), by how much the formula in the authors' released code and He's rule differ from it, and the E‖x‖ that they leave after {DEPTH} layers of an input of norm 1. \
             It is 1 for the exact scale."
        ),
        columns: columns
            .map(|(heading, notation)| (heading.to_owned(), notation))
            .to_vec(),
        rows,
    })
}
