"""Taking back the last step of a drawing, and doing it again: the rows come back as they were, to the last bit."""

from django.utils.translation import gettext as _

from planning.drawing_kinds import Body, Change
from planning.drawing_words import sentence
from planning.models import Drawing, DrawingStep
from portal.errors import Conflict, PortalError
from portal.models import User

MOVES = ("undo", "redo")
"""steps that are none of their own: they move along the others"""


def last_done(drawing: Drawing) -> DrawingStep | None:
    """The step that undo takes back."""
    done = drawing.steps.filter(state=DrawingStep.State.DONE).exclude(kind__in=MOVES)
    return done.select_related("by").order_by("-revision").first()


def first_undone(drawing: Drawing) -> DrawingStep | None:
    """The step that redo does again."""
    undone = drawing.steps.filter(state=DrawingStep.State.UNDONE)
    return undone.select_related("by").order_by("revision").first()


def change(drawing: Drawing, body: Body, by: User) -> Change:
    """The rows before the last step, or after the one undone last."""
    back = body["kind"] == "undo"
    step = last_done(drawing) if back else first_undone(drawing)
    if step is None:
        text = _("There is no step to undo.") if back else _("There is no step to do again.")
        raise PortalError(text, code="nothing")
    if step.by_id != by.pk and not body.get("of_others"):
        text = _("The last step is by %(person)s: %(done)s. Undo it only if you have agreed on it.")
        params = {"person": step.by, "done": sentence(step.kind, step.said)}
        raise Conflict(text % params, code="not_yours", data={"revision": step.revision})
    rows = step.before if back else step.after
    keep = ("top", "top_project")
    last = drawing.steps.order_by("-revision").defer("before", "after").first()
    return Change(
        zones=rows["zones"], projects=rows["projects"], measured=rows["measured"],
        said={"of": step.revision, "kind": step.kind, "params": step.said, **{name: last.said[name] for name in keep}},
        undone=(step.pk, DrawingStep.State.UNDONE if back else DrawingStep.State.DONE),
    )  # fmt: skip
