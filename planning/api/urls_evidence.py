"""API of a case: what proves its steps, decision letters, points of a return."""

from django.urls import path

from planning.api import decisions, evidence, returns

urlpatterns = [
    path("versions/<id:id>/case/", evidence.case, name="api-case"),
    path("versions/<id:id>/rounds/", evidence.round_new, name="api-rounds"),
    path("versions/<id:id>/assemblies/", evidence.assembly_new, name="api-assemblies"),
    path("rounds/<id:id>/documents/", evidence.round_documents, name="api-round-documents"),
    path("assemblies/<id:id>/documents/", evidence.assembly_documents, name="api-assembly-documents"),
    path("documents/<id:id>/", evidence.document, name="api-document"),
    path("versions/<id:id>/track/", evidence.track, name="api-track"),
    path("versions/<id:id>/return/", returns.return_new, name="api-return"),
    path("versions/<id:id>/points/", returns.points, name="api-points"),
    path("versions/<id:id>/points/<int:item>/answer/", returns.answer, name="api-point-answer"),
    path("versions/<id:id>/points/<int:item>/settle/", returns.settle, name="api-point-settle"),
    path("versions/<id:id>/decision/", decisions.decision, name="api-decision"),
    path("versions/<id:id>/decision.pdf", decisions.decision_pdf, name="api-decision-pdf"),
    path("villages/<code:code>/commission/", evidence.commission, name="api-commission"),
]
