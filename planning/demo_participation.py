"""What the demo's people say about the draft in public notice, in every way there is: on the map, at the meeting, on paper."""

import io

from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image, ImageDraw

from planning import answers, follows, participation, photos, supports
from planning.models import Adoption, Channel, Comment, PlanVersion
from portal.models import User


def hearing(version: PlanVersion, *, resident: User, neighbour: User, committee: User, township: User) -> None:
    """Comments on an area, a project and the whole, with a photo, supports and answers of every kind; some still wait."""
    zone = version.zones.filter(code__startswith="01").order_by("-area_m2").first()
    field = zone.geom.point_on_surface.buffer(0.0006, quadsegs=2)
    picture = photos.keep_photo(version, road_photo(), by=neighbour, words="雨后的村南路口，积水没过鞋面")
    area = participation.post_comment(
        version, by=neighbour, text="这一片下雨就积水，先修排水沟再谈别的。", shape=field, photos=[picture.pk]
    )
    project = version.projects.order_by("number").first()
    if project:
        asked = participation.post_comment(
            version, by=resident, text="这个项目什么时候开工？钱从哪里来？", project=project.number
        )
        answers.answer(asked, by=committee, text="计划按年度实施，资金来源见项目表；开工前在村务公开栏公示。", adoption=Adoption.EXPLAINED)  # fmt: skip
    supports.support(area, by=resident)
    said = entered(
        version, committee, Channel.MEETING, "村里老人多，希望村口和卫生室之间修一段带扶手的步道。", speaker="柳大爷"
    )
    supports.support(said, by=resident)
    answers.answer(
        said, by=committee, text="部分采纳。卫生室门前一段先做，其余列入下一年度计划。", adoption=Adoption.PARTLY
    )
    refused = entered(version, township, Channel.PAPER, "想把自家承包地改成农家乐停车场。", zone=zone.number)
    answers.answer(refused, by=township, text="不采纳。该地块是耕地，按规定不得改作停车场；村西空闲地已规划公共停车场。", adoption=Adoption.NOT_ADOPTED)  # fmt: skip
    follows.follow(by=resident, village=version.village, area=field, name="我家的地")


def entered(version: PlanVersion, by: User, channel: str, text: str, **more: object) -> Comment:
    return participation.enter_comment(version, by=by, channel=channel, text=text, said_on=timezone.localdate(), **more)


def road_photo() -> ContentFile:
    """A drawn picture in the place of a photograph: the demo shows nobody's village."""
    image = Image.new("RGB", (1200, 900), "#b9d7ea")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 420, 1200, 900), fill="#7d9b5f")
    draw.polygon([(480, 420), (720, 420), (1050, 900), (150, 900)], fill="#8d8a83")
    draw.ellipse((380, 620, 800, 780), fill="#5f7f95")
    draw.rectangle((820, 250, 1090, 470), fill="#e8dcc4")
    draw.polygon([(790, 260), (1120, 260), (955, 140)], fill="#9c4a3a")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return ContentFile(out.getvalue(), name="photo.jpg")
