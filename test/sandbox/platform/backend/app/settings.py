"""Everything a component is told, read once from the environment; secrets are read from their files when used."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path


def read_secret(path: Path) -> str:
    """The secret in the file; read at each use so that a rotated secret is taken up by the next connection."""
    return path.read_text().strip()


def _sentinels(text: str) -> tuple[tuple[str, int], ...]:
    pairs = (entry.strip().rsplit(":", 1) for entry in text.split(",") if entry.strip())
    return tuple((host, int(port)) for host, port in pairs)


@dataclass(frozen=True)
class Settings:
    db_host: str
    db_port: int
    db_read_host: str
    db_name: str
    db_user: str
    db_password_file: Path
    redis_mode: str
    redis_host: str
    redis_port: int
    redis_sentinels: tuple[tuple[str, int], ...]
    redis_master: str
    redis_password_file: Path
    queue_key: str
    worker_queues: tuple[str, ...]
    worker_concurrency: int
    agent_pool: bool
    crew_step_seconds: float
    state_manager_url: str
    state_ttl_seconds: int
    mcp_capabilities_file: Path
    tenants_dir: Path
    retention_file: Path
    db_wait_seconds: float
    bind_host: str
    log_level: str
    pod_name: str

    @staticmethod
    def from_env(env: dict[str, str] | None = None) -> "Settings":
        e = dict(os.environ) if env is None else env
        secrets = Path("/run/secrets/migrate-platform")
        etc = Path("/etc/migrate-platform")
        agent_pool = e.get("AGENT_POOL_MODE", "false").lower() == "true"
        concurrency = e.get("MAX_CONCURRENT_CREWS", "2") if agent_pool else e.get("WORKER_CONCURRENCY", "2")
        return Settings(
            db_host=e.get("DB_HOST", "pgbouncer"),
            db_port=int(e.get("DB_PORT", "5432")),
            db_read_host=e.get("DB_READ_HOST", ""),
            db_name=e.get("DB_NAME", "migration"),
            db_user=e.get("DB_USER", "migration_app"),
            db_password_file=Path(e.get("DB_PASSWORD_FILE", secrets / "postgres-credentials/app-password")),
            redis_mode=e.get("REDIS_MODE", "single"),
            redis_host=e.get("REDIS_HOST", "redis"),
            redis_port=int(e.get("REDIS_PORT", "6379")),
            redis_sentinels=_sentinels(e.get("REDIS_SENTINELS", "")),
            redis_master=e.get("REDIS_MASTER", "mymaster"),
            redis_password_file=Path(e.get("REDIS_PASSWORD_FILE", secrets / "redis-credentials/redis-password")),
            queue_key=e.get("QUEUE_KEY", "crew_execution_queue"),
            worker_queues=tuple(q.strip() for q in e.get("WORKER_QUEUES", "default").split(",") if q.strip()),
            worker_concurrency=int(concurrency),
            agent_pool=agent_pool,
            crew_step_seconds=float(e.get("CREW_STEP_SECONDS", "0.1")),
            state_manager_url=e.get("STATE_MANAGER_URL", "http://state-manager:8001"),
            state_ttl_seconds=int(e.get("STATE_TTL_SECONDS", "86400")),
            mcp_capabilities_file=Path(e.get("MCP_CAPABILITIES_FILE", etc / "mcp/capabilities.json")),
            tenants_dir=Path(e.get("TENANTS_DIR", etc / "tenants")),
            retention_file=Path(e.get("RETENTION_FILE", etc / "retention.json")),
            db_wait_seconds=float(e.get("DB_WAIT_SECONDS", "300")),
            bind_host=e.get("BIND_HOST", "0.0.0.0"),
            log_level=e.get("LOG_LEVEL", "INFO").upper(),
            pod_name=e.get("POD_NAME") or socket.gethostname(),
        )
