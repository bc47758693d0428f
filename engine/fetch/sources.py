"""Where the files can come from: two public hubs, or any address that has them side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from .errors import FetchError, FetchFault
from .manifest import Manifest

FASTEST = "fastest"
HUGGING_FACE = "hugging-face"
MODELSCOPE = "modelscope"


@dataclass(frozen=True, slots=True)
class Source:
    """A name, and the address below which each file lies under its own name."""

    name: str
    address: str
    token: str = field(default="", repr=False)

    def url(self, file: str) -> str:
        """The address of one file."""
        return f"{self.address}/{quote(file)}"


def hugging_face(manifest: Manifest, environment: Mapping[str, str], revision: str = "") -> Source:
    """Hugging Face, or the mirror that HF_ENDPOINT names; HF_TOKEN is sent if it is set."""
    base = _base(environment.get("HF_ENDPOINT") or "https://huggingface.co")
    address = f"{base}/{manifest.hugging_face}/resolve/{quote(revision or 'main', safe='')}"
    return Source(HUGGING_FACE, address, environment.get("HF_TOKEN", ""))


def modelscope(manifest: Manifest, environment: Mapping[str, str], revision: str = "") -> Source:
    """ModelScope, or the domain that MODELSCOPE_DOMAIN names."""
    base = environment.get("MODELSCOPE_DOMAIN") or "modelscope.cn"
    base = _base(base if "://" in base else f"https://{base}")
    address = f"{base}/models/{manifest.modelscope}/resolve/{quote(revision or 'master', safe='')}"
    return Source(MODELSCOPE, address)


def own_address(address: str) -> Source:
    """A folder on any web server. Raises FetchError."""
    return Source(urlsplit(address).netloc or address, _base(address))


def public_sources(
    manifest: Manifest, environment: Mapping[str, str], revision: str = ""
) -> tuple[Source, ...]:
    """The hubs that have this model."""
    sources = []
    if manifest.hugging_face:
        sources.append(hugging_face(manifest, environment, revision))
    if manifest.modelscope:
        sources.append(modelscope(manifest, environment, revision))
    return tuple(sources)


def sources_for(
    wish: str, manifest: Manifest, environment: Mapping[str, str], revision: str = ""
) -> tuple[Source, ...]:
    """All hubs that have a model, one of them by its name, or an address. Raises FetchError."""
    public = public_sources(manifest, environment, revision)
    if wish == FASTEST:
        return public
    return tuple(source for source in public if source.name == wish) or (own_address(wish),)


def _base(address: str) -> str:
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query
        _ = parts.port  # a port that is no number raises
    except ValueError:
        usable = False
    if not usable:
        raise FetchError(FetchFault.BAD_ADDRESS, address)
    return address.rstrip("/")
