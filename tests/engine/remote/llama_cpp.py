"""A real llama.cpp server in a process of its own, with a tiny random model in its own format."""

from __future__ import annotations

import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from sentencepiece import SentencePieceProcessor

from tests.vocabulary import tiny_model

CONTEXT = 256
KEY = "sk-llama"
WIDTH, INNER, LAYERS, HEADS = 64, 128, 2, 2
TEMPLATE = (
    "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}"
)
SERVE = """
import sys
import xllamacpp
parameters = xllamacpp.CommonParams()
parameters.model.path = sys.argv[1]
parameters.model_alias = {"tiny"}
parameters.n_ctx, parameters.n_parallel, parameters.port = int(sys.argv[2]), 1, 0
parameters.cpuparams.n_threads = 1
parameters.warmup = False
parameters.api_keys = [sys.argv[3]]
server = xllamacpp.Server(parameters)
print(server.listening_address, flush=True)
sys.stdin.read()
"""

# the numbers of GGUF's value types
UINT32, FLOAT32, STRING, ARRAY, INT32 = 4, 6, 8, 9, 5


def write_model(path: Path) -> None:
    """A GGUF file: its head, the values by name, the tensors' places, the tensors."""
    values, tensors = _values(), _tensors()
    out = bytearray(b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(values)))
    for name, value in values.items():
        out += _text(name) + value
    offset = 0
    for name, tensor in tensors.items():
        shape = tensor.shape[::-1]
        out += _text(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
        out += struct.pack("<IQ", 0, offset)  # 0 is float32; sizes here are multiples of 32
        offset += tensor.nbytes
    out += bytes(-len(out) % 32)
    path.write_bytes(bytes(out) + b"".join(tensor.tobytes() for tensor in tensors.values()))


def _values() -> dict[str, bytes]:
    pieces = SentencePieceProcessor()
    pieces.LoadFromSerializedProto(tiny_model())
    ids = range(pieces.GetPieceSize())
    kinds = [
        2 if pieces.IsUnknown(i) else 3 if pieces.IsControl(i) else 6 if pieces.IsByte(i) else 1
        for i in ids
    ]
    numbers = {
        "llama.context_length": CONTEXT,
        "llama.embedding_length": WIDTH,
        "llama.block_count": LAYERS,
        "llama.feed_forward_length": INNER,
        "llama.attention.head_count": HEADS,
        "llama.attention.head_count_kv": HEADS,
        "llama.rope.dimension_count": WIDTH // HEADS,
        "llama.vocab_size": len(ids),
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 2,
        "tokenizer.ggml.unknown_token_id": 0,
    }
    texts = {
        "general.architecture": "llama",
        "tokenizer.ggml.model": "llama",
        "tokenizer.chat_template": TEMPLATE,
    }
    names = [_text(pieces.IdToPiece(i)) for i in ids]
    scores = [struct.pack("<f", pieces.GetScore(i)) for i in ids]
    types = [struct.pack("<i", kind) for kind in kinds]
    epsilon = struct.pack("<If", FLOAT32, 1e-5)
    return {
        **{name: struct.pack("<I", STRING) + _text(text) for name, text in texts.items()},
        **{name: struct.pack("<II", UINT32, number) for name, number in numbers.items()},
        "llama.attention.layer_norm_rms_epsilon": epsilon,
        "tokenizer.ggml.tokens": _array(STRING, names),
        "tokenizer.ggml.scores": _array(FLOAT32, scores),
        "tokenizer.ggml.token_type": _array(INT32, types),
    }


def _tensors() -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    random, count = np.random.default_rng(1), tiny_pieces()
    shapes: dict[str, tuple[int, ...]] = {
        "token_embd.weight": (count, WIDTH),
        "output_norm.weight": (WIDTH,),
        "output.weight": (count, WIDTH),
    }
    for layer in range(LAYERS):
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            shapes[f"blk.{layer}.{part}.weight"] = (WIDTH, WIDTH)
        for part in ("ffn_gate", "ffn_up"):
            shapes[f"blk.{layer}.{part}.weight"] = (INNER, WIDTH)
        shapes[f"blk.{layer}.ffn_down.weight"] = (WIDTH, INNER)
        for part in ("attn_norm", "ffn_norm"):
            shapes[f"blk.{layer}.{part}.weight"] = (WIDTH,)
    return {
        name: np.ones(shape, np.float32)
        if "norm" in name
        else (random.standard_normal(shape) / shape[-1] ** 0.5).astype(np.float32)
        for name, shape in shapes.items()
    }


def tiny_pieces() -> int:
    """How many pieces the tests' vocabulary has."""
    pieces = SentencePieceProcessor()
    pieces.LoadFromSerializedProto(tiny_model())
    return int(pieces.GetPieceSize())


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _array(kind: int, items: list[bytes]) -> bytes:
    return struct.pack("<IIQ", ARRAY, kind, len(items)) + b"".join(items)


@contextmanager
def llama_cpp(folder: Path) -> Iterator[str]:
    """The address of a server that runs until the end of the block."""
    model = folder / "tiny.gguf"
    write_model(model)
    words = [sys.executable, "-c", SERVE, str(model), str(CONTEXT), KEY]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if line.startswith(b"http"):
                    yield line.decode().strip()
                    return
            raise RuntimeError((folder / "log").read_text(errors="replace"))
        finally:
            process.stdin.close()
            process.stdout.read()
