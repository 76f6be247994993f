"""Patterns with their embeddings under an HNSW index, and the vendor's catalogue of them, which every tenant sees."""

import uuid

from alembic import op
from sqlalchemy import text

from app.embedding import embed, literal
from app.migrations.steps import declare_compatible, isolate_tenants

revision = "0002"
down_revision = "0001"

CATALOGUE = (
    ("Java EE monolith on an application server", "replatform", "JBoss WebSphere WebLogic EJB servlet monolith session replication"),
    ("COBOL batch on a mainframe", "refactor", "CICS JCL VSAM DB2 nightly batch mainframe copybook"),
    (".NET Framework on IIS", "replatform", "ASP.NET WebForms IIS Windows server SQL Server"),
    ("Vendor package with a SaaS successor", "repurchase", "CRM ERP package licence vendor SaaS successor"),
    ("Virtual machine without sources", "rehost", "VMware appliance closed source virtual machine lift and shift"),
    ("Oracle database with PL/SQL logic", "refactor", "Oracle PL/SQL stored procedure packages triggers"),
    ("Stateless web service in containers", "rehost", "Docker container REST stateless twelve factor"),
    ("File transfer hub", "replatform", "SFTP EDI file transfer scheduled polling"),
    ("Reporting warehouse", "replatform", "data warehouse ETL star schema BI report cube"),
    ("Message broker at the centre", "retain", "MQ TIBCO ActiveMQ broker queue integration bus"),
    ("Application nobody uses", "retire", "unused no users no logins decommission"),
    ("Thin client on Citrix", "rehost", "Citrix terminal server thick client desktop"),
    ("Machine learning training pipeline", "replatform", "GPU training pipeline notebook model feature store"),
    ("Plant control with hard real time", "retain", "SCADA PLC real time plant control latency"),
    ("Customer portal with personal data", "refactor", "portal personal data GDPR consent customer account"),
    ("Perl and cron glue", "refactor", "Perl shell cron scripts glue undocumented"),
)


def upgrade() -> None:
    op.execute("""
        create table migration.agent_discovered_patterns (
            id uuid primary key,
            client_account_id uuid,
            assessment_id uuid references migration.assessment (id) on delete cascade,
            name text not null,
            strategy text,
            description text not null,
            embedding vector(1536) not null,
            created_at timestamptz not null default now())""")
    op.execute("create index agent_discovered_patterns_embedding on migration.agent_discovered_patterns"
               " using hnsw (embedding vector_cosine_ops) with (m = 16, ef_construction = 64)")
    op.execute("create index on migration.agent_discovered_patterns (client_account_id)")
    insert = text("insert into migration.agent_discovered_patterns (id, name, strategy, description, embedding)"
                  " values (:id, :name, :strategy, :description, cast(:embedding as vector))")
    for name, strategy, description in CATALOGUE:
        op.get_bind().execute(insert, {
            "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:migrate-platform:pattern:{name}")),
            "name": name, "strategy": strategy, "description": description,
            "embedding": literal(embed(f"{name} {description}")),
        })
    isolate_tenants("agent_discovered_patterns", shared_rows=True)
    declare_compatible("0002", since="0002")
