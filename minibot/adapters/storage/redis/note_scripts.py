"""What is done to notes in one step, in Lua.

The notes of an owner are a hash. The empty field, which is no note's title, holds a version:
a number that grows with every note saved, and the token of the last change. Every other value
is that number at the time, the microsecond of creation, and the note as JSON.

A change is sent with a token, under which its outcome is kept for a while: one that is sent
again is answered the same and not done again.
"""

OUTCOME_MS = 60_000
"""Longer than anybody goes on trying."""

_COMMON = f"""
local notes, outcome, owners = KEYS[1], KEYS[2], KEYS[3]
local told = redis.call('GET', outcome)
if told then return told end

local function finish(answer)
  redis.call('SET', outcome, answer, 'PX', {OUTCOME_MS})
  return answer
end

local function count() return math.max(0, redis.call('HLEN', notes) - 1) end

local function saved(notes)
  return tonumber(string.match(redis.call('HGET', notes, '') or '', '^%d+')) or 0
end
"""

FULL = b"full"

SAVE = (
    _COMMON
    + """
local token, owner, field, created, text = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local before = redis.call('HGET', notes, field)
if before then
  created = string.match(before, '^%d+ (%-?%d+) ') or created
elseif count() >= tonumber(ARGV[6]) then
  return 'full'
end
redis.call('SADD', owners, owner)
local number = string.format('%d', saved(notes) + 1)
local value = table.concat({number, created, text}, ' ')
redis.call('HSET', notes, '', number .. ' ' .. token, field, value)
return finish(before or '')
"""
)

DELETE = (
    _COMMON
    + """
local token, owner, field = ARGV[1], ARGV[2], ARGV[3]
local before = redis.call('HGET', notes, field)
if not before then return '' end
redis.call('HDEL', notes, field)
redis.call('HSET', notes, '', string.format('%d %s', saved(notes), token))
if count() == 0 then
  redis.call('DEL', notes)
  redis.call('SREM', owners, owner)
end
return finish(before)
"""
)

CLEAR = (
    _COMMON
    + """
local number = count()
redis.call('SREM', owners, ARGV[2])
redis.call('DEL', notes)
return finish(string.format('%d', number))
"""
)

# What the new owner has a note of the same title of stays with the old one.
HAND_OVER = (
    _COMMON
    + """
local heir = KEYS[4]
local token, owner, new_owner = ARGV[1], ARGV[2], ARGV[3]
local found = redis.call('HGETALL', notes)
local number, moved = saved(heir), 0
for i = 1, #found, 2 do
  local field, order, rest = found[i], string.match(found[i + 1], '^(%d+)( .*)$')
  if field ~= '' and order and redis.call('HEXISTS', heir, field) == 0 then
    redis.call('HSET', heir, field, order .. rest)
    redis.call('HDEL', notes, field)
    number = math.max(number, tonumber(order))
    moved = moved + 1
  end
end
if moved > 0 then
  redis.call('HSET', heir, '', string.format('%d %s', number, token))
  redis.call('SADD', owners, new_owner)
  redis.call('HSET', notes, '', string.format('%d %s', saved(notes), token))
end
if count() == 0 then
  redis.call('DEL', notes)
  redis.call('SREM', owners, owner)
end
return finish(string.format('%d', moved))
"""
)
