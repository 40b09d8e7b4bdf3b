"""The photo part of the reading child: pixels out of a JPEG, PNG or WebP, upright, in sRGB, into two new JPEGs."""

import io
import json
import struct
from pathlib import Path

from PIL import Image, ImageCms, JpegImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401  makes them known

from portal.geo.handover import ANSWER
from portal.geo.issues import refusal
from portal.geo.source import Limits

SMALL = 480
QUALITY = 82
FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
# what Pillow's decoders raise for damaged files
_DAMAGED = (OSError, ValueError, TypeError, SyntaxError, KeyError, IndexError, EOFError, OverflowError, struct.error)


def answer(folder: Path, kind: str, limits: Limits, jail: list[str]) -> None:
    Image.MAX_IMAGE_PIXELS = None  # our own limit is asked before anything is decoded
    try:
        with Image.open(folder / f"input.{kind}", formats=[FORMATS[kind]]) as image:
            if image.width * image.height > limits.values:
                raise refusal("photo_pixels", limit=limits.values // 1_000_000)
            if kind != "jpg" and getattr(image, "is_animated", False):  # a JPEG of some phones holds a second view
                raise refusal("photo_moves")
            large = made_anew(image, limits.longest)
    except _DAMAGED as error:
        raise refusal("photo_damaged") from error
    for name, longest in (("large", limits.longest), ("small", SMALL)):
        fitting(large, longest).save(folder / f"{name}.jpg", "JPEG", quality=QUALITY, optimize=True, progressive=True)
    (folder / ANSWER).write_text(json.dumps({"photo": large.size, "jail": jail}), encoding="utf-8")


def made_anew(image: Image.Image, longest: int) -> Image.Image:
    """The pixels alone, at most `longest` px long, upright, in sRGB, on white where they let something through."""
    turn, profile = orientation(image), image.info.get("icc_profile")
    image = fitting(eight_bits(image), longest)
    image = on_white(image)
    image = in_srgb(image, profile).convert("RGB")
    image = image.transpose(_UPRIGHT[turn]) if turn in _UPRIGHT else image
    # a new picture: the old one carries comment and profile along
    new = Image.new("RGB", image.size)
    new.paste(image)
    return new


def orientation(image: Image.Image) -> int:
    """How the camera was held; 1, upright, where EXIF does not say it in a way one can read."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except _DAMAGED:
        return 1


def fitting(image: Image.Image, longest: int) -> Image.Image:
    """At most `longest` px long; a JPEG is decoded at a fraction of its size if that is enough."""
    if max(image.size) > longest:
        if isinstance(image, JpegImagePlugin.JpegImageFile):
            image.draft(None, (longest, longest))
        share = longest / max(image.size)
        if share < 1:
            size = tuple(max(1, round(side * share)) for side in image.size)
            return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    image.load()
    return image


def eight_bits(image: Image.Image) -> Image.Image:
    """Palettes and 16 bits made plain."""
    if image.mode in ("P", "PA") or "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return image.convert("L") if image.mode == "1" else image


def on_white(image: Image.Image) -> Image.Image:
    if image.mode not in ("RGBA", "LA", "RGBa", "La"):
        return image
    white = Image.new("RGB", image.size, "white")
    white.paste(image.convert("RGB"), mask=image.convert("RGBA").getchannel("A"))
    return white


def in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours of another profile as sRGB; as they are where the profile does not fit the pixels."""
    if not profile:
        return image
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode="RGB") or image
    except (*_DAMAGED, ImageCms.PyCMSError):
        return image
