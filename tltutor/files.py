"""Write a file as a whole or not at all, by a rename of a temporary one in its folder. Know where data and models lie, and no format."""

from __future__ import annotations

import importlib
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType


@contextmanager
def replacing(path: str | os.PathLike[str], what: str) -> Iterator[Path]:
    """Yield a temporary path in the folder of `path`; after the block, that file replaces `path`.

    If the block fails, an existing file at `path` does not change, and the temporary one is removed.
    The data are synced to disk before the rename, so a power failure leaves the old file or the new
    one. The suffix stays: some libraries infer the format from it. A pipe or a device is written to
    directly. Errors: OSError in one sentence that names `what` ("recording").
    """
    path = Path(path).expanduser()
    check_place(path, what)
    if path.exists() and not path.is_file():
        yield path
        return
    name = f".{path.stem}.{os.getpid()}.{threading.get_ident()}.part{path.suffix}"
    part = path.with_name(name)
    try:
        yield part
        _sync(part)
        part.replace(path)
    except OSError as error:
        raise OSError(_sentence(path, what, error.strerror or str(error))) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def check_place(path: Path, what: str) -> None:
    """Raise an OSError if `path` has no folder that can be written to; create nothing."""
    folder = path.parent
    if not folder.is_dir():
        reason = f"there is no folder {folder}: create it first"
        raise FileNotFoundError(_sentence(path, what, reason))
    if not os.access(folder, os.W_OK):
        reason = f"the folder {folder} may not be written to: choose another one"
        raise PermissionError(_sentence(path, what, reason))
    if path.is_dir():
        reason = "a folder has this name: choose another name"
        raise IsADirectoryError(_sentence(path, what, reason))


def _sentence(path: Path, what: str, reason: str) -> str:
    return f"the {what} could not be saved as {path} ({reason}); an older file there is unchanged"


def _sync(part: Path) -> None:
    with part.open("r+b") as file:
        os.fsync(file.fileno())


def data_roots(data_dir: str | Path | None = None) -> tuple[Path, ...]:
    """Return where data sets and checkpoints are looked for: `data_dir` alone if given.

    Else in $TLTUTOR_DATA, in a checkout's data/, and in a user folder.
    """
    if data_dir is not None:
        return (Path(data_dir).expanduser(),)
    import platformdirs

    named = os.environ.get("TLTUTOR_DATA")
    checkout = Path(__file__).resolve().parents[1]
    places = [Path(named).expanduser()] if named else []
    if (checkout / "pyproject.toml").is_file():
        places.append(checkout / "data")
    return (*places, platformdirs.user_data_path("tltutor", appauthor=False))


# Text models

MINILM = "minilm-l6-h384"
FOLDER = "text_models"  # in a data root: one folder a model
CONFIG, WEIGHTS, TOKENIZER = "config.json", "model.safetensors", "tokenizer.json"
HUB_NAMES = {MINILM: "sentence-transformers/all-MiniLM-L6-v2"}  # where they come from


def find_model(name: str | Path, data_dir: str | Path | None = None) -> Path:
    """Return the folder of a text model.

    name: a folder, the name of one in text_models/ of a data root, or OWNER/NAME on the Hugging Face hub, of which the
    three files are downloaded once. Nothing in them is run.
    Errors: FileNotFoundError with the file, the places and the remedy; ConnectionError for a hub that is out of reach;
    ModuleNotFoundError for a missing package.
    """
    given = Path(name).expanduser()
    places = [given, *(root / FOLDER / str(name) for root in data_roots(data_dir))]
    found = next((place for place in places if (place / CONFIG).is_file()), None)
    if found is not None:
        return found
    if re.fullmatch(r"[\w.-]+/[\w.-]+", str(name)) and not given.exists():
        return _from_hub(str(name))
    origin = HUB_NAMES.get(str(name), "OWNER/NAME")
    raise FileNotFoundError(
        f"the text model {str(name)!r} needs the file {CONFIG}, and it is not in {' or '.join(map(str, places))}: copy {CONFIG},"
        f" {WEIGHTS} and {TOKENIZER} to the last of them, or give {origin!r}, which fetches them from the Hugging Face hub"
    )


def model_file(folder: Path, file: str) -> Path:
    """Return the path of one of a model's files. Errors: FileNotFoundError; a model of pickled weights is refused."""
    if (folder / file).is_file():
        return folder / file
    pickled = file == WEIGHTS and any(folder.glob("*.bin"))
    remedy = (
        "pickled weights could run code when they are loaded: save them again with model.save_pretrained(folder)"
        if pickled
        else f"copy {CONFIG}, {WEIGHTS} and {TOKENIZER} of one model into it"
    )
    raise FileNotFoundError(
        f"a text model needs the file {file}, and it is not in {folder}: {remedy}"
    )


def needs(package: str) -> ModuleType:
    """Import a package of the extra [text]. Errors: ModuleNotFoundError with the command that installs it."""
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            f"text models need the package {package}, which is not installed: pip install 'tltutor[text]'"
        ) from None


def _from_hub(name: str) -> Path:
    hub = needs("huggingface_hub")
    try:
        return Path(hub.snapshot_download(name, allow_patterns=[CONFIG, WEIGHTS, TOKENIZER]))
    except Exception as error:  # noqa: BLE001 - whatever a net makes its client raise, the model is not there
        reason = str(error).strip().partition("\n")[0]
        raise ConnectionError(
            f"the text model {name!r} must be fetched once, and that failed ({reason}): copy {CONFIG}, {WEIGHTS} and {TOKENIZER}"
            f" to a folder and give its path"
        ) from None
