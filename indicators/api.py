"""REST API of judgement: indicators and the structure table of a version."""

urlpatterns: list = []
