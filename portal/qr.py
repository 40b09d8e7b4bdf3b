"""An address as a picture of black squares (二维码)."""

import base64
import io
from collections.abc import Iterator

import qrcode
from qrcode.image.svg import SvgPathImage


def svg(text: str) -> bytes:
    out = io.BytesIO()
    qrcode.make(text, image_factory=SvgPathImage, border=2).save(out)
    return out.getvalue()


def source(text: str) -> str:
    """What stands in the `src` of an image."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg(text)).decode()}"


def boxes(text: str, side: float, *, border: int = 0) -> Iterator[tuple[float, float, float, float]]:
    """The same for paper `side` wide: black squares that lie side by side as one box (from the left, from the top,
    width, height), in the unit of `side`. One in seven may be soiled (level M); `border`: of how many white squares.
    """
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=border)
    code.add_data(text)
    rows = code.get_matrix()
    square = side / len(rows)
    for down, row in enumerate(rows):
        begin = None
        for along, black in enumerate([*row, False]):
            if black and begin is None:
                begin = along
            elif not black and begin is not None:
                yield begin * square, down * square, (along - begin) * square, square
                begin = None
