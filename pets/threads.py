"""The server's threads: of those that answer requests, one works at a time while requests are quick."""

import time
from typing import Any

from waitress.task import ThreadedTaskDispatcher

QUICK = 0.01  # seconds: a request that takes longer waits for something, and so need not hold up the others


class Dispatcher(ThreadedTaskDispatcher):  # type: ignore[misc]  # waitress tells no types
    """Waitress' threads, told to stay out of each other's way.

    Python runs one thread at a time anyhow, and several at work take it from each other at every row that
    SQLite hands over: four people answered at once cost a third more than four in turn. So the thread that
    has just answered takes the next request, and another one begins only where none was begun for QUICK
    seconds: what is under way then waits for the disk, a slow reader, or its turn.
    """

    def __init__(self, threads: int) -> None:
        super().__init__()
        self._begun: dict[int, float] = {}  # when each thread at work began its request
        self._watched = False  # whether a thread waits for those at work to have taken long
        self.set_thread_count(threads)

    def add_task(self, task: object) -> None:
        """Take a request in; waitress' own thread brings it."""
        with self.lock:
            self.queue.append(task)
            if not self._watched or self._still_quick() <= 0:
                self.queue_cv.notify()

    def handler_thread(self, thread_no: int) -> None:
        """What each thread does until it is told to stop."""
        while (task := self._next(thread_no)) is not None:
            try:
                task.service()
            except BaseException:
                self.logger.exception("Exception when servicing %r", task)

    def _next(self, thread: int) -> Any:
        with self.lock:
            self._begun.pop(thread, None)
            while not self.stop_count:
                quick = self._still_quick() if self.queue else 0
                if self.queue and quick <= 0:
                    self._begun[thread] = time.monotonic()
                    task = self.queue.popleft()
                    if self.queue and not self._watched:
                        self.queue_cv.notify()
                    return task
                watches = bool(self.queue) and not self._watched
                self._watched = self._watched or watches
                self.queue_cv.wait(quick if watches else None)
                self._watched = self._watched and not watches
            self.stop_count -= 1
            self.threads.discard(thread)
            self.thread_exit_cv.notify()
            return None

    def _still_quick(self) -> float:
        """For how many seconds more the request that was begun last counts as quick."""
        return max(self._begun.values(), default=0.0) + QUICK - time.monotonic()
