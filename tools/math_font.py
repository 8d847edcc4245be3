"""Makes the math font of the report's HTML: New Computer Modern Math, the letters that it needs.

python tools/math_font.py NewCMMath-Regular.otf program/src/report/document/math.otf

The source is the file of that name in the crate `typst-assets`. Kept are the tables that place
limits and exponents (MATH), the letters below and the larger forms that they grow into. The subset
has a name of its own, as the font's licence (GUST Font License) asks.
"""

import sys

from fontTools import subset

LETTERS = (
    range(0x20, 0x7F),
    range(0x391, 0x3D0),
    # italics, Latin and Greek
    range(0x1D434, 0x1D468),
    range(0x1D6E2, 0x1D71C),
    [ord(c) for c in "ℎ𝒗𝝁𝝈𝒩𝔼ℙℝ−±×·∑∏∫√∞∼≈≠≤≥→↦∈∂⌈⌉⌊⌋‖…⋯′″ \u2061\u200b\ufe00"],
)
NAME = "isomoment math"


def main() -> None:
    """Read the source, write the subset."""
    source, target = sys.argv[1:]
    names = [0, 1, 2, 4, 6, 13, 14]
    options = subset.Options(layout_features=["ssty"], name_IDs=names, hinting=False)
    # the same bytes every time
    options.recalc_timestamp = False
    font = subset.load_font(source, options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[code for letters in LETTERS for code in letters])
    subsetter.subset(font)
    for record in font["name"].names:
        if record.nameID in (1, 4):
            record.string = NAME
        if record.nameID == 6:
            record.string = NAME.replace(" ", "-")
    subset.save_font(font, target, options)


if __name__ == "__main__":
    main()
