"""What Prometheus scrapes."""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("migrate_http_requests_total", "HTTP requests", ["method", "route", "status"])
LATENCY = Histogram(
    "migrate_http_request_seconds", "HTTP request duration", ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 5),
)
ASSESSMENTS = Counter("migrate_assessments_total", "Assessments by outcome", ["outcome"])
REQUEUED = Counter("migrate_jobs_requeued_total", "Jobs taken back from consumers that died")
QUEUE_DEPTH = Gauge("migrate_queue_depth", "Jobs waiting")
VECTOR_SEARCH = Histogram(
    "migrate_vector_search_seconds", "Nearest-neighbour query duration", buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1)
)
RELEASE_INFO = Gauge("migrate_release_info", "The release that runs", ["version", "schema_revision"])
