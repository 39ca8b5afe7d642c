"""What does a hostile page get at? Somebody whose docent is running opens one in Chromium. Nothing may be read and nothing
changed; where the page's origin is named in the settings, it has to get through: else this would prove nothing."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import urllib.request
from urllib.parse import urlsplit

from home import home
from hostile import attacker

PATIENCE = 60
TOKEN = "the user's own token"
CHROMIUM = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
            "--host-resolver-rules=MAP *.example 127.0.0.1"]
# What a page that gets through leaves in docent, or takes away.
LEFT = {"by-json", "by-plain", "by-form-data.txt", "by-form", "by-beacon"}


def visit(page: str, server) -> dict:
    """What the page says it could read."""
    with tempfile.TemporaryDirectory(prefix="docent-browser-", ignore_cleanup_errors=True) as profile:
        words = [*CHROMIUM, f"--user-data-dir={profile}", page]
        browser = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            return server.reports.get(timeout=PATIENCE)
        except queue.Empty:
            raise SystemExit(f"error: the browser opened {page} and nothing was heard of it") from None
        finally:
            # Its own children too.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(browser.pid, signal.SIGKILL)
            browser.wait()


def look(base: str, token: str | None) -> dict:
    """What docent has, as its owner sees it."""
    def get(path: str):
        headers = {"authorization": f"Bearer {token}"} if token else {}
        with urllib.request.urlopen(urllib.request.Request(base + path, headers=headers), timeout=PATIENCE) as answer:
            return json.load(answer)

    return {
        "documents": sorted(document["source"] for document in get("/rag/v1/documents")["documents"]),
        "collections": sorted(one["name"] for one in get("/rag/v1/collections")["collections"]),
        "topics": sorted(topic["name"] for topic in get("/rag/v1/topics")["topics"]),
        "models": sorted(model["name"] for model in get("/api/tags")["models"]),
        # Those that are in use docent opens by itself, in its own time.
        "in memory": [model["name"] for model in get("/api/ps")["models"] if model["name"] == "another"],
        "remembered": sorted(entry["key"] for entry in get("/rag/v1/cache/entries")["entries"]),
        "revision": get("/rag/v1/stats")["revision"],
    }


def furnish(base: str, token: str | None) -> None:
    """Something to take away: an empty collection, and an answer that is remembered."""
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    asked = json.dumps({"question": "How many litres may stand outside the cabinet?", "no_llm": True}).encode()
    for method, path, body in (("PUT", "/rag/v1/collections/spare", None), ("POST", "/rag/v1/ask", asked)):
        request = urllib.request.Request(base + path, data=body, headers=headers, method=method)
        urllib.request.urlopen(request, timeout=PATIENCE).close()


def attack(built, kind: str, settings: dict) -> tuple[dict, dict, dict]:
    """What the page read, and docent before and after it."""
    token = settings.get("DOCENT_SERVER_TOKEN")
    with contextlib.ExitStack() as stack:
        # The attacker is there first, so that the settings can name it.
        server = stack.enter_context(attacker())
        port = server.server_address[1]
        origin = {"port": f"http://127.0.0.1:{port}", "site": f"http://evil.example:{port}",
                  "name": f"http://rebound.example:{port}"}[kind]
        before = dict(built.env)
        built.env |= {name: value.format(origin=origin) for name, value in settings.items()}
        try:
            base = stack.enter_context(built.serving())
            furnish(base, token)
            at = urlsplit(base)
            if kind == "name":
                server.pointed_at = (at.hostname, at.port)
            first = look(base, token)
            told = visit(f"{origin}/attack?docent={'' if kind == 'name' else base}", server)
            if len(told["tried"]) < 20:
                raise SystemExit(f"error: the page tried {told['tried']} only")
            return told["read"], first, look(base, token)
        finally:
            built.env = before


def main(docent: str) -> int:
    failed = 0
    def report(what: str, is_fine: bool, more: object) -> None:
        nonlocal failed
        failed += not is_fine
        print(f"{'ok   ' if is_fine else 'FAIL '} {what}" + ("" if is_fine else f"\n{more}"), flush=True)

    with home(docent) as built:
        for kind, page in (("port", "another port"), ("site", "another site"), ("name", "a name that points at docent")):
            for settings, how in (({}, "no token in use"), ({"DOCENT_SERVER_TOKEN": TOKEN}, "a token in use")):
                read, before, after = attack(built, kind, settings)
                report(f"a page of {page} reads nothing, {how}", not read, read)
                report(f"a page of {page} changes nothing, {how}", before == after, (before, after))
    # Each finds a house of its own, since this time something is to change.
    for kind, page, name in (("port", "another port", "DOCENT_SERVER_ORIGINS"), ("name", "a name", "DOCENT_SERVER_HOSTS")):
        with home(docent) as built:
            value = "{origin}" if kind == "port" else "rebound.example"
            read, before, after = attack(built, kind, {name: value})
            report(f"a page of {page} that the settings allow reads", {"fetch", "xhr", "models"} <= set(read), read)
            came = set(after["documents"]) - set(before["documents"])
            gone = set(before["collections"]) - set(after["collections"])
            fine = LEFT <= came and gone == {"spare"} and "by-put" in after["topics"] and "another" in after["in memory"]
            report(f"a page of {page} that the settings allow changes", fine, (before, after))
    print(f"{failed} failed" if failed else "nothing got through that was not let through")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
