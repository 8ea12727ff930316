"""Turns: one writer at a time, in the order they came, and threads left for those who only read."""

import itertools
import threading
import time
from collections import deque

WAIT = 15  # seconds a writer waits for its turn
PATIENCE = 2  # seconds of one turn after which only so many go on waiting that readers have threads


class Turn:
    """One writer's turn: it is waited for, and then it has come."""

    def __init__(self, is_job: bool) -> None:
        self.is_job, self.come = is_job, threading.Event()


class Turns:
    """The writers of this process: who has the turn, and then who waits for it."""

    def __init__(self, most: int) -> None:
        """`most`: threads of the server that may write or wait while one turn lasts."""
        self._most, self._lock = most, threading.Lock()  # the lock is for what follows
        self._queue: deque[Turn] = deque()
        self._since = 0.0  # when the turn was taken

    def take(self, is_job: bool) -> None:
        """Wait for the turn: a job as long as it takes. Raises TimeoutError where a page gives up."""
        turn, until = Turn(is_job), time.monotonic() + WAIT
        with self._lock:
            self._queue.append(turn)
            self._call_first()
        while not turn.come.wait(PATIENCE / 10):
            with self._lock:
                if self._is_over(turn, until):
                    self._queue.remove(turn)
                    raise TimeoutError

    def give_back(self) -> None:
        """Let the next one write."""
        with self._lock:
            self._queue.popleft()
            self._call_first()

    def _is_over(self, turn: Turn, until: float) -> bool:
        """Whether somebody has to give up. A turn lasts where a job or another program has the register."""
        if turn.come.is_set() or turn.is_job:
            return False
        ahead = itertools.takewhile(lambda other: other is not turn, self._queue)
        too_many = sum(not other.is_job for other in ahead) >= self._most
        now = time.monotonic()
        return now > until or (too_many and now > self._since + PATIENCE)

    def _call_first(self) -> None:
        if self._queue and not self._queue[0].come.is_set():
            self._since = time.monotonic()
            self._queue[0].come.set()
