"""Authorised exceptions asked for and decided."""

import io
import zipfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client

from planning import waivers
from planning.models import Finding, PlanVersion, Waiver
from portal.models import User
from tests import world

# Homesteads on the first row lie on permanent farmland (K1) and outside the boundary (K4).
BAD_ROWS = ["070301", *world.plan_rows()[1:]]
PDF = b"%PDF-1.7\n1 0 obj << >> endobj\n%%EOF"
NUMBER = "鲁自然资函〔2026〕12号"


def kept_files() -> set[Path]:
    return set((Path(settings.MEDIA_ROOT) / "waivers").glob("*"))


def ofd(name: str = "OFD.xml") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(name, "<ofd/>")
    return target.getvalue()


def finding(version: PlanVersion, code: str = "K1") -> Finding:
    return version.findings.get(code=code)


def proposed(version: PlanVersion, by: User, code: str = "K1") -> Waiver:
    document = ContentFile(PDF, name="批复.pdf")
    return waivers.propose(
        finding(version, code), reason="省级重点项目", document=document, document_number=NUMBER, by=by
    )


def confirmed(version: PlanVersion, cast: Any, code: str = "K1") -> Waiver:
    return waivers.confirm(proposed(version, cast.reviewer, code), by=cast.leader)


def address(version: PlanVersion, code: str = "K1") -> str:
    return f"/api/v1/versions/{version.pk}/findings/{finding(version, code).number}/waiver/"


def ask(client: Client, version: PlanVersion, code: str = "K1", **changed: Any) -> Any:
    fields = {
        "reason": "省级重点项目",
        "document_number": NUMBER,
        "document": ContentFile(PDF, name="批复.pdf"),
        **changed,
    }
    return client.post(address(version, code), {k: v for k, v in fields.items() if v is not None})


def decide(client: Client, waiver: str, name: str, **body: str) -> Any:
    return client.post(f"/api/v1/waivers/{waiver}/{name}/", body, content_type="application/json")
