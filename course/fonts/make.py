"""Make course-cjk.ttf from two free fonts of Debian (needs fonttools).

    sudo apt-get install fonts-droid-fallback fonts-dejavu-core
    python -m pip install fonttools
    python course/fonts/make.py

A label with a character that the font lacks: add it to GLYPHS and make the font again.
"""

import tempfile
from pathlib import Path

from fontTools import merge, subset
from fontTools.ttLib import TTFont
from fontTools.ttLib.scaleUpem import scale_upem

DROID = Path("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf")
DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
TARGET = Path(__file__).with_name("course-cjk.ttf")
FAMILY = "Course CJK"
GLYPHS = (
    "起始位置优化过程局部最优解全局最优解鞍点学习率损失梯度下降步等高线第参数极小值大最高峰"
    "发散收敛未到达"
)
# Droid Sans Fallback has ideographs only; letters and signs come from DejaVu Sans.
LATIN = "".join(chr(code) for code in range(0x20, 0x7F)) + "−·×≈αβγδελθ∂∇‖²₀₁₂"
COPYRIGHT = (
    "Ideographs: Droid Sans Fallback, Copyright 2006-2010 Google Corp., Apache License 2.0. "
    "Other glyphs: DejaVu Sans, Copyright 2003 Bitstream, Inc.; DejaVu changes are in the public "
    "domain. Subset, merged and renamed."
)


def cut(source: Path, text: str, target: Path) -> None:
    """Save the glyphs of `text` alone, on 2048 units, without hints or layout rules."""
    font = TTFont(source, recalcTimestamp=False)
    options = subset.Options(layout_features=[], hinting=False, notdef_outline=True)
    options.drop_tables += ["FFTM", "GDEF", "GPOS", "GSUB", "MATH", "gasp", "vhea", "vmtx"]
    cutter = subset.Subsetter(options)
    cutter.populate(text=text)
    cutter.subset(font)
    scale_upem(font, 2048)
    # Both parts need the same version of this table to be merged.
    font["OS/2"].version = 2
    for field in ("sxHeight", "sCapHeight", "usDefaultChar", "usBreakChar", "usMaxContext"):
        setattr(font["OS/2"], field, getattr(font["OS/2"], field, 0))
    font.save(target)


def main() -> None:
    """Write the font under its own family name, byte for byte the same each time."""
    with tempfile.TemporaryDirectory() as scratch:
        parts = [Path(scratch, "latin.ttf"), Path(scratch, "cjk.ttf")]
        cut(DEJAVU, LATIN, parts[0])
        cut(DROID, GLYPHS, parts[1])
        font = merge.Merger().merge(parts)
    created = TTFont(DROID, lazy=True)["head"].modified
    font.recalcTimestamp = False
    font["head"].created = font["head"].modified = created
    names = {0: COPYRIGHT, 1: FAMILY, 2: "Regular", 3: f"{FAMILY} 1", 4: FAMILY, 6: "CourseCJK"}
    font["name"].names = []
    for identifier, text in names.items():
        font["name"].setName(text, identifier, 3, 1, 0x409)
    font.save(TARGET)
    missing = set(GLYPHS + LATIN) - {chr(code) for code in font.getBestCmap()}
    print(
        f"{TARGET.name}: {TARGET.stat().st_size} bytes, missing: {''.join(sorted(missing)) or '-'}"
    )


if __name__ == "__main__":
    main()
