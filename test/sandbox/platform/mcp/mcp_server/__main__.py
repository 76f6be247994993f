"""The server: health, capabilities, and one POST per tool."""

from typing import Annotated, Any

from fastapi import Body, FastAPI, HTTPException

from app.http_app import instrument, serve
from app.release import RELEASE
from mcp_server.tools import TOOLS


def create_app() -> FastAPI:
    app = instrument(FastAPI(title="Assessment tools", version=RELEASE.version))

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok", "version": RELEASE.version}

    @app.get("/capabilities")
    def capabilities() -> dict[str, Any]:
        tools = [{"name": name, "description": tool.__doc__} for name, tool in TOOLS.items()]
        return {"name": "assessment-tools", "version": RELEASE.version, "tools": tools}

    @app.post("/tools/{name}")
    def run_tool(name: str, arguments: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
        if name not in TOOLS:
            raise HTTPException(404, "no such tool")
        try:
            return TOOLS[name](arguments)
        except ValueError as error:
            raise HTTPException(422, str(error)) from None

    return app


if __name__ == "__main__":
    serve("mcp_server.__main__:create_app", "mcp-assessment-tools", 8080)
