"""What a call sends, where an empty body would be refused before anybody asks who sends it."""

import base64
import datetime
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from portal.ids import new_id
from tests import world
from tests.permissions.hearing import AREA, hearing_values, jpeg, on_paper
from tests.planning.test_api_uploads import geojson

Body = dict[str, Any]
PDF = b"%PDF-1.7\n1 0 obj << >> endobj\n%%EOF"
PASSWORD = "right-horse-battery"


def document() -> SimpleUploadedFile:
    return SimpleUploadedFile("意见.pdf", PDF)


def step(scene: SimpleNamespace, of: str) -> Body:
    """A step out of joint review, or out of the notice: the county returns both."""
    return {"name": "return", "note": "请修改", **POINT}


def api_step(scene: SimpleNamespace, of: str) -> Body:
    return {"name": "return", "note": "请修改", "points": [POINT]}


def soon() -> str:
    """A working day in about ten days."""
    day = timezone.localdate() + datetime.timedelta(days=10)
    while day.weekday() > 4:
        day += datetime.timedelta(days=1)
    return day.isoformat()


def today() -> str:
    return timezone.localdate().isoformat()


def opinion(scene: SimpleNamespace, of: str) -> Body:
    return {"stance": "change", "text": "先补充耕地"}


def assembly(scene: SimpleNamespace, of: str) -> Body:
    counts = {"entitled": 30, "present": 24, "in_favour": 20, "against": 3, "abstained": 1}
    return {"form": "representatives", "held_on": today(), "place": "村委会", "summary": "同意。", **counts}


def village_round(scene: SimpleNamespace, of: str) -> Body:
    return {"form": "meeting", "held_on": today(), "people": 60, "summary": "同意。"}


def commission(scene: SimpleNamespace, of: str) -> Body:
    return {"number": "肥自规〔2026〕1号", "issued_on": today()}


def letter(scene: SimpleNamespace, of: str) -> Body:
    return {"number": "肥政字〔2026〕9号", "decided_on": today()}


def cause(scene: SimpleNamespace, of: str) -> Body:
    """The pages name the zone by `zone`, the API as well; the thing is the comment on the version before."""
    return {"zone": 1, "what": f"comment:{scene.comment.pk}"}


def plan_file(scene: SimpleNamespace, of: str) -> Body:
    return {"village": world.LIUGOU, "file": SimpleUploadedFile("plan.geojson", geojson(world.plan_rows()))}


def table(scene: SimpleNamespace, of: str) -> Body:
    text = f"村代码,指标,年份,数值,来源\n{world.LIUGOU},户籍人口,2020,1301,台账\n"
    return {"kind": "facts", "division": world.LIUGOU, "file": SimpleUploadedFile("台账.csv", text.encode())}


def always(**body: Any) -> Callable[[SimpleNamespace, str], Body]:
    return lambda scene, of: body


def waiver(scene: SimpleNamespace, of: str) -> Body:
    return {"reason": "线性工程", "document_number": "鲁2号", "document": document()}


def consultation() -> Body:
    return {"title": "问卷", "source": "镇政府", "file": SimpleUploadedFile("意见.csv", "意见\n修路\n".encode())}


def fresh() -> str:
    """An address nobody has written to: to one address only so many letters go a day."""
    return f"{new_id()}@example.com"


def spoken() -> Body:
    text = "姓名,意见,地块号\n柳大爷,路灯太少,8\n".encode()
    return {"file": SimpleUploadedFile("会议.csv", text), "channel": "meeting", "said_on": today()}


def joining(scene: SimpleNamespace) -> Body:
    return {"code": scene.code, "password": PASSWORD, "nickname": "", "agreed": "on"}


POLYGON = {
    "type": "Polygon",
    "coordinates": [[[116.801, 36.101], [116.802, 36.101], [116.802, 36.102], [116.801, 36.102], [116.801, 36.101]]],
}
POINT = {"text": "请修改", "page": "第3页"}
WORD = {"word": "骗子", "division_code": "370983101000", "source": "镇政府办"}
ACCOUNT = {"username": "neuling", "full_name": "新同事", "role": "resident", "division_code": world.LIUGOU}

# address -> body of its unsafe methods
BODIES: dict[str, Callable[[SimpleNamespace, str], Body]] = {
    # steps
    "version-move": step,
    "api-version-steps": api_step,
    "case-move": step,
    "version-judge": always(),
    "return-new": always(note="请修改", text="请修改", page="第3页"),
    "api-return": always(note="请修改", points=[POINT]),
    # residents
    "comment-new": always(text="路太窄"),
    "api-version-comments": always(text="路太窄"),
    "reply-new": always(text="采纳", adoption="adopted"),
    "api-comment-replies": always(text="采纳", adoption="adopted"),
    "comment-hide": always(reason="含有他人电话"),
    "api-comment-hide": always(reason="含有他人电话"),
    "version-answers": lambda scene, of: {"comments": [scene.comment.pk], "text": "采纳", "adoption": "adopted"},
    "api-version-answers": lambda scene, of: {"comments": [scene.comment.pk], "text": "采纳", "adoption": "adopted"},
    "comments-look": lambda scene, of: {"comments": [scene.comment.pk], "verdict": "release"},
    "api-comments-look": lambda scene, of: {"comments": [scene.comment.pk], "verdict": "release"},
    "comment-theme": always(theme="ecology"),
    "api-comment-theme": always(theme="ecology"),
    "comment-enter": lambda scene, of: {
        "text": "路灯太少",
        "channel": "meeting",
        "said_on": today(),
        "speaker": "",
        "zone": "",
    },
    "api-comment-on-behalf": lambda scene, of: {"text": "路灯太少", "channel": "meeting", "said_on": today()},
    "comment-table": lambda scene, of: spoken(),
    "api-comment-table": lambda scene, of: spoken(),
    "api-version-photos": lambda scene, of: {"file": SimpleUploadedFile("b.jpg", jpeg((50, 30))), "words": ""},
    "api-photo": always(words="门前的路"),
    "consultation-list": lambda scene, of: consultation(),
    "api-consultations": lambda scene, of: consultation(),
    "api-consultation-look": lambda scene, of: {"file": consultation()["file"]},
    "what-if-new": always(code="0301"),
    "api-what-if-new": always(code="0301"),
    # places
    "my-place": always(lon=116.805, lat=36.105),
    "api-my-place": always(lon=116.805, lat=36.105),
    "village-at": always(lon=116.805, lat=36.105),
    "api-village-at": always(lon=116.805, lat=36.105),
    "follow-new": always(next="/"),
    "follow-area": always(area=AREA, name="我家的地"),
    "follow-rename": always(name="我家的地"),
    "api-follows": always(village=world.LIUGOU),
    "api-follow": always(name="我家的地"),
    # marked sheets
    "papers": lambda scene, of: {"photos": SimpleUploadedFile("c.jpg", jpeg((900, 700)))},
    "api-papers": lambda scene, of: {"file": SimpleUploadedFile("c.jpg", jpeg((900, 700)))},
    "paper-sheet": lambda scene, of: {"sheet": f"{scene.paper_sheet.pk}-1"},
    "api-paper-sheet": lambda scene, of: {"sheet": scene.paper_sheet.pk, "page": 1},
    "paper-mark-new": lambda scene, of: {"kind": "spot", "points": "{},{}".format(*on_paper(scene))},
    "api-paper-mark-new": lambda scene, of: {"kind": "spot", "points": [on_paper(scene)]},
    "paper-mark-enter": lambda scene, of: {"m1-text": "这里留路", "m1-said_on": today()},
    "api-paper-mark-enter": lambda scene, of: {"text": "这里留路", "said_on": today()},
    "paper-mark-place": lambda scene, of: {"points": "{},{}".format(*on_paper(scene))},
    "api-paper-mark-place": lambda scene, of: {"points": [on_paper(scene)]},
    # codes, names, letters
    "household-codes": lambda scene, of: {"which": "all", "valid_to": soon()},
    "join": lambda scene, of: joining(scene),
    "join-code": lambda scene, of: joining(scene),
    "api-join": lambda scene, of: joining(scene) | {"agreed": True},
    "me-nickname": always(nickname="南坡老柳"),
    "api-me-nickname": always(nickname="南坡老柳"),
    "me-email": lambda scene, of: {"address": fresh(), "how_often": "once"},
    "api-me-email": lambda scene, of: {"address": fresh()},
    "me-email-often": always(how_often="daily"),
    "api-mail-confirm": lambda scene, of: {"token": hearing_values(scene, is_public=True)["confirm:token"]},
    # exceptions
    "waiver-new": waiver,
    "api-waiver-new": waiver,
    "waiver-decide": always(name="confirm", note="同意"),
    "api-waiver-confirm": always(note="同意"),
    "api-waiver-refuse": always(note="不同意"),
    "api-waiver-withdraw": always(note="撤回"),
    # joint review
    "review-ask": lambda scene, of: {"whom": "department:water", "due_on": soon()},
    "api-version-reviews": lambda scene, of: {"department": "water", "due_on": soon()},
    "review-declare": always(conflict="no"),
    "api-review-declaration": always(conflict=False),
    "review-opinion": opinion,
    "api-review-opinions": opinion,
    "opinion-answer": always(outcome="adopted"),
    "api-opinion-answer": always(outcome="adopted"),
    "condition-new": always(text="先补充耕地"),
    "api-version-conditions": always(text="先补充耕地"),
    "condition-met": always(note="已落实"),
    "api-version-condition-met": always(note="已落实"),
    # proofs and decisions
    "round-new": village_round,
    "api-rounds": village_round,
    "assembly-new": assembly,
    "api-assemblies": assembly,
    "round-documents": lambda scene, of: {"minutes": document()},
    "assembly-documents": lambda scene, of: {"minutes": document()},
    "api-round-documents": lambda scene, of: {"minutes": document()},
    "api-assembly-documents": lambda scene, of: {"minutes": document()},
    "track": always(track="full"),
    "api-track": always(track="full"),
    "commission-new": commission,
    "api-commission": commission,
    "decision": letter,
    "decision-write": letter,
    "api-decision": letter,
    "point-answer": always(accepted="yes"),
    "point-settle": always(accepted="yes"),
    "api-point-answer": always(accepted=True),
    "api-point-settle": always(accepted=True),
    # drawing, printing
    "drawings": always(start="outline"),
    "api-drawings": always(village=world.LIUGOU, start="outline"),
    "drawing-rename": always(title="第二稿"),
    "api-drawing": always(title="第二稿"),
    "api-drawing-steps": always(revision=0, key="k", kind="set", zones=[1], code="0301"),
    "api-drawing-hand-in": always(revision=0),
    "sheet-new": always(what="village", paper="A4", scale="fit", language="en", form="pdf", theme="plan", upright=""),
    "api-sheet-new": always(paper="A3"),
    # words that hold comments
    "watched-words": lambda scene, of: WORD | {"listed_on": today()},
    "api-watched-words": lambda scene, of: WORD | {"listed_on": today()},
    # what was changed and why
    "cause-new": cause,
    "api-version-causes": cause,
    "api-version-cause-take-back": cause,
    # files
    "upload-new": plan_file,
    "api-uploads": plan_file,
    "table-list": table,
    "api-table-new": table,
    "api-upload-known": always(village=world.LIUGOU, sha256="0" * 64),
    # numbers, drawing, calendar
    "api-village-check": always(geometry=POLYGON, code="070301"),
    "schedule-preview": lambda scene, of: {"state": "approved", "on": soon(), "seen": ""},
    "api-version-schedule": lambda scene, of: {"state": "approved", "on": soon()},
    "api-calendar": always(division=world.COUNTY, day="2027-03-01", working=False, note="停电", source="县府办"),
    "api-profiles": lambda scene, of: {"name": "neu", "title": "新方案", "content": scene.mapping_content},
    "api-judgement-profiles": lambda scene, of: {
        "name": "neu",
        "title": "新方案",
        "source": "县府办",
        "content": scene.profile_content,
    },
    # accounts and people
    "login": always(username="villager", password=PASSWORD),
    "api-login": always(username="villager", password=PASSWORD),
    "api-token": always(username="villager", password=PASSWORD),
    "password-change": always(old=PASSWORD, password="another-horse-battery", again="another-horse-battery"),
    "api-password-change": always(old=PASSWORD, password="another-horse-battery"),
    "account-new": always(**ACCOUNT),
    "api-accounts": always(**ACCOUNT),
    "account-link": always(reason="忘记密码"),
    "api-account-link": always(reason="忘记密码"),
    "account-close": always(reason="离职"),
    "api-account-close": always(reason="离职"),
    "account-open": always(reason="复职"),
    "api-account-open": always(reason="复职"),
    "me-identity": always(full_name="柳大爷", phone="13800000000"),
    "api-me-identity": always(full_name="柳大爷", phone="13800000000"),
    "me-consent": always(agree="1"),
    "api-me-consents": always(purpose="contact"),
    "me-copy": always(password=PASSWORD),
    "api-me-copy": always(password=PASSWORD),
    "me-erase": always(password=PASSWORD),
    "api-me-erase": always(password=PASSWORD),
    "person-password-slip": always(),
    "api-person-password-slip": always(),
    "person-look": always(purpose="verify"),
    "api-person-look": always(purpose="verify"),
    "account-sign-out": always(reason="丢失手机"),
    "api-account-sign-out": always(reason="丢失手机"),
}
# addresses of the API that take a form with files instead of JSON
FORMS = {
    "api-rounds", "api-assemblies", "api-round-documents", "api-assembly-documents", "api-waiver-new", "api-uploads",
    "api-table-new", "api-version-photos", "api-consultations", "api-consultation-look", "api-papers",
    "api-comment-table",
}  # fmt: skip
# files in pieces speak by headers
PIECE = "application/offset+octet-stream"
VILLAGE = base64.b64encode(world.LIUGOU.encode()).decode()
HEADERS: dict[str, dict[str, str]] = {
    "api-resumables": {
        "Tus-Resumable": "1.0.0", "Upload-Length": "9", "Upload-Metadata": f"filename cGxhbi56aXA=,village {VILLAGE}",
    },
    "api-resumable": {"Tus-Resumable": "1.0.0", "Upload-Offset": "0"},
}  # fmt: skip
# addresses that answer nothing without a question
QUERIES: dict[str, str] = {
    "api-my-place": "lon=116.805&lat=36.105",
    "api-village-at": "lon=116.805&lat=36.105",
    "api-villages-find": "q=%E6%9F%B3%E6%B2%9F",
    "api-identify": "lon=116.805&lat=36.105",
    "api-version-identify": "lon=116.805&lat=36.105",
    "api-drawing-changes": "since=0",
    "api-version-legend": "bbox=116.8,36.1,116.81,36.11",
    "api-workdays": "start=2026-10-01&days=5",
    "api-version-schedule-preview": f"state=approved&on={soon()}",
    "api-upload-known": f"village={world.LIUGOU}&sha256={'0' * 64}",
}


def of(name: str, method: str, scene: SimpleNamespace, which: str, who: str) -> tuple[str, Body]:
    """Query and body of a call."""
    body = BODIES.get(name)
    return QUERIES.get(name, ""), body(scene, which) if body else {}
