"""The state manager, as its clients see it."""

import json
import logging
import urllib.error
import urllib.request
from typing import Any

from app.settings import Settings
from app.tenants import Tenant

log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 5


def call(url: str, tenant: Tenant, body: dict[str, Any] | None = None, method: str | None = None) -> dict[str, Any]:
    """One JSON request in a tenant's name. Raises OSError when it fails."""
    request = urllib.request.Request(
        url, data=None if body is None else json.dumps(body).encode(), method=method,
        headers={"Content-Type": "application/json", "X-Tenant-Id": tenant.id},
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
        return json.load(response)


class StateClient:
    def __init__(self, settings: Settings) -> None:
        self._base = settings.state_manager_url.rstrip("/")

    def write(self, flow_id: str, tenant: Tenant, state: dict[str, Any]) -> None:
        """Keeps the crew's state. Raises OSError when the state manager does not take it."""
        call(f"{self._base}/flows/{flow_id}/state", tenant, state, "PUT")

    def read(self, flow_id: str, tenant: Tenant) -> dict[str, Any] | None:
        """The crew's state, or None when there is none or the state manager does not answer."""
        try:
            return call(f"{self._base}/flows/{flow_id}/state", tenant)
        except urllib.error.HTTPError as error:
            if error.code != 404:
                log.warning("state manager refused", extra={"flow": flow_id, "status": error.code})
        except OSError as error:
            log.warning("state manager does not answer", extra={"flow": flow_id, "cause": str(error)})
        return None
