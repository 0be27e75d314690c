"""Conversations and notes in a Redis server. Needs the extra ``redis``."""

from minibot.adapters.storage.redis.opening import RedisStores, open_redis_memory, problems_with

__all__ = ["RedisStores", "open_redis_memory", "problems_with"]
