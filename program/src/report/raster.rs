//! Figures as PNG, and as SVG with outlines for letters, through resvg with the embedded fonts: no
//! system font is read.

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use crate::report::ReportError;

/// Pixels per unit of the SVG: 2000 pixels across, 300 dpi at 17 cm.
const PIXELS_PER_UNIT: f32 = 0.625;

static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut database = fontdb::Database::new();
    for font in typst_assets::fonts() {
        database.load_font_data(font.to_vec());
    }
    database.set_serif_family("Libertinus Serif");
    Arc::new(database)
});

pub fn png(svg: &str) -> Result<Vec<u8>, ReportError> {
    let tree = parsed(svg)?;
    let size = tree.size();
    let width = (size.width() * PIXELS_PER_UNIT).round() as u32;
    let height = (size.height() * PIXELS_PER_UNIT).round() as u32;
    let fail = |reason: &dyn std::fmt::Display| ReportError::new("PNG", reason);
    let mut pixmap = Pixmap::new(width, height).ok_or_else(|| fail(&"empty figure"))?;
    let scale = Transform::from_scale(PIXELS_PER_UNIT, PIXELS_PER_UNIT);
    resvg::render(&tree, scale, &mut pixmap.as_mut());
    pixmap.encode_png().map_err(|e| fail(&e))
}

/// The same figure where the fonts are not installed.
#[cfg(feature = "pdf")]
pub fn outlined(svg: &str) -> Result<String, ReportError> {
    let options = resvg::usvg::WriteOptions {
        coordinates_precision: 1,
        indent: resvg::usvg::Indent::None,
        ..Default::default()
    };
    Ok(parsed(svg)?.to_string(&options))
}

fn parsed(svg: &str) -> Result<Tree, ReportError> {
    let options = Options {
        fontdb: FONTS.clone(),
        font_family: "Libertinus Serif".into(),
        ..Options::default()
    };
    Tree::from_str(svg, &options).map_err(|e| ReportError::new("SVG", e))
}
