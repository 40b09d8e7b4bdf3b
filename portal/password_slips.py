"""A slip (纸条) for a resident who forgot the password: the user name and a QR code that leads to setting a new one.

It is for villagers, so it is Chinese whoever prints it. No real name stands on it.
"""

from django.utils import timezone
from fpdf import FPDF

from portal.passwords import PasswordSlip
from portal.pdf_fonts import add_fonts
from portal.slips import HIGH, PAD, QR_SIDE, SOFT, WIDE, broken, say, squares


def document(slip: PasswordSlip) -> bytes:
    """One slip on a page of A4, to cut out along the line."""
    paper = FPDF(format="A4", unit="mm")
    paper.set_auto_page_break(False)
    paper.set_margin(0)
    add_fonts(paper, "")
    paper.set_title("设新密码")
    paper.set_lang("zh-CN")
    paper.add_page()
    paper.set_line_width(0.15)
    paper.set_dash_pattern(dash=1.6, gap=1.2)
    paper.rect(0, 0, WIDE, HIGH)
    paper.set_dash_pattern()
    draw(paper, slip)
    return bytes(paper.output())


def draw(paper: FPDF, slip: PasswordSlip) -> None:
    within = WIDE - 2 * PAD
    text = within - QR_SIDE - 4
    say(paper, PAD, 10.5, "村庄规划门户 · 设新密码", 15, within, bold=True)
    squares(paper, WIDE - PAD - QR_SIDE, 18, slip.link)
    base = 22.0
    for line in broken(paper, "手机扫右边的二维码，想一个新密码，输入两遍。原来的意见、户和消息都在。", 9.5, text):
        say(paper, PAD, base, line, 9.5, text)
        base += 4.9
    say(paper, PAD, 45.5, "登录时用的用户名：", 9, text)
    say(paper, PAD, 55, slip.username, 23, within, bold=True)
    until = f"{timezone.localtime(slip.until):%Y年%-m月%-d日%-H时%-M分}前有效，只能用一次。请勿给别人：谁拿到它，谁就能设您的密码。"
    for number, line in enumerate(broken(paper, until, 7.5, within)):
        say(paper, PAD, 62 + 3.6 * number, line, 7.5, within, colour=SOFT)
