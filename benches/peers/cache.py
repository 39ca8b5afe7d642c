#!/usr/bin/env python3
"""How fast are our cache, Redis and diskcache with the same values? One value at a time, each hit timed by itself.

    python benches/peers/cache.py --docent target/release/docent [--values 4000] [--bytes 4096] [--gets 20000]

Needs redis-server on the path (or --redis-server), and the packages redis and diskcache. The server is started on a free
port of the loopback interface with its defaults and no file, and ended afterwards. Ours are measured by `docent bench cache`,
inside the process, as an answer of docent finds them.
"""

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import tempfile
import time


def text(n, size):
    words = "the derivative of a function measures how its value changes when input moves slope limit rate".split()
    state, out = n + 1, []
    while sum(map(len, out)) + len(out) < size:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        out.append(words[state >> 60])
    return " ".join(out)[:size].encode()


def timed(get, keys, gets):
    """Microseconds of each hit."""
    took = []
    for n in range(gets):
        key = keys[n * 7919 % len(keys)]
        began = time.perf_counter_ns()
        value = get(key)
        took.append((time.perf_counter_ns() - began) / 1e3)
        assert value is not None, key
    return took


def told(name, took):
    took.sort()
    row = {
        "name": name,
        "n": len(took),
        "p50_us": round(statistics.median(took), 3),
        "p99_us": round(took[len(took) * 99 // 100], 3),
    }
    print(json.dumps(row), flush=True)
    return row


def redis_hits(server, values, gets, folder):
    import redis

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder, "--loglevel", "warning"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        client = redis.Redis(host="127.0.0.1", port=port)
        deadline = time.monotonic() + 10
        while True:
            try:
                client.ping()
                break
            except redis.ConnectionError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        for key, value in values.items():
            client.set(key, value)
        took = timed(client.get, list(values), gets)
        print(json.dumps({"redis": client.info("server")["redis_version"], "redis-py": redis.__version__}))
        return told("redis", took)
    finally:
        process.terminate()
        process.wait()


def diskcache_hits(values, gets, folder):
    import diskcache

    with diskcache.Cache(folder) as cache:
        for key, value in values.items():
            cache[key] = value
        return told("diskcache", timed(cache.get, list(values), gets))


def ours(docent, folder):
    run = subprocess.run(
        [docent, "--data-dir", folder, "bench", "cache", "--json"], check=True, capture_output=True, text=True
    )
    results = {row["name"]: row for row in json.loads(run.stdout)["results"]}
    for row in results.values():
        shown = {key: row[key] for key in ("name", "unit", "n", "median", "p99")}
        print(json.dumps(shown), flush=True)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--docent", required=True)
    parser.add_argument("--redis-server", default=shutil.which("redis-server"))
    parser.add_argument("--values", type=int, default=4000)
    parser.add_argument("--bytes", type=int, default=4096)
    parser.add_argument("--gets", type=int, default=20000)
    args = parser.parse_args()
    values = {f"answer:{n:08x}": text(n, args.bytes) for n in range(args.values)}
    with tempfile.TemporaryDirectory() as folder:
        peers = [redis_hits(args.redis_server, values, args.gets, folder)] if args.redis_server else []
        peers.append(diskcache_hits(values, args.gets, os.path.join(folder, "disk")))
        found = ours(args.docent, os.path.join(folder, "data"))
    for peer in peers:
        times = {name: round(peer["p50_us"] / found[name]["median"], 1) for name in ("cache_memory_hit", "cache_disk_hit")}
        print(json.dumps({"times as fast as": peer["name"], **times}))


if __name__ == "__main__":
    main()
