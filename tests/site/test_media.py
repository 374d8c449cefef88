from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.django_db


@pytest.fixture
def drawing():
    folder = Path(settings.MEDIA_ROOT) / "images"
    folder.mkdir(parents=True)
    (folder / "layers.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    return "/media/images/layers.svg"


def test_a_picture_is_kept_for_ever_by_browsers(client, drawing):
    with closing(client.get(drawing)) as response:
        pass
    assert response["Content-Type"] == "image/svg+xml"
    assert "immutable" in response["Cache-Control"]


def test_a_drawing_opened_by_itself_can_run_nothing(client, drawing):
    with closing(client.get(drawing)) as response:
        pass
    assert "sandbox" in response["Content-Security-Policy"]
    assert "script-src" not in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["none.png", "../secret_key", "..%2fsecret_key", ""])
def test_nothing_else_is_given_out(client, drawing, path):
    Path(settings.MEDIA_ROOT, "..", "secret_key").resolve().write_text(
        "a secret of ours"
    )
    response = client.get(f"/media/{path}")
    # Django calls a path that leads out of the folder a bad request.
    assert response.status_code in {400, 404}
    assert b"a secret of ours" not in response.content
