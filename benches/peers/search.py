#!/usr/bin/env python3
"""How do our exact search and others' find the same vectors? Time to build, memory, time to ask, and how much is found.

    python benches/peers/search.py --bench target/release/deps/search-… [--vectors 100000] [--dims 384] [--peers flat,sq8,…]

Needs numpy, faiss-cpu, usearch and hnswlib. Each peer runs in a process of its own, on the same vectors and questions;
what should be found is what faiss's flat index finds in 32-bit floats. Vectors are drawn from a mixture: a hidden vector of
64 dimensions around one of 1,000 centres, turned into all dimensions, with noise. That is kinder to graphs than vectors
without any structure; `--structure none` draws those.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

LIMIT = 10
PEERS = ["ours", "flat", "sq8", "usearch_exact", "usearch", "hnswlib"]


def draw(vectors, questions, dims, structure, folder):
    import numpy as np

    random = np.random.default_rng(7)
    hidden = min(64, dims)
    turn = random.standard_normal((hidden, dims)).astype("f4")
    centres = random.standard_normal((1000, hidden)).astype("f4")

    def some(count):
        noise = random.standard_normal((count, dims)).astype("f4")
        if structure == "none":
            rows = noise
        else:
            near = centres[random.integers(0, len(centres), count)]
            rows = (near + 0.7 * random.standard_normal((count, hidden)).astype("f4")) @ turn + noise
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    with open(os.path.join(folder, "vectors"), "wb") as file:
        for start in range(0, vectors, 50_000):
            file.write(some(min(50_000, vectors - start)).astype("<f4").tobytes())
    some(questions).astype("<f4").tofile(os.path.join(folder, "questions"))


def load(folder, name, dims):
    import numpy as np

    return np.fromfile(os.path.join(folder, name), dtype="<f4").reshape(-1, dims)


def resident():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmRSS"))


def peer(name, folder, dims, threads):
    """Builds, asks one question at a time, and says how that went."""
    vectors, questions = load(folder, "vectors", dims), load(folder, "questions", dims)
    count = len(vectors)
    before = resident()
    start = time.perf_counter()
    if name in ("flat", "sq8"):
        import faiss

        faiss.omp_set_num_threads(threads)
        if name == "flat":
            index = faiss.IndexFlatIP(dims)
        else:
            index = faiss.IndexScalarQuantizer(dims, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
            index.train(vectors[: min(count, 100_000)])
        index.add(vectors)
        ask = lambda question: index.search(question[None], LIMIT)[1][0]
    elif name == "hnswlib":
        import hnswlib

        index = hnswlib.Index(space="ip", dim=dims)
        index.init_index(max_elements=count, ef_construction=200, M=16)
        index.set_num_threads(threads)
        index.add_items(vectors)
        index.set_ef(128)
        ask = lambda question: index.knn_query(question[None], k=LIMIT)[0][0]
    elif name == "usearch":
        from usearch.index import Index
        import numpy as np

        index = Index(ndim=dims, metric="ip", dtype="i8", expansion_search=128)
        index.add(np.arange(count), vectors, threads=threads)
        ask = lambda question: index.search(question, LIMIT, threads=threads).keys
    else:
        from usearch.index import search, MetricKind

        ask = lambda question: search(vectors, question, LIMIT, MetricKind.IP, exact=True, threads=threads).keys
    built = time.perf_counter() - start
    found, times = [], []
    for round in range(4):
        for question in questions:
            start = time.perf_counter()
            keys = ask(question)
            if round:
                times.append(time.perf_counter() - start)
            else:
                found.append([int(key) for key in keys])
    times.sort()
    # An exact search has no index: the vectors themselves are its memory.
    memory = vectors.nbytes if name == "usearch_exact" else resident() - before
    return {"build_seconds": built, "resident_bytes": memory, "p50_ms": times[len(times) // 2] * 1e3,
            "p95_ms": times[len(times) * 95 // 100] * 1e3, "min_ms": times[0] * 1e3, "found": found}


def ours(bench, folder, dims):
    library = os.path.join(folder, "library")
    run = lambda *words: json.loads(subprocess.run([bench, *words], check=True, capture_output=True).stdout)
    built = run("build", library, os.path.join(folder, "vectors"), str(dims))
    asked = run("ask", library, os.path.join(folder, "questions"), str(dims))
    return {"build_seconds": built["seconds"], "file_bytes": built["file_bytes"],
            "resident_bytes": asked["resident_bytes"]["now"], "most_resident_bytes": asked["resident_bytes"]["most"],
            **{name: asked[name] for name in
               ("p50_ms", "p95_ms", "min_ms", "open_seconds", "open_to_first_answer_seconds", "found")}}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", help="the search bench, built with `cargo build --release --bench search`")
    parser.add_argument("--vectors", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--dims", type=int, default=384)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--structure", choices=["mixture", "none"], default="mixture")
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--folder", help="where the vectors are kept; a temporary one otherwise")
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        json.dump(peer(options.peer, options.folder, options.dims, options.threads), sys.stdout)
        return
    peers = options.peers.split(",")
    # What the flat index finds is what the others are held against.
    order = ["flat"] + [name for name in peers if name != "flat"]
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        draw(options.vectors, options.questions, options.dims, options.structure, folder)
        results = {}
        for name in order:
            if name == "ours":
                results[name] = ours(options.bench, folder, options.dims)
                continue
            words = [sys.executable, os.path.abspath(__file__), "--peer", name, "--folder", folder]
            words += ["--dims", str(options.dims), "--threads", str(options.threads)]
            results[name] = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
    truth = [set(best) for best in results["flat"]["found"]]
    for result in results.values():
        found = result.pop("found")
        right = sum(len(best.intersection(keys)) for best, keys in zip(truth, found))
        result["recall"] = right / (LIMIT * len(truth))
    print(json.dumps({"vectors": options.vectors, "dims": options.dims, "threads": options.threads,
                      "structure": options.structure, "results": results}, indent=1))


if __name__ == "__main__":
    main()
