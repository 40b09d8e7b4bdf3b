"""Rules of geometry and tiling (图形规则), measured by portal.geo.quality on the layer of zones."""

from collections.abc import Callable, Iterable

from planning.quality.case import Case
from planning.quality.registry import Found, NotApplicable, rule
from portal.geo.issues import Issue

Check = Callable[[Case], Iterable[Issue]]
FLATTENED = ("z_dropped", "curves_linearised")
"""what the reader notes when it makes a layer plane and straight"""


def measured(code: str) -> Callable[[Check], Check]:
    """Register a check of zones; a file without zones has nothing to measure."""

    def register(check: Check) -> Check:
        @rule(code)
        def checked(case: Case) -> Found:
            if case.zones is None:
                return NotApplicable("no_zones")
            found = list(check(case))
            return found if found or not unanswered(case, code) else NotApplicable("too_complex")

        return check

    return register


def unanswered(case: Case, code: str) -> bool:
    """True for a rule on shared ground after F3 said that the geometries cross too often to be checked."""
    return case.checks.too_complex and code in ("G5", "G6", "G7", "G10")


@measured("F3")
def limits(case: Case) -> Iterable[Issue]:
    """What is too large or crosses too often to be checked at all."""
    return [i for i in case.ground_issues if i.code == "F3"]


for _code in ("G1", "G5", "G6", "G7"):

    @measured(_code)
    def _on_ground(case: Case, code: str = _code) -> Iterable[Issue]:
        return [i for i in case.ground_issues if i.code == code]


@rule("G2")
def plane(case: Case) -> Iterable[Issue]:
    """Heights, measures and curves: the reader drops and straightens them and says so, hence a warning."""
    return [
        Issue("G2", layer=layer.name, params=dict(note))
        for layer in case.layers
        for note in layer.notes
        if note["reason"] in FLATTENED
    ]


@measured("G3")
def single_part(case: Case) -> Iterable[Issue]:
    return case.checks.parts()


@measured("G4")
def duplicates(case: Case) -> Iterable[Issue]:
    return case.checks.duplicates()


@measured("G8")
def slivers(case: Case) -> Iterable[Issue]:
    return case.checks.slivers()


@measured("G9")
def angles(case: Case) -> Iterable[Issue]:
    return case.checks.angles()


@rule("G10")
def same_extent(case: Case) -> Found:
    """The layer of base-year land use covers the ground that the zones cover."""
    base = next((m for m in case.of_role("base") if m.layer.geometry is not None), None)
    if case.zones is None or base is None:
        return NotApplicable("no_base_layer" if case.zones else "no_zones")
    found = case.checks.same_extent(base.layer.geometry, base.layer.name)
    return found if not case.checks.too_complex else NotApplicable("too_complex")


@measured("A1")
def areas(case: Case) -> Iterable[Issue]:
    return case.checks.areas(case.file_area) if case.file_area else []
