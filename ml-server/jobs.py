"""Jobs in SQLite: a restart loses none, and one that ends the process is tried twice at most."""

import json
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable
from hashlib import sha256
from typing import Any

TRIES = 2  # a job that was begun so often and never ended brings the process down
KEPT_DAYS = 9  # longer than the week for which results are asked for
PATIENCE = 86_400.0  # seconds for which what a job needs is waited for
SWEPT_EVERY = 86_400.0  # seconds

SCHEMA = """
create table if not exists jobs (
  id text primary key, key text unique, body_hash text not null, kind text not null, input text not null,
  state text not null default 'queued' check (state in ('queued', 'running', 'succeeded', 'failed')),
  tries integer not null default 0, due real not null, made real not null, model text, result text, error text
);
create index if not exists jobs_due on jobs (due, made) where state = 'queued';
"""


class Later(Exception):
    """What a job needs is not there yet: it is tried again after so many seconds, for a day at most."""

    def __init__(self, seconds: float, why: str) -> None:
        super().__init__(why)
        self.seconds = seconds


class Jobs:
    def __init__(self, path: str) -> None:
        self.db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        self.db.executescript("pragma journal_mode = wal; pragma synchronous = full;" + SCHEMA)
        self.lock = threading.Lock()
        self.wake = threading.Event()
        self.stopped = threading.Event()
        # Nothing is running in a process that has just begun.
        self.run("update jobs set state = 'queued' where state = 'running'")

    def run(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        with self.lock:
            return self.db.execute(statement, values).fetchall()

    def add(self, key: str | None, kind: str, given: dict[str, Any]) -> sqlite3.Row | None:
        """The job of this key, made if there is none. None: the key is that of another job."""
        key = key or str(uuid.uuid4())
        text = json.dumps(given, sort_keys=True)
        body_hash = sha256(f"{kind} {text}".encode()).hexdigest()
        self.run(
            """insert into jobs (id, key, body_hash, kind, input, due, made) values (?, ?, ?, ?, ?, ?, ?)
            on conflict (key) do nothing""",
            *(str(uuid.uuid4()), key, body_hash, kind, text, time.time(), time.time()),
        )
        self.wake.set()
        (job,) = self.run("select * from jobs where key = ?", key)
        return job if job["body_hash"] == body_hash else None

    def find(self, ids: list[str]) -> list[sqlite3.Row]:
        return [job for one in ids for job in self.run("select * from jobs where id = ?", one)]

    def waiting(self) -> int:
        return self.run("select count(*) as jobs from jobs where state in ('queued', 'running')")[0]["jobs"]

    def work(self, look: Callable[[str, dict[str, Any]], tuple[str, dict[str, Any]]]) -> None:
        """Does one job after another, until it is stopped."""
        swept = 0.0
        while not self.stopped.is_set():
            if time.time() - swept > SWEPT_EVERY:
                self.sweep()
                swept = time.time()
            self.wake.clear()
            job = self.take()
            if job is None:
                self.wake.wait(timeout=1)
                continue
            try:
                model, item = look(job["kind"], json.loads(job["input"]))
                self.end(job, "succeeded", model=model, result=json.dumps({"items": [item]}))
            except Later as later:
                self.delay(job, later)
            except Exception as error:  # noqa: BLE001  One job that fails holds up no other.
                self.fail(job, "internal", repr(error)[:300], retryable=True)

    def delay(self, job: sqlite3.Row, later: Later) -> None:
        if time.time() - job["made"] > PATIENCE:
            return self.fail(job, "fetch_failed", str(later), retryable=True)
        due = time.time() + later.seconds
        self.run("update jobs set state = 'queued', tries = 0, due = ? where id = ?", due, job["id"])

    def stop(self) -> None:
        """The server was stopped, it did not crash: the running job is queued again, and this try does not count."""
        self.stopped.set()
        self.run("update jobs set state = 'queued', tries = max(0, tries - 1) where state = 'running'")

    def take(self) -> sqlite3.Row | None:
        for job in self.run("select * from jobs where state = 'queued' and due <= ? order by due, made limit 1", time.time()):
            if job["tries"] < TRIES:
                self.run("update jobs set state = 'running', tries = tries + 1 where id = ?", job["id"])
                return job
            self.fail(job, "crashed", "looking at it ended the process", retryable=False)
        return None

    def end(self, job: sqlite3.Row, state: str, **columns: str) -> None:
        names = ", ".join(f"{name} = ?" for name in columns)
        self.run(f"update jobs set state = ?, {names} where id = ?", state, *columns.values(), job["id"])

    def fail(self, job: sqlite3.Row, code: str, message: str, *, retryable: bool) -> None:
        self.end(job, "failed", error=json.dumps({"code": code, "message": message, "retryable": retryable}))

    def sweep(self) -> None:
        self.run("delete from jobs where made < ? and state in ('succeeded', 'failed')", time.time() - KEPT_DAYS * 86400)
