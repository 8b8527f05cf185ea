"""Contacts by one statement: the root fields `contact` and `contacts`."""

from __future__ import annotations

from dataclasses import dataclass

from preference_center.catalog.catalog import Catalog
from preference_center.contacts import compact_pages
from preference_center.contacts import pages as contact_pages
from preference_center.contacts.filter import ContactFilter
from preference_center.storage.compact import Reading
from preference_center.storage.counting import Count
from schema.contacts.columns import CONTACT, ContactSource
from schema.contacts.orders import OrderedPage
from schema.contract.connections import PageArguments, write_cursor
from schema.contract.references import ContactRef, contact_key
from schema.engine.context import Context
from schema.engine.plans import Plan
from schema.engine.statements import pages, roots
from schema.engine.statements.columns import Columns, Row, Write
from schema.engine.statements.objects import write_object
from schema.engine.statements.pages import Page, PagePlan
from schema.engine.statements.roots import Written


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


def _contact(plan: Plan | None, columns: Columns) -> Write:
    return write_object(plan, CONTACT, ContactSource(columns))


def _compile_contact(plan: Plan, catalog: Catalog) -> ContactStatement:
    columns = Columns(catalog)
    write = _contact(plan, columns)
    return ContactStatement(columns.reading(), write)


def _compile_contacts(plan: Plan, catalog: Catalog) -> ContactsStatement:
    columns = Columns(catalog)
    page = pages.plan_page(plan, _contact, columns)
    return ContactsStatement(columns.reading(), page)


roots.register_statement("contact", _compile_contact)
roots.register_statement("contacts", _compile_contacts)


async def contact(statement: ContactStatement, ref: ContactRef, context: Context) -> Written | None:
    """Return the contact that a reference names, as JSON; None if there is none, or several."""
    column, value = contact_key(ref, "by")
    rows = await compact_pages.find(roots.at_time(statement.reading, context), column, value)
    if len(rows) != 1:
        return None
    return await roots.written(context, lambda: statement.write(rows[0], context))


async def contacts(
    statement: ContactsStatement,
    wanted: ContactFilter | None,
    asked: OrderedPage,
    page: PageArguments,
    context: Context,
) -> Written | None:
    """Return a page of contacts as JSON; None in the order of a property."""
    if asked.property is not None:
        return None
    order, plan = asked.order, statement.page
    reading = roots.at_time(statement.reading, context)
    found = await compact_pages.page(reading, wanted, order, asked.request, positions=plan.cursors)
    counted = await contact_pages.count(wanted) if plan.counts else Count(0)

    def cursor_of(row: Row) -> str:
        return write_cursor(order.value, *found.position(row))

    def write() -> str:
        ends = [cursor_of(row) for row in (found.rows[:1] + found.rows[-1:])] if plan.cursors else []
        info = page.page_info(ends, more=found.has_more)
        return plan.write(Page(found.rows, info, cursor_of, counted), context)

    return await roots.written(context, write)
