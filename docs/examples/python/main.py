"""Prints the preferences of a contact, and opts them out of one subscription type."""

import os
import sys

from sayso_client import Sayso

email, subscription_type = sys.argv[1:]
headers = {"Authorization": f"Bearer {os.environ['SAYSO_TOKEN']}", "X-Sayso-User": "jane@example.com"}
url = os.environ.get("SAYSO_URL", "http://127.0.0.1:8000/graphql")

with Sayso(url, headers=headers) as sayso:
    contact = sayso.contact_by_email(email).contact
    for preference in (contact and contact.preferences) or []:
        print(f"{preference.subscription_type.key}: {preference.status.value}")

    payload = sayso.opt_out(email, subscription_type).update_preferences
    for outcome in (payload and payload.outcomes) or []:
        changed = "changed" if outcome.changed else "unchanged"
        status = outcome.status.value if outcome.status else "unknown"
        print(outcome.error.message if outcome.error else f"{status}, {changed}")
