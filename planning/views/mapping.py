"""The mapping page: which layer and columns of a refused file mean what, and which class each of its values is."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from planning import guess, imports, issue_texts, profiles
from planning.models import LandUseClass, MappingProfile
from planning.schema import Profile
from planning.views.uploads import staff_upload
from portal.errors import NotAllowed, PortalError
from portal.geo import readers
from portal.models import Upload, User
from villages.models import Village

COLUMNS = {
    "code": gettext_lazy("Column with the land-use class"),
    "area_m2": gettext_lazy("Column with the area in m²"),
    "label": gettext_lazy("Column with the number of the zone"),
    "remark": gettext_lazy("Column with remarks"),
}
KEPT = 600  # seconds a second look at a file is kept: saving a mapping must not read it again


@login_required
@require_http_methods(["GET", "POST"])
def upload_mapping(request: HttpRequest, pk: str) -> HttpResponse:
    """Show the file's columns and values; a good mapping is stored as a profile, and the file is judged with it."""
    upload = staff_upload(request.user, pk)
    village = get_object_or_404(Village, pk=upload.division_code)
    if not request.user.has_perm("planning.upload_plan", village):
        raise NotAllowed(
            _("Only the planner or the committee of %(village)s may make a mapping for its file.")
            % {"village": village}
        )
    stored = upload.result.get("preview")
    if upload.state != Upload.State.REFUSED or not stored:
        messages.info(request, _("A mapping can be made only for a file that was read and refused."))
        return redirect("upload", pk=upload.pk)
    base = profiles.for_village(upload.options.get("profile", ""), village.code)
    asked = request.POST if request.method == "POST" else request.GET
    try:
        preview = look(upload, stored, base, layer=asked.get("layer", ""), code=asked.get("code", ""))
    except readers.Refused as refused:
        messages.error(request, " ".join(issue_texts.text(i.code, i.params) for i in refused.issues[:3]))
        return redirect("upload", pk=upload.pk)
    draft = Draft(preview, base.content, columns={**preview["columns"], **chosen_columns(asked, preview)})
    if request.method == "POST":
        if "show" in asked or not draft.shows(asked):
            return redirect(f"{request.path}?{urlencode({'layer': preview['layer'], **draft.columns})}#values")
        draft.read(asked)
        if not draft.errors and store(draft, upload, by=request.user):
            return redirect("upload", pk=upload.pk)
    else:
        draft.name, draft.title = free_name(village), Path(upload.name).stem[:100]
    return render(
        request, "planning/upload_mapping.html", page(upload, village, draft), status=400 if draft.errors else 200
    )


def look(upload: Upload, stored: dict[str, Any], base: Profile, *, layer: str, code: str) -> dict[str, Any]:
    """The stored preview, or one of another layer or class column, for which the file is read again.

    Asked for nothing, it is the column the profile took: there the values stand that the file was refused for.
    """
    layer = layer if any(x["name"] == layer for x in stored["layers"]) else stored["layer"]
    if layer == stored["layer"] and not code:
        code = column_of_profile(stored["fields"], base)
    if layer == stored["layer"] and code in ("", stored["columns"].get("code")):
        return stored
    key = f"mapping-{upload.pk}-{upload.options.get('profile')}-{hash_of(layer, code)}"
    found = cache.get(key)
    if found is None:
        found = look_again(upload, stored, base, layer, code)
        cache.set(key, found, KEPT)
    return found


def column_of_profile(fields: list[str], base: Profile) -> str:
    """The column a profile takes for the class (case ignored, first name that is there), or none."""
    spec = base.layer("zones")
    wanted = spec.meaning("code") if spec else None
    by_lower = {field.lower(): field for field in fields}
    return next((by_lower[name.lower()] for name in (wanted.names if wanted else ()) if name.lower() in by_lower), "")


def hash_of(*texts: str) -> str:
    """Cache keys may hold no blanks or Chinese; names of layers and columns do."""
    return "-".join(text.encode().hex() for text in texts)


def look_again(upload: Upload, stored: dict[str, Any], base: Profile, name: str, code: str) -> dict[str, Any]:
    reading = imports.read_stored(upload, base, layers=[name])
    layer = reading.layer(name)
    preview = {**guess.preview([layer], base), "layers": stored["layers"]}
    if code in layer.fields:
        preview["columns"]["code"] = code
        preview["values"] = guess.code_values(layer, code, base.codes, guess.class_names())
    return preview


def chosen_columns(asked: QueryDict, preview: dict[str, Any]) -> dict[str, str]:
    """The columns a person chose; an empty choice takes a guess away, a column of another layer is no choice."""
    return {name: asked[name] for name in COLUMNS if name in asked and asked[name] in ("", *preview["fields"])}


@dataclass
class Draft:
    """A mapping as it stands in the form."""

    preview: dict[str, Any]
    content: dict[str, Any]
    columns: dict[str, str]
    classes: dict[str, str] = field(default_factory=dict)  # value of the file -> what was typed for it
    name: str = ""
    title: str = ""
    errors: list[dict[str, str]] = field(default_factory=list)

    def shows(self, post: QueryDict) -> bool:
        """True if the values in the form are those of the layer and column that are chosen now."""
        return post.get("shown_layer") == self.preview["layer"] and post.get("shown_code", "") == self.columns.get(
            "code", ""
        )

    def read(self, post: QueryDict) -> None:
        """Take over what was typed; every fault names its place."""
        self.name, self.title = post.get("name", "").strip(), post.get("title", "").strip()[:100]
        if not self.columns.get("code"):
            self.fault("code", _("Choose the column with the land-use class."))
        known = class_codes()
        for n, row in enumerate(self.preview["values"]):
            typed = post.get(f"class-{n}", "").strip()
            code = known.get(typed.lower()) or known.get(typed.split(" ")[0])
            self.classes[row["value"]] = code or typed
            if not code:
                place = {"value": row["value"], "count": row["count"], "typed": typed}
                text = (
                    _("“%(value)s” (%(count)d zones): “%(typed)s” is no land-use class.")
                    if typed
                    else _("“%(value)s” (%(count)d zones): choose a land-use class.")
                )
                self.fault(f"class-{n}", text % place)
        if not self.name:
            self.fault("name", _("Give the profile a name."))

    def fault(self, place: str, text: str) -> None:
        self.errors.append({"field": f"id_{place}", "text": text})

    def as_content(self) -> dict[str, Any]:
        """The profile: this layer first, these columns, and a class for each value that is not a class code itself."""
        layers = self.content["layers"]
        zones = next((x for x in layers if x["role"] == "zones"), {"name": self.preview["layer"], "role": "zones"})
        names = [n for n in (zones["name"], *zones.get("aliases", [])) if n != self.preview["layer"]]
        fields = [f for f in zones.get("fields", []) if f.get("means") not in COLUMNS]
        fields += [
            {"name": column, "means": means, "required": means == "code"}
            for means, column in self.columns.items()
            if column
        ]
        mapped = {**zones, "name": self.preview["layer"], "aliases": names[:19], "single": True, "fields": fields}
        codes = {**self.content.get("codes", {}), **self.classes}
        kept = {name: part for name, part in self.content.items() if name not in ("rules", "title", "source", "date")}
        return {
            **kept,
            "layers": [mapped, *(x for x in layers if x is not zones)],
            "code_edition": "2023",
            "codes": {value: code for value, code in codes.items() if value != code},
        }

    def values(self) -> list[dict[str, Any]]:
        """The file's values, those without a class first, each with the name of its field in the form."""
        rows = [
            {
                **row,
                "n": n,
                "typed": self.classes.get(row["value"], row["code"] or ""),
                "error": self.error_at(f"class-{n}"),
            }
            for n, row in enumerate(self.preview["values"])
        ]
        return sorted(rows, key=lambda row: (row["code"] is not None, row["n"]))

    def error_at(self, place: str) -> str:
        return next((e["text"] for e in self.errors if e["field"] == f"id_{place}"), "")


def class_codes() -> dict[str, str]:
    """What a person may type for a class (code, Chinese or English name) -> its code; of equal names the widest class."""
    classes = LandUseClass.objects.filter(code_version="2023").order_by("-level")
    return {text.lower(): c.code for c in classes for text in (c.name_en, c.name_zh, c.code)}


def free_name(village: Village) -> str:
    """A name no profile has yet, so that nobody needs to think of one."""
    taken = set(MappingProfile.objects.filter(name__startswith=village.code).values_list("name", flat=True))
    n = next(n for n in range(1, len(taken) + 2) if f"{village.code}-{n}" not in taken)
    return f"{village.code}-{n}"


def store(draft: Draft, upload: Upload, *, by: User) -> bool:
    """Save the profile and have the file judged with it, both or neither; a fault goes into the draft."""
    try:
        with transaction.atomic():
            profiles.save(name=draft.name, title=draft.title, content=draft.as_content(), by=by, new=True)
            imports.again(upload, by=by, profile=draft.name)
    except ValidationError as error:
        for place, texts in error.message_dict.items():
            draft.fault(place, " ".join(texts))
    except PortalError as error:
        draft.fault("name" if error.code == "profile_exists" else "", str(error.message))
    return not draft.errors


def page(upload: Upload, village: Village, draft: Draft) -> dict[str, Any]:
    values = draft.values()
    selects = [
        {
            "name": name,
            "label": label,
            "value": draft.columns.get(name, ""),
            "error": draft.error_at(name),
            "required": name == "code",
        }
        for name, label in COLUMNS.items()
    ]
    used = {column: COLUMNS[name] for name, column in draft.columns.items() if column}
    return {
        "upload": upload, "village": village, "preview": draft.preview, "selects": selects, "draft": draft,
        "errors": [{**e, "field": "" if e["field"] == "id_" else e["field"]} for e in draft.errors],
        "heads": [{"name": f, "use": used.get(f, "")} for f in draft.preview["fields"]],
        "unmatched": [v for v in values if v["code"] is None], "matched": [v for v in values if v["code"] is not None],
        "unmatched_zones": sum(v["count"] for v in values if v["code"] is None),
        "classes": LandUseClass.objects.filter(code_version="2023"),
        "many": len(values) >= 300, "back": reverse("upload", args=[upload.pk]),
    }  # fmt: skip
