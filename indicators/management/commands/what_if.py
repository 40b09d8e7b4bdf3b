"""what_if COMMENT CODE [--zone N] [--json]: what would change if the land of a comment became the class; nothing is stored."""

import json
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.management.base import BaseCommand, CommandError, CommandParser

from indicators import whatif_land, whatif_result, whatif_words
from indicators.models import WhatIf
from planning.models import Comment
from portal.errors import PortalError


class Command(BaseCommand):
    help = "Compute what a comment would change if it were adopted; prints it and keeps nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("comment", help="id of a comment")
        parser.add_argument("code", help="land-use class that its land should become, such as 0102")
        parser.add_argument(
            "--zone", type=int, default=None, help="zone that is meant, where the comment names no land"
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = Comment.objects.select_related("version__plan__village", "zone", "project")
        comment = rows.filter(pk=options["comment"]).first()
        if comment is None:
            raise CommandError(f"There is no comment {options['comment']}.")
        try:
            land = whatif_land.land_of(comment, by=AnonymousUser(), zone=options["zone"])
            whatif_land.check_class(comment.version, land, options["code"])
            row = WhatIf(version=comment.version, comment=comment, geom=land, code=options["code"])
            row.result = whatif_result.compute(row)
        except PortalError as error:
            raise CommandError(str(error.message)) from error
        if options["json"]:
            self.stdout.write(json.dumps(row.result, ensure_ascii=False))
            return
        for sentence in whatif_words.tell_all(row, open_data=True).sentences:
            self.stdout.write(sentence)
