"""The API."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, HTTPException, Path, Response
from pydantic import BaseModel, Field
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app import assessments
from app.database import Database, schema_fits, schema_revision
from app.http_app import instrument, serve
from app.job_queue import Job, JobQueue
from app.metrics import QUEUE_DEPTH
from app.redis_client import connect_redis
from app.release import RELEASE
from app.settings import Settings
from app.state_client import StateClient
from app.tenants import DEFAULT_TENANT, Tenant, UnknownTenant, load_tenant

log = logging.getLogger(__name__)
CACHE_SECONDS = 300


class CacheEntry(BaseModel):
    key: str = Field(min_length=1, max_length=200)
    value: str = Field(max_length=10_000)


class AssessmentRequest(BaseModel):
    name: str = Field(default="assessment", min_length=1, max_length=200)
    description: str = Field(default="", max_length=20_000)
    queue: str = Field(default="default", pattern="^(default|discovery|assessment|analysis)$")


def create_app() -> FastAPI:
    settings = Settings.from_env()
    database = Database(settings)
    redis = connect_redis(settings)
    queue = JobQueue(redis, settings.queue_key)
    states = StateClient(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        log.info("started", extra={"schemaRevision": RELEASE.schema_revision})
        yield
        log.info("stopping")

    app = instrument(FastAPI(title="AI Migration Platform", version=RELEASE.version, lifespan=lifespan))

    def tenant_of(x_tenant_id: Annotated[str, Header()] = DEFAULT_TENANT) -> Tenant:
        try:
            return load_tenant(settings.tenants_dir, x_tenant_id)
        except UnknownTenant:
            raise HTTPException(404, "no such tenant") from None

    TenantOf = Annotated[Tenant, Depends(tenant_of)]

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok", "version": RELEASE.version}

    @app.get("/health/ready")
    def ready(response: Response) -> dict[str, Any]:
        seen = {"database": _database_state(database), "redis": "connected"}
        try:
            redis.ping()
            QUEUE_DEPTH.set(queue.depth(("default", "discovery", "assessment", "analysis")))
        except RedisError as error:
            seen["redis"] = f"unreachable: {type(error).__name__}"
        is_ready = seen == {"database": "connected", "redis": "connected"}
        response.status_code = 200 if is_ready else 503
        return {"status": "ready" if is_ready else "not ready", **seen}

    @app.get("/api/v1/health/database")
    def database_health(response: Response) -> dict[str, Any]:
        try:
            with database.transaction() as connection:
                replicas = connection.execute(text("select count(*) from pg_stat_replication")).scalar_one()
                vector = connection.execute(
                    text("select extversion from pg_extension where extname = 'vector'")
                ).scalar()
                server = connection.execute(text("show server_version")).scalar_one()
        except SQLAlchemyError as error:
            response.status_code = 503
            return {"postgresql": {"status": "disconnected", "cause": type(error).__name__}}
        return {
            "postgresql": {"status": "connected", "version": server, "replicas": replicas, "vector": vector}
        }

    @app.post("/api/v1/cache/test")
    def cache_put(entry: CacheEntry) -> dict[str, str]:
        redis.set(f"cache:{entry.key}", entry.value, ex=CACHE_SECONDS)
        return {entry.key: entry.value}

    @app.get("/api/v1/cache/{key}")
    def cache_get(key: str) -> dict[str, str]:
        value = redis.get(f"cache:{key}")
        if value is None:
            raise HTTPException(404, "no such key")
        return {key: str(value)}

    @app.get("/api/v1/version")
    def version() -> dict[str, str | None]:
        with database.transaction() as connection:
            revision = schema_revision(connection)
        return {
            "version": RELEASE.version, "schemaRevision": revision, "releaseSchemaRevision": RELEASE.schema_revision,
        }

    @app.get("/api/v1/tenant/{tenant_id}/config")
    def tenant_config(tenant_id: str) -> dict[str, Any]:
        tenant = tenant_of(tenant_id)
        return {
            "id": tenant.id, "displayName": tenant.display_name, "branding": tenant.branding,
            "features": tenant.features,
        }

    @app.post("/api/v1/assessments", status_code=202)
    def create_assessment(tenant: TenantOf, request: AssessmentRequest | None = None) -> dict[str, str]:
        wanted = request or AssessmentRequest()
        with database.transaction(tenant) as connection:
            found = assessments.create(connection, tenant, wanted.name, wanted.description, wanted.queue)
            assessments.record(connection, found, "backend", settings.pod_name, "accepted", queue=wanted.queue)
        queue.push(Job(found, tenant.id, wanted.queue))
        return {"id": found, "status": "queued"}

    @app.get("/api/v1/assessments/{assessment_id}")
    def get_assessment(tenant: TenantOf, assessment_id: Annotated[str, Path(pattern="^[0-9a-f-]{36}$")]) -> dict[str, Any]:
        with database.transaction(tenant) as connection:
            found = assessments.find(connection, assessment_id)
        if found is None:
            raise HTTPException(404, "no such assessment")
        return found | {"crewState": states.read(assessment_id, tenant)}

    return app


def _database_state(database: Database) -> str:
    try:
        with database.transaction() as connection:
            revision = schema_revision(connection)
            if schema_fits(connection, revision):
                return "connected"
            return f"schema at {revision or 'nothing'}, this release needs {RELEASE.schema_revision}"
    except SQLAlchemyError as error:
        return f"unreachable: {type(error).__name__}"


if __name__ == "__main__":
    serve("app.server:create_app", "backend", 8000)
