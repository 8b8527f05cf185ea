// Prints the preferences of a contact, and opts them out of one subscription type.
import { ContactByEmailDocument, OptOutDocument } from "./gql/graphql.js";
import { execute } from "./sayso.js";

const settings = {
  url: process.env["SAYSO_URL"] ?? "http://127.0.0.1:8000/graphql",
  token: process.env["SAYSO_TOKEN"] ?? "",
  user: "jane@example.com",
  trusted: process.env["SAYSO_TRUSTED"] === "yes",
};
const [email = "", subscriptionType = ""] = process.argv.slice(2);

const { contact } = await execute(settings, ContactByEmailDocument, { email });
for (const preference of contact?.preferences ?? []) {
  console.log(`${preference.subscriptionType.key}: ${preference.status}`);
}

const { updatePreferences } = await execute(settings, OptOutDocument, { email, subscriptionType });
for (const outcome of updatePreferences?.outcomes ?? []) {
  console.log(outcome.error?.message ?? `${outcome.status}, ${outcome.changed ? "changed" : "unchanged"}`);
}
