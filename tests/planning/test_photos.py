"""Photos of comments: nothing hidden in the file is kept, no picture bomb is decoded, and who sees them sees their comment."""

import io
import os
import struct
import time
import zipfile
import zlib
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from PIL import Image, ImageCms, PngImagePlugin

from planning import held, moderation, participation, photos, tasks
from planning.models import Comment, Photo
from portal import people
from portal.errors import Conflict, NotAllowed, PortalError
from portal.geo import photos as reading
from portal.geo.issues import Refused
from portal.models import AuditEntry
from tests import world

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


# --- what is kept


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_position_device_time_and_texts_are_not_in_what_is_served(kind, public_version, cast, as_user):
    content = from_camera(kind=kind)
    assert CANARY in content
    row = keep(public_version, cast.villager, content)
    posted(public_version, cast.villager, row)
    for name in ("photo", "photo-small"):
        response = as_user().get(reverse(name, args=[row.pk]))
        data = body(response)
        assert response["Content-Type"] == "image/jpeg"
        for mark in (CANARY, b"Exif", b"GPS", b"http://ns.adobe.com", b"xmpmeta", b"ICC_PROFILE", b"CanaryPhone"):
            assert mark not in data
        with Image.open(io.BytesIO(data)) as image:
            assert not image.getexif()
            assert set(image.info) <= {
                "jfif",
                "jfif_version",
                "jfif_unit",
                "jfif_density",
                "progressive",
                "progression",
            }
        assert reading.size_of_plain_jpeg(data)


@pytest.mark.parametrize(("orientation", "corner"), [(1, (5, 20)), (3, (58, 20)), (6, (20, 5)), (8, (20, 58))])
def test_a_photo_stands_upright_without_its_exif(orientation, corner, public_version, cast):
    row = keep(public_version, cast.villager, from_camera(orientation=orientation))
    assert (row.width, row.height) == ((48, 64) if orientation in (6, 8) else (64, 48))
    with Image.open(row.file.path) as image:
        red, green, _blue = image.getpixel(corner)
    assert red > 150 > 90 > green


def test_the_longest_side_is_2000_pixels_and_480_of_the_small_one(public_version, cast):
    row = keep(public_version, cast.villager, saved(picture(3000, 1500)))
    assert (row.width, row.height) == (2000, 1000)
    with Image.open(row.small.path) as small:
        assert small.size == (480, 240)
    assert row.size == Path(row.file.path).stat().st_size


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (saved(picture(mode="RGBA", colour=(0, 0, 0, 0)), "PNG"), (255, 255, 255)),
        (saved(Image.new("I;16", (20, 20), 0x8000), "PNG"), (128, 128, 128)),
        (saved(Image.new("P", (20, 20), 0), "PNG"), (0, 0, 0)),
        (saved(Image.new("1", (20, 20), 1), "PNG"), (255, 255, 255)),
        (saved(Image.new("CMYK", (20, 20), (0, 0, 0, 0))), (255, 255, 255)),
    ],
    ids=["see-through", "16 bits", "palette", "1 bit", "CMYK"],
)
def test_other_kinds_of_pixels_become_plain_ones(content, wanted, public_version, cast):
    row = keep(public_version, cast.villager, content)
    with Image.open(row.file.path) as image:
        assert image.mode == "RGB"
        assert all(abs(has - want) < 4 for has, want in zip(image.getpixel((4, 4)), wanted, strict=True))


def test_the_same_file_again_is_the_same_photo_until_it_was_sent(public_version, cast):
    content = from_camera()
    row = keep(public_version, cast.villager, content)
    assert keep(public_version, cast.villager, content, words="我家门口").pk == row.pk
    assert Photo.objects.get().words == "我家门口"
    assert keep(public_version, cast.committee, content).pk != row.pk
    posted(public_version, cast.villager, row)
    assert keep(public_version, cast.villager, content).pk != row.pk


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


# --- with a comment, and who sees it


def test_what_a_photo_shows_is_text_on_the_page_whatever_it_says(public_version, cast, as_user):
    posted(public_version, cast.villager, keep(public_version, cast.villager, words='"><script>alert(1)</script>'))
    page = as_user().get(reverse("version", args=[public_version.pk])).content.decode()
    assert "&quot;&gt;&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_over_the_api_a_photo_is_sent_described_and_taken_out_again(public_version, as_user):
    client, address = as_user("villager"), reverse("api-version-photos", args=[public_version.pk])
    first = client.post(address, {"file": sent(from_camera(), "回家.jpg"), "words": "路口"}).json()
    second = client.post(address, {"file": sent(saved(picture(30, 30)), "../../etc/passwd\u202egpj.exe")}).json()
    assert [row["id"] for row in client.get(address).json()] == [first["id"], second["id"]]
    own = reverse("api-photo", args=[first["id"]])
    assert client.patch(own, {"words": "村口的路"}, "application/json").json()["words"] == "村口的路"
    for other in ("committee", None):
        assert as_user(other).patch(own, {"words": "x"}, "application/json").status_code == 404
        assert as_user(other).delete(own).status_code == 404
    kept = files_of(Photo.objects.get(pk=second["id"]))
    assert {path.name for path in kept} == {f"{second['id']}.jpg", f"{second['id']}-small.jpg"}
    assert client.delete(reverse("api-photo", args=[second["id"]])).status_code == 204
    assert Photo.objects.get().words == "村口的路"


def test_a_photo_that_was_sent_stays_as_it_is(public_version, cast, as_user):
    row = keep(public_version, cast.villager)
    posted(public_version, cast.villager, row)
    own = reverse("api-photo", args=[row.pk])
    other = keep(public_version, cast.committee, dot(1))
    for change in (photos.discard, lambda *args, **more: photos.describe(*args, words="x", **more)):
        with pytest.raises(Conflict):
            change(other, by=cast.villager)
    assert as_user("villager").delete(own).status_code == 409
    assert as_user("villager").patch(own, {"words": "x"}, "application/json").status_code == 409
    assert as_user("committee").delete(own).status_code == 404  # who may look at it may not try to change it
    assert set(Photo.objects.values_list("words", flat=True)) == {""}


def test_a_comment_takes_four_photos_of_its_sender_and_none_of_others(public_version, cast):
    rows = [keep(public_version, cast.villager, dot(n)) for n in range(5)]
    with pytest.raises(PortalError):
        posted(public_version, cast.villager, *rows)
    with pytest.raises(PortalError):
        posted(public_version, cast.committee, rows[0])
    comment = posted(public_version, cast.villager, *rows[:4])
    assert set(comment.photos.all()) == set(rows[:4])
    with pytest.raises(PortalError):
        posted(public_version, cast.villager, rows[0])


EVERYBODY = (None, "villager", "stranger", "committee", "other_committee", "planner", "township", "reviewer")


def seen_by(as_user, row: Photo) -> set:
    found = set()
    for who in EVERYBODY:
        answers = {as_user(who).get(reverse(name, args=[row.pk])).status_code for name in ("photo", "photo-small")}
        assert answers in ({200}, {404})
        if answers == {200}:
            found.add(who)
    return found


def test_a_waiting_photo_is_its_senders_alone(public_version, cast, as_user):
    assert seen_by(as_user, keep(public_version, cast.villager)) == {"villager"}


def test_a_photo_is_seen_by_all_who_see_its_comment_and_by_few_once_it_is_hidden(public_version, cast, as_user):
    row = keep(public_version, cast.villager)
    comment = posted(public_version, cast.villager, row)
    assert seen_by(as_user, row) == set(EVERYBODY)
    moderation.hide(comment, by=cast.township, reason="他人肖像")
    assert seen_by(as_user, row) == {"villager", "township", "reviewer"}
    moderation.show_again(comment, by=cast.township)
    assert seen_by(as_user, row) == set(EVERYBODY)


def test_a_photo_of_a_held_comment_waits_with_it(public_version, cast, as_user):
    today = timezone.localdate()
    held.list_word(by=cast.township, word="照片", division_code=world.TOWN, source="示例", listed_on=today)
    row = keep(public_version, cast.villager)
    assert posted(public_version, cast.villager, row).waits
    assert seen_by(as_user, row) == {"villager", "township", "reviewer"}


def test_a_browser_asks_each_time_whether_it_may_still_show_a_photo(public_version, cast, as_user):
    row = keep(public_version, cast.villager)
    address = reverse("photo", args=[row.pk])
    assert as_user("villager").get(address)["Cache-Control"] == "private, no-store"
    comment = posted(public_version, cast.villager, row)
    answer = as_user().get(address)
    assert answer["Cache-Control"] == "private, no-cache"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    known = {"If-None-Match": answer["ETag"]}
    assert as_user().get(address, headers=known).status_code == 304
    moderation.hide(comment, by=cast.township, reason="他人肖像")
    assert as_user().get(address, headers=known).status_code == 404
    assert as_user("township").get(address, headers=known)["Cache-Control"] == "private, no-store"


# --- what goes


def test_photos_nobody_sent_go_after_a_day_with_their_files(public_version, cast, django_capture_on_commit_callbacks):
    old, fresh, used = (keep(public_version, cast.villager, dot(n)) for n in range(3))
    posted(public_version, cast.villager, used)
    Photo.objects.exclude(pk=fresh.pk).update(at=timezone.now() - timedelta(hours=25))
    with django_capture_on_commit_callbacks(execute=True):
        tasks.sweep_photos()
    assert set(Photo.objects.all()) == {fresh, used}
    assert not any(path.exists() for path in files_of(old))
    assert all(path.exists() for row in (fresh, used) for path in files_of(row))
    assert AuditEntry.objects.filter(verb="photo.discarded", object_id=old.pk, actor=None).exists()


def test_a_file_that_no_row_tells_of_goes_too(public_version, cast, capsys):
    row = keep(public_version, cast.villager)
    folder = Path(settings.MEDIA_ROOT) / "photos" / "zz"
    folder.mkdir(parents=True, exist_ok=True)
    left, young = folder / "zzzzzzzzzzzz-small.jpg", folder / "zzzzzzzzzzz2.jpg"
    for path in (left, young):
        path.write_bytes(b"x")
    for path in (left, *files_of(row)):
        os.utime(path, (time.time() - 90_000,) * 2)
    call_command("sweep_photos")
    assert "1 removed" in capsys.readouterr().out
    assert not left.exists()
    assert young.exists()
    assert all(path.exists() for path in files_of(row))
    young.unlink()


def test_whoever_closes_the_account_takes_the_pictures_along(
    public_version, cast, as_user, django_capture_on_commit_callbacks
):
    sent_one = keep(public_version, cast.villager, words="我和孙子")
    comment = posted(public_version, cast.villager, sent_one)
    waiting = keep(public_version, cast.villager, saved(picture(30, 30)))
    assert [row["id"] for row in people.copy_of(cast.villager, by=cast.villager)["planning.Photo"]] == sorted(
        [sent_one.pk, waiting.pk]
    )
    with django_capture_on_commit_callbacks(execute=True):
        people.erase(cast.villager, by=cast.villager)
    row = comment.photos.get()
    assert row.erased
    assert (row.words, row.digest) == ("", "")
    assert not any(path.exists() for one in (sent_one, waiting) for path in files_of(one))
    assert as_user().get(reverse("photo", args=[row.pk])).status_code == 404
    assert not Photo.objects.filter(pk=waiting.pk).exists()


# --- from the page, without scripts


def test_a_form_without_scripts_sends_photos_with_the_comment(public_version, as_user):
    client, address = as_user("villager"), reverse("comment-new", args=[public_version.pk])
    data = {
        "text": "路面坏了",
        "once": "k1",
        "photo": [sent(from_camera()), sent(saved(picture(30, 30)))],
        "photo-words": "村口",
    }
    assert client.post(address, data).status_code == 302
    assert [row.words for row in Comment.objects.get().photos.all()] == ["村口", "村口"]


def test_a_photo_that_cannot_be_kept_leaves_the_text_and_the_others_in_the_form(public_version, as_user):
    client, address = as_user("villager"), reverse("comment-new", args=[public_version.pk])
    data = {"text": "路面坏了", "once": "k1", "photo": [sent(from_camera()), sent(b"<svg/>", "x.jpg")]}
    page = client.post(address, data)
    assert page.status_code == 400
    assert "路面坏了" in page.content.decode()
    waiting = Photo.objects.get()
    assert f'name="photos" value="{waiting.pk}" checked' in page.content.decode()
    assert not Comment.objects.exists()
    data = {"text": "路面坏了", "once": "k1", "photos": [waiting.pk], f"photo-words-{waiting.pk}": "村口的坑"}
    assert client.post(address, data).status_code == 302
    assert Comment.objects.get().photos.get().words == "村口的坑"
