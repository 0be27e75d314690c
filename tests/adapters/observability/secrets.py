"""Canaries: if one of these is in an output, a real one would be as well."""

BOT_HALF = "AAFcanary-canary_canary-canary_canary"
BOT_TOKEN = f"7700112233:{BOT_HALF}"
MODEL_KEY = "canary-model-key-0123456789"
AWKWARD_KEY = 'can"ary/\\key &=+'
SHORT = "pw1"
CANARIES = (BOT_TOKEN, BOT_HALF, MODEL_KEY, AWKWARD_KEY)
