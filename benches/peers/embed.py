#!/usr/bin/env python3
"""docent's embedder beside onnxruntime on the same weights, texts and threads, in one run.

    pip install onnxruntime onnx onnxscript torch transformers tokenizers numpy
    cargo build --release
    python benches/peers/embed.py MODEL_FOLDER TEXTS.json [--questions QUESTIONS.json] [--docent target/release/docent]

MODEL_FOLDER is a sentence-transformers folder of a BERT model; the files are JSON lists of strings. onnxruntime runs the
exported graph with its own transformer optimizations, in f32 and with its dynamic int8 quantization (per tensor and per
channel; the faster counts). Texts are sorted by length and batched, as sentence-transformers does. Rounds alternate between the
peers, so that whatever else the machine does meets all of them; the medians are compared.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers import optimizer
from tokenizers import Tokenizer
from transformers import AutoModel


def export(model_folder, folder):
    plain = folder / "plain.onnx"
    model = AutoModel.from_pretrained(model_folder, attn_implementation="eager").eval()
    ids = torch.ones((2, 16), dtype=torch.long)
    names = ["input_ids", "attention_mask", "token_type_ids"]
    axes = {name: {0: "batch", 1: "length"} for name in [*names, "last_hidden_state"]}

    class Hidden(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, input_ids, attention_mask, token_type_ids):
            return self.model(input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).last_hidden_state

    torch.onnx.export(
        Hidden(), (ids, ids, torch.zeros_like(ids)), str(plain), input_names=names,
        output_names=["last_hidden_state"], dynamic_axes=axes, opset_version=17, dynamo=False,
    )
    config = model.config
    fused = optimizer.optimize_model(
        str(plain), model_type="bert", num_heads=config.num_attention_heads, hidden_size=config.hidden_size,
    )
    fused.save_model_to_file(str(folder / "fused.onnx"))
    graphs = {"f32": folder / "fused.onnx"}
    for name, per_channel in [("int8", False), ("int8 per channel", True)]:
        path = folder / f"{name}.onnx"
        quantize_dynamic(
            str(folder / "fused.onnx"), str(path), weight_type=QuantType.QInt8, per_channel=per_channel,
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )
        graphs[name] = path
    return graphs


class Peer:
    def __init__(self, path, threads, tokenizer, longest):
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.inputs = {one.name for one in self.session.get_inputs()}
        self.tokenizer, self.longest = tokenizer, longest

    def embed(self, texts, batch=32):
        encoded = [encoding.ids for encoding in self.tokenizer.encode_batch(texts)]
        order = sorted(range(len(texts)), key=lambda at: -len(encoded[at]))
        vectors = np.zeros((len(texts), 0), dtype=np.float32)
        for start in range(0, len(order), batch):
            some = order[start:start + batch]
            width = max(len(encoded[at]) for at in some)
            ids = np.zeros((len(some), width), dtype=np.int64)
            mask = np.zeros_like(ids)
            for row, at in enumerate(some):
                ids[row, :len(encoded[at])] = encoded[at]
                mask[row, :len(encoded[at])] = 1
            feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            hidden = self.session.run(None, {name: feed[name] for name in self.inputs})[0]
            weights = mask[:, :, None].astype(np.float32)
            pooled = (hidden * weights).sum(1) / weights.sum(1)
            pooled /= np.linalg.norm(pooled, axis=1, keepdims=True)
            if vectors.shape[1] == 0:
                vectors = np.zeros((len(texts), pooled.shape[1]), dtype=np.float32)
            vectors[some] = pooled
        return vectors


def docent_figures(docent, model_folder, texts_file, threads, *more):
    command = [
        docent, "bench", "embed", "--model", model_folder, "--input", texts_file, "--threads", str(threads), "--json", *more,
    ]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {result["name"]: result for result in report["results"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model_folder")
    parser.add_argument("texts")
    parser.add_argument("--questions")
    parser.add_argument("--docent", default="target/release/docent")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    texts = json.loads(Path(args.texts).read_text())
    questions = json.loads(Path(args.questions).read_text()) if args.questions else texts[:100]
    declared = Path(args.model_folder) / "sentence_bert_config.json"
    longest = json.loads(declared.read_text())["max_seq_length"] if declared.exists() else 512
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    tokenizer = Tokenizer.from_file(str(Path(args.model_folder) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(longest)
    rates, singles, vectors = {}, {}, {}
    with tempfile.TemporaryDirectory() as folder:
        graphs = export(args.model_folder, Path(folder))
        peers = {name: Peer(path, args.threads, tokenizer, longest) for name, path in graphs.items()}
        for name, peer in peers.items():
            vectors[name] = peer.embed(texts)
        questions_file = Path(folder) / "questions.json"
        questions_file.write_text(json.dumps(questions))
        kept = str(Path(folder) / "vectors.json")
        docent_figures(args.docent, args.model_folder, args.texts, args.threads, "--vectors", kept)
        vectors["docent"] = np.array(json.loads(Path(kept).read_text()), dtype=np.float32)
        for _ in range(args.rounds):
            for name, peer in peers.items():
                began = time.perf_counter()
                peer.embed(texts)
                rates.setdefault(name, []).append(len(texts) / (time.perf_counter() - began))
                for question in questions:
                    began = time.perf_counter()
                    peer.embed([question])
                    singles.setdefault(name, []).append((time.perf_counter() - began) * 1e3)
            figures = docent_figures(args.docent, args.model_folder, args.texts, args.threads)
            rates.setdefault("docent", []).append(figures["embed_batch"]["median"])
            figures = docent_figures(args.docent, args.model_folder, str(questions_file), args.threads)
            singles.setdefault("docent", []).append(figures["embed_one"]["median"])
    ours = statistics.median(rates["docent"])
    print(f"{len(texts)} texts, {len(questions)} questions, {args.threads} threads, {args.rounds} rounds")
    print(f"{'':18}{'texts/s':>9}{'docent is':>11}{'one, ms':>9}{'cosine to f32: mean, lowest':>30}")
    for name in [*graphs, "docent"]:
        rate, single = statistics.median(rates[name]), statistics.median(singles[name])
        cosines = (vectors[name] * vectors["f32"]).sum(1)
        likeness = f"{cosines.mean():.5f}, {cosines.min():.5f}"
        print(f"{name:18}{rate:9.1f}{ours / rate:10.2f}x{single:9.2f}{likeness:>30}")


if __name__ == "__main__":
    main()
