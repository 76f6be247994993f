"""Tenants as the chart's ConfigMap declares them, one <id>.json each; the tenant `default` always exists."""

import json
import re
import uuid
from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_TENANT = "default"
_NAMESPACE = uuid.UUID("6f0c2f5e-5d0b-5b52-9a7e-0d9f3a1c7b11")
_ID = re.compile(r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$")


class UnknownTenant(Exception):
    """No tenant of that id is configured."""


@dataclass(frozen=True)
class Tenant:
    id: str
    client_account_id: uuid.UUID
    display_name: str
    branding: dict[str, str] = field(default_factory=dict)
    features: dict[str, bool] = field(default_factory=dict)


def load_tenant(directory: Path, tenant_id: str) -> Tenant:
    """The tenant's configuration. Raises UnknownTenant when there is none."""
    if not _ID.match(tenant_id):
        raise UnknownTenant(tenant_id)
    file = directory / f"{tenant_id}.json"
    if not file.is_file():
        if tenant_id != DEFAULT_TENANT:
            raise UnknownTenant(tenant_id)
        return Tenant(DEFAULT_TENANT, uuid.uuid5(_NAMESPACE, DEFAULT_TENANT), "Default")
    data = json.loads(file.read_text())
    account = data.get("clientAccountId")
    return Tenant(
        id=tenant_id,
        client_account_id=uuid.UUID(account) if account else uuid.uuid5(_NAMESPACE, tenant_id),
        display_name=data.get("displayName", tenant_id),
        branding=data.get("branding", {}),
        features=data.get("features", {}),
    )
