"""SAYSO_DATABASE_URL: what is accepted, and errors that show no part of it."""

from __future__ import annotations

import pytest

from preference_center.config.database_url import parse_postgres
from preference_center.config.settings import SettingsError, load
from tests.use_cases.config.test_settings import PRODUCTION

# The strength of keys, which takes long to estimate, is another matter.
SETTINGS = {**PRODUCTION, "SAYSO_ENV": "development"}


def problems(url: str) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        load({**SETTINGS, "SAYSO_DATABASE_URL": url})
    return refused.value.problems


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
@pytest.mark.parametrize("special", ["#", "@", "%", " ", "/", "?", "[", "]", "%g", "%zz", "\t", "//", "#@"])
@pytest.mark.parametrize("pattern", ["mack{}erel", "{}mackerel", "mackerel{}", "12{}gh", "1{}x=mackerel"])
def test_special_characters_in_the_password_are_to_be_encoded(
    scheme: str, special: str, pattern: str
) -> None:
    password = pattern.format(special)
    for rest in ("@db/sayso", "@db:5432/sayso", "@127.0.0.1:5432/sayso?sslmode=require"):
        (problem,) = problems(f"{scheme}://sayso:{password}{rest}")
        assert problem.startswith("SAYSO_DATABASE_URL: ")
        assert "percent-encode" in problem
        for part in ("mack", "erel", "12", "gh"):
            assert part not in problem


@pytest.mark.parametrize(
    "url",
    [
        "postgres://",
        "postgres://db",
        "postgres://db:5432/sayso",
        "postgresql://sayso@db/sayso",
        "postgres://sayso:@db/sayso",
        "postgres://sayso:s3:cr$et!&*()=+,;'~^{}|<>\"\\@db/sayso",
        "postgres://sayso:päss@db/sayso",
        "postgres://sayso@[::1]:5432/sayso?maxsize=5&sslmode=verify-full",
        "postgres://sayso@db/sayso?application_name=sayso",
    ],
)
def test_valid_urls_are_accepted_and_never_shown(url: str) -> None:
    settings = load({**SETTINGS, "SAYSO_DATABASE_URL": url})
    assert settings.database_url == url
    assert url not in repr(settings)
    assert parse_postgres(url).host


def test_an_encoded_password_is_decoded() -> None:
    url = "postgres://sayso:%23%40%25%20%2F@db/sayso"
    load({**SETTINGS, "SAYSO_DATABASE_URL": url})
    assert parse_postgres(url).password == "#@% /"
    assert "#@% /" not in repr(parse_postgres(url))


@pytest.mark.parametrize(
    "url",
    [
        "postgres://sayso:mackerel@db:0/sayso",
        "postgres://sayso:mackerel@db:65536/sayso",
        "postgres://sayso:mackerel@db:port/sayso",
        "postgres://sayso:mackerel@db/sayso?maxsize=many",
        "postgres://sayso:mackerel@db/sayso?maxsize=0",
        f"postgres://sayso:mackerel@db/sayso?maxsize={'9' * 5000}",
        "postgres://sayso:mackerel@db/sayso?sslmode=mackerel",
        "sqlite://",
        "sqlite:///",
    ],
)
def test_other_mistakes_are_reported_without_the_value(url: str) -> None:
    (problem,) = problems(url)
    assert problem.startswith("SAYSO_DATABASE_URL: ")
    assert "mackerel" not in problem
