"""What people say and follow, for the addresses of participation: photos, what-ifs, household codes, marked sheets, letters."""

import io
from types import SimpleNamespace
from typing import Any

import numpy as np
import shapely
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from indicators import whatifs
from planning import consultations, participation, photos
from planning.models import Follow, Scan
from planning.papers import jailed, scans
from planning.papers.plate import Plate, pixels
from planning.sheets import orders
from planning.sheets.making import as_json
from portal import mail_addresses
from portal.models import Consent, Person
from villages import household_codes, joining
from villages.models import Household

AREA = '{"type":"Polygon","coordinates":[[[116.802,36.102],[116.804,36.102],[116.804,36.104],[116.802,36.104],[116.802,36.102]]]}'
TABLE = "意见\n路灯太少\n".encode()


def jpeg(size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, "JPEG")
    return out.getvalue()


def add_hearing(scene: SimpleNamespace) -> None:
    people = scene.people
    photo = SimpleUploadedFile("a.jpg", jpeg())
    scene.photo = photos.keep_photo(scene.public, photo, by=people["villager"])
    scene.mistake = participation.enter_comment(
        scene.public, by=people["committee"], channel="meeting", text="路灯太少", said_on=timezone.localdate()
    )
    scene.what_if = whatifs.ask(scene.comment, code="0201", by=people["villager"])
    whatifs.answer(scene.what_if)
    scene.consultation = consultations.take_in(
        scene.public, ContentFile(TABLE, name="a.csv"), by=people["committee"], title="问卷", source="镇政府"
    )
    scene.follow = Follow.objects.create(user=people["villager"], village=scene.village)
    add_household(scene)
    add_paper(scene)
    person, _new = Person.objects.get_or_create(user=people["villager"])
    person.email, person.email_confirmed_at = "a@example.com", None
    person.save()
    scene.mail = Consent.objects.create(user=people["villager"], purpose=Consent.Purpose.EMAIL, edition="2026-11")
    scene.person = person


def add_household(scene: SimpleNamespace) -> None:
    people = scene.people
    scene.household = Household.objects.create(village=scene.village, number="001", head_name="柳某", persons=4)
    joined = household_codes.make(scene.village, by=people["committee"])[0]
    joining.add(joined.code, by=people["villager"], agreed=True)
    scene.code = joined.code


def add_paper(scene: SimpleNamespace) -> None:
    """A sheet that was read, with one ring on it."""
    order = orders.Order(what="zone", zone=8, paper="A4", scale=5000)
    sheet = orders.register(scene.public, order, by=None)
    place, pages, _shape = orders.spread(scene.public, order)
    sheet.pages, sheet.crs, sheet.name = [as_json(place, page) for page in pages], "EPSG:4548", "z8.pdf"
    sheet.save()
    scene.paper_sheet = sheet
    row = Scan.objects.create(
        version=scene.public, sheet=sheet, page=1, name="会议.jpg", digest="d", by=scene.people["committee"]
    )
    plate = Plate.of(sheet.pages[0])
    x, y, wide, high = plate.frame
    ring = shapely.Point(x + wide / 2, y + high / 2).buffer(6, quad_segs=4)
    row.file.save("photo.jpg", ContentFile(jpeg((1200, 900))), save=False)
    found = [jailed.Found("area", ring, "red", [10, 10, 60, 60], 0.4)]
    scans.keep(row, jailed.Page(jpeg(plate.size), found, 0.45, [[0, 0]] * 4, 300, 0.02, [0, 1, 2, 3]))
    scene.paper = row


def on_paper(scene: SimpleNamespace) -> list[float]:
    """A place on the flat page, in pixels: the middle of the map."""
    x, y, wide, high = Plate.of(scene.paper_sheet.pages[0]).frame
    return [float(value) for value in pixels(np.array([[x + wide / 2 + 4, y + high / 2]]))[0]]


def hearing_values(scene: SimpleNamespace, *, is_public: bool) -> dict[str, Any]:
    """What fills the addresses; None: there is no such thing of the draft."""
    photo, paper = (scene.photo.pk, scene.paper.pk) if is_public else (None, None)
    return {
        **{f"photos:{name}": photo for name in ("pk", "id")},
        **{f"what-ifs:{name}": scene.what_if.pk if is_public else None for name in ("pk", "id")},
        **{f"consultations:{name}": scene.consultation.pk if is_public else None for name in ("pk", "id")},
        **{f"papers:{name}": paper for name in ("pk", "id")},
        "marks:number": 1,
        **{f"{part}:{name}": scene.follow.pk for part in ("following", "follows") for name in ("pk", "id")},
        "household-codes:number": scene.household.pk,
        "join:code": scene.code,
        "confirm:token": mail_addresses.confirm_link(scene.mail).rsplit("/", 2)[1],
        "stop:token": mail_addresses.stop_token(scene.person),
    }
