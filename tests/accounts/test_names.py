# ruff: noqa: RUF001 - letters that look alike are what this file is about
import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import RetiredName, User
from accounts.names import skeleton, validate_public_name, validate_username
from tests.accounts.doors import log_in, make_account, sign_up

WELCOME = [
    "maya",
    "Maya-B",
    "maya.b_2",
    "josé",
    "jose\u0301",
    "Zoë",
    "Łukasz",
    "Đặng",
    "Анна",
    "Юлія",
    "Ελένη",
    "Արամ",
    "שרה",
    "فاطمة",
    "मीरा",
    "প্রিয়া",
    "สมชาย",
    "さくら",
    "山田太郎",
    "김민수",
    "ქეთევან",
    "አበበ",
    "o2",
    "Bert",
]
MISLEADING = [
    "а\u0064min",  # Cyrillic first letter
    "раураl",  # Cyrillic, with a Latin l
    "ma\u200bya",  # zero width space
    "ma\u200dya",  # zero width joiner
    "ma\u2060ya",  # word joiner
    "\u202eayam",  # right-to-left override
    "ma\u00adya",  # soft hyphen
    "maya.",
    "-maya",
    "ma..ya",
    "ma ya",
    "a",
    "",
    "maya/b",
    "maya@example.org",
    "<b>maya",
    "ma\nya",
    "ma\x00ya",
    "M\u0300\u0301\u0302\u0303aya",
    "\u0301maya",
    "\ud800maya",
    "☠maya",
]
KEPT = [
    "admin",
    "Admin",
    "ADMIN",
    "a-d-m-i-n",
    "a_dmin",
    "adm1n",
    "admin1",
    "admin2024",
    "4dm1n",
    "ａｄｍｉｎ",
    "аԁmіn",
    "root",
    "r00t",
    "support",
    "5upp0rt",
    "moderator",
    "rnoderator",
    "security",
    "editor",
    "3ditor",
    "Edit0r",
    "abuse",
    "postmaster",
    "null",
    "articles",
    "members",
    "accounts",
    "Myofascial.Release",
    "myofascia1release",
    "anonymous",
    "Anonymous-Heron",
    "an0nym0us",
]


@pytest.mark.parametrize("name", WELCOME)
def test_real_names_of_every_script_are_welcome(name):
    validate_username(name)
    validate_public_name(name)


@pytest.mark.parametrize("name", MISLEADING, ids=ascii)
def test_what_misleads_is_refused(name):
    with pytest.raises(ValidationError):
        validate_username(name)


@pytest.mark.parametrize("name", KEPT, ids=ascii)
def test_what_speaks_for_the_site_is_refused(name):
    with pytest.raises(ValidationError):
        validate_username(name)


@pytest.mark.parametrize("name", ["Anonymous Heron", "Editors", "A n o n y mous"])
def test_nobody_looks_like_a_role_or_like_somebody_without_a_name(name):
    with pytest.raises(ValidationError):
        validate_public_name(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("maya", "MAYA"),
        ("maya", "m.a.y.a"),
        ("maya", "mауа"),
        ("Kate", "КАТЕ"),
        ("coco", "сосо"),
        ("Tom", "Τοm"),
        ("ilona", "1l0na"),
        ("martha", "ｍａｒｔｈａ"),
        ("amold", "arnold"),
        ("wanda", "vvanda"),
        ("josé", "jose\u0301"),
        ("Straße", "STRASSE"),
    ],
)
def test_two_names_that_look_alike_are_one(one, other):
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("josé", "jose"), ("Анна", "Anna"), ("maya", "mayo"), ("נועה", "נעמה")],
)
def test_two_names_that_do_not_are_two(one, other):
    assert skeleton(one) != skeleton(other)


@given(st.text(max_size=60))
def test_no_name_breaks_it(name):
    for validate in (validate_username, validate_public_name):
        try:
            validate(name)
        except ValidationError as refused:
            assert refused.messages[0].endswith(".")
    assert len(skeleton(name)) <= 90


@pytest.mark.django_db
def test_a_name_that_looks_like_a_taken_one_is_refused(client):
    make_account("maya")
    page = sign_up(client, "mауа")
    assert User.objects.count() == 1
    assert page.status_code == 200


@pytest.mark.django_db
def test_a_display_name_cannot_be_that_of_another(client):
    make_account("sam", display_name="Dr Sam Stone")
    maya = make_account("maya")
    log_in(client)
    for name in ("Sam", "DR SAM STONE", "Dr.Sam-Stone"):
        client.post("/accounts/profile/", {"display_name": name})
        maya.refresh_from_db()
        assert maya.display_name == ""
    client.post("/accounts/profile/", {"display_name": "Maya"})
    maya.refresh_from_db()
    assert maya.display_name == "Maya"


@pytest.mark.django_db
def test_nobody_signs_up_as_the_display_name_of_another(client):
    make_account("sam", display_name="Stone")
    sign_up(client, "st0ne")
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_the_name_of_a_member_who_left_stays_gone(client):
    RetiredName.objects.create(skeleton=skeleton("nora"))
    sign_up(client, "Nora")
    assert not User.objects.exists()
