"""Contacts by one statement: the root fields `contact` and `contacts`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from preference_center.catalog.catalog import Catalog
from preference_center.contacts import pages as contact_pages
from preference_center.storage.compact import Reading
from preference_center.storage.counting import Count
from schema.contacts.columns import CONTACT, ContactSource
from schema.contacts.filter import ContactFilter, check_access, parse_filter
from schema.contacts.orders import OrderArguments, ordered_page
from schema.contract.arguments import taken
from schema.contract.connections import PageArguments, write_cursor
from schema.contract.references import ContactRef, contact_key
from schema.engine.context import Context
from schema.engine.plans import Plan
from schema.engine.statements import pages, roots
from schema.engine.statements.columns import NULL, Columns, NotByStatement, Row, Write
from schema.engine.statements.objects import WriteObject, write_object
from schema.engine.statements.pages import Page, PagePlan
from schema.engine.statements.roots import Root


@dataclass(frozen=True, slots=True)
class ContactStatement:
    """How one contact is read and written."""

    reading: Reading
    write: Write


@dataclass(frozen=True, slots=True)
class ContactsStatement:
    """How a page of contacts is read and written."""

    reading: Reading
    page: PagePlan


def _contact(plan: Plan | None, columns: Columns) -> WriteObject:
    return write_object(plan, CONTACT, ContactSource(columns))


def _compile_contact(plan: Plan, catalog: Catalog) -> ContactStatement:
    columns = Columns(catalog)
    write = _contact(plan, columns)
    return ContactStatement(columns.reading(), write)


def _compile_contacts(plan: Plan, catalog: Catalog) -> ContactsStatement:
    columns = Columns(catalog)
    page = pages.plan_page(plan, _contact, columns)
    return ContactsStatement(columns.reading(), page)


async def _answer_contact(statement: ContactStatement, context: Context, by: ContactRef) -> str:
    """Answer with the contact that a reference names. Several with one phone number are an error."""
    column, value = contact_key(by, "by")
    rows = await contact_pages.find_compact(roots.at_time(statement.reading, context), column, value)
    if len(rows) > 1:
        raise NotByStatement
    return await roots.written(context, lambda: statement.write(rows[0], context)) if rows else NULL


async def _answer_contacts(
    statement: ContactsStatement,
    context: Context,
    filter: ContactFilter | None = None,
    **arguments: Any,
) -> str:
    """Answer with a page of contacts, but in the order of a property."""
    page, order = taken(PageArguments, arguments), taken(OrderArguments, arguments)
    check_access(filter, context, "filter")
    wanted, asked, plan = parse_filter(filter, context), ordered_page(order, page), statement.page
    if asked.property is not None:
        raise NotByStatement
    reading = roots.at_time(statement.reading, context)
    found = await contact_pages.compact_page(
        reading, wanted, asked.order, asked.request, positions=plan.cursors
    )
    counted = await contact_pages.count(wanted) if plan.counts else Count(0)

    def cursor_of(row: Row) -> str:
        return write_cursor(asked.order.value, *found.position(row))

    def write() -> str:
        ends = [cursor_of(row) for row in (found.rows[:1] + found.rows[-1:])] if plan.cursors else []
        info = page.page_info(ends, more=found.has_more)
        return plan.write(Page(found.rows, info, cursor_of, counted), context)

    return await roots.written(context, write)


CONTACT_ROOT = Root(_compile_contact, _answer_contact)
CONTACTS_ROOT = Root(_compile_contacts, _answer_contacts)
