"""Turns: one after the other, in the order they came, and half the threads left for reading."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from pets.sqlite.turns import Turns


@pytest.fixture
def hasty(monkeypatch):
    monkeypatch.setattr("pets.sqlite.turns.PATIENCE", 0.02)


@pytest.mark.parametrize("by_job", [False, True])
@pytest.mark.parametrize("most", [0, 1, 2, 4])
def test_beside_a_turn_that_lasts_so_many_wait_that_half_the_threads_read(hasty, most, by_job):
    """A job has a thread of its own; a page that has the turn is one of those that may write or wait."""
    turns, come, gave_up = Turns(most), [], threading.Semaphore(0)

    def write(_):
        try:
            turns.take(is_job=False)
        except TimeoutError:
            gave_up.release()
            return
        come.append(threading.get_ident())
        turns.give_back()

    turns.take(by_job)
    patient = max(0, most - (not by_job))
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(write, number) for number in range(8)]
        for _ in range(8 - patient):
            assert gave_up.acquire(timeout=10)
        assert come == []
        turns.give_back()
        for one in asked:
            one.result()
    assert len(come) == patient


def test_a_turn_goes_to_whoever_came_first_and_a_job_waits_as_long_as_it_takes(hasty):
    turns, order = Turns(0), []

    def write(number):
        turns.take(is_job=True)
        order.append(number)
        turns.give_back()

    turns.take(is_job=False)
    with ThreadPoolExecutor(5) as threads:
        for number in range(5):
            threads.submit(write, number)
            while len(turns._queue) < number + 2:  # the one who has the turn stands in it too
                threading.Event().wait(0.001)
        turns.give_back()
    assert all(first < second for first, second in pairwise(order))
    assert len(order) == 5


def test_nobody_waits_for_longer_than_can_be_explained(hasty, monkeypatch):
    monkeypatch.setattr("pets.sqlite.turns.WAIT", 0.05)
    turns = Turns(4)
    turns.take(is_job=True)
    with pytest.raises(TimeoutError):
        turns.take(is_job=False)
    turns.give_back()
    turns.take(is_job=False)
