from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from mfr_site import mail


class Command(BaseCommand):
    help = (
        "Send no more news to addresses whose mail came back by mail. What the mail"
        " server refuses at once is noted without this. Only a keyed hash is kept."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("addresses", nargs="+", metavar="ADDRESS")
        parser.add_argument(
            "--lift", action="store_true", help="write to these addresses again"
        )

    def handle(
        self, *args: Any, addresses: list[str], lift: bool, **options: Any
    ) -> None:
        for address in addresses:
            try:
                validate_email(address)
            except ValidationError:
                raise CommandError(f"{address} is no mail address.") from None
        for address in addresses:
            (mail.lift if lift else mail.suppress)(address)
        done = "may be written to again" if lift else "get no more news"
        self.stdout.write(f"{len(addresses)} {done}.")
