"""GraphiQL for a browser: from npm's files where they are, else from a CDN with integrity hashes."""

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
_NODE_MODULES = _HERE.parents[1] / "node_modules"
_CDN = "https://cdn.jsdelivr.net/npm"
_YEAR = "public, max-age=31536000, immutable"
_HOUR = "public, max-age=3600"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of a package: where npm puts it, and what the CDN's copy must be."""

    package: str
    version: str
    path: str
    integrity: str

    @property
    def file(self) -> Path:
        """Where npm has put it, if it has."""
        return _NODE_MODULES / self.package / self.path

    @property
    def name(self) -> str:
        """What Sayso serves it as; another version has another name."""
        return f"{self.package}-{self.version}{Path(self.path).suffix}"

    def tag(self, local: bool) -> str:
        """The element that loads it."""
        source = (
            f"/graphql/assets/{self.name}" if local else f"{_CDN}/{self.package}@{self.version}/{self.path}"
        )
        checked = "" if local else f' integrity="{self.integrity}" crossorigin="anonymous"'
        if source.endswith(".css"):
            return f'<link rel="stylesheet" href="{source}"{checked}>'
        return f'<script src="{source}"{checked} defer></script>'


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
    """GraphiQL's own files, and the script that starts it."""
    return [Route("/graphql/assets/{name}", asset, methods=["GET"])]


def page(request: Request) -> Response:
    """The page; it holds no secret, so it is served without a token."""
    local = all(asset.file.is_file() for asset in ASSETS)
    where = "'self'" if local else f"'self' {_CDN.removesuffix('/npm')}"
    policy = (
        f"default-src 'none'; script-src {where}; style-src {where} 'unsafe-inline'; img-src 'self' data:;"
        f" font-src {where} data:; connect-src 'self'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    )
    headers = {
        "content-security-policy": policy,
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "cache-control": "no-cache",
        "vary": "Accept",
    }
    return HTMLResponse(_html(local), headers=headers)


async def asset(request: Request) -> Response:
    """One of GraphiQL's files."""
    name = request.path_params["name"]
    if name == "start.js":
        return FileResponse(_HERE / name, media_type="text/javascript", headers={"cache-control": _HOUR})
    for known in ASSETS:
        if known.name == name and known.file.is_file():
            return FileResponse(known.file, headers={"cache-control": _YEAR})
    return Response("Not found", 404)


@cache
def _html(local: bool) -> str:
    tags = "\n".join(known.tag(local) for known in ASSETS)
    examples = [path.read_text("utf-8") for path in sorted((_HERE / "examples").glob("*.graphql"))]
    text = (_HERE / "page.html").read_text("utf-8")
    return text.replace("<!-- assets -->", tags).replace(
        "<!-- examples -->", escape(orjson.dumps(examples).decode())
    )
