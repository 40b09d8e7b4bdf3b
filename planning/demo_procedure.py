"""The demo's plans go through the whole procedure, each step by its person and with its proof, as anybody's plan does."""

import io
from datetime import timedelta

from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image, ImageDraw, ImageFont

from planning import conditions, decisions, evidence, reviews, workflow
from planning.models import PlanVersion
from portal import workdays
from portal.models import User
from portal.pdf_fonts import FACES, FONTS, SIMPLIFIED

People = dict[str, User]


def ask_villagers(version: PlanVersion, people: People) -> PlanVersion:
    """The first round: the committee goes from house to house and writes down what was said."""
    version = workflow.move(version, "ask_villagers", by=people["committee"])
    evidence.record_round(
        version, by=people["committee"], form="visits", held_on=timezone.localdate(), people=86,
        summary="逐户走访86户。多数村民希望改善村内道路、增设卫生室；有8户提出新建住房需求。",
        files=[("questionnaire", picture("入户走访记录", "演示材料"))],
    )  # fmt: skip
    return workflow.move(version, "send_to_review", by=people["township"])


def review_jointly(version: PlanVersion, people: People, *, zone: int | None = None) -> PlanVersion:
    """Two departments and an expert are asked; one point is raised, adopted and answered."""
    due = workdays.add(timezone.localdate(), 10, version.division_code)
    for department in ("agriculture", "water"):
        request = reviews.ask(
            version, by=people["reviewer"], due_on=due, department=department, note="请就本部门职责提出意见。"
        )
        reviews.declare_interest(request, by=people[department], conflict=False)
        if department == "agriculture":
            opinion = reviews.give_opinion(
                request, by=people[department], stance="change", zone=zone,
                text="请核实新增建设用地与耕地保护目标的衔接，优先利用村内空闲地。",
            )  # fmt: skip
            reviews.finish(request, by=people[department])
            reviews.answer(
                opinion, by=people["committee"], outcome="partly", reason="空闲地不足部分使用低效园地，已在说明中补充。"
            )
        else:
            reviews.finish(request, by=people[department])
    request = reviews.ask(version, by=people["reviewer"], due_on=due, expert=people["expert"])
    reviews.declare_interest(request, by=people["expert"], conflict=False)
    opinion = reviews.give_opinion(
        request, by=people["expert"], stance="agree", text="布局合理，成果完整，同意通过。", score=86
    )
    reviews.finish(request, by=people["expert"])
    return workflow.move(version, "to_assembly", by=people["reviewer"])


def hold_assembly(version: PlanVersion, people: People) -> PlanVersion:
    """The villagers' representatives meet and agree; then the township opens the public notice."""
    evidence.record_assembly(
        version, by=people["committee"], form="representatives", held_on=timezone.localdate(), place="村委会会议室",
        entitled=45, present=41, in_favour=38, against=1, abstained=2, summary="会议同意本规划，提请公示。",
        files=[
            ("minutes", picture("村民代表会议记录", "演示材料")),
            ("photo", picture("会议现场照片", "演示材料")),
        ],
    )  # fmt: skip
    return workflow.move(version, "open_notice", by=people["township"])


def to_notice(version: PlanVersion, people: People, *, zone: int | None = None) -> PlanVersion:
    """From the draft to the public notice."""
    return hold_assembly(review_jointly(ask_villagers(version, people), people, zone=zone), people)


def to_publication(version: PlanVersion, people: People, *, number: str) -> PlanVersion:
    """From the closed notice to the published plan: quality check, decision letter with a condition, publication."""
    version = workflow.move(version, "submit", by=people["township"])
    conditions.set_condition(
        version,
        by=people["leader"],
        text="历史建筑修缮前应报文物部门同意",
        due_on=timezone.localdate() + timedelta(days=180),
    )
    decisions.write(version, by=people["leader"], number=number, decided_on=timezone.localdate())
    version = workflow.move(version, "approve", by=people["leader"], note="同意批复。")
    return workflow.move(version, "publish", by=people["township"])


def picture(*lines: str) -> ContentFile:
    """A small picture that says what it stands for."""
    image = Image.new("RGB", (640, 400), "#f4f1ea")
    draw, font = ImageDraw.Draw(image), ImageFont.truetype(FONTS / FACES[""], 36, index=SIMPLIFIED)
    for n, line in enumerate(lines):
        draw.text((40, 60 + 60 * n), line, fill="#333333", font=font)
    out = io.BytesIO()
    image.save(out, "PNG")
    return ContentFile(out.getvalue(), name=f"{lines[0]}.png")
