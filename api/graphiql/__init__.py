"""GraphiQL for browsers: from the files that npm installed, or else from a CDN with integrity hashes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

import orjson
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Route

_HERE = Path(__file__).parent
_NODE_MODULES = _HERE / "node_modules"
if not _NODE_MODULES.is_dir():  # not in a wheel that was built with them
    _NODE_MODULES = _HERE.parents[1] / "node_modules"
_CDN = "https://cdn.jsdelivr.net/npm"
_OWN = {
    "page.css": "text/css",
    "start.js": "text/javascript",
    "editor.js": "text/javascript",
    "examples.js": "text/javascript",
    "token.js": "text/javascript",
}
"""Sayso's own files, with their media types."""
_YEAR = "public, max-age=31536000, immutable"
_REVALIDATE = "no-cache"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of an npm package, with the hash that the CDN's copy must have."""

    package: str
    version: str
    path: str
    integrity: str

    @property
    def file(self) -> Path:
        """Where npm installs it."""
        return _NODE_MODULES / self.package / self.path

    @property
    def name(self) -> str:
        """The name that Sayso serves it under. It has the version, so browsers may cache it forever."""
        return f"{self.package}-{self.version}{Path(self.path).suffix}"

    def tag(self, *, local: bool) -> str:
        """Return the element that loads the file, from Sayso or from the CDN."""
        url = f"/graphql/assets/{self.name}" if local else f"{_CDN}/{self.package}@{self.version}/{self.path}"
        integrity = "" if local else f' integrity="{self.integrity}" crossorigin="anonymous"'
        if url.endswith(".css"):
            return f'<link rel="stylesheet" href="{url}"{integrity}>'
        return f'<script src="{url}"{integrity} defer></script>'


ASSETS = (
    Asset(
        "graphiql",
        "4.1.2",
        "graphiql.min.css",
        "sha384-1el1QShFBnnXTx9x/Cprg82hZWKt0ry29OAYIXt05swbi0KcZDFoj0CWguMpopJr",
    ),
    Asset(
        "react",
        "18.3.1",
        "umd/react.production.min.js",
        "sha384-DGyLxAyjq0f9SPpVevD6IgztCFlnMF6oW/XQGmfe+IsZ8TqEiDrcHkMLKI6fiB/Z",
    ),
    Asset(
        "react-dom",
        "18.3.1",
        "umd/react-dom.production.min.js",
        "sha384-gTGxhz21lVGYNMcdJOyq01Edg0jhn/c22nsx0kyqP0TxaV5WVdsSH1fSDUf5YJj1",
    ),
    Asset(
        "graphiql",
        "4.1.2",
        "graphiql.min.js",
        "sha384-9XdHu7ajgGJziD4J1zNBKQ842Q/+zZfDv+ib1eMhZWBH6hPAs806x+Jbcf0yNO6B",
    ),
)


def routes() -> list[BaseRoute]:
    """Return the route of GraphiQL's files, and of Sayso's own."""
    return [Route("/graphql/assets/{name}", serve_asset, methods=["GET"])]


def page(request: Request) -> Response:
    """Return the page. It contains no secret, so it needs no token."""
    local = all(asset.file.is_file() for asset in ASSETS)
    sources = "'self'" if local else f"'self' {_CDN.removesuffix('/npm')}"
    policy = (
        f"default-src 'none'; script-src {sources}; style-src {sources} 'unsafe-inline';"
        f" img-src 'self' data:; font-src {sources} data:; connect-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    headers = {
        "content-security-policy": policy,
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "cache-control": "no-cache",
        "vary": "Accept",
    }
    return HTMLResponse(_html(local), headers=headers)


async def serve_asset(request: Request) -> Response:
    """Serve one of the page's files."""
    name = request.path_params["name"]
    if name in _OWN:
        return FileResponse(_HERE / name, media_type=_OWN[name], headers={"cache-control": _REVALIDATE})
    for asset in ASSETS:
        if asset.name == name and asset.file.is_file():
            return FileResponse(asset.file, headers={"cache-control": _YEAR})
    return Response("Not found", 404)


@cache
def _html(local: bool) -> str:
    tags = "\n".join(asset.tag(local=local) for asset in ASSETS)
    examples = [path.read_text("utf-8") for path in sorted((_HERE / "examples").glob("*.graphql"))]
    template = (_HERE / "page.html").read_text("utf-8")
    return template.replace("<!-- assets -->", tags).replace(
        "<!-- examples -->", escape(orjson.dumps(examples).decode())
    )
