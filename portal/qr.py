"""An address as a picture of black squares (二维码)."""

import base64
import io

import qrcode
from qrcode.image.svg import SvgPathImage


def svg(text: str) -> bytes:
    out = io.BytesIO()
    qrcode.make(text, image_factory=SvgPathImage, border=2).save(out)
    return out.getvalue()


def source(text: str) -> str:
    """What stands in the `src` of an image."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg(text)).decode()}"


def squares(text: str) -> list[list[bool]]:
    """The same as rows of squares without a border, for paper: one in seven may be soiled (level M)."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    code.add_data(text)
    return code.get_matrix()
