"""Configurations that tests begin with."""

TOKEN = "123456789:AAcanaryBotTokenThatMustNeverBeShown0000"
API_KEY = "sk-canary-api-key-that-must-never-be-shown-anywhere"
PASSWORD = "canary password 4 redis §!"
CANARIES = (TOKEN, API_KEY, PASSWORD)

WORKING = f"""\
# A family's assistant.
[runtime]
log_level = "INFO"
environment = "development"

[channels.telegram]
enabled = true
bot_token = "{TOKEN}"
allowed_chat_ids = [-1001234567890]
allowed_user_ids = [123456789, 987654321]
mode = "long_polling"

[channels.slack]
enabled = false
signing_secret = ""

[llm]
provider = "openai"
api_key = "{API_KEY}"
model = "gpt-4o-mini"
max_new_tokens = 512
temperature = 0.4

[llm.context]
history_window = 6
system_prompt = \"\"\"
You are Minibot,
a helpful assistant.\"\"\"

[memory.redis]
password = "{PASSWORD}"

[logging]
json = true
logfmt = {{ enabled = false, kv_separator = "=" }}
"""

EVERY_TABLE = """\
[runtime]
log_level = "INFO"
environment = "development"

[channels.telegram]
enabled = true
bot_token = "123456:ABCDEF-your-token"
allowed_chat_ids = [123456789]
allowed_user_ids = [123456789, 987654321]
mode = "long_polling"
webhook_url = "https://example.com/webhook"

[channels.slack]
enabled = false
bot_token = ""
signing_secret = ""
allowed_user_ids = []

[llm]
provider = "openai"
api_key = "sk-..."
model = "gpt-4o-mini"
max_new_tokens = 512
temperature = 0.4

[llm.context]
history_window = 6
system_prompt = "You are Minibot, a helpful assistant."

[scheduler]
enabled = true
type = "asyncio"
poll_interval_ms = 500
default_retry_limit = 3

[memory]
backend = "in_memory"

[memory.redis]
url = "redis://localhost:6379/0"
password = ""
ttl_seconds = 3600

[memory.sqlalchemy]
enabled = false
url = "sqlite+aiosqlite:///./minibot.db"
pool_size = 5
echo = false

[memory.mongo]
enabled = false
url = "mongodb://localhost:27017"
database = "minibot"

[tools.kv_memory]
enabled = false
sqlite_url = "sqlite+aiosqlite:///./data/kv_memory.db"
pool_size = 5
echo = false
default_limit = 20
max_limit = 100
default_owner_id = "primary"

[tasks.storage]
backend = "file"
file_path = "./data/tasks.log"
lock_timeout_ms = 2000

[tasks.storage.sqlite]
url = "sqlite+aiosqlite:///./data/tasks.db"
echo = false
pool_size = 5

[logging]
structured = true
json = true
service_name = "minibot"

[logging.logfmt]
enabled = true
kv_separator = "="
record_separator = " "
"""
