"""The Redis master, directly or found through Sentinel."""

from redis import Redis
from redis.sentinel import Sentinel

from app.settings import Settings, read_secret


def connect_redis(settings: Settings) -> Redis:
    """A client that finds the present master again after a failover."""
    password = read_secret(settings.redis_password_file)
    options = {"socket_timeout": 10, "socket_connect_timeout": 5, "health_check_interval": 30, "decode_responses": True}
    if settings.redis_mode == "sentinel":
        sentinel = Sentinel(
            list(settings.redis_sentinels),
            sentinel_kwargs={"password": password, "socket_timeout": 5, "decode_responses": True},
        )
        return sentinel.master_for(settings.redis_master, password=password, **options)
    return Redis(host=settings.redis_host, port=settings.redis_port, password=password, **options)
