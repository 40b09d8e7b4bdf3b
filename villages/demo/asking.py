"""Plan files that are sound but leave something for a person to decide, made from the second plan of 柳沟村."""

from __future__ import annotations

import json

import geopandas as gpd

from villages.codes import DATA


def survey_coded(plan: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The plan with the codes and names of the third survey (TD/T 1055), as offices that never converted them send it."""
    classes = json.loads(DATA.read_text("utf-8"))["survey3"]["classes"]
    plan = plan.copy()
    told = [survey_class(code, classes) for code in plan["YDYHFLDM"]]
    plan["YDYHFLDM"], plan["YDYHFLMC"] = [t["code"] for t in told], [t["name"] for t in told]
    return plan


def survey_class(code: str, classes: list[dict]) -> dict:
    """The class of the survey that becomes this one, or its parent, or that may become it."""
    for length in range(len(code), 1, -2):
        wanted = code[:length]
        for found in classes:
            if found["to"] == wanted or any(choice.startswith(wanted) for choice in found.get("choices", [])):
                return found
    raise ValueError(f"no class of the survey becomes {code}")
