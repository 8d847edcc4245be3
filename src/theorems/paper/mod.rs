//! The figures of Gürbüzbalaban & Hu (2021), redrawn: the exact law beside simulations of the sizes
//! that the paper's notebooks use, and beside larger ones.
//!
//! What each notebook computes was read from the authors' released code; where a label says
//! something else than what is computed, the note of the figure says so. Nothing here is counted
//! among the checks of the theorems.

mod component;
mod input;
mod log_norms;
mod scales;

use crate::error::Result;
use crate::theorems::figure::Figure;
use crate::theorems::settings::{Progress, Settings};

/// Width of the paper's simulated networks.
const WIDTH: usize = 64;

/// One figure of the paper, redrawn.
#[derive(Debug, Clone)]
pub struct Redrawn {
    /// Where it is in the paper, such as “Figure 1, left”.
    pub original: &'static str,
    /// What it shows.
    pub title: &'static str,
    /// Its label: letters and hyphens.
    pub name: &'static str,
    /// The panels, each with a caption of a few words.
    pub panels: Vec<Figure>,
    /// How to read the panels.
    pub caption: String,
    /// What a reader of the original should know.
    pub note: String,
}

/// Every figure of the paper but those of training (Figures 3 and 7), in the paper's order.
///
/// # Errors
/// What the constants' or the network's constructors refuse.
pub fn redrawn(settings: &Settings, progress: &Progress) -> Result<Vec<Redrawn>> {
    let outputs = log_norms::simulated(settings, progress)?;
    Ok(vec![
        component::redrawn(settings, progress)?,
        scales::differences()?,
        log_norms::laws(&outputs)?,
        scales::by_width_and_order()?,
        log_norms::norms(&outputs)?,
    ])
}
