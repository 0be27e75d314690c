"""``/control/*``: what a test in another process changes and asks.

========================  =====================================================================
``POST config``           any of `Settings`; answers all of them
``POST rules``            ``{"rules": [...]}`` or one rule; ``DELETE`` or ``replace`` clears
``POST faults``           ``{"faults": [...]}`` or one fault; ``DELETE`` or ``replace`` clears
``GET requests``          ``?since=&full=1``: every completion request; see `README.md`
``GET stats``             counts, errors, in flight, outcomes
``POST reset``            forgets rules, faults, records and counts
========================  =====================================================================
"""

import re
from collections.abc import Mapping

from tests.peers.llm.conversation import ApiError, Json
from tests.peers.llm.planning import Script
from tests.peers.llm.records import Records
from tests.peers.llm.script import Fault, Rule


class Control:
    """Answers the control calls of one server."""

    def __init__(self, script: Script, records: Records) -> None:
        self._script = script
        self._records = records

    def answer(self, method: str, name: str, body: Json, query: Mapping[str, str]) -> Json:
        """Do what is asked. Raises `ApiError`."""
        try:
            return self._dispatch(method, name, body, query)
        except (KeyError, ValueError, TypeError, re.error) as error:
            raise ApiError(400, f"{type(error).__name__}: {error}") from error

    def _dispatch(self, method: str, name: str, body: Json, query: Mapping[str, str]) -> Json:
        match name:
            case "config":
                return self._script.settings.change(body)
            case "rules":
                return self._rules(method, body)
            case "faults":
                return self._faults(method, body)
            case "requests":
                full = query.get("full") in ("1", "true")
                return {"requests": self._records.since(int(query.get("since", 0)), full=full)}
            case "stats":
                return self._records.stats()
            case "reset":
                self._script.rules.clear()
                self._script.faults.clear()
                self._records.reset()
                return {"ok": True}
        raise ApiError(404, f"no control endpoint {name!r}")

    def _rules(self, method: str, body: Json) -> Json:
        rules = self._script.rules
        if method == "DELETE" or body.get("replace"):
            rules.clear()
        if method == "POST":
            rules.extend(Rule.from_json(spec) for spec in body.get("rules", [body]))
        return {"rules": [{"match": rule.match.pattern, "hits": rule.hits} for rule in rules]}

    def _faults(self, method: str, body: Json) -> Json:
        faults = self._script.faults
        if method == "DELETE" or body.get("replace"):
            faults.clear()
        if method == "POST":
            one = {key: value for key, value in body.items() if key != "replace"}
            faults.extend(Fault(**spec) for spec in body.get("faults", [one]))
        return {"faults": [{"kind": fault.kind, "hits": fault.hits} for fault in faults]}
