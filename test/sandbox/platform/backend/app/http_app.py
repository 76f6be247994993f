"""What every HTTP component shares: request metrics, access log, /metrics, and errors without internals."""

import logging
import time
from collections.abc import Awaitable, Callable

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.jsonlog import configure_logging
from app.metrics import LATENCY, RELEASE_INFO, REQUESTS
from app.release import RELEASE
from app.settings import Settings

log = logging.getLogger("app.access")


def instrument(app: FastAPI) -> FastAPI:
    RELEASE_INFO.labels(RELEASE.version, RELEASE.schema_revision).set(1)

    @app.middleware("http")
    async def measure(request: Request, proceed: Callable[[Request], Awaitable[Response]]) -> Response:
        started = time.perf_counter()
        try:
            response = await proceed(request)
        except Exception:
            log.exception("request failed", extra={"method": request.method, "path": request.url.path})
            response = JSONResponse({"error": "internal error"}, status_code=500)
        seconds = time.perf_counter() - started
        route = getattr(request.scope.get("route"), "path", "unmatched")
        REQUESTS.labels(request.method, route, str(response.status_code)).inc()
        LATENCY.labels(route).observe(seconds)
        if not route.startswith(("/health", "/metrics")):
            log.info(
                "request",
                extra={"method": request.method, "path": request.url.path, "status": response.status_code,
                       "ms": round(seconds * 1000, 1)},
            )
        return response

    @app.get("/metrics", include_in_schema=False)
    def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return app


def serve(factory: str, component: str, port: int) -> None:
    """Runs the application until SIGTERM, one worker process."""
    settings = Settings.from_env()
    configure_logging(component, settings.pod_name, settings.log_level)
    uvicorn.run(
        factory, factory=True, host=settings.bind_host, port=port, workers=1, log_config=None, access_log=False,
        timeout_graceful_shutdown=20, proxy_headers=True,
    )
