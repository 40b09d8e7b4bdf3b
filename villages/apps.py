from django.apps import AppConfig


class VillagesConfig(AppConfig):
    name = "villages"
    verbose_name = "村庄 villages"

    def ready(self) -> None:
        """The kinds of tables register themselves when they are loaded, and how long tables about people are kept."""
        from villages.tables import divisions, facilities, facts, hamlets, households, imports  # noqa: F401
