"""GraphQL documents, variables and bodies that take long to read."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.attacks.attack import BODY_BYTES, Attack, Target, attack, sizes

_OF_TYPE = "type{name ofType{name ofType{name}}}"
_INTROSPECTION = f"__schema{{types{{name fields{{name args{{name {_OF_TYPE}}} {_OF_TYPE}}}}}}}"


def _repeated(part: str, before: str = "", after: str = "") -> Callable[[Target], Iterator[bytes]]:
    """A text that repeats a part, in several sizes up to the largest body."""

    def requests(target: Target) -> Iterator[bytes]:
        for size in sizes(BODY_BYTES - 60_000):
            # Escaping in JSON doubles quotes and backslashes.
            doubled = 1 + sum(part.count(each) for each in '"\\\n') / len(part)
            yield target.graphql(before + part * int(size / len(part) / doubled) + after)

    return requests


TEXTS: dict[str, Callable[[Target], Iterator[bytes]]] = {
    "escaped quotes in an open block string": _repeated('\\"""', '{a(b:"""'),
    "escaped quotes in an open string": _repeated('\\"', '{a(b:"'),
    "quotes and backslashes in turn": _repeated('"\\', "{a(b:"),
    "backslashes": _repeated("\\", '{a(b:"'),
    "backslashes and line ends": _repeated("\\\n", '{a(b:"'),
    "quotes": _repeated('"'),
    "empty strings": _repeated('"" '),
    "triple quotes": _repeated('"""'),
    "open block strings": _repeated('""" " "" '),
    "a long block string": _repeated(" a\n", '{a(b:"""', '""")}'),
    "a long string": _repeated("a", '{a(b:"', '")}'),
    "escapes in a string": _repeated("\\u0041", '{a(b:"', '")}'),
    "surrogates in a string": _repeated("\\uD83D\\uDE00", '{a(b:"', '")}'),
    "open braces": _repeated("{"),
    "braces in pairs": _repeated("{}"),
    "brackets": _repeated("[", "{a(b:"),
    "brackets of three kinds": _repeated("({[", "{a"),
    "closed braces": _repeated("}"),
    "comments": _repeated("#\n"),
    "a long comment": _repeated("#"),
    "commas": _repeated(",", "{", "viewer{name}}"),
    "blanks": _repeated(" ", "{", "viewer{name}}"),
    "line ends": _repeated("\n", "{", "viewer{name}}"),
    "line ends of two kinds": _repeated("\r\n", "{", "viewer{name}}"),
    "a long name": _repeated("a", "{", "}"),
    "a long number": _repeated("1", "{a(b:", ")}"),
    "a long fraction": _repeated("1", "{contacts(first:0.", "){totalCount}}"),
    "a long variable name": _repeated("a", "query($", ":Int){viewer{name}}"),
    "a long operation name": _repeated("a", "query ", "{viewer{name}}"),
    "a long enum value": _repeated("A", "{contacts(orderBy:", "){totalCount}}"),
    "dots": _repeated(". ", "{"),
    "byte order marks": _repeated("\ufeff", "{", "viewer{name}}"),
    "short fields": _repeated("a ", "{", "}"),
    "letters that no document has": _repeated("é"),
}


def _fields(target: Target) -> Iterator[bytes]:
    same = "id " * 990
    yield target.graphql(f"{{contacts(first:1){{nodes{{{same}}}}}}}")
    yield target.graphql(f"{{contacts(first:1){{nodes{{{'recipients{id} ' * 490}}}}}}}")
    nested = "preferences{subscriptionType{businessUnit{name}}} " * 240
    yield target.graphql(f"{{contacts(first:1){{nodes{{{nested}}}}}}}")
    yield target.graphql(f"{{contacts(first:1){{nodes{{{'history(first:1){nodes{id}} ' * 330}}}}}}}")
    yield target.graphql(f"{{contacts(first:1){{nodes{{{'...on Contact{id} ' * 900}}}}}}}")


def _inline_fragments(target: Target) -> Iterator[bytes]:
    for inner in ("id", "preferences{status}", 'optedOutOfEmail(subscriptionType:"a")'):
        spread = "...on Contact{...{...on Node{id} " + inner + "}} "
        yield target.graphql(f"{{contacts(first:1){{nodes{{{spread * 450}}}}}}}")
    yield target.graphql("{" + "...{" * 60 + "viewer{name}" + "}" * 60 + "}")
    yield target.graphql("{viewer{name} " + "...on Query{__typename} " * 1_900 + "}")


def _fragments(target: Target) -> Iterator[bytes]:
    def chained(times: int, last: str = "id") -> str:
        parts = [f"fragment f{n} on Contact{{{f'...f{n + 1} ' * times}}}" for n in range(49)]
        return f"{{contacts(first:1){{nodes{{...f0}}}}}} {' '.join(parts)} fragment f49 on Contact{{{last}}}"

    yield target.graphql(chained(2))
    yield target.graphql(chained(60))
    yield target.graphql(chained(2, "...f0"))
    doubled = [
        f"fragment f{n} on Contact{{{f'recipients{{contacts{{...f{n + 1}}}}}' * 2}}}" for n in range(49)
    ]
    yield target.graphql(f"{{contacts{{nodes{{...f0}}}}}} {' '.join(doubled)} fragment f49 on Contact{{id}}")
    everything = " ".join(f"...f{n}" for n in range(50))
    crossed = [f"fragment f{n} on Contact{{id {everything}}}" for n in range(50)]
    yield target.graphql(f"{{contacts{{nodes{{{everything}}}}}}} {' '.join(crossed)}")
    conflicting = [
        f"fragment f{n} on Contact{{{' '.join(f'b{m}:history(first:{n}){{nodes{{id}}}}' for m in range(6))}}}"
        for n in range(5)
    ]
    yield target.graphql(
        f"{{contacts{{nodes{{{'...f0 ...f1 ...f2 ...f3 ...f4'}}}}}}} {' '.join(conflicting)}"
    )


def _definitions(target: Target) -> Iterator[bytes]:
    variables = ",".join(f"$a{number}:Int" for number in range(2_400))
    yield target.graphql(f"query({variables}){{viewer{{name}}}}")
    used = ",".join(f"$a{number}" for number in range(1_600))
    declared = ",".join(f"$a{number}:ID!" for number in range(1_600))
    values = {f"a{number}": "x" for number in range(1_600)}
    yield target.graphql(f"query({declared}){{nodes(ids:[{used}]){{id}}}}", values)
    yield target.graphql(" ".join(f"query q{number}{{viewer{{name}}}}" for number in range(1_200)))
    yield target.graphql(" ".join("{viewer{name}}" for _ in range(1_600)))
    yield target.graphql(f"{{viewer{{name {'@include(if:true)' * 50}}}}}")
    yield target.graphql(f"{{viewer{{name {'@skip(if:false)' * 1_900}}}}}")
    yield target.graphql(f"query{'@a' * 4_900}{{viewer{{name}}}}")
    yield target.graphql(f"{{contacts(filter:{{or:[{'{search:1}' * 1_900}]}}){{totalCount}}}}")
    yield target.graphql(f"{{contacts({','.join(f'first:{n}' for n in range(3_000))}){{totalCount}}}}")
    yield target.graphql(
        f"{{contacts(filter:{{{','.join(f'a{n}:1' for n in range(3_000))}}}){{totalCount}}}}"
    )
    yield target.graphql(
        " ".join(f"a{number}:contacts{{nodes{{i{number}d}}}}" for number in range(900)).join("{}")
    )
    yield target.graphql("query($v:" + "[" * 60 + "Int" + "]" * 60 + "){viewer{name}}")


def _many_errors(target: Target) -> Iterator[bytes]:
    unknown = " ".join(f"emaill{number}" for number in range(990))
    yield target.graphql(f"{{contacts(first:1){{nodes{{{unknown}}}}}}}")
    yield target.graphql(f"{{contacts(first:1){{nodes{{{'a' * 400_000}}}}}}}")
    types = " ".join(f"...on Contackt{number}{{id}}" for number in range(900))
    yield target.graphql(f"{{contacts(first:1){{nodes{{{types}}}}}}}")
    values = ",".join("SUBSCRIBED" for _ in range(9_000))
    yield target.graphql(f"{{consentEvents(origins:[{values}]){{nodes{{id}}}}}}")


_BY_ID = "query($v:[ID!]!){nodes(ids:$v){id}}"
_FILTERED = "query($v:ContactFilter){contacts(filter:$v){totalCount}}"
_LINKED = "mutation($v:CreatePreferenceLinksInput!){createPreferenceLinks(input:$v){userErrors{code}}}"


def _variables(target: Target) -> Iterator[bytes]:
    yield target.graphql(_BY_ID, {"v": ["x"] * 240_000})
    yield target.graphql(_BY_ID, {"v": [1] * 480_000})
    yield target.graphql(_BY_ID, {"v": [None] * 190_000})
    yield target.graphql(_BY_ID, {"v": [[]] * 320_000})
    yield target.graphql(_LINKED, {"v": {"recipients": [{"email": "a@b.example"}] * 40_000}})
    yield target.graphql(_LINKED, {"v": {"recipients": [{}] * 320_000}})
    yield target.graphql(_FILTERED, {"v": {"or": [{"search": ""}] * 70_000}})
    yield target.graphql(_FILTERED, {"v": {f"a{number}": number for number in range(60_000)}})
    yield target.graphql(_FILTERED, {f"v{number}": number for number in range(60_000)})
    yield target.graphql(_FILTERED, {"v": {"property": {"name": "a", "value": [[[0]]] * 120_000}}})
    yield target.graphql("query($v:[Int!]){viewer{name}}", {"v": ["x"] * 240_000})


def _bodies(target: Target) -> Iterator[bytes]:
    for body in (
        b"[" * BODY_BYTES,
        b'{"query":' * (BODY_BYTES // 9),
        b'{"a":[' * (BODY_BYTES // 6),
        b'{"query":"{viewer{name}}","variables":' + b"[" * 400_000 + b"]" * 400_000 + b"}",
        b'{"query":"{viewer{name}}","variables":{"a":' + b"[" * 900 + b"]" * 900 + b"}}",
        b'{"query":"' + b"\\u0041" * (BODY_BYTES // 7) + b'"}',
        b'{"query":"{viewer{name}}","a":' + b"1" * (BODY_BYTES - 100) + b"}",
        b'{"query":"{viewer{name}}","a":1' + b"0" * 300_000 + b".5e300000}",
        b'{"query":"{viewer{name}}"' + b',"a":0' * (BODY_BYTES // 7) + b"}",
        b" " * BODY_BYTES,
        b"\xff" * BODY_BYTES,
    ):
        yield target.upload("/graphql", body, "application/json")


def _introspection(target: Target) -> Iterator[bytes]:
    for count in (1, 20, 29):
        yield target.graphql("{" + " ".join(f"a{n}:{_INTROSPECTION}" for n in range(count)) + "}")
    yield target.graphql("{" + " ".join(_INTROSPECTION for _ in range(100)) + "}")
    by_type = '__type(name:"Contact"){fields{name type{fields{name type{name}}}}}'
    yield target.graphql("{" + " ".join(f"a{n}:{by_type}" for n in range(29)) + "}")
    yield target.graphql("{__schema{types{fields{type{fields{type{fields{type{fields{name}}}}}}}}}}")
    of_type = "ofType{" * 12 + "name" + "}" * 12
    yield target.graphql(
        f"{{__schema{{types{{fields{{name args{{name type{{{of_type}}}}} type{{{of_type}}}}}}}}}}}"
    )
    spread = "...t " * 1_000
    fragment = "fragment t on __Type{name description fields{name} inputFields{name} enumValues{name}}"
    yield target.graphql(f"{{__schema{{types{{{spread}}}}}}} {fragment}")
    yield target.graphql("{" + "__typename " * 900 + "}")


DOCUMENTS: list[Attack] = [
    *(attack(name, make, clients=2) for name, make in TEXTS.items()),
    attack("overlapping fields", _fields),
    attack("inline fragments", _inline_fragments),
    attack("fragments of fragments", _fragments),
    attack("many definitions", _definitions),
    attack("many errors", _many_errors),
    attack("large variables", _variables),
    attack("bodies that are hardly JSON", _bodies),
]
INTROSPECTION: list[Attack] = [attack("introspection", _introspection)]
