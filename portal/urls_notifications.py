"""Pages: What the portal tells a person."""

from django.urls import path

from portal import views_notifications as views

urlpatterns = [
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/read/", views.read_all, name="notifications-read"),
    path("notifications/<slug:key>/read/", views.read_one, name="notification-read"),
]
