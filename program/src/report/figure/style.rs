//! Font, sizes and colours.

use std::sync::LazyLock;

use plotters::chart::ChartContext;
use plotters::prelude::{Cartesian2d, RGBColor, SVGBackend};
use plotters::style::{FontStyle, register_font};
use resvg::usvg::fontdb;

use crate::report::figure::axis::Scale;
use isomoment::theorems::color;

pub const FONT: &str = "Libertinus Serif";
/// For viewers that do not have it.
pub const FALLBACKS: &str = "Libertinus Serif, Linux Libertine, Times New Roman, Times, serif";
/// Drawing units per point of the design: plotters rounds coordinates to whole
/// units, and only small units leave lines straight.
pub const UNIT: u32 = 4;
pub const SIZE: (u32, u32) = (820 * UNIT, 352 * UNIT);
/// Of one of two panels side by side.
pub const PANEL_SIZE: (u32, u32) = (402 * UNIT, 290 * UNIT);
/// Room on the right for the labels of the lines.
pub const LABEL_MARGIN: u32 = 158 * UNIT;
/// The same in a panel, whose lines have short names.
pub const PANEL_LABEL_MARGIN: u32 = 84 * UNIT;
/// 8.7 points where the figure is as wide as a page's text, 166 mm: plotters makes letters 1.24
/// times smaller than it is asked for.
pub const TEXT: u32 = 188 * UNIT / 10;
pub const INK: RGBColor = RGBColor(40, 40, 40);
pub const GRID: RGBColor = RGBColor(225, 225, 225);

/// The colours, by number. Orders go from violet to vermilion as they grow, in Okabe and Ito's
/// palette where it has them; activations are darker and less vivid, sizes are greys. All are dark
/// enough for letters on white.
pub const COLORS: [RGBColor; color::COUNT] = [
    RGBColor(92, 58, 158),   // Lyapunov
    RGBColor(0, 114, 178),   // ½
    RGBColor(0, 145, 105),   // 1
    RGBColor(176, 128, 0),   // 3/2
    RGBColor(213, 84, 0),    // He
    RGBColor(196, 92, 150),  // published
    RGBColor(110, 110, 110), // Glorot
    RGBColor(62, 150, 205),  // random walk
    RGBColor(70, 84, 104),   // LeCun
    RGBColor(70, 84, 104),   // linear
    RGBColor(136, 34, 85),   // ReLU
    RGBColor(100, 118, 20),  // Leaky ReLU
    RGBColor(146, 96, 52),   // RReLU
    RGBColor(25, 25, 25),    // exact
    RGBColor(74, 108, 150),  // simulated
    RGBColor(125, 125, 125), // limit
    RGBColor(150, 150, 150), // steps of what grows
    RGBColor(95, 95, 95),
    RGBColor(20, 20, 20),
    RGBColor(120, 86, 70), // the frameworks' default
];

pub type Panel<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Scale, Scale>>;

/// The regular Libertinus Serif among the embedded fonts, known to plotters from here on.
pub static FONT_READY: LazyLock<bool> = LazyLock::new(|| {
    typst_assets::fonts().any(|data| {
        is_libertinus_regular(data) && register_font(FONT, FontStyle::Normal, data).is_ok()
    })
});

fn is_libertinus_regular(data: &[u8]) -> bool {
    let mut database = fontdb::Database::new();
    database.load_font_data(data.to_vec());
    database.faces().any(|face| {
        face.families.iter().any(|family| family.0 == FONT)
            && face.style == fontdb::Style::Normal
            && face.weight == fontdb::Weight::NORMAL
    })
}
