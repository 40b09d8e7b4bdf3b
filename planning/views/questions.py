"""What the page of an upload asks a person: coordinate system, encoding, repairs, codes; and what was done on reading."""

from itertools import zip_longest
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from planning import issue_texts, proposals
from portal.geo import charsets
from portal.models import Upload
from villages.models import Division, Village

ENCODING_NAMES = {"UTF-8": "UTF-8", "GB18030": "GB18030 (GBK, GB2312)", "BIG5": "Big5"}
REPAIRS = {
    "make_valid": (
        gettext_lazy("Make outlines valid"),
        gettext_lazy("Outlines that cross or touch themselves are rebuilt so that they enclose the same ground once."),
    ),
    "duplicates": (
        gettext_lazy("Remove repeated vertices"),
        gettext_lazy("Points that stand twice at the same place are left out; no outline moves."),
    ),
    "snap": (
        gettext_lazy("Close hairline gaps and overlaps"),
        gettext_lazy(
            "Vertices nearer to each other than the tolerance are moved onto one point, so that borders meet."
        ),
    ),
}


PLACE_MAP = gettext_lazy("The map is ready. Each box is where the file would lie in one of the systems.")
REPAIR_MAP = gettext_lazy("The map is ready. Choose a row of the tables above, or click an outline.")


def context(upload: Upload, village: Village) -> dict[str, Any]:
    """Everything the templates of the questions need; empty where nothing is open."""
    found = upload.result
    asked: dict[str, Any] = {
        "notes": notes(found.get("preview", {}).get("notes", [])),
        "encodings": encodings(upload),
        "offers": [offer | repair_words(offer["kind"]) for offer in found.get("offers", [])],
        "repaired": [one | repair_words(one["kind"]) for one in found.get("repaired", [])],
        "worklist": progress_of_worklist(upload),
    }
    if shapes := changed_shapes(asked["offers"]):
        asked |= {"repair_map": map_options(village, [], ready=REPAIR_MAP), "repair_shapes": shapes}
    asked["encoding_heads"] = asked["encodings"][0]["heads"] if asked["encodings"] else []
    asked["ask_encoding"] = in_doubt(found)
    if "proposals" in found:
        asked["place"] = place(found, village)
    return asked


def notes(stored: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [{"layer": note.get("layer", ""), "text": issue_texts.note(note)} for note in stored]


# --- coordinate system


def place(found: dict[str, Any], village: Village) -> dict[str, Any]:
    """The systems proposed for a file, in words, and their boxes for the map."""
    offered = [in_words(p) for p in found["proposals"]]
    nearest = found.get("nearest")
    return {
        "proposals": offered,
        "nearest": in_words(nearest) if nearest else None,
        "bounds": found.get("raw_bounds"),
        "county": Division.objects.filter(code=f"{village.code[:6]}000000").first(),
        "options": map_options(village, [p["bbox"] for p in offered], ready=PLACE_MAP) if offered else None,
        "shapes": {"type": "FeatureCollection", "features": [box(p, n) for n, p in enumerate(offered, 1)]},
    }


def in_words(proposal: dict[str, Any]) -> dict[str, Any]:
    swapped = proposal["swap_axes"]
    return {
        **proposal,
        "value": f"{proposal['crs']} yx" if swapped else proposal["crs"],
        "label": proposals.label(proposal["crs"], swap_axes=swapped),
        "percent": 100 * proposal["share_in_village"],
    }


def box(proposal: dict[str, Any], number: int) -> dict[str, Any]:
    west, south, east, north = proposal["bbox"]
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "geometry": geometry, "properties": {"number": number}}


def map_options(village: Village, boxes: list[list[float]], *, ready: str) -> dict[str, Any]:
    """A map that shows the village and what lies in the boxes."""
    west, south, east, north = zip(village.geom.extent, *boxes, strict=True)
    return {
        "bounds": [min(west), min(south), max(east), max(north)],
        "tiles": {"base": reverse("api-village-tiles", kwargs={"code": village.code})},
        "mode": "now",
        "source": village.source,
        "ready": str(ready),
    }


# --- encoding


def encodings(upload: Upload) -> list[dict[str, Any]]:
    """Sample texts of each layer, read in each encoding: one column an encoding, one row a text."""
    layers = []
    for sample in upload.result.get("samples", []):
        names = sorted(sample["samples"], key=place_of_encoding)  # the database keeps no order of names
        if not names:
            continue
        used = charsets.known(sample["encoding"]) or sample["encoding"]
        heads = [{"value": n, "name": encoding_name(n), "used": (charsets.known(n) or n) == used} for n in names]
        columns = [sample["samples"][name] for name in names]
        rows = [list(texts) for texts in zip_longest(*columns, fillvalue="")]
        layers.append({"layer": sample["layer"], "heads": heads, "rows": rows})
    return layers


def place_of_encoding(name: str) -> int:
    order = [charsets.known(known) for known in ENCODING_NAMES]
    return order.index(charsets.known(name)) if charsets.known(name) in order else len(order)


def in_doubt(found: dict[str, Any]) -> bool:
    """True if the text could not be read, or could be read in two ways."""
    unread = any(not sample["encoding"] for sample in found.get("samples", []))
    stored = found.get("preview", {}).get("notes", [])
    return unread or any(note["reason"] == "encoding_ambiguous" for note in stored)


def encoding_name(name: str) -> str:
    """How people call an encoding; the reader's own names are Python's."""
    family = charsets.known(name)
    return next((words for key, words in ENCODING_NAMES.items() if charsets.known(key) == family), name)


# --- repairs and codes


def repair_words(kind: str) -> dict[str, Any]:
    title, text = REPAIRS[kind]
    return {"title": title, "text": text}


def changed_shapes(offers: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Outlines before and after the repairs, numbered; the rows of the tables get the numbers of theirs."""
    features = []
    for offer in offers:
        rows = {row["row"]: row for row in offer["rows"]}
        for pair in offer.get("shapes", []):
            number = len(features) // 2 + 1
            rows[pair["row"]]["shape"] = number
            features += [
                {"type": "Feature", "geometry": pair[side], "properties": {"number": number, "side": side}}
                for side in ("before", "after")
            ]
    return {"type": "FeatureCollection", "features": features} if features else None


def progress_of_worklist(upload: Upload) -> dict[str, int] | None:
    """How many codes need a person and how many are decided; None without any."""
    items = upload.result.get("worklist", [])
    if not items:
        return None
    total = upload.result.get("worklist_total", len(items))
    return {"total": total, "decided": sum(bool(item["decided"]) for item in items)}
