"""What is remembered for a day: the same for all workers, and of no one when it fails."""

import multiprocessing
import os
import stat
import threading

import pytest
import redis
import time_machine
from django.conf import settings as django_settings

from mfr_site import short_memory
from mfr_site.short_memory import InRedis, InSQLite, ShortMemory, Window

NOW = 1_772_452_800.0
ONCE = [Window(1, 15)]


@pytest.fixture(params=["sqlite", "own", "redis"])
def store(request, tmp_path):
    if request.param == "redis":
        if not django_settings.CACHE_URL:
            pytest.skip("CACHE_URL is not set")
        return InRedis(django_settings.CACHE_URL)
    return InSQLite(tmp_path / "runtime" if request.param == "sqlite" else None)


# --- Acts -----------------------------------------------------------------------------


def test_a_window_is_full_until_its_first_act_has_left(store):
    windows = [Window(2, 60)]
    assert store.act(["a"], "1", windows, NOW) == 0
    assert store.act(["a"], "2", windows, NOW + 20) == 0

    assert store.act(["a"], "3", windows, NOW + 30) == 30
    assert store.act(["a"], "3", windows, NOW + 59.5) == 1
    assert store.act(["a"], "3", windows, NOW + 60) == 0
    assert store.act(["a"], "4", windows, NOW + 61) == 19


def test_all_windows_hold_and_the_longest_wait_is_told(store):
    windows = [Window(1, 10), Window(2, 1000)]
    for place, at in enumerate((0, 20)):
        assert store.act(["a"], str(place), windows, NOW + at) == 0

    assert store.act(["a"], "3", windows, NOW + 21) == 979


def test_what_was_refused_does_not_count(store):
    assert store.act(["a"], "1", ONCE, NOW) == 0
    for place in range(10):
        assert store.act(["a"], f"again {place}", ONCE, NOW + place) > 0
    assert store.act(["a"], "2", ONCE, NOW + 15) == 0


def test_the_same_act_is_one_act_for_ten_minutes(store):
    windows = [Window(1, 3600)]
    assert store.act(["a"], "1", windows, NOW) == 0
    assert store.act(["a"], "1", windows, NOW + 599) == 0
    assert store.act(["a"], "1", windows, NOW + 601) == 2999


def test_an_act_taken_back_does_not_count_and_an_earlier_one_like_it_does(store):
    windows = [Window(2, 3600)]
    assert store.act(["a"], "same", windows, NOW) == 0
    assert store.act(["a"], "same", windows, NOW + 700) == 0
    store.undo("a", "same", NOW + 700)
    assert store.act(["a"], "other", windows, NOW + 701) == 0
    assert store.act(["a"], "more", windows, NOW + 702) == 2898


def test_acts_under_an_older_name_count_as_well(store):
    assert store.act(["monday", "sunday"], "1", ONCE, NOW) == 0
    assert store.act(["tuesday", "monday"], "2", ONCE, NOW + 1) == 14
    assert store.act(["wednesday", "tuesday"], "3", ONCE, NOW + 2) == 0


def test_a_clock_set_back_neither_lifts_nor_freezes_a_limit(store):
    day = 86_400
    assert store.act(["a"], "1", ONCE, NOW + day) == 0

    assert store.act(["a"], "2", ONCE, NOW) == 15
    assert store.act(["a"], "2", ONCE, NOW + 15) == 0


def test_a_name_is_known_once_something_was_done(store):
    assert not store.knows("a")
    store.act(["a"], "1", ONCE, NOW)
    assert store.knows("a")
    assert not store.knows("b")


def test_nothing_is_kept_longer_than_a_day(store):
    if isinstance(store, InRedis):
        store.act(["a"], "1", ONCE, NOW)
        assert 0 < store.client.ttl(store._name("a")) <= 86_400
        return
    store.act(["a"], "1", ONCE, NOW)
    store.act(["b"], "1", ONCE, NOW + 86_401)
    assert not store.knows("a")


def test_of_many_at_once_as_many_pass_as_may(store):
    gate = threading.Barrier(20)
    waits = []

    def try_once(place):
        gate.wait()
        waits.append(store.act(["a"], str(place), [Window(5, 60)], NOW))

    threads = [threading.Thread(target=try_once, args=[place]) for place in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert waits.count(0) == 5


def _act_in_another_process(folder, start, results):
    store = InSQLite(folder)
    start.wait()
    for place in range(10):
        what = f"{os.getpid()} {place}"
        results.put(store.act(["a"], what, [Window(7, 60)], NOW))


def test_workers_count_together(tmp_path):
    context = multiprocessing.get_context("spawn")
    start, results = context.Barrier(3), context.Queue()
    workers = [
        context.Process(
            target=_act_in_another_process, args=[tmp_path / "runtime", start, results]
        )
        for _ in range(3)
    ]
    for worker in workers:
        worker.start()
    waits = [results.get(timeout=60) for _ in range(30)]
    for worker in workers:
        worker.join()

    assert waits.count(0) == 7


# --- The day's key --------------------------------------------------------------------


def test_all_workers_have_one_key_of_the_day(tmp_path):
    one, other = (InSQLite(tmp_path / "runtime") for _ in range(2))

    assert one.day_key(20_000) == other.day_key(20_000)
    assert len(one.day_key(20_000)) == 32


def test_each_day_has_another_key(store):
    assert store.day_key(20_000) != store.day_key(20_001)
    assert store.day_key(20_001) == store.day_key(20_001)


def test_the_key_before_yesterday_s_is_destroyed(tmp_path):
    folder = tmp_path / "runtime"
    store = InSQLite(folder)
    old = store.day_key(20_000)
    memory = ShortMemory(store)
    with time_machine.travel(20_002 * 86_400, tick=False):
        memory.day_keys()

    kept = b"".join(file.read_bytes() for file in folder.iterdir())
    assert store.connection.execute("SELECT min(day) FROM day_key").fetchone() == (
        20_001,
    )
    store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = b"".join(file.read_bytes() for file in folder.iterdir())
    assert old not in kept


def test_a_key_in_redis_goes_by_itself():
    if not django_settings.CACHE_URL:
        pytest.skip("CACHE_URL is not set")
    store = InRedis(django_settings.CACHE_URL)
    store.day_key(20_000)

    assert 0 < store.client.ttl(store._name("day key", "20000")) <= 2 * 86_400


# --- The folder -----------------------------------------------------------------------


def test_only_we_may_read_the_folder(tmp_path):
    folder = tmp_path / "runtime"
    InSQLite(folder).knows("a")

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_others_may_read_is_not_used(tmp_path):
    folder = tmp_path / "runtime"
    folder.mkdir(mode=0o755)

    with pytest.raises(PermissionError):
        InSQLite(folder).knows("a")


# --- When it fails --------------------------------------------------------------------


class Broken:
    """A store that does not answer, and counts how often it was asked."""

    failures = InRedis("redis://127.0.0.1:1/0").failures

    def __init__(self, failure):
        self.failure = failure
        self.asked = 0

    def __getattr__(self, name):
        def fail(*_):
            self.asked += 1
            raise self.failure

        return fail


@pytest.mark.parametrize(
    "failure", [redis.ConnectionError(), redis.TimeoutError(), OSError(28, "full")]
)
def test_limits_go_on_in_each_process_when_the_store_fails(failure):
    memory = ShortMemory(Broken(failure))

    assert memory.act(["a"], "1", ONCE) == 0
    assert 0 < memory.act(["a"], "2", ONCE) <= 15
    assert memory.day_keys() == memory.day_keys()


def test_a_store_that_failed_is_left_alone_for_a_while_and_asked_again(monkeypatch):
    moment = [100.0]
    monkeypatch.setattr(short_memory.time, "monotonic", lambda: moment[0])
    broken = Broken(redis.ConnectionError())
    memory = ShortMemory(broken)
    for _ in range(5):
        memory.knows("a")
    assert broken.asked == 1

    moment[0] += short_memory.REST
    memory.knows("a")
    assert broken.asked == 2


def test_a_redis_that_is_not_there_costs_no_request(settings):
    settings.CACHE_URL = "redis://127.0.0.1:1/0"
    short_memory.short_memory.cache_clear()

    assert short_memory.short_memory().act(["a"], "1", ONCE) == 0
