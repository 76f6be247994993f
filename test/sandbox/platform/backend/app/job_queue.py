"""A reliable queue on Redis lists: a job stays in its consumer's processing list until it is acknowledged (acks late),
and the list of a consumer whose heartbeat is gone goes back to the queue."""

import json
from dataclasses import asdict, dataclass

from redis import Redis

HEARTBEAT_SECONDS = 15

# Moves every job of a dead consumer back to the head of its queue, and forgets the consumer, in one step.
_RECOVER = """
if redis.call('EXISTS', KEYS[3]) == 1 then return {} end
local jobs = {}
while true do
  local job = redis.call('LPOP', KEYS[1])
  if not job then break end
  local data = cjson.decode(job)
  data.attempt = data.attempt + 1
  redis.call('RPUSH', ARGV[2] .. (data.queue == 'default' and '' or ':' .. data.queue), cjson.encode(data))
  jobs[#jobs + 1] = data.assessment_id
end
redis.call('SREM', KEYS[2], ARGV[1])
return jobs
"""


@dataclass(frozen=True)
class Job:
    assessment_id: str
    tenant: str
    queue: str
    attempt: int = 1

    def encode(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @staticmethod
    def decode(payload: str) -> "Job":
        return Job(**json.loads(payload))


class JobQueue:
    def __init__(self, redis: Redis, key: str) -> None:
        self._redis = redis
        self._key = key
        self._recover = redis.register_script(_RECOVER)

    def _list(self, queue: str) -> str:
        return self._key if queue == "default" else f"{self._key}:{queue}"

    def _processing(self, consumer: str) -> str:
        return f"{self._key}:processing:{consumer}"

    def push(self, job: Job) -> None:
        self._redis.lpush(self._list(job.queue), job.encode())

    def depth(self, queues: tuple[str, ...]) -> int:
        return sum(int(self._redis.llen(self._list(queue))) for queue in queues)

    def beat(self, consumer: str) -> None:
        """Tells the others that the consumer lives, for HEARTBEAT_SECONDS from now."""
        with self._redis.pipeline() as pipe:
            pipe.sadd(f"{self._key}:consumers", consumer)
            pipe.set(f"{self._key}:alive:{consumer}", "1", ex=HEARTBEAT_SECONDS)
            pipe.execute()

    def take(self, consumer: str, queues: tuple[str, ...], wait_seconds: float) -> str | None:
        """Moves the oldest job of the first queue that has one to the consumer's processing list; waits on the first queue."""
        for queue in queues:
            payload = self._redis.lmove(self._list(queue), self._processing(consumer), "RIGHT", "LEFT")
            if payload is not None:
                return payload
        return self._redis.blmove(self._list(queues[0]), self._processing(consumer), wait_seconds, "RIGHT", "LEFT")

    def acknowledge(self, consumer: str, payload: str) -> None:
        self._redis.lrem(self._processing(consumer), 1, payload)

    def give_back(self, consumer: str) -> None:
        """Returns what the consumer still holds to the queue, at once: its heartbeat ends here."""
        self._redis.delete(f"{self._key}:alive:{consumer}")
        self.recover()

    def recover(self) -> list[str]:
        """Requeues the jobs of consumers without a heartbeat; the ids of their assessments."""
        recovered: list[str] = []
        for consumer in self._redis.smembers(f"{self._key}:consumers"):
            keys = [self._processing(consumer), f"{self._key}:consumers", f"{self._key}:alive:{consumer}"]
            recovered += self._recover(keys=keys, args=[consumer, self._key])
        return recovered
