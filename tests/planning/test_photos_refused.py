"""What is no photo, too large or too many is refused: no picture bomb is decoded, nothing that hangs on a file comes through."""

import io
import struct
import zipfile
import zlib

import pytest
from django.urls import reverse
from PIL import Image

from planning import photos
from planning.models import Photo
from portal.errors import Conflict, NotAllowed, PortalError
from portal.geo import photos as reading
from portal.geo.issues import Refused
from tests.planning.photo_case import (
    CANARY,
    _made_once,  # noqa: F401
    dot,
    files_of,
    from_camera,
    keep,
    picture,
    saved,
    sent,
)

# --- what is refused


def png_of(width: int, height: int, *, chunks: bytes = b"") -> bytes:
    """A PNG that says to have these pixels and has none."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunks + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    )


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def jpeg_of(width: int, height: int) -> bytes:
    content = bytearray(saved(picture()))
    at = content.index(b"\xff\xc0") + 5
    content[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(content)


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:])


REFUSED = {
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "photo_type"),
    "html": (b"<!doctype html><script>alert(1)</script>", "photo_type"),
    "gif": (saved(picture(), "GIF"), "photo_type"),
    "bmp": (saved(picture(), "BMP"), "photo_type"),
    "tiff": (saved(picture(), "TIFF"), "photo_type"),
    "pdf": (b"%PDF-1.7\n" + b"0" * 200, "photo_type"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100, "photo_heic"),
    "avif": (b"\0\0\0\x18ftypavif\0\0\0\0mif1avif" + b"\0" * 100, "photo_type"),
    "php behind jpg": (b"\xff\xd8\xff\xe0<?php system($_GET[0]); ?>", "photo_damaged"),
    "only a jpeg's first bytes": (b"\xff\xd8\xff", "photo_damaged"),
    "cut jpeg": (saved(picture(800, 600))[:-4000], "photo_damaged"),
    "cut png": (saved(picture(800, 600), "PNG")[:200], "photo_damaged"),
    "cut webp": (saved(picture(800, 600), "WEBP")[:300], "photo_damaged"),
    "png of 65500 x 65500": (png_of(65500, 65500), "photo_pixels"),
    "jpeg of 65500 x 65500": (jpeg_of(65500, 65500), "photo_pixels"),
    "png without pixels": (png_of(6000, 6000), "photo_damaged"),
    "text that unpacks without end": (
        png_of(20, 20, chunks=chunk(b"zTXt", b"a\0\0" + zlib.compress(b"\0" * 2**27, 9))), "photo_damaged"
    ),
    "moving webp": (animated("WEBP"), "photo_moves"),
    "moving png": (animated("PNG"), "photo_moves"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_photo_is_refused_with_its_reason_and_leaves_nothing(name, public_version, cast):
    content, reason = REFUSED[name]
    with pytest.raises(PortalError) as refused:
        keep(public_version, cast.villager, content)
    assert refused.value.data == {"reason": reason}
    assert "{" not in str(refused.value.message)
    assert not Photo.objects.exists()


def test_a_large_picture_is_refused_before_a_pixel_is_decoded(tmp_path):
    """50 million pixels would take half a second and 150 MB; the head of the file says it at once."""
    path = tmp_path / "bomb"
    path.write_bytes(saved(Image.new("1", (7100, 7100)), "PNG"))  # 6 kB
    assert path.stat().st_size < 20_000
    with pytest.raises(Refused) as refused:
        reading.read(path)
    assert refused.value.issues[0].params["reason"] == "photo_pixels"


def test_what_hangs_on_a_photo_does_not_come_through(public_version, cast):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("index.html", f"<script>{CANARY.decode()}</script>")
    row = keep(public_version, cast.villager, saved(picture()) + archive.getvalue() + b"<script>canary-4711</script>")
    for path in files_of(row):
        data = path.read_bytes()
        assert CANARY not in data
        assert b"PK\x03\x04" not in data
        assert data.endswith(b"\xff\xd9")


def marked(data: bytes) -> list[bytes]:
    """The same picture with something in it that must not come through."""
    head = data[:2]
    comment = b"\xff\xfe" + struct.pack(">H", len(CANARY) + 2) + CANARY
    exif = b"\xff\xe1" + struct.pack(">H", 8 + len(CANARY)) + b"Exif\0\0" + CANARY
    profile = b"\xff\xe2" + struct.pack(">H", 14 + len(CANARY)) + b"ICC_PROFILE\0" + CANARY
    behind = data + CANARY
    return [head + comment + data[2:], head + exif + data[2:], head + profile + data[2:], behind, data[:-2], b""]


def test_a_child_that_was_taken_over_can_hand_out_pixels_only(tmp_path):
    plain = saved(Image.new("RGB", (40, 30)))
    assert reading.size_of_plain_jpeg(plain) == (40, 30)
    for bad in marked(plain):
        with pytest.raises((ValueError, IndexError)):
            reading.size_of_plain_jpeg(bad)


def test_a_file_over_the_limit_is_refused_before_it_is_read(public_version, as_user, settings):
    settings.PHOTO_MAX_BYTES = 1000
    address = reverse("api-version-photos", args=[public_version.pk])
    answer = as_user("villager").post(address, {"file": sent(saved(picture(800, 600)))})
    assert answer.status_code == 413
    assert not Photo.objects.exists()


def test_a_person_has_at_most_twelve_photos_waiting(public_version, cast):
    for shade in range(photos.MOST_WAITING):
        keep(public_version, cast.villager, dot(shade))
    with pytest.raises(Conflict) as refused:
        keep(public_version, cast.villager, dot(99))
    assert refused.value.code == "photos_waiting"
    keep(public_version, cast.committee, dot(99))


def test_nobody_sends_photos_before_or_without_signing_in(public_version, version, cast, as_user):
    address = reverse("api-version-photos", args=[public_version.pk])
    assert as_user().post(address, {"file": sent(from_camera())}).status_code == 403
    assert as_user().get(address).status_code == 403
    assert not Photo.objects.exists()


def test_a_draft_takes_no_photos(version, cast):
    for who in (cast.villager, cast.stranger):
        with pytest.raises(NotAllowed):
            keep(version, who)
    with pytest.raises(Conflict):
        keep(version, cast.committee)


def test_more_photos_than_an_hour_takes_are_turned_away(public_version, as_user, monkeypatch):
    monkeypatch.setattr("portal.api_throttles.PhotoThrottle.rate", "2/hour", raising=False)
    client, address = as_user("villager"), reverse("api-version-photos", args=[public_version.pk])
    answers = [client.post(address, {"file": sent(dot(n))}) for n in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]


def test_a_full_disk_takes_no_photo(public_version, as_user, settings):
    settings.UPLOAD_MIN_FREE_BYTES = 2**60
    answer = as_user("villager").post(reverse("api-version-photos", args=[public_version.pk]), {"file": sent(dot(1))})
    assert (answer.status_code, answer.json()["error"]["code"]) == (507, "no_room")
    assert not Photo.objects.exists()
