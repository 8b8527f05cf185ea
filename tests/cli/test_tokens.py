"""`sayso token`."""

from tests.cli.installation import Installation


def test_a_token_is_printed_once_and_alone_on_its_line(installation: Installation) -> None:
    token = installation.says("token", "create", "crm", "--scope", "contacts:read").strip()
    listed = installation.says("token", "list")

    assert token.startswith("sayso_")
    assert token.isascii()
    assert len(token.split()) == 1
    assert "crm" in listed
    assert "contacts:read" in listed
    assert token not in listed


def test_a_revoked_token_is_listed_as_revoked(installation: Installation) -> None:
    token = installation.says("token", "create", "crm", "--scope", "admin").strip()

    assert "revoked" in installation.says("token", "revoke", prefix_of(token))
    assert "revoked" in installation.says("token", "list")


def prefix_of(token: str) -> str:
    return token.rpartition("_")[0]


def test_an_unknown_scope_is_refused_with_the_list_of_scopes(small: Installation) -> None:
    result = small.run("token", "create", "crm", "--scope", "everything")

    assert result.returncode == 2
    assert "everything" in result.stderr
    assert "contacts:read" in result.stderr


def test_a_token_without_a_scope_is_refused(small: Installation) -> None:
    assert small.run("token", "create", "crm").returncode == 2


def test_only_integration_can_be_a_tokens_origin(small: Installation) -> None:
    assert small.run("token", "create", "x", "--scope", "admin", "--origin", "RECIPIENT").returncode == 2
    made = small.says("token", "create", "shop", "--scope", "admin", "--origin", "INTEGRATION")

    assert made.startswith("sayso_")
    assert "INTEGRATION" in small.says("token", "list")


def test_a_token_can_expire_and_the_list_says_when(small: Installation) -> None:
    made = small.says("token", "create", "crm", "--scope", "admin", "--expires-in-days", "30")

    assert made.startswith("sayso_")
    assert "expires 2" in small.says("token", "list")
    refused = small.run("token", "create", "x", "--scope", "admin", "--expires-in-days", "0")
    assert refused.returncode == 2


def test_revoking_an_unknown_token_is_reported(small: Installation) -> None:
    result = small.run("token", "revoke", "sayso_00000000")

    assert result.returncode == 1
    assert "There is no token of this name" in result.stderr
