"""Is the description of the interface true? schemathesis makes up calls from it, right ones and wrong ones, and looks at
what is answered. It has to have asked often enough to mean something."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from home import home

HERE = Path(__file__).resolve().parent
ST = Path(sys.executable).with_name("st")
# Fewer calls prove nothing.
FEWEST = 5000
# What these are about has names that nobody can make up: a job's, an entry's, and a model's that is brought from elsewhere.
UNREACHABLE = {"GET /rag/v1/jobs/{id}", "GET /rag/v1/cache/entries/{key}", "POST /api/pull"}
# Of seconds; a run that takes longer is a failure.
LONGEST = 240


def ask(base: str, room: Path, more: list[str]) -> int:
    told = room / "told.json"
    command = [ST, "--config-file", HERE / "schemathesis.toml", "run", base + "/openapi.json", "--checks", "all",
               "--no-color", "--report", "json", "--report-json-path", told, *more]
    ended = subprocess.run(command, cwd=room, timeout=LONGEST)
    if not told.exists():
        return ended.returncode or 1
    ran = json.loads(told.read_text())
    asked, refused = ran["test_cases"]["generated"], never_accepted(ran)
    print(f"{asked} calls were made")
    if ended.returncode or more:
        return ended.returncode
    if asked < FEWEST:
        print(f"error: {FEWEST} calls were to be made at least", file=sys.stderr)
    if refused:
        print(f"error: everything was refused by {', '.join(refused)}", file=sys.stderr)
    return 1 if asked < FEWEST or refused else 0


def never_accepted(ran: dict) -> list[str]:
    """Calls of which nothing is known but how they refuse."""
    done = {call for call, phases in ran["valid_rates"].items() if any(phase["accepted"] for phase in phases.values())}
    return sorted(ran["valid_rates"].keys() - done - UNREACHABLE)


def main(docent: str, *more: str) -> int:
    with home(docent) as built, built.serving() as base, tempfile.TemporaryDirectory(prefix="docent-schema-") as room:
        return ask(base, Path(room), list(more))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
