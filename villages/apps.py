from django.apps import AppConfig


class VillagesConfig(AppConfig):
    name = "villages"
    verbose_name = "村庄 villages"

    def ready(self) -> None:
        """The kinds of tables register themselves when they are loaded."""
        from villages.tables import divisions, facilities, facts, hamlets, households  # noqa: F401
