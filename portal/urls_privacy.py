"""Pages: a person's own data, the residents a committee looks after, the record of acts."""

from django.urls import path

from portal import views_audit, views_people

urlpatterns = [
    path("me/", views_people.me, name="me"),
    path("me/identity/", views_people.keep_identity, name="me-identity"),
    path("me/nickname/", views_people.keep_nickname, name="me-nickname"),
    path("me/consents/<str:purpose>/", views_people.decide_consent, name="me-consent"),
    path("me/copy/", views_people.take_copy, name="me-copy"),
    path("me/erase/", views_people.erase_me, name="me-erase"),
    path("people/", views_people.person_list, name="person-list"),
    path("people/<int:number>/", views_people.person, name="person"),
    path("people/<int:number>/look/", views_people.person_look, name="person-look"),
    path("people/<int:number>/verify/", views_people.person_verify, name="person-verify"),
    path("people/<int:number>/password-slip/", views_people.person_password_slip, name="person-password-slip"),
    path("audit/", views_audit.audit_page, name="audit"),
    path("audit/export/", views_audit.audit_export, name="audit-export"),
]
