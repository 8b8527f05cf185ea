"""Whether the triggers that keep the ledger append-only are there, and what they were (R18)."""

from __future__ import annotations

from typing import Final

from preference_center.storage import database

_ABORT: Final = "begin select raise(abort, 'the ledger is append-only: {0} is refused'); end"
_SQLITE: Final = {
    "consent_events_never_updated": "before update on consent_events " + _ABORT.format("update"),
    "consent_events_never_deleted": "before delete on consent_events " + _ABORT.format("delete"),
    "consent_events_never_replaced": "before insert on consent_events"
    " when exists (select 1 from consent_events where id = new.id) " + _ABORT.format("replace"),
}
_POSTGRES: Final = {
    "consent_events_final": "before delete or update on consent_events for each row",
    "consent_events_never_emptied": "before truncate on consent_events for each statement",
}
_EXECUTED: Final = (
    "execute function consent_events_are_final() begin raise exception"
    " 'the ledger is append-only: % is refused', tg_op using errcode = 'restrict_violation'; end"
)
_DEFINITIONS: Final = {
    "sqlite": "SELECT name, sql AS definition FROM sqlite_master WHERE type = 'trigger'",
    # One that is disabled, or fires on replicas only, is left out.
    "postgres": "SELECT t.tgname AS name, pg_get_triggerdef(t.oid, true) || ' ' || p.prosrc AS definition"
    " FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgrelid = 'consent_events'::regclass"
    " AND t.tgenabled IN ('O', 'A')"
    " AND (t.tgenabled = 'A' OR current_setting('session_replication_role') <> 'replica')",
}


async def missing_guards() -> list[str]:
    """The names of triggers that are missing, disabled or changed."""
    dialect = database.dialect()
    found = {row["name"]: row["definition"] for row in await database.fetch(_DEFINITIONS[dialect])}
    needed = {name: f"create trigger {name} {definition}" for name, definition in _SQLITE.items()}
    if dialect == "postgres":
        needed = {name: f"create trigger {name} {when} {_EXECUTED}" for name, when in _POSTGRES.items()}
    return [name for name, text in needed.items() if _plain(found.get(name, "")) != text]


def _plain(definition: str) -> str:
    """The text without case, quotes around names, and differences in space."""
    return " ".join(definition.replace('"', "").lower().split())
