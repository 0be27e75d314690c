"""What people do and what the model says; all else is minibot's own doing."""

from base64 import b64encode

from tests.demo.landscape import photo
from tests.demo.stage import GROUP, MIA, TOM, ZONE, Person, Stage
from tests.e2e.serving import until
from tests.e2e.talking import call
from tests.peers.llm.script import Rule
from tests.peers.telegram.wire import Json

FRIDAY, LATER, SATURDAY = "2027-05-28T18:42:05", "2027-05-28T21:17:05", "2027-05-29T09:00:01"
GROUP_TITLE = "Flat 12"

INTEREST = r"""**1,480.24 €**, for interest earns interest:

$$A = P \left(1 + r\right)^n$$

| Years | Amount | Gain |
|------:|-------:|-----:|
| 1 | 1,040.00 | 4.0 % |
| 5 | 1,216.65 | 21.7 % |
| 10 | 1,480.24 | 48.0 % |

```python
print(1000 * 1.04 ** 10)
```
> [!NOTE]
> *Prices* rise too: at 2 % inflation it buys what **1,214 €** buys today."""

LAKE = """A lake between mountains, **just after sunset**: the ridges fade from violet to \
navy, and the firs on the left are all silhouette. ||If you want a title: *Blue hour*.||"""

STORY = """Once upon a time a fox named **Juniper** could not sleep. The moon was too bright, \
the owls were too loud, and her tail would not fit under her nose. So she went from den to den \
and asked everybody what they did to fall asleep."""

REST = """… so she asked around. The badger counted worms, the hare counted badgers, and the \
owl, who never slept at night, counted *them*. Juniper counted only to three. **The end.**"""

DINNER = """**Lemon risotto**, 30 minutes, and no peanuts for Mia:

- 300 g risotto rice
- 1 lemon, 80 g parmesan
- ~~chicken stock~~ vegetable stock

<blockquote expandable>Toast the rice in butter until it is glassy. Add hot stock ladle by \
ladle and stir; the next one goes in when the last is gone. After 18 minutes take it off the \
heat, stir in lemon and parmesan, and let it rest for two minutes before you serve it.\
</blockquote>"""

SHOPPING = "300 g risotto rice\n1 lemon\n80 g parmesan\nvegetable stock\n"


async def perform(stage: Stage) -> None:
    """Play all scenes."""
    mia = Person(stage, MIA, name="Mia")
    chat: Json = {"id": MIA, "type": "private", "first_name": "minibot"}
    await mia.ask(f"/timezone {ZONE}")
    with stage.scene("Answers worth reading", chat):
        await answers(stage, mia)
    with stage.scene("Stop, and go on", chat):
        await stopping(stage, mia)
    with stage.scene("A memory you can take back", chat):
        await memory(stage, mia)
    with stage.scene("Pictures, and asking first", chat):
        await seeing(stage, mia)
    stage.set_time(LATER)
    with stage.scene("Reminders on time", chat):
        await reminders(stage, mia)
    in_group: Json = {"id": GROUP, "type": "supergroup", "title": GROUP_TITLE, "members": 3}
    with stage.scene("In groups, when it is spoken to", in_group):
        await group(stage)


async def answers(stage: Stage, mia: Person) -> None:
    await mia.ask("/rich on", "Rich")
    compute = call("calculate", expression="1000 * 1.04 ** 10")
    says(stage, "1,000 €", compute, text=INTEREST, tokens_per_s=50)
    await mia.ask("What do 1,000 € at 4 % become in 10 years?", "1,480.24")
    await mia.ask("/why", "My last answer here")


async def stopping(stage: Stage, mia: Person) -> None:
    says(stage, "bedtime story", text=STORY, tokens_per_s=15)
    says(stage, "^Go on exactly", text=REST)
    mia.look_from_here()
    mia.say("Tell me a bedtime story.")
    await until(lambda: len(_drafts(mia)) > 2)
    stage.telegram.inject({"chat_id": MIA, "kind": "stop"})
    kept = await mia.sees("(Stopped.)")
    await mia.tap(kept, "Continue", "The end.")


async def memory(stage: Stage, mia: Person) -> None:
    note = call("note_save", title="Allergy", data="Mia is allergic to peanuts.")
    says(stage, "allergic", note, text="Good to know: I will leave them out of every recipe.")
    await mia.ask("By the way, I am allergic to peanuts.", "Good to know")
    await mia.ask("/memory", "Allergy")


async def seeing(stage: Stage, mia: Person) -> None:
    says(stage, "What do you see", text=LAKE)
    picture = {"base64": b64encode(photo()).decode()}
    await mia.ask("What do you see?", "A lake", kind="photo", file=picture)
    title = call("note_save", title="Photo of the lake", data="Title: Blue hour")
    says(stage, "Remember the title", title, text="It is in your notes.")
    question = await mia.ask("Remember the title.", "🔐")
    await mia.tap(question, "Once", "It is in your notes.")


async def reminders(stage: Stage, mia: Person) -> None:
    card = await mia.ask("/remind tomorrow 9:00 call Ann", "⏰")
    await mia.tap(card, "Save", "call Ann")
    mia.look_from_here()
    stage.set_time(SATURDAY)
    due = await mia.sees("⏰ call Ann")
    await mia.tap(due, "Done", "call Ann")


async def group(stage: Stage) -> None:
    stage.telegram.chat(GROUP).title = GROUP_TITLE
    mia = Person(stage, MIA, GROUP, name="Mia")
    tom = Person(stage, TOM, GROUP, name="Tom")
    says(stage, "what shall we cook", text=DINNER, tokens_per_s=60)
    tom.say("I am home at seven, and hungry.", mention=False)
    answer = await mia.ask("what shall we cook tonight?", "serve it")
    number = answer["message_id"]
    liked: Json = {"kind": "reaction", "message_id": number, "emoji": "😍"}
    stage.telegram.inject({**liked, "chat_id": GROUP, "user_id": TOM})
    shopping = call("file_write", path="shopping.txt", text=SHOPPING)
    says(stage, "send us the list", shopping, call("send_file", path="shopping.txt"), text="Here.")
    await tom.ask("send us the list", "Here.", reply_to=number)
    await tom.shown("", method="sendDocument")


def says(stage: Stage, match: str, *calls: Json, text: str, **rule: object) -> None:
    """Have the model make calls when somebody says what matches, and then say a text."""
    steps: list[Json] = [*({"tool_calls": [each]} for each in calls), {"text": text}]
    stage.installation.model.rules.append(Rule.from_json({"match": match, "steps": steps, **rule}))


def _drafts(person: Person) -> list[Json]:
    return [event for event in person.told() if event["method"] == "sendMessageDraft"]
