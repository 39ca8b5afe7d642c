#!/usr/bin/env python3
"""Texts until they can be searched: docent beside Chroma with its default embedder, the same model and texts, in one run.

    pip install chromadb onnx onnxscript torch transformers
    cargo build --release
    python benches/peers/ingest.py MODEL_FOLDER TEXTS.json [--docent target/release/docent]

MODEL_FOLDER holds all-MiniLM-L6-v2 in sentence-transformers' form. Chroma's default embedder is that model in onnxruntime, f32;
where it was not downloaded yet it is exported into a home folder of its own. docent adds the texts as files: reading, cutting,
word index, vectors and the durable commit are all in its time. Its rate is also compared with its embedder's own.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path


def export(model_folder, target):
    import torch
    from transformers import AutoModel

    target.mkdir(parents=True)
    model = AutoModel.from_pretrained(model_folder, attn_implementation="eager").eval()

    class Hidden(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, input_ids, attention_mask, token_type_ids):
            return self.model(input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).last_hidden_state

    ids = torch.ones((2, 16), dtype=torch.long)
    names = ["input_ids", "attention_mask", "token_type_ids"]
    axes = {name: {0: "batch", 1: "length"} for name in [*names, "last_hidden_state"]}
    torch.onnx.export(
        Hidden(), (ids, ids, torch.zeros_like(ids)), str(target / "model.onnx"), input_names=names,
        output_names=["last_hidden_state"], dynamic_axes=axes, opset_version=17, dynamo=False,
    )
    for name in ["config.json", "special_tokens_map.json", "tokenizer_config.json", "tokenizer.json", "vocab.txt"]:
        shutil.copy(Path(model_folder) / name, target / name)


def chroma_seconds(texts, folder):
    import chromadb
    from chromadb.config import Settings

    client = chromadb.PersistentClient(path=str(folder), settings=Settings(anonymized_telemetry=False))
    collection = client.create_collection("texts")
    collection.query(query_texts=["warm up"], n_results=1)
    began = time.perf_counter()
    for start in range(0, len(texts), 128):
        some = texts[start:start + 128]
        collection.add(documents=some, ids=[str(start + at) for at in range(len(some))])
    return time.perf_counter() - began


def docent_seconds(docent, texts, model_folder, folder):
    files = folder / "texts"
    files.mkdir(parents=True)
    for at, text in enumerate(texts):
        (files / f"{at:05}.txt").write_text(text)
    environment = {**os.environ, "DOCENT_DATA_DIR": str(folder / "data")}
    imported = [docent, "models", "import", model_folder, "--name", "all-MiniLM-L6-v2"]
    subprocess.run(imported, check=True, capture_output=True, env=environment)
    began = time.perf_counter()
    added = subprocess.run([docent, "add", str(files), "--json"], check=True, capture_output=True, env=environment)
    seconds = time.perf_counter() - began
    report = json.loads(added.stdout)
    assert report["added"] == len(texts), report
    return seconds, report["chunks"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model_folder")
    parser.add_argument("texts")
    parser.add_argument("--docent", default="target/release/docent")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    texts = json.loads(Path(args.texts).read_text())
    docent = str(Path(args.docent).resolve())
    ours, theirs, own = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        os.environ["HOME"] = str(folder / "home")
        export(args.model_folder, folder / "home/.cache/chroma/onnx_models/all-MiniLM-L6-v2/onnx")
        for round_ in range(args.rounds):
            theirs.append(len(texts) / chroma_seconds(texts, folder / f"chroma{round_}"))
            seconds, chunks = docent_seconds(docent, texts, args.model_folder, folder / f"docent{round_}")
            ours.append(len(texts) / seconds)
            command = [docent, "bench", "embed", "--model", args.model_folder, "--input", args.texts, "--json"]
            report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            own.append(next(one["median"] for one in report["results"] if one["name"] == "embed_batch"))
    rate = statistics.median(ours)
    print(f"{len(texts)} texts ({chunks} passages), {args.rounds} rounds, medians of texts/s until they can be searched")
    print(f"docent {rate:.1f}; its embedder alone {statistics.median(own):.1f}: {rate / statistics.median(own):.1%}")
    print(f"Chroma {statistics.median(theirs):.1f}: docent is {rate / statistics.median(theirs):.2f}x")


if __name__ == "__main__":
    main()
