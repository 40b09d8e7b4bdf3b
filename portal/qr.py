"""An address as a picture of black squares (二维码)."""

import base64
import io
from collections.abc import Iterator, Sequence

import qrcode
from qrcode.image.svg import SvgPathImage


def svg(text: str) -> bytes:
    out = io.BytesIO()
    qrcode.make(text, image_factory=SvgPathImage, border=2).save(out)
    return out.getvalue()


def source(text: str) -> str:
    """What stands in the `src` of an image."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg(text)).decode()}"


def squares(text: str, *, border: int = 0) -> list[list[bool]]:
    """The same as rows of squares, for paper: one in seven may be soiled (level M). `border`: of how many white ones."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=border)
    code.add_data(text)
    return code.get_matrix()


def runs(rows: Sequence[Sequence[bool]]) -> Iterator[tuple[int, int, int]]:
    """Black squares that lie side by side, each run to be drawn as one box: its row, its first column, how many."""
    for down, row in enumerate(rows):
        begin = None
        for along, black in enumerate([*row, False]):
            if black and begin is None:
                begin = along
            elif not black and begin is not None:
                yield down, begin, along - begin
                begin = None
