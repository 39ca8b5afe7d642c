"""Whom are the made-up calls made to? Of strings that are made up none is a model's name, and nothing but "there is no such
model" would be learned: so most of them are called as something that is there."""

import json
import zlib

import schemathesis

WRITERS = ("docent", "docent/courses", "chosen", "another")
THERE = {
    "/v1/chat/completions": WRITERS,
    "/v1/completions": WRITERS,
    "/api/chat": WRITERS,
    "/api/generate": WRITERS,
    "/v1/embeddings": ("numbers", "chosen"),
    "/api/embed": ("numbers", "chosen"),
    "/api/embeddings": ("numbers", "chosen"),
    "/api/show": (*WRITERS, "numbers"),
}


@schemathesis.hook
def before_call(context, case, kwargs):
    names = THERE.get(case.operation.path)
    if not names or not isinstance(case.body, dict) or not isinstance(case.body.get("model"), str):
        return
    # The same in every run, and one in ten as it was made up.
    dice = zlib.crc32(json.dumps(case.body, sort_keys=True, default=str).encode())
    if dice % 10:
        case.body["model"] = names[dice // 10 % len(names)]
