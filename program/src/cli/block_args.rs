//! The options that ask for residual blocks in the place of layers.

use clap::Args;
use isomoment::ResidualLaw;

use crate::cli::count::count;
use crate::cli::law_args::{Shape, Units};
use crate::cli::number::Number;
use crate::cli::outcome::Refusal;

#[derive(Debug, Clone, Args)]
pub struct BlockArgs {
    /// Residual blocks x + β W₂ φ(W₁x) of --width units in the place of layers: sigma, or what
    /// --moment asks for, is then the skip scale, the factor of the whole block that keeps E‖x‖^s
    #[arg(long, requires_all = ["branch", "hidden"])]
    residual: bool,
    /// τ² = (βσ₁σ₂)² of a residual block
    #[arg(
        long,
        value_name = "TAU2",
        requires = "residual",
        allow_negative_numbers = true
    )]
    branch: Option<Number>,
    /// Hidden units of a residual block
    #[arg(long, value_name = "M", value_parser = count, requires = "residual")]
    hidden: Option<u64>,
}

/// What is asked for, if blocks are.
pub struct Blocks<'a> {
    pub branch: &'a Number,
    pub hidden: u64,
}

impl BlockArgs {
    pub fn blocks(&self) -> Option<Blocks<'_>> {
        let (branch, hidden) = (self.branch.as_ref()?, self.hidden?);
        self.residual.then_some(Blocks { branch, hidden })
    }
}

impl Blocks<'_> {
    /// The laws of blocks of these widths.
    pub fn laws(&self, units: &Units, widths: &[u64]) -> Result<Vec<ResidualLaw>, Refusal> {
        let hidden = units.law(Shape {
            width: self.hidden,
            fan_in: None,
        });
        // --width is that of the blocks
        let hidden = hidden.map_err(|error| error.renamed("width", "hidden"))?;
        let law = |&width: &u64| Ok(ResidualLaw::new(&hidden, self.branch.value, width)?);
        widths.iter().map(law).collect()
    }

    /// In words.
    pub fn describe(&self, units: &Units) -> String {
        let (hidden, branch) = (self.hidden, self.branch);
        let units = units.describe();
        format!(
            "residual blocks x + β W₂ φ(W₁x): {hidden} hidden units, {units}, (βσ₁σ₂)² = {branch}"
        )
    }
}
