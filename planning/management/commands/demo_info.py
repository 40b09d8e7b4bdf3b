"""demo_info [--json]: address, accounts, villages and plans of the demo."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from planning import demo


class Command(BaseCommand):
    help = "Print address, accounts, villages and plans of the demo."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is not the demo (DEMO=true).")
        info = demo.info()
        if options["json"]:
            self.stdout.write(json.dumps(info, ensure_ascii=False, indent=1))
            return
        self.stdout.write(
            f"村庄规划门户 Village Planning Portal: {info['address']}\n\n账号 accounts (密码 password {info['accounts'][0]['password']}):"
        )
        for row in info["accounts"]:
            self.stdout.write(f"  {row['username']:22}{row['name']}  {row['role']}")
        self.stdout.write("\n规划 plans:")
        for row in info["plans"]:
            self.stdout.write(f"  {row['url']}  {row['name']} v{row['number']} {row['state']}")
