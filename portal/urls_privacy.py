"""Pages: A person's own data: look, correct, export, erase, consent."""

from django.urls.resolvers import URLPattern

urlpatterns: list[URLPattern] = []
