"""Photos as phones write them, kept and sent with a comment."""

import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageCms, PngImagePlugin

from planning import participation, photos
from planning.models import Comment, Photo
from portal.geo import photos as reading

CANARY = b"canary-4711"
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>' + CANARY + b"</rdf:RDF></x:xmpmeta>"
MADE = {}
HOME = (36.0, 6.0, 18.0)


def picture(width=64, height=48, mode="RGB", colour=(200, 30, 30)) -> Image.Image:
    """Left half in `colour`, right half white."""
    image = Image.new(mode, (width, height), "white" if mode == "RGB" else 0)
    image.paste(colour, (0, 0, width // 2, height))
    return image


def camera_exif(orientation=1) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112], exif[0x0131] = (
        "CanaryPhone",
        CANARY.decode(),
        orientation,
        CANARY.decode(),
    )
    exif.get_ifd(0x8769).update({0x9003: "2026:11:20 08:00:00", 0xA430: CANARY.decode(), 0x927C: CANARY})
    exif.get_ifd(0x8825).update({1: "N", 2: HOME, 3: "E", 4: (116.0, 48.0, 18.0)})
    return exif


def saved(image: Image.Image, kind="JPEG", **more) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def dot(shade: int) -> bytes:
    """A tiny picture, another one for each shade."""
    return saved(Image.new("RGB", (9, 9), (shade, 0, 0)), "PNG")


def from_camera(image: Image.Image | None = None, orientation=1, kind="JPEG") -> bytes:
    """A file as a phone writes it: EXIF with place and device, XMP, a colour profile and a comment."""
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    more = {"exif": camera_exif(orientation), "icc_profile": icc}
    if kind == "JPEG":
        more |= {"comment": CANARY, "xmp": XMP}
    elif kind == "WEBP":
        more |= {"xmp": XMP}
    else:
        info = PngImagePlugin.PngInfo()
        info.add_text("Comment", CANARY.decode())
        info.add_itxt("XML:com.adobe.xmp", XMP.decode())
        more |= {"pnginfo": info}
    return saved(image or picture(), kind, **more)


def sent(content: bytes, name="IMG_20261120.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/jpeg")


def keep(version, by, content: bytes | None = None, **more) -> Photo:
    return photos.keep_photo(version, sent(content or from_camera()), by=by, **more)


def posted(version, by, *rows: Photo, **more) -> Comment:
    return participation.post_comment(version, by=by, text="看照片", photos=[row.pk for row in rows], **more)


@pytest.fixture(autouse=True)
def _made_once(monkeypatch):
    """The same bytes make the same photo: the jail is started once for each file."""
    read = reading.read

    def again(path, **more):
        content = Path(path).read_bytes()
        if content not in MADE:
            MADE[content] = read(path, **more)
        return MADE[content]

    monkeypatch.setattr(reading, "read", again)


def body(response) -> bytes:
    return b"".join(response.streaming_content)


def files_of(row: Photo) -> list[Path]:
    return [Path(row.file.path), Path(row.small.path)]
