"""The tools: plain functions from arguments to a result."""

from collections.abc import Callable
from typing import Any

Arguments = dict[str, Any]
Tool = Callable[[Arguments], dict[str, Any]]

SIGNS: dict[str, tuple[str, ...]] = {
    "retire": ("unused", "decommission", "no users"),
    "retain": ("scada", "real time", "broker", "mainframe link"),
    "repurchase": ("crm", "erp", "saas", "licence"),
    "refactor": ("cobol", "pl/sql", "monolith", "stored procedure", "legacy"),
    "replatform": ("websphere", "weblogic", "jboss", "iis", "etl", "oracle"),
    "rehost": ("virtual machine", "vmware", "container", "docker", "citrix"),
}
DAYS_PER_STRATEGY = {"retire": 5, "retain": 2, "rehost": 15, "replatform": 40, "repurchase": 60, "refactor": 120}


def text_argument(arguments: Arguments, name: str) -> str:
    """The argument. Raises ValueError when it is missing or no text."""
    value = arguments.get(name)
    if not isinstance(value, str):
        raise ValueError(f"argument {name} must be a text")
    return value


def classify_application(arguments: Arguments) -> dict[str, Any]:
    """Which of the six migration strategies the description speaks for, with the words that do."""
    description = text_argument(arguments, "description").lower()
    found = {strategy: [sign for sign in signs if sign in description] for strategy, signs in SIGNS.items()}
    best = max(found, key=lambda strategy: len(found[strategy]))
    return {"strategy": best if found[best] else "rehost", "signs": found[best]}


def estimate_effort(arguments: Arguments) -> dict[str, Any]:
    """Person-days for an application of that strategy and number of interfaces."""
    strategy = text_argument(arguments, "strategy")
    if strategy not in DAYS_PER_STRATEGY:
        raise ValueError(f"unknown strategy; known: {', '.join(DAYS_PER_STRATEGY)}")
    interfaces = arguments.get("interfaces", 0)
    if not isinstance(interfaces, int) or not 0 <= interfaces <= 10_000:
        raise ValueError("argument interfaces must be a number from 0 to 10000")
    return {"personDays": DAYS_PER_STRATEGY[strategy] + 3 * interfaces}


TOOLS: dict[str, Tool] = {"classify_application": classify_application, "estimate_effort": estimate_effort}
