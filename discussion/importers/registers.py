"""The public registers that come with the site, for looking professionals up."""

from pathlib import Path

from django.db import transaction

from discussion.models import CredentialType
from mfr_site.content_files import Loading, read_yaml


def load_registers(path: Path, loading: Loading) -> None:
    """Load the registers of a file, if there is one. Raises ContentError."""
    if not path.exists():
        return
    for position, register in enumerate(read_yaml(path)):
        _load_register({**register, "position": position}, loading)


@transaction.atomic
def _load_register(wanted: dict[str, object], loading: Loading) -> None:
    name = str(wanted["name"])
    known = CredentialType.objects.filter(name=name)
    current = {field: getattr(row, field) for row in known for field in wanted} or None
    if loading.may_write("register", name, current, wanted):
        CredentialType.objects.update_or_create(name=name, defaults=wanted)
