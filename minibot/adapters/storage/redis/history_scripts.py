"""What is done to a conversation in one step, in Lua.

A conversation is two keys. ``entries`` is a sorted set: every entry is scored by its place,
which only grows. ``state`` is a hash:

- ``place``: the last place that was given;
- ``away``: places, ascending, one for every `put_away` that can be taken back. What stands at
  the last of them or before is put away;
- ``summary``, ``through``, ``untrusted``: the summary; ``above`` is the last place that was
  put away when it was made, so that its entries are those above that;
- the same four with ``@`` and a place behind: the summary that was put away with the entries
  up to there;
- ``appended``, ``put_away``, ``taken_back``, ``dropped``: the token of the last such change and
  what came of it, so that one that is sent twice is done once.

Before anything is changed every key was read, so that one of a wrong type stops a script
before it did half; and what takes memory comes first, for a server that is full refuses that
only to a script that changed nothing yet.
"""

_COMMON = """
local function places(text)
  local found = {}
  for each in string.gmatch(text or '', '%d+') do found[#found + 1] = tonumber(each) end
  return found
end

local function read(state, field) return redis.call('HGET', state, field) or '' end

local function last_away(state)
  local away = places(read(state, 'away'))
  return away[#away] or 0
end

local function newest_place(entries)
  return tonumber(redis.call('ZREVRANGE', entries, 0, 0, 'WITHSCORES')[2] or 0)
end

-- A state that had to be made anew is forgotten when its entries are.
local function expire_together(entries, state)
  local left = redis.call('PTTL', entries)
  if left > 0 then redis.call('PEXPIRE', state, left) end
end

local function written(place) return string.format('%d', place) end

-- Calls visit(place) for the entries of users above a place, the newest first, until it gives
-- something.
local function each_user(entries, above, visit)
  local offset = 0
  while true do
    local page = redis.call('ZREVRANGEBYSCORE', entries, '+inf', '(' .. above,
                            'WITHSCORES', 'LIMIT', offset, 200)
    if #page == 0 then return nil end
    for i = 1, #page, 2 do
      if string.find(page[i], '^%d+ %["user",') then
        local found = visit(tonumber(page[i + 1]))
        if found then return found end
      end
    end
    offset = offset + #page / 2
  end
end

-- The last place that is not in the newest exchanges; nil when there are no more than these.
local function before_newest(entries, above, exchanges)
  if exchanges == 0 then return newest_place(entries) end
  local seen = 0
  return each_user(entries, above, function(place)
    seen = seen + 1
    if seen == exchanges then return place - 1 end
  end)
end

local SUMMARY = {'summary', 'through', 'untrusted', 'above'}

-- Renames the summary, or deletes it for want of a new suffix.
local function move_summary(state, suffix, new_suffix)
  for _, field in ipairs(SUMMARY) do
    local value = redis.call('HGET', state, field .. suffix)
    redis.call('HDEL', state, field .. suffix)
    if value and new_suffix then redis.call('HSET', state, field .. new_suffix, value) end
  end
end

local function drop_all_summaries(state)
  for _, field in ipairs(redis.call('HKEYS', state)) do
    for _, name in ipairs(SUMMARY) do
      if field == name or string.find(field, name .. '@', 1, true) == 1 then
        redis.call('HDEL', state, field)
      end
    end
  end
end

-- What came of a change when it was made already, else nil.
local function outcome(state, field, token)
  local told, number = string.match(read(state, field), '^(%S+) (%d+)$')
  if told == token then return tonumber(number) end
end
"""

APPEND = (
    _COMMON
    + """
local entries, state, conversations = KEYS[1], KEYS[2], KEYS[3]
local token, ttl, most, name = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZCARD', conversations)
if not outcome(state, 'appended', token) then
  local place = math.max(tonumber(read(state, 'place')) or 0, newest_place(entries))
  for i = 5, #ARGV do
    place = place + 1
    redis.call('ZADD', entries, place, written(place) .. ' ' .. ARGV[i])
  end
  redis.call('ZREMRANGEBYRANK', entries, 0, -most - 1)
  redis.call('HSET', state, 'place', written(place), 'appended', token .. ' ' .. #ARGV - 4)
end
redis.call('PEXPIRE', entries, ttl)
redis.call('PEXPIRE', state, ttl)
redis.call('ZREMRANGEBYSCORE', conversations, '-inf', '(' .. written(now))
redis.call('ZADD', conversations, written(now + ttl), name)
if redis.call('PTTL', conversations) < ttl then redis.call('PEXPIRE', conversations, ttl) end
return #ARGV - 4
"""
)

RECENT = (
    _COMMON
    + """
return redis.call('ZREVRANGEBYSCORE', KEYS[1], '+inf', '(' .. last_away(KEYS[2]),
                  'LIMIT', 0, ARGV[1])
"""
)

PUT_AWAY = (
    _COMMON
    + """
local entries, state = KEYS[1], KEYS[2]
local token, keep = ARGV[1], tonumber(ARGV[2])
local done = outcome(state, 'put_away', token)
if done then return done end
local away = places(read(state, 'away'))
local above = away[#away] or 0
local upto = before_newest(entries, above, keep) or 0
local count = 0
if upto > above then count = redis.call('ZCOUNT', entries, '(' .. above, upto) end
if keep == 0 then move_summary(state, '', count > 0 and '@' .. written(upto) or nil) end
if count == 0 then return 0 end
-- What put away entries that are all gone cannot be taken back.
local oldest = tonumber(redis.call('ZRANGE', entries, 0, 0, 'WITHSCORES')[2])
local kept = {}
for _, place in ipairs(away) do
  if place >= oldest then
    kept[#kept + 1] = written(place)
  else
    move_summary(state, '@' .. written(place))
  end
end
kept[#kept + 1] = written(upto)
redis.call('HSET', state, 'away', table.concat(kept, ' '), 'put_away', token .. ' ' .. count)
expire_together(entries, state)
return count
"""
)

TAKE_BACK = (
    _COMMON
    + """
local entries, state, token = KEYS[1], KEYS[2], ARGV[1]
local done = outcome(state, 'taken_back', token)
if done then return done end
local away = places(read(state, 'away'))
local count = 0
while count == 0 and #away > 0 do
  local upto = table.remove(away)
  local suffix = '@' .. written(upto)
  count = redis.call('ZCOUNT', entries, '(' .. (away[#away] or 0), upto)
  -- A summary that begins above what comes back does not cover it; the one before does.
  if (tonumber(read(state, 'above')) or 0) > (away[#away] or 0) then move_summary(state, '') end
  if read(state, 'summary' .. suffix) ~= '' then move_summary(state, suffix, '') end
end
if count == 0 then return 0 end
local kept = {}
for _, place in ipairs(away) do kept[#kept + 1] = written(place) end
redis.call('HSET', state, 'away', table.concat(kept, ' '), 'taken_back', token .. ' ' .. count)
return count
"""
)

DROP = (
    _COMMON
    + """
local entries, state, token, count = KEYS[1], KEYS[2], ARGV[1], tonumber(ARGV[2])
local done = outcome(state, 'dropped', token)
if done then return done end
if count < 1 then return 0 end
local found = redis.call('ZREVRANGE', entries, 0, count - 1, 'WITHSCORES')
if #found == 0 then return 0 end
local since = tonumber(found[#found])
local place = math.max(tonumber(read(state, 'place')) or 0, newest_place(entries))
redis.call('HSET', state, 'place', written(place), 'dropped', token .. ' ' .. #found / 2)
expire_together(entries, state)
for i = 1, #found, 2 do redis.call('ZREM', entries, found[i]) end
-- A summary that tells of one of them goes too.
local suffixes = {''}
for _, upto in ipairs(places(read(state, 'away'))) do
  suffixes[#suffixes + 1] = '@' .. written(upto)
end
for _, suffix in ipairs(suffixes) do
  if (tonumber(read(state, 'through' .. suffix)) or 0) >= since then move_summary(state, suffix) end
end
return #found / 2
"""
)

INFO = (
    _COMMON
    + """
local entries, above = KEYS[1], last_away(KEYS[2])
local exchanges = 0
each_user(entries, above, function() exchanges = exchanges + 1 end)
return {
  exchanges,
  redis.call('ZCOUNT', entries, '(' .. above, '+inf'),
  redis.call('ZCOUNT', entries, '-inf', above),
  redis.call('ZRANGEBYSCORE', entries, '(' .. above, '+inf', 'LIMIT', 0, 1)[1] or '',
}
"""
)

ALL = (
    _COMMON
    + """
return {redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES'), last_away(KEYS[2])}
"""
)

UNSUMMARISED = (
    _COMMON
    + """
local entries, state = KEYS[1], KEYS[2]
local above = last_away(state)
local upto = before_newest(entries, above, tonumber(ARGV[1]))
local through = tonumber(read(state, 'through')) or 0
if not upto then return {through, {}} end
above = math.max(above, through)
return {through, redis.call('ZRANGEBYSCORE', entries, '(' .. above, upto, 'WITHSCORES')}
"""
)

SUMMARISE = (
    _COMMON
    + """
local entries, state, through = KEYS[1], KEYS[2], tonumber(ARGV[2])
local above = last_away(state)
-- What was put away, forgotten or erased meanwhile must not come back in short.
if through <= above or redis.call('ZCOUNT', entries, through, through) == 0 then return 0 end
redis.call('HSET', state, 'summary', ARGV[1], 'through', written(through),
           'untrusted', ARGV[3], 'above', written(above))
expire_together(entries, state)
return 1
"""
)

REMOVE = (
    _COMMON
    + """
local name, removed = ARGV[1], 0
for i = 2, #ARGV do removed = removed + redis.call('ZREM', KEYS[1], ARGV[i]) end
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('DEL', KEYS[2])
  redis.call('ZREM', KEYS[3], name)
elseif removed > 0 then
  drop_all_summaries(KEYS[2])
end
return removed
"""
)

# The old conversation's entries go before the new one's, whose places are raised for that. Its
# summary stays; that of the new one goes, for its entries can be summed up again.
MOVE = (
    _COMMON
    + """
local entries, state, new_entries, new_state, conversations = unpack(KEYS)
local old_name, new_name, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
local old = redis.call('ZRANGE', entries, 0, -1, 'WITHSCORES')
local new = redis.call('ZRANGE', new_entries, 0, -1, 'WITHSCORES')
local raise = math.max(tonumber(read(state, 'place')) or 0, newest_place(entries))
local new_place = math.max(tonumber(read(new_state, 'place')) or 0, newest_place(new_entries))
local until_ = math.max(tonumber(redis.call('ZSCORE', conversations, old_name) or 0),
                        tonumber(redis.call('ZSCORE', conversations, new_name) or 0))
redis.call('ZREM', conversations, old_name)
if #old == 0 then return 0 end

local left = math.max(redis.call('PTTL', entries), redis.call('PTTL', new_entries))
local away = places(read(state, 'away'))
for _, place in ipairs(places(read(new_state, 'away'))) do away[#away + 1] = place + raise end
for i, place in ipairs(away) do away[i] = written(place) end
redis.call('DEL', new_entries)
for i = 1, #old, 2 do redis.call('ZADD', new_entries, old[i + 1], old[i]) end
for i = 1, #new, 2 do
  local place = tonumber(new[i + 1]) + raise
  local text = string.match(new[i], '^%d+ (.*)$')
  if text then redis.call('ZADD', new_entries, place, written(place) .. ' ' .. text) end
end
redis.call('ZREMRANGEBYRANK', new_entries, 0, -most - 1)
drop_all_summaries(new_state)
local fields = redis.call('HGETALL', state)
for i = 1, #fields, 2 do redis.call('HSET', new_state, fields[i], fields[i + 1]) end
redis.call('HSET', new_state, 'place', written(raise + new_place),
           'away', table.concat(away, ' '))
redis.call('DEL', entries, state)
if left > 0 then
  redis.call('PEXPIRE', new_entries, left)
  redis.call('PEXPIRE', new_state, left)
end
if until_ > 0 then redis.call('ZADD', conversations, written(until_), new_name) end
return #old / 2
"""
)
