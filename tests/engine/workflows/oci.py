"""An OCI archive of one layer, as small as a scanner of images takes it."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

_TYPES = "application/vnd.oci.image."


def archive(file: Path, files: Mapping[str, str]) -> None:
    """Write one with these files, path → content."""
    layer = _tar({path: text.encode() for path, text in files.items()})
    packed = gzip.compress(layer, mtime=0)
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
    }
    blobs: dict[str, bytes] = {}
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{_TYPES}manifest.v1+json",
        "config": _blob(blobs, f"{_TYPES}config.v1+json", json.dumps(config).encode()),
        "layers": [_blob(blobs, f"{_TYPES}layer.v1.tar+gzip", packed)],
    }
    described = _blob(blobs, f"{_TYPES}manifest.v1+json", json.dumps(manifest).encode())
    index = json.dumps({"schemaVersion": 2, "manifests": [described]}).encode()
    layout = json.dumps({"imageLayoutVersion": "1.0.0"}).encode()
    file.write_bytes(_tar({"oci-layout": layout, "index.json": index, **blobs}))


def _blob(blobs: dict[str, bytes], kind: str, content: bytes) -> dict[str, object]:
    digest = hashlib.sha256(content).hexdigest()
    blobs[f"blobs/sha256/{digest}"] = content
    return {"mediaType": kind, "digest": f"sha256:{digest}", "size": len(content)}


def _tar(files: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return stream.getvalue()
