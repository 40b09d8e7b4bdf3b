"""The plan as a small picture: in its official colours, made once, open to whoever may see the version."""

import io

import pytest
from PIL import Image

from planning import pictures
from planning.maps import classes

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


def picture_of(client, version, query=""):
    answer = client.get(f"/versions/{version.pk}/picture.png{query}")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/png"
    return answer


def test_each_row_of_the_village_has_the_colour_of_its_class(public_version, client, kept):
    colours = dict(public_version.zones.values_list("number", "code"))
    known = classes(colours.values())
    image = Image.open(io.BytesIO(picture_of(client, public_version).content)).convert("RGBA")
    width, height = image.size
    assert max(width, height) == 720
    for number, code in colours.items():
        middle = width // 2, round(height * (1 - (number - 0.5) / 10))
        red, green, blue, opaque = image.getpixel(middle)
        wanted = tuple(int(known[code].colour[i : i + 2], 16) for i in (1, 3, 5))
        assert opaque == 255
        assert max(abs(a - b) for a, b in zip((red, green, blue), wanted, strict=True)) <= 12, (number, code)


def test_a_public_picture_is_kept_for_ever_under_its_digest_only(public_version, client, kept):
    assert "immutable" in picture_of(client, public_version, f"?of={public_version.digest[:12]}")["Cache-Control"]
    assert picture_of(client, public_version)["Cache-Control"] == "private, no-store"
    assert picture_of(client, public_version, "?of=000000000000")["Cache-Control"] == "private, no-store"


def test_it_is_painted_once(public_version, client, kept, monkeypatch):
    first = picture_of(client, public_version).content
    monkeypatch.setattr(pictures, "painted", None)
    assert picture_of(client, public_version).content == first


def test_the_picture_of_a_draft_is_nothing_to_strangers(version, as_user, kept):
    assert as_user("planner").get(f"/versions/{version.pk}/picture.png")["Cache-Control"] == "private, no-store"
    assert as_user().get(f"/versions/{version.pk}/picture.png").status_code == 404
    assert as_user("other_committee").get(f"/versions/{version.pk}/picture.png").status_code == 404


def test_a_plan_too_large_to_be_painted_while_somebody_waits_has_none_yet(public_version, client, kept, monkeypatch):
    monkeypatch.setattr("planning.generalised.PICTURED", 9)
    assert client.get(f"/versions/{public_version.pk}/picture.png").status_code == 404


def test_the_page_shows_it_with_and_without_scripts(public_version, client, kept):
    page = client.get(f"/versions/{public_version.pk}/").content.decode()
    address = f"/versions/{public_version.pk}/picture.png?of={public_version.digest[:12]}"
    assert page.count(f'src="{address}"') == 2
