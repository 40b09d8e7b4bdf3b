"""Pages: news by e-mail, and where the links of letters lead."""

from django.urls import path

from portal import views_mail

urlpatterns = [
    path("me/email/", views_mail.give_address, name="me-email"),
    path("me/email/how-often/", views_mail.choose, name="me-email-often"),
    path("mail/confirm/<str:token>/", views_mail.confirm, name="mail-confirm"),
    path("mail/stop/<str:token>/", views_mail.stop, name="mail-stop"),
]
