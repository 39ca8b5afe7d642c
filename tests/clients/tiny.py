"""Which models do the clients talk to? Tiny ones with random weights, written as others write theirs: what they say means
nothing, and it is said in the same way as by large ones."""

import json
import random
import struct
from array import array
from pathlib import Path

TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def floats(dice, count, scale=1.0, middle=0.0):
    return array("f", (middle + scale * dice.uniform(-1, 1) for _ in range(count)))


def generator(path: Path, seed: int = 5, context: int = 1024) -> None:
    """A GGUF file: two layers of Llama's, and a vocabulary of bytes, letters and a few words."""
    dice = random.Random(seed)
    hidden, heads, kv_heads, head, feed_forward, layers = 96, 6, 2, 16, 160, 2
    normal, unknown, control, byte = 1, 2, 3, 6
    pieces = [("<unk>", 0.0, unknown), ("<s>", 0.0, control), ("</s>", 0.0, control)]
    pieces += [(f"<0x{number:02X}>", 0.0, byte) for number in range(256)]
    pieces += [("<|im_start|>", 0.0, control), ("<|im_end|>", 0.0, control), ("▁", -1.0, normal)]
    pieces += [(chr(letter), -2.0 - letter + ord("a"), normal) for letter in range(ord("a"), ord("z") + 1)]
    pieces += [(word, -0.5 * len(word), normal) for word in ("he", "in", "er", "an", "the", "▁the")]
    vocabulary = len(pieces)
    notes = [
        ("general.architecture", "llama"),
        ("general.file_type", 0),
        ("llama.block_count", layers),
        ("llama.context_length", context),
        ("llama.embedding_length", hidden),
        ("llama.feed_forward_length", feed_forward),
        ("llama.attention.head_count", heads),
        ("llama.attention.head_count_kv", kv_heads),
        ("llama.attention.key_length", head),
        ("llama.attention.value_length", head),
        ("llama.rope.dimension_count", head),
        ("llama.attention.layer_norm_rms_epsilon", 1e-5),
        ("llama.rope.freq_base", 10000.0),
        ("tokenizer.ggml.model", "llama"),
        ("tokenizer.ggml.pre", "default"),
        ("tokenizer.ggml.tokens", [piece[0] for piece in pieces]),
        ("tokenizer.ggml.scores", [piece[1] for piece in pieces]),
        ("tokenizer.ggml.token_type", [piece[2] for piece in pieces]),
        ("tokenizer.ggml.unknown_token_id", 0),
        ("tokenizer.ggml.bos_token_id", 1),
        ("tokenizer.ggml.eos_token_id", 2),
        ("tokenizer.ggml.add_bos_token", True),
        ("tokenizer.chat_template", TEMPLATE),
    ]
    tensors = []

    def matrix(name, inputs, outputs):
        tensors.append((name + ".weight", [inputs, outputs], floats(dice, inputs * outputs, 2 / inputs**0.5)))

    def norm(name):
        tensors.append((name + ".weight", [hidden], floats(dice, hidden, 0.2, 1.0)))

    matrix("token_embd", hidden, vocabulary)
    norm("output_norm")
    matrix("output", hidden, vocabulary)
    for layer in range(layers):
        at = f"blk.{layer}."
        matrix(at + "attn_q", hidden, heads * head)
        matrix(at + "attn_k", hidden, kv_heads * head)
        matrix(at + "attn_v", hidden, kv_heads * head)
        matrix(at + "attn_output", heads * head, hidden)
        matrix(at + "ffn_gate", hidden, feed_forward)
        matrix(at + "ffn_up", hidden, feed_forward)
        matrix(at + "ffn_down", feed_forward, hidden)
        norm(at + "attn_norm")
        norm(at + "ffn_norm")
    path.write_bytes(gguf(notes, tensors))


def gguf(notes, tensors) -> bytes:
    def text(value):
        encoded = value.encode()
        return struct.pack("<Q", len(encoded)) + encoded

    def note(value):
        if isinstance(value, bool):
            return struct.pack("<I?", 7, value)
        if isinstance(value, int):
            return struct.pack("<II", 4, value)
        if isinstance(value, float):
            return struct.pack("<If", 6, value)
        if isinstance(value, str):
            return struct.pack("<I", 8) + text(value)
        kind, write = {
            str: (8, text),
            float: (6, lambda number: struct.pack("<f", number)),
            int: (5, lambda number: struct.pack("<i", number)),
        }[type(value[0])]
        return struct.pack("<IIQ", 9, kind, len(value)) + b"".join(map(write, value))

    def padded(data):
        return data + bytes(-len(data) % 32)

    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(notes))
    head += b"".join(text(key) + note(value) for key, value in notes)
    data = b""
    for name, shape, numbers in tensors:
        sizes = b"".join(struct.pack("<Q", size) for size in shape)
        head += text(name) + struct.pack("<I", len(shape)) + sizes + struct.pack("<IQ", 0, len(data))
        data += padded(numbers.tobytes())
    return padded(head) + data


def embedder(folder: Path, seed: int = 7) -> None:
    """A folder as sentence-transformers writes it: two layers of BERT's over single letters."""
    folder.mkdir()
    dice = random.Random(seed)
    hidden, intermediate, layers, heads, positions = 16, 24, 2, 4, 48
    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,?!"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *("##" + letter for letter in letters)]
    vocabulary = {word: number for number, word in enumerate(words)}
    tensors = {}

    def put(name, shape, scale=1.0, middle=0.0):
        count = shape[0] * (shape[1] if len(shape) > 1 else 1)
        tensors[name] = (shape, floats(dice, count, scale, middle))

    def linear(name, inputs, outputs):
        put(name + ".weight", [outputs, inputs], 2 / inputs**0.5)
        put(name + ".bias", [outputs], 0.1)

    def norm(name):
        put(name + ".weight", [hidden], 0.2, 1.0)
        put(name + ".bias", [hidden], 0.2)

    for name, rows in (("word", len(words)), ("position", positions), ("token_type", 2)):
        put(f"embeddings.{name}_embeddings.weight", [rows, hidden])
    norm("embeddings.LayerNorm")
    for layer in range(layers):
        at = f"encoder.layer.{layer}."
        for part in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
            linear(at + part, hidden, hidden)
        norm(at + "attention.output.LayerNorm")
        linear(at + "intermediate.dense", hidden, intermediate)
        linear(at + "output.dense", intermediate, hidden)
        norm(at + "output.LayerNorm")

    header, data = {}, b""
    for name, (shape, numbers) in tensors.items():
        begin, data = len(data), data + numbers.tobytes()
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, len(data)]}
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(head)) + head + data)

    config = {
        "model_type": "bert", "architectures": ["BertModel"], "hidden_size": hidden, "num_hidden_layers": layers,
        "num_attention_heads": heads, "intermediate_size": intermediate, "vocab_size": len(words),
        "max_position_embeddings": positions, "type_vocab_size": 2, "pad_token_id": 0, "layer_norm_eps": 1e-12,
        "hidden_act": "gelu",
    }
    marks = [(mark, vocabulary[mark]) for mark in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")]
    tokenizer = {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [
            {"id": number, "content": mark, "single_word": False, "lstrip": False, "rstrip": False,
             "normalized": False, "special": True}
            for mark, number in marks
        ],
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True,
                       "strip_accents": None, "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                       {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
            "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                     {"SpecialToken": {"id": "[SEP]", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}},
                     {"SpecialToken": {"id": "[SEP]", "type_id": 1}}],
            "special_tokens": {mark: {"id": mark, "ids": [number], "tokens": [mark]}
                               for mark, number in marks if mark in ("[CLS]", "[SEP]")},
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100, "vocab": vocabulary},
    }
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    (folder / "modules.json").write_text(json.dumps([
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    ]))
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({
        "word_embedding_dimension": hidden, "pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False,
    }))
