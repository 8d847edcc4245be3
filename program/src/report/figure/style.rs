//! Font, sizes and colours.

use std::sync::LazyLock;

use plotters::chart::ChartContext;
use plotters::prelude::{Cartesian2d, RGBColor, SVGBackend};
use plotters::style::{FontStyle, register_font};
use resvg::usvg::fontdb;

use crate::report::figure::axis::Scale;

pub const FONT: &str = "Libertinus Serif";
/// For viewers that do not have it.
pub const FALLBACKS: &str = "Libertinus Serif, Linux Libertine, Times New Roman, Times, serif";
/// Drawing units per point of the design: plotters rounds coordinates to whole
/// units, and only small units leave lines straight.
pub const UNIT: u32 = 4;
pub const SIZE: (u32, u32) = (820 * UNIT, 480 * UNIT);
/// Room on the right for the labels of the lines.
pub const LABEL_MARGIN: u32 = 182 * UNIT;
pub const TEXT: u32 = 22 * UNIT;
pub const INK: RGBColor = RGBColor(40, 40, 40);
pub const GRID: RGBColor = RGBColor(225, 225, 225);

/// Okabe and Ito's palette, the order chosen to differ in lightness as well.
pub const COLORS: [RGBColor; 5] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 128, 96),
    RGBColor(160, 90, 150),
    RGBColor(90, 90, 90),
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
