"""Photos of comments: nothing hidden in the file is kept, and who sees them sees their comment."""

import io
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from planning import held, moderation, photos, tasks
from planning.models import Comment, Photo
from portal import people
from portal.errors import Conflict, PortalError
from portal.geo import photos as reading
from portal.models import AuditEntry
from tests import world
from tests.planning.photo_case import (
    CANARY,
    _made_once,  # noqa: F401
    body,
    dot,
    files_of,
    from_camera,
    keep,
    picture,
    posted,
    saved,
    sent,
)

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
