"""Which release this image is, from the release.json that the image build writes beside this module."""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Release:
    version: str
    schema_revision: str
    minimum_schema_revision: str | None


def load_release() -> Release:
    data = json.loads(Path(__file__).with_name("release.json").read_text())
    return Release(data["version"], data["schemaRevision"], data["minimumSchemaRevision"])


RELEASE = load_release()
