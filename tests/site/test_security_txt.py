from datetime import datetime, timedelta

from django.utils import timezone


def test_it_has_what_rfc_9116_requires(client, settings):
    settings.CONTACT_EMAIL = "editors@fascia.example"
    response = client.get("/.well-known/security.txt")
    lines = dict(line.split(": ", 1) for line in response.content.decode().splitlines())
    assert lines["Contact"] == "mailto:editors@fascia.example"
    expires = datetime.fromisoformat(lines["Expires"])
    assert timezone.now() < expires < timezone.now() + timedelta(days=365)
