from django.contrib.auth.hashers import check_password, identify_hasher, make_password

from mfr_site import settings as live


def test_argon2_with_the_cost_that_owasp_advises(settings):
    settings.PASSWORD_HASHERS = live.PASSWORD_HASHERS
    hashed = make_password("plum harbour seldom violin")
    assert hashed.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert check_password("plum harbour seldom violin", hashed)
    assert not check_password("plum harbour seldom violins", hashed)


def test_a_hash_of_djangos_own_is_made_anew_at_log_in(settings):
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        *live.PASSWORD_HASHERS,
    ]
    old = make_password("plum harbour seldom violin", hasher="pbkdf2_sha256")
    settings.PASSWORD_HASHERS = live.PASSWORD_HASHERS
    made_anew = []
    assert check_password("plum harbour seldom violin", old, made_anew.append)
    assert made_anew == ["plum harbour seldom violin"]
    assert identify_hasher(old).algorithm == "pbkdf2_sha256"


def test_nothing_of_a_long_password_is_cut_off(settings):
    settings.PASSWORD_HASHERS = live.PASSWORD_HASHERS
    hashed = make_password("é" * 128)
    assert not check_password("é" * 127 + "e", hashed)
