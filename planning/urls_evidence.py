"""Pages of a case: what proves its steps, decision letters, points of a return."""

from django.urls import path

from planning.views import case, decisions, evidence, returns

urlpatterns = [
    path("versions/<id:pk>/case/", case.case, name="case"),
    path("versions/<id:pk>/case/move/", case.case_move, name="case-move"),
    path("versions/<id:pk>/track/", case.track, name="track"),
    path("versions/<id:pk>/rounds/new/", evidence.round_new, name="round-new"),
    path("versions/<id:pk>/assemblies/new/", evidence.assembly_new, name="assembly-new"),
    path("rounds/<id:pk>/documents/", evidence.round_documents, name="round-documents"),
    path("assemblies/<id:pk>/documents/", evidence.assembly_documents, name="assembly-documents"),
    path("documents/<id:pk>/", evidence.document, name="document"),
    path("versions/<id:pk>/return/", returns.return_new, name="return-new"),
    path("versions/<id:pk>/points/<int:item>/answer/", case.point_answer, name="point-answer"),
    path("versions/<id:pk>/points/<int:item>/settle/", case.point_settle, name="point-settle"),
    path("versions/<id:pk>/decision/", decisions.decision, name="decision"),
    path("versions/<id:pk>/decision/write/", decisions.decision_write, name="decision-write"),
    path("versions/<id:pk>/decision.pdf", decisions.decision_pdf, name="decision-pdf"),
    path("villages/<code:code>/commission/", evidence.commission_new, name="commission-new"),
]
