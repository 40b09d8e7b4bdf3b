"""K3: what is planned inside the ecological red line (生态保护红线)."""

from indicators.compute.conflicts.pieces import beside_base, not_applicable, of_codes, overlaps
from indicators.compute.conflicts.sheets import base_of
from indicators.compute.frames import CheckResult, Frames
from indicators.compute.standard import Standard


def construction_in_red_line(frames: Frames, standard: Standard) -> CheckResult:
    """K3: planned construction (07-16, 2301) ∩ 生态保护红线 STBHHX; what stood there in the base year is legacy.

    Residents may keep what they have without enlarging it (自然资发〔2022〕142号): what goes beyond it is a conflict.
    """
    lines = frames.lines_of("STBHHX")
    if not len(lines):
        return not_applicable("no_lines_of_kind")
    codes = standard["construction"]
    existing = base_of(frames, codes)
    return beside_base(frames, overlaps(frames, of_codes(frames.plan, codes), lines, standard, existing=existing))
