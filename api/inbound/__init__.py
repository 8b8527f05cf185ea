"""`/inbound/…`: webhooks of the providers that deliver messages to the team's numbers."""

from __future__ import annotations

from starlette.routing import BaseRoute

from api.inbound import twilio, whatsapp

routes: list[BaseRoute] = [*twilio.routes, *whatsapp.routes]
