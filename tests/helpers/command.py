"""The command line in this process: its imports and its facts are there already."""

import contextlib
import io
import os
import sys
import warnings
from types import SimpleNamespace

import pytest

from halfbrain.cli import main


def halfbrain(*arguments, cwd=None, columns=80):
    """What a command printed, and its exit status."""
    out, said = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    status = 0
    with (
        pytest.MonkeyPatch.context() as patch,
        warnings.catch_warnings(),
        contextlib.chdir(cwd or os.getcwd()),  # noqa: PTH109
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(said),
    ):
        patch.setenv("COLUMNS", str(columns))
        patch.setattr(sys, "argv", ["halfbrain", *map(str, arguments)])
        try:
            main()
        except SystemExit as ended:
            status = ended.code or 0
    texts = []
    for stream in (out, said):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode("utf-8"))
    return SimpleNamespace(returncode=status, stdout=texts[0], stderr=texts[1])
