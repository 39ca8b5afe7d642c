"""Does docent do what clients expect that were written for others? Every function of the modules below is asked."""

import sys
import time
import traceback
import types

import speaking_langchain
import speaking_ollama
import speaking_openai
from home import home

MODULES = (speaking_openai, speaking_ollama, speaking_langchain)
# What they share, and is no test.
TOOLS = {"client", "ask", "user", "chats", "fails"}


def tests(module):
    for name, test in vars(module).items():
        if isinstance(test, types.FunctionType) and test.__module__ == module.__name__ and name not in TOOLS:
            yield name, test


def main(docent: str, wanted: str = "") -> int:
    failed, count, began = [], 0, time.monotonic()
    with home(docent) as built, built.serving() as base:
        for module in MODULES:
            for name, test in tests(module):
                label = f"{module.__name__}: {name.replace('_', ' ')}"
                if wanted not in label:
                    continue
                count += 1
                try:
                    test(base)
                    print(f"ok    {label}", flush=True)
                except Exception:
                    failed.append(label)
                    print(f"FAIL  {label}\n{traceback.format_exc()}", flush=True)
    print(f"{count - len(failed)} of {count} passed in {time.monotonic() - began:.1f} s")
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
