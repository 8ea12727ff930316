"""The server's threads: one at a time while requests are quick, and nobody waits for one that is not."""

import threading
import time
from collections.abc import Callable

import pytest

from pets import threads
from pets.threads import Dispatcher

LONG = 10  # seconds: longer than any test waits


class Request:
    """What waitress hands to its threads: it is served, or cancelled where the server ends before."""

    def __init__(self, serve: Callable[[], object] = lambda: None):
        self.serve, self.served, self.cancelled = serve, threading.Event(), False

    def service(self):
        try:
            self.serve()
        finally:
            self.served.set()

    def cancel(self):
        self.cancelled = True


@pytest.fixture
def dispatcher():
    dispatcher = Dispatcher(4)
    yield dispatcher
    dispatcher.shutdown()
    assert not dispatcher.threads


def served(dispatcher, requests):
    for request in requests:
        dispatcher.add_task(request)
    for request in requests:
        assert request.served.wait(LONG)


def test_quick_requests_are_answered_one_after_the_other(dispatcher, monkeypatch):
    monkeypatch.setattr(threads, "QUICK", LONG)
    at_once = threading.Lock()

    def serve():
        alone = at_once.acquire(blocking=False)
        time.sleep(0.001)  # gives the others every chance
        if alone:
            at_once.release()
        together.append(not alone)

    together: list[bool] = []
    served(dispatcher, [Request(serve) for _ in range(50)])
    assert together == [False] * 50


def test_nobody_waits_for_a_request_that_takes_long(dispatcher):
    end = threading.Event()
    slow = Request(lambda: end.wait(LONG))
    dispatcher.add_task(slow)
    served(dispatcher, [Request() for _ in range(20)])
    assert not slow.served.is_set()
    end.set()
    assert slow.served.wait(LONG)


def test_beside_a_long_one_quick_requests_follow_each_other_at_once(dispatcher, monkeypatch):
    monkeypatch.setattr(threads, "QUICK", 1)
    end = threading.Event()
    dispatcher.add_task(Request(lambda: end.wait(LONG)))
    began = time.monotonic()
    served(dispatcher, [Request() for _ in range(LONG)])
    assert time.monotonic() - began < LONG  # and not a QUICK for each
    end.set()


def test_as_many_are_under_way_as_there_are_threads(dispatcher):
    together = threading.Barrier(4)
    served(dispatcher, [Request(lambda: together.wait(LONG)) for _ in range(8)])
    assert not together.broken


def test_no_request_is_lost_whoever_brings_it(dispatcher):
    brought: list[list[Request]] = [[] for _ in range(8)]

    def bring(own):
        for number in range(200):
            own.append(Request(lambda number=number: time.sleep(0.011 if number % 50 == 0 else 0)))
            dispatcher.add_task(own[-1])

    people = [threading.Thread(target=bring, args=(own,)) for own in brought]
    for one in people:
        one.start()
    for one in people:
        one.join()
    for own in brought:
        assert all(request.served.wait(LONG) for request in own)


def test_a_request_that_fails_takes_no_thread_with_it(dispatcher, caplog):
    def fail():
        raise RuntimeError("a bug")

    served(dispatcher, [Request(fail) for _ in range(8)])
    served(dispatcher, [Request()])
    assert "Exception when servicing" in caplog.text


def test_what_waits_at_the_end_is_cancelled():
    dispatcher, end = Dispatcher(1), threading.Event()
    begun = threading.Event()
    under_way, waiting = Request(lambda: begun.set() or end.wait(LONG)), Request()
    dispatcher.add_task(under_way)
    assert begun.wait(LONG)
    dispatcher.add_task(waiting)
    dispatcher.shutdown(timeout=0.1)
    assert waiting.cancelled
    end.set()
    assert under_way.served.wait(LONG)
