from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "planning"
    verbose_name = "规划 planning"

    def ready(self) -> None:
        """The project table is a kind of the tables of villages; a verified identity lets out comments that waited for it; the
        start-up checks."""
        from planning import checks, invited, moderation, project_table  # noqa: F401
        from planning.papers import scans  # noqa: F401  registers how long photographs of marked sheets are kept
