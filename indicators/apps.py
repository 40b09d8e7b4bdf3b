from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "indicators"
    verbose_name = "指标 indicators"

    def ready(self) -> None:
        from indicators import quality  # noqa: F401  registers its rules of the quality check
