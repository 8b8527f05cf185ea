// A client of Sayso's API: one function, typed by the documents that graphql-codegen knows.
import type { TypedDocumentString } from "./gql/graphql.js";

export interface Settings {
  url: string;
  token: string;
  /** The person who uses your program, for the ledger. */
  user?: string;
  /** Whether to send the ids of documents, for a server with SAYSO_TRUSTED_DOCUMENTS. */
  trusted?: boolean;
}

interface Answer<Result> {
  data: Result;
  errors?: { message: string; extensions: { code: string } }[];
}

export class SaysoError extends Error {
  constructor(readonly codes: string[], message: string) {
    super(message);
  }
}

export async function execute<Result, Variables>(
  settings: Settings,
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
): Promise<Result> {
  const id = document.__meta__?.["hash"];
  const response = await fetch(settings.url, {
    method: "POST",
    headers: {
      Accept: "application/graphql-response+json, application/json",
      Authorization: `Bearer ${settings.token}`,
      "Content-Type": "application/json",
      ...(settings.user ? { "X-Sayso-User": encodeURIComponent(settings.user) } : {}),
    },
    body: JSON.stringify(settings.trusted ? { documentId: id, variables } : { query: document.toString(), variables }),
  });
  const { data, errors } = (await response.json()) as Answer<Result>;
  if (errors) {
    throw new SaysoError(errors.map((error) => error.extensions.code), errors.map((error) => error.message).join(" "));
  }
  return data;
}
