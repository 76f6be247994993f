"""Text to a unit vector of 1536 dimensions by feature hashing: deterministic, no model, similar words give near vectors."""

import hashlib
import math
import re

DIMENSIONS = 1536
_WORD = re.compile(r"[a-z0-9]+")


def _features(text: str) -> list[tuple[str, float]]:
    words = _WORD.findall(text.lower())
    trigrams = [word[i : i + 3] for word in words for i in range(max(len(word) - 2, 0))]
    pairs = [f"{a} {b}" for a, b in zip(words, words[1:], strict=False)]
    return [(f"w:{w}", 1.0) for w in words] + [(f"t:{t}", 0.3) for t in trigrams] + [(f"p:{p}", 0.7) for p in pairs]


def embed(text: str) -> list[float]:
    """The embedding of a text; a text without any word is embedded as the word `empty`, since a zero vector has no cosine."""
    vector = [0.0] * DIMENSIONS
    for feature, weight in _features(text) or _features("empty"):
        digest = hashlib.blake2b(feature.encode(), digest_size=8).digest()
        bucket = int.from_bytes(digest[:4], "big") % DIMENSIONS
        vector[bucket] += weight if digest[4] & 1 else -weight
    length = math.sqrt(sum(x * x for x in vector)) or 1.0
    return [x / length for x in vector]


def literal(vector: list[float]) -> str:
    """The vector as pgvector reads it."""
    return "[" + ",".join(f"{x:.6g}" for x in vector) + "]"
