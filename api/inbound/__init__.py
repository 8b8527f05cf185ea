"""`/inbound/…`: what providers report of the messages that people send to the business."""

from __future__ import annotations

from starlette.routing import BaseRoute

from api.inbound import twilio, whatsapp

routes: list[BaseRoute] = [*twilio.routes, *whatsapp.routes]
