from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "indicators"
    verbose_name = "指标 indicators"

    def ready(self) -> None:
        from indicators import (  # noqa: F401
            binding,  # registers which binding indicators get worse
            quality,  # registers its rules of the quality check
            staleness,  # registers which results are out of date
            target_table,  # registers the table of issued targets
            unmade,  # registers which checks could not be made
            whatif_links,  # registers what stands below comments
        )
