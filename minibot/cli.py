"""The command line. Imports are inside the commands: ``--help`` answers before they are done."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from minibot import __version__

EXIT_CODES = """\
exit codes:
  0  all is well            3  another minibot holds the data folder or the bot token
  1  an unforeseen error    4  the database is damaged; its file was not touched
  2  the configuration      5  Telegram refuses the bot token
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and give its exit code."""
    options = _parser().parse_args(arguments)
    path: Path = options.config
    match options.command:
        case "run":
            from minibot.commands.run import run

            return run(path)
        case "chat":
            from minibot.commands.run import chat

            return chat(path)
        case "check":
            from minibot.commands.check import check

            return check(path)
        case "tasks":
            from minibot.commands.tasks import Asked, tasks

            return tasks(
                path,
                Asked(
                    action=options.action,
                    id=getattr(options, "id", ""),
                    everything=getattr(options, "all", False),
                    to=getattr(options, "to", "sqlite"),
                ),
            )
        case _:
            from minibot.commands.init import init

            return init(path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="minibot",
        description="A self-hosted assistant that never loses a message.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"minibot {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, help_text in (
        ("run", "serve until stopped"),
        ("chat", "talk on this terminal only, with the model of the configuration"),
        ("check", "read the configuration and say what is wrong, without starting"),
        ("init", "ask some questions and write a configuration"),
    ):
        command = commands.add_parser(name, help=help_text, description=help_text)
        _take_config(command)
    about = "list, show, cancel or move jobs and tasks, also while minibot runs"
    _add_task_actions(commands.add_parser("tasks", help=about, description=about))
    return parser


def _add_task_actions(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", required=True, metavar="action")
    for name, help_text in (
        ("list", "what is planned"),
        ("show", "everything about one"),
        ("cancel", "end one"),
        ("migrate", "copy all into the other kind of store, while minibot is stopped"),
    ):
        action = actions.add_parser(name, help=help_text, description=help_text)
        if name == "list":
            action.add_argument("--all", action="store_true", help="what is over as well")
        elif name == "migrate":
            action.add_argument("--to", choices=("file", "sqlite"), required=True)
        else:
            action.add_argument("id", help="as `list` gives it")
        _take_config(action)


def _take_config(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--config",
        type=Path,
        default=Path("config.toml"),
        metavar="PATH",
        help="default: %(default)s",
    )
