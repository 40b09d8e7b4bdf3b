"""Pages: Sign-in, second factor, passwords."""

from django.urls.resolvers import URLPattern

urlpatterns: list[URLPattern] = []
