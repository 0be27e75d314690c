"""Reasoning that a server left inside the text, between <think> and </think>."""

from minibot.adapters.llm.answer import Answer

OPENING, CLOSING = "<think>", "</think>"


class ThinkingSplitter:
    """Sends what an answer begins with between the tags to the reasoning, all else to the text.

    Servers that run open models often pass the tags through. Only an answer that begins with
    the tag is split, so one that talks about it stays as it is.
    """

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._read = self._at_start
        self._held = ""

    def add(self, piece: str) -> None:
        if piece:
            self._read(piece)

    def end(self) -> None:
        """Let go of what was held back to see whether it is a tag."""
        held, self._held = self._held, ""
        if self._read == self._inside:
            self._answer.add_reasoning(held)
        else:
            self._answer.add_text(held)

    def _at_start(self, piece: str) -> None:
        self._held += piece
        begun = self._held.lstrip()
        if len(begun) < len(OPENING) and OPENING.startswith(begun):
            return
        held, self._held = self._held, ""
        if begun.startswith(OPENING):
            self._read = self._inside
            self.add(begun.removeprefix(OPENING))
        else:
            self._read = self._behind
            self.add(held)

    def _inside(self, piece: str) -> None:
        thought, closing, text = (self._held + piece).partition(CLOSING)
        if closing:
            self._held = ""
            self._answer.add_reasoning(thought)
            self._read = self._after_closing
            self.add(text)
            return
        kept = _partial_tag(thought)
        self._held = thought[len(thought) - kept :]
        self._answer.add_reasoning(thought[: len(thought) - kept])

    def _after_closing(self, piece: str) -> None:
        text = piece.lstrip()
        if text:
            self._read = self._behind
            self.add(text)

    def _behind(self, piece: str) -> None:
        self._answer.add_text(piece)


def _partial_tag(text: str) -> int:
    """Give how many characters at the end may be the beginning of the closing tag."""
    return next((n for n in range(len(CLOSING) - 1, 0, -1) if text.endswith(CLOSING[:n])), 0)
