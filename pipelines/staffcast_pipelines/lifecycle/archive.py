"""The backup file: a plain tar of the database, its key, the records, and a manifest with their checksums."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import tarfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING

from staffcast import __version__
from staffcast.core.errors import SourceError, WarehouseError
from staffcast.store.schema import SCHEMA_VERSION
from staffcast.store.warehouse import RECORD_FOLDERS, WAREHOUSE_FILE, sync
from staffcast_pipelines.loading.keys import KEY_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Manifest", "pack", "records_in", "unpack"]

_MANIFEST = "manifest.json"
_FORMAT, _FORMAT_WITHOUT_RECORDS = 2, 1
_FILES = (KEY_FILE, WAREHOUSE_FILE)
_RECORD = re.compile(rf"({'|'.join(RECORD_FOLDERS)})(/[a-z0-9][a-z0-9-]*)*/[a-z0-9][a-z0-9-]*\.json")
_MOST_MANIFEST_BYTES = 20_000_000
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself.

    Attributes:
        made_at: ISO 8601 instant.
        staffcast: Version of the program that made it.
        schema_version: Version of the tables.
        sizes: Bytes by file.
        sha256: Checksum by file.
    """

    made_at: str
    staffcast: str
    schema_version: int
    sizes: dict[str, int]
    sha256: dict[str, str]


def records_in(folder: Path) -> list[str]:
    """Names of the records of a folder, relative to it, sorted; half-written ones are none."""
    found = (path for name in RECORD_FOLDERS for path in (folder / name).rglob("*.json"))
    plain = (path for path in found if path.is_file() and not path.is_symlink())
    names = (path.relative_to(folder).as_posix() for path in plain)
    return sorted(name for name in names if _RECORD.fullmatch(name))


def pack(folder: Path, path: Path, *, now: datetime) -> Manifest:
    """Pack database, key and records of a folder into a file that only its owner can read, whole or not.

    Args:
        folder: Holds the closed database, the key file, and the records if there are any.
        path: The backup; one that is there is replaced.
        now: The instant that the data are of.

    Raises:
        WarehouseError: The disk refuses.
    """
    unfinished = path.with_name(f"{path.name}.tmp")
    try:
        names = (*_FILES, *records_in(folder))
        manifest = Manifest(
            made_at=now.isoformat(),
            staffcast=__version__,
            schema_version=SCHEMA_VERSION,
            sizes={name: (folder / name).stat().st_size for name in names},
            sha256={name: _sha256(folder / name) for name in names},
        )
        unfinished.unlink(missing_ok=True)
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream, tarfile.open(fileobj=stream, mode="w") as tar:
            _write(tar, folder, manifest, now)
        sync(unfinished)
        unfinished.replace(path)
        sync(path.absolute().parent)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise WarehouseError(
            f"cannot write the backup {path}: {error.strerror}",
            hint="check the folder, its mode and free space",
        ) from error
    return manifest


def _write(tar: tarfile.TarFile, folder: Path, manifest: Manifest, now: datetime) -> None:
    is_plain = len(manifest.sizes) == len(_FILES)
    form = _FORMAT_WITHOUT_RECORDS if is_plain else _FORMAT
    text = json.dumps({"format": form, **{name: getattr(manifest, name) for name in _fields()}}, indent=1)
    content = text.encode()
    members = [(_MANIFEST, len(content)), *manifest.sizes.items()]
    for name, size in members:
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = size, 0o600, int(now.timestamp())
        if name == _MANIFEST:
            tar.addfile(member, io.BytesIO(content))
            continue
        with (folder / name).open("rb") as stream:
            tar.addfile(member, stream)


def unpack(path: Path, folder: Path) -> Manifest:
    """Unpack a backup into a new folder, after checking that every byte is what the manifest says.

    Only the known names are read, each once and only as a plain file: nothing can end up elsewhere.

    Args:
        path: The backup.
        folder: Made for it; removed again if the backup is refused.

    Raises:
        SourceError: It is missing, truncated, damaged, of a newer version, or no backup of staffcast.
        WarehouseError: The disk refuses.
    """
    with _refusals(path):
        stream = path.open("rb")
    try:
        with stream:
            folder.mkdir(parents=True, mode=0o700)
            return _unpack(path, stream, folder)
    except SourceError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise WarehouseError(
            f"cannot write {folder}: {error.strerror}", hint="check the folder, its mode and free space"
        ) from error


def _unpack(path: Path, stream: IO[bytes], folder: Path) -> Manifest:
    with _refusals(path), tarfile.open(fileobj=stream, mode="r:") as tar:
        manifest = _manifest(tar, path)
        for name in manifest.sizes:
            member = tar.next()
            if member is None or member.name != name or not member.isreg():
                raise SourceError(f"{name} is missing", path=path, hint="use another backup")
            _extract(tar, member, folder, manifest, path)
    return manifest


def _manifest(tar: tarfile.TarFile, path: Path) -> Manifest:
    member = tar.next()
    if member is None or member.name != _MANIFEST or not member.isreg() or member.size > _MOST_MANIFEST_BYTES:
        raise _foreign(path)
    content = tar.extractfile(member)
    try:
        raw = json.loads(content.read() if content else b"")
        if raw["format"] > _FORMAT or raw["schema_version"] > SCHEMA_VERSION:
            raise SourceError(
                f"the backup was made by staffcast {raw['staffcast']}", path=path, hint="upgrade staffcast"
            )
        manifest = Manifest(**{name: raw[name] for name in _fields()})
        datetime.fromisoformat(manifest.made_at)
        names = list(manifest.sizes)
        are_known = names[: len(_FILES)] == [*_FILES] and all(map(_RECORD.fullmatch, names[len(_FILES) :]))
        if not are_known or set(manifest.sha256) != set(names):
            raise _foreign(path)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _foreign(path) from error
    return manifest


def _extract(
    tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path, manifest: Manifest, path: Path
) -> None:
    digest = hashlib.sha256()
    content = tar.extractfile(member)
    (folder / member.name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(folder / member.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as target:
        while content and (chunk := content.read(_CHUNK_BYTES)):
            digest.update(chunk)
            target.write(chunk)
        n_bytes = target.tell()
    if n_bytes != manifest.sizes[member.name] or digest.hexdigest() != manifest.sha256[member.name]:
        raise SourceError(
            f"{member.name} is damaged: its checksum differs", path=path, hint="use another backup"
        )


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    """Failures of reading as one line."""
    try:
        yield
    except tarfile.ReadError as error:
        raise SourceError(
            "cut off, or no backup of staffcast", path=path, hint="use another backup"
        ) from error
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise SourceError(f"cannot be read: {error.strerror}", path=path, hint="check the path") from error


def _foreign(path: Path) -> SourceError:
    return SourceError("no backup of staffcast", path=path, hint="make backups with `staffcast backup FILE`")


def _fields() -> tuple[str, ...]:
    return ("made_at", "staffcast", "schema_version", "sizes", "sha256")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
