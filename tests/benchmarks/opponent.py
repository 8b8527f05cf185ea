"""PostGraphile 5 on the same database and core: the list and the point query of both, side by side.

`--postgraphile` installs it by npm into a temporary folder, which is removed at the end.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.benchmarks.harness import filling, messages
from tests.benchmarks.harness.databases import Installation
from tests.benchmarks.harness.report import Line
from tests.benchmarks.harness.servers import Server, running
from tests.benchmarks.harness.side_by_side import Bench, compare, spread
from tests.benchmarks.reading import by_email, page_of_contacts

PACKAGE = "postgraphile@5"
_LIST = """
query List { allContacts(first: 50, orderBy: [CREATED_AT_DESC, ROW_ID_DESC]) { nodes {
  id email firstName lastName recipientByEmailRecipientId {
    preferencesByRecipientId(orderBy: SUBSCRIPTION_TYPE_ID_ASC) { nodes {
      subscriptionTypeBySubscriptionTypeId { key } channel status } } } } } }
"""
_POINT = (
    "query Point($email: String!) { contactByEmail(email: $email) { id email firstName lastName locale } }"
)
# Node.js has it from version 22 on.
_MISSING_IN_NODE = """
Promise.withResolvers ??= function () {
  let resolve, reject
  const promise = new this((done, failed) => { resolve = done; reject = failed })
  return { promise, resolve, reject }
}
"""


def postgraphile(bench: Bench, of: Installation) -> list[Line]:
    """Both rates and their ratio, which is above 1 where Sayso is ahead."""
    ours = bench.ours(of)
    with _served(of, bench.folder / "postgraphile") as server:
        bench.watch(server)
        asked, theirs = page_of_contacts(of), messages.graphql(_LIST, {}, "none")
        mine = messages.data(ours, asked)["contacts"]["nodes"]
        other = messages.data(server.port, theirs)["allContacts"]["nodes"]
        assert [_without_id(contact) for contact in mine] == [_flat(contact) for contact in other]
        targets = bench.load.target(ours, [asked]), bench.load.target(server.port, [theirs])
        lists = compare(bench, "list beside PostGraphile", *targets)

        numbers = spread(range(1, of.contacts + 1), 2000)
        points = by_email(of, numbers)
        plain = [messages.graphql(_POINT, {"email": filling.email(number)}, "none") for number in numbers]
        found = messages.data(server.port, plain[0])["contactByEmail"]
        assert _without_id(messages.data(ours, points[0])["contact"]) == _without_id(found)
        targets = bench.load.target(ours, points), bench.load.target(server.port, plain)
        point = compare(bench, "point beside PostGraphile", *targets)
    return [
        lists.line("list: Sayso / PostGraphile 5", at_least=1.0),
        point.line("point: Sayso / PostGraphile 5", at_least=1.0),
    ]


def _without_id(contact: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in contact.items() if name != "id"}


def _flat(contact: dict[str, Any]) -> dict[str, Any]:
    """A contact of PostGraphile in the form of Sayso's."""
    recipient = contact.pop("recipientByEmailRecipientId")
    preferences = [
        {"subscriptionType": each.pop("subscriptionTypeBySubscriptionTypeId"), **each}
        for each in recipient["preferencesByRecipientId"]["nodes"]
    ]
    return {**_without_id(contact), "preferences": preferences}


@contextmanager
def _served(of: Installation, folder: Path) -> Iterator[Server]:
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("--postgraphile needs npm")
    folder.mkdir()
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", str(folder)]
    subprocess.run([npm, "install", *quiet, PACKAGE], check=True)
    missing = folder / "missing.cjs"
    missing.write_text(_MISSING_IN_NODE)
    program = folder / "node_modules" / ".bin" / "postgraphile"
    options = ["-P", "postgraphile/presets/amber", "-c", of.dsn, "-s", "public", "-n", "127.0.0.1"]
    environ = {**os.environ, "GRAPHILE_ENV": "production", "NODE_OPTIONS": f"--require {missing}"}
    with running(lambda port: [str(program), *options, "-p", str(port)], environ, folder) as server:
        yield server
