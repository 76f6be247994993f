"""The worker, and with AGENT_POOL_MODE=true the agent pool: takes jobs one at a time per slot, acknowledges when done."""

import logging
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Response
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from app import assessments
from app.crew import Crew, Interrupted
from app.database import Database
from app.http_app import instrument, serve
from app.job_queue import HEARTBEAT_SECONDS, Job, JobQueue
from app.metrics import ASSESSMENTS, REQUEUED
from app.redis_client import connect_redis
from app.release import RELEASE
from app.settings import Settings
from app.tenants import UnknownTenant, load_tenant

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 5
POLL_SECONDS = 1.0
STALLED_SECONDS = 300.0
STOP_SECONDS = 15.0


class Worker:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._component = "agent-pool" if settings.agent_pool else "worker"
        self._database = Database(settings)
        self._queue = JobQueue(connect_redis(settings), settings.queue_key)
        self._stopping = threading.Event()
        self._crew = Crew(settings, self._database, self._component, self._stopping)
        self._consumers = [f"{settings.pod_name}/{slot}" for slot in range(settings.worker_concurrency)]
        self._seen = dict.fromkeys(self._consumers, time.monotonic())
        self._threads = [
            *(threading.Thread(target=self._consume, args=(name,), name=name, daemon=True) for name in self._consumers),
            threading.Thread(target=self._keep_alive, name="heartbeat", daemon=True),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()
        log.info("started", extra={"slots": len(self._consumers), "queues": self._settings.worker_queues})

    def stop(self) -> None:
        """Gives the jobs back and ends; without Redis it ends all the same, and who sees no heartbeat takes the jobs back."""
        log.info("stopping")
        self._stopping.set()
        latest = time.monotonic() + STOP_SECONDS
        for thread in self._threads:
            thread.join(timeout=max(0.0, latest - time.monotonic()))
        if any(thread.is_alive() for thread in self._threads):
            log.warning("stops in the middle of something; its jobs are taken back when its heartbeat has ended")
            return
        try:
            for consumer in self._consumers:
                self._queue.give_back(consumer)
        except RedisError as error:
            log.warning("jobs are taken back when the heartbeat has ended", extra={"cause": str(error)})

    def healthy(self) -> bool:
        now = time.monotonic()
        return all(t.is_alive() for t in self._threads) and all(now - s < STALLED_SECONDS for s in self._seen.values())

    def _keep_alive(self) -> None:
        while not self._stopping.wait(HEARTBEAT_SECONDS / 3):
            try:
                for consumer in self._consumers:
                    self._queue.beat(consumer)
                recovered = self._queue.recover()
            except RedisError as error:
                log.warning("no heartbeat, Redis does not answer", extra={"cause": str(error)})
                continue
            if recovered:
                REQUEUED.inc(len(recovered))
                log.warning("took jobs back from a dead worker", extra={"assessments": recovered})

    def _consume(self, consumer: str) -> None:
        while not self._stopping.is_set():
            self._seen[consumer] = time.monotonic()
            try:
                self._queue.beat(consumer)
                payload = self._queue.take(consumer, self._settings.worker_queues, POLL_SECONDS)
                if payload is not None:
                    self._handle(Job.decode(payload))
                    self._queue.acknowledge(consumer, payload)
            except Interrupted:
                return
            except (RedisError, SQLAlchemyError, OSError) as error:
                log.warning("will try again", extra={"cause": f"{type(error).__name__}: {error}"})
                self._stopping.wait(POLL_SECONDS)
                self._return_jobs(consumer)

    def _return_jobs(self, consumer: str) -> None:
        try:
            self._queue.give_back(consumer)
        except RedisError as error:
            log.warning("jobs stay with this worker until Redis answers", extra={"cause": str(error)})

    def _handle(self, job: Job) -> None:
        """Does the job to the end, after which it is acknowledged; what it raises leaves the job unacknowledged."""
        try:
            tenant = load_tenant(self._settings.tenants_dir, job.tenant)
        except UnknownTenant:
            log.error("dropped a job of an unknown tenant", extra={"assessment": job.assessment_id})
            return
        if job.attempt > MAX_ATTEMPTS:
            with self._database.transaction(tenant) as connection:
                assessments.fail(connection, job.assessment_id)
                assessments.record(
                    connection, job.assessment_id, self._component, self._settings.pod_name, "given up",
                    attempts=MAX_ATTEMPTS,
                )
            ASSESSMENTS.labels("failed").inc()
            return
        done = self._crew.run(job.assessment_id, tenant, job.attempt)
        ASSESSMENTS.labels("completed" if done else "already done").inc()
        log.info("assessment done", extra={"assessment": job.assessment_id, "attempt": job.attempt, "new": done})


def create_app() -> FastAPI:
    worker = Worker(Settings.from_env())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        worker.start()
        yield
        worker.stop()

    app = instrument(FastAPI(title="Crew worker", version=RELEASE.version, lifespan=lifespan))

    @app.get("/health")
    def health(response: Response) -> dict[str, str]:
        healthy = worker.healthy()
        response.status_code = 200 if healthy else 503
        return {"status": "ok" if healthy else "stalled", "version": RELEASE.version}

    return app


if __name__ == "__main__":
    serve("app.workers.crewai_worker:create_app", "worker", 8002)
