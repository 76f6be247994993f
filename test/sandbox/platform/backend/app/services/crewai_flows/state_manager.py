"""Crew state: in Redis with a time to live for speed, and durably in Postgres."""

import json
import logging
from typing import Annotated, Any

from fastapi import Body, Depends, FastAPI, Header, HTTPException, Path
from redis.exceptions import RedisError
from sqlalchemy import text

from app.database import Database
from app.http_app import instrument, serve
from app.redis_client import connect_redis
from app.release import RELEASE
from app.settings import Settings
from app.tenants import DEFAULT_TENANT, Tenant, UnknownTenant, load_tenant

log = logging.getLogger(__name__)
FlowId = Annotated[str, Path(pattern="^[0-9a-f-]{36}$")]


def create_app() -> FastAPI:
    settings = Settings.from_env()
    database = Database(settings)
    redis = connect_redis(settings)
    app = instrument(FastAPI(title="Crew state manager", version=RELEASE.version))

    def tenant_of(x_tenant_id: Annotated[str, Header()] = DEFAULT_TENANT) -> Tenant:
        try:
            return load_tenant(settings.tenants_dir, x_tenant_id)
        except UnknownTenant:
            raise HTTPException(404, "no such tenant") from None

    TenantOf = Annotated[Tenant, Depends(tenant_of)]

    def cache(flow_id: str, tenant: Tenant, state: dict[str, Any]) -> None:
        try:
            redis.set(f"flow:{tenant.id}:{flow_id}", json.dumps(state), ex=settings.state_ttl_seconds)
        except RedisError as error:
            log.warning("state kept in Postgres only", extra={"flow": flow_id, "cause": type(error).__name__})

    def cached(flow_id: str, tenant: Tenant) -> dict[str, Any] | None:
        try:
            value = redis.get(f"flow:{tenant.id}:{flow_id}")
        except RedisError:
            return None
        return json.loads(str(value)) if value else None

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok", "version": RELEASE.version}

    @app.put("/flows/{flow_id}/state")
    def put_state(flow_id: FlowId, tenant: TenantOf, state: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
        with database.transaction(tenant) as connection:
            version = connection.execute(
                text(
                    "insert into migration.crew_state (flow_id, client_account_id, state)"
                    " values (:id, :account, cast(:state as jsonb))"
                    " on conflict (flow_id) do update set state = excluded.state,"
                    " version = crew_state.version + 1, updated_at = now() returning version"
                ),
                {"id": flow_id, "account": str(tenant.client_account_id), "state": json.dumps(state)},
            ).scalar_one()
        kept = {**state, "version": version, "keptBy": settings.pod_name}
        cache(flow_id, tenant, kept)
        return kept

    @app.get("/flows/{flow_id}/state")
    def get_state(flow_id: FlowId, tenant: TenantOf) -> dict[str, Any]:
        state = cached(flow_id, tenant)
        if state is not None:
            return {**state, "source": "redis"}
        with database.transaction(tenant) as connection:
            row = connection.execute(
                text("select state, version from migration.crew_state where flow_id = :id"), {"id": flow_id}
            ).mappings().first()
        if row is None:
            raise HTTPException(404, "no such flow")
        kept = {**row["state"], "version": row["version"]}
        cache(flow_id, tenant, kept)
        return {**kept, "source": "postgres"}

    return app


if __name__ == "__main__":
    serve("app.services.crewai_flows.state_manager:create_app", "state-manager", 8001)
