"""Slips with household codes (户码条) as a PDF to print, cut and hand out: eight on a page of A4, no name on any.

They are for villagers, so they are Chinese whoever prints them.
"""

from fpdf import FPDF

from portal.pdf_fonts import add_fonts, printable
from portal.slips import HIGH, PAD, QR_SIDE, SOFT, WIDE, broken, say, squares
from villages.household_codes import Open, Slip, grouped
from villages.models import Village

COLUMNS, ROWS = 2, 4
"""how many slips stand beside and below each other"""
LINE = (120, 130, 124)


def document(slips: list[Slip], village: Village, plan: Open | None) -> bytes:
    """The slips in the order of the households; how to use one stands on each."""
    paper = FPDF(format="A4", unit="mm")
    paper.set_auto_page_break(False)
    paper.set_margin(0)
    # one face only: reading and cutting down a second one takes seconds
    add_fonts(paper, "")
    paper.set_title(f"{printable(village.short_name)} 户码")
    paper.set_lang("zh-CN")
    for place, slip in enumerate(slips):
        here = place % (COLUMNS * ROWS)
        if here == 0:
            paper.add_page()
            cut_lines(paper)
        draw(paper, (here % COLUMNS) * WIDE, (here // COLUMNS) * HIGH, slip, village, plan)
    return bytes(paper.output())


def cut_lines(paper: FPDF) -> None:
    paper.set_draw_color(*LINE)
    paper.set_line_width(0.15)
    paper.set_dash_pattern(dash=1.6, gap=1.2)
    paper.line(WIDE, 0, WIDE, HIGH * ROWS)
    for row in range(1, ROWS):
        paper.line(0, HIGH * row, WIDE * COLUMNS, HIGH * row)
    paper.set_dash_pattern()


def draw(paper: FPDF, x: float, y: float, slip: Slip, village: Village, plan: Open | None) -> None:
    """One slip, its upper left corner at (x, y)."""
    left, within = x + PAD, WIDE - 2 * PAD
    say(paper, left, y + 10.5, f"{village.short_name} · 户码", 15, within - 28, bold=True)
    number = f"第 {slip.household.number} 户"
    say(paper, x + WIDE - PAD, y + 10.5, number, 11, 26, right=True)
    about = f"{plan.name}，公示到 {plan.closes_on:%Y年%-m月%-d日}" if plan else "村庄规划公开征求意见"
    say(paper, left, y + 16.5, about, 9, within, colour=SOFT)
    squares(paper, x + WIDE - PAD - QR_SIDE, y + 20, slip.address)
    text = within - QR_SIDE - 4
    base = y + 24
    for line in broken(
        paper, "用它在村庄规划门户开通您家的账号，看规划、提意见，村委会公开答复。一户可开几个账号。", 9.5, text
    ):
        say(paper, left, base, line, 9.5, text)
        base += 4.9
    say(paper, left, y + 45.5, "手机扫右边的二维码；或打开门户，点", 9, text)
    say(paper, left, y + 50, "“登录”再点“用户码加入”，输入：", 9, text)
    say(paper, left, y + 60, grouped(slip.code), 23, within, bold=True)
    until = f"{slip.valid_to:%Y年%-m月%-d日}前有效。请勿给外人或拍照上网；丢失请找村委会换新码，旧码随即作废。"
    for number, line in enumerate(broken(paper, until, 7.5, within)):
        say(paper, left, y + 66 + 3.6 * number, line, 7.5, within, colour=SOFT)
