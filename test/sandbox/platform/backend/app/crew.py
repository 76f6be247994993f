"""One assessment from running to completed: discovery, assessment (with the MCP tools), analysis (nearest patterns)."""

import json
import logging
import threading
import time
from typing import Any

from app import assessments
from app.database import Database
from app.metrics import VECTOR_SEARCH
from app.settings import Settings
from app.state_client import StateClient, call
from app.tenants import Tenant

log = logging.getLogger(__name__)
Result = dict[str, Any]


class Interrupted(Exception):
    """The worker is stopping; the job goes back to the queue."""


class Crew:
    def __init__(self, settings: Settings, database: Database, component: str, stopping: threading.Event) -> None:
        self._settings = settings
        self._database = database
        self._component = component
        self._stopping = stopping
        self._states = StateClient(settings)

    def run(self, assessment_id: str, tenant: Tenant, attempt: int) -> bool:
        """Takes the assessment to completed; False when there was nothing left to do. Raises Interrupted on shutdown."""
        with self._database.transaction(tenant) as connection:
            wanted = assessments.start(connection, assessment_id)
            if wanted is None:
                return False
            self._record(connection, assessment_id, "started", attempt=attempt)
        description = f"{wanted['name']} {wanted['description']}"

        self._step(assessment_id, tenant, "discovery")
        with self._database.transaction(tenant) as connection:
            assessments.store_pattern(connection, tenant, assessment_id, wanted["name"], wanted["description"])
            self._record(connection, assessment_id, "pattern stored", dimensions=1536)

        self._step(assessment_id, tenant, "assessment")
        tool = self._ask_tool(tenant, "classify_application", {"description": description})

        self._step(assessment_id, tenant, "analysis")
        began = time.perf_counter()
        with self._database.search(tenant) as (connection, where):
            patterns = assessments.nearest(connection, description, assessment_id)
        seconds = time.perf_counter() - began
        VECTOR_SEARCH.observe(seconds)

        strategy = patterns[0]["strategy"] if patterns else None
        result: Result = {"strategy": strategy, "classification": tool, "patterns": patterns}
        with self._database.transaction(tenant) as connection:
            self._record(connection, assessment_id, "patterns searched", on=where, ms=round(seconds * 1000, 1),
                         found=len(patterns))
            assessments.complete(connection, assessment_id, result)
            self._record(connection, assessment_id, "completed", strategy=strategy)
        self._keep(assessment_id, tenant, "completed")
        return True

    def _record(self, connection: Any, assessment_id: str, action: str, **detail: Any) -> None:
        assessments.record(connection, assessment_id, self._component, self._settings.pod_name, action, **detail)

    def _step(self, assessment_id: str, tenant: Tenant, phase: str) -> None:
        # CREW_STEP_SECONDS stands for the time the agents' model calls take.
        if self._stopping.wait(self._settings.crew_step_seconds):
            raise Interrupted
        self._keep(assessment_id, tenant, phase)

    def _keep(self, assessment_id: str, tenant: Tenant, phase: str) -> None:
        try:
            self._states.write(assessment_id, tenant, {"phase": phase, "pod": self._settings.pod_name})
        except OSError as error:
            log.warning("crew state not kept", extra={"assessment": assessment_id, "cause": str(error)})

    def _ask_tool(self, tenant: Tenant, tool: str, arguments: Result) -> Result | None:
        """What an MCP server of the capability registry answers, or None when none offers the tool or it fails."""
        for server in self._servers():
            if tool in server.get("tools", ()):
                try:
                    return {"server": server["name"]} | call(f"{server['url']}/tools/{tool}", tenant, arguments, "POST")
                except OSError as error:
                    log.warning("tool failed", extra={"server": server["name"], "tool": tool, "cause": str(error)})
        return None

    def _servers(self) -> list[dict[str, Any]]:
        try:
            return json.loads(self._settings.mcp_capabilities_file.read_text())["servers"]
        except FileNotFoundError:
            return []
