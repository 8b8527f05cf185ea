// Shows a contact in a client with a normalised cache, changes it, and prints what the view shows after each
// change, with the requests that were sent. Arguments: apollo or urql, a URL, a token.
import { readFileSync } from "node:fs";

const [client, url, token] = process.argv.slice(2);
const { view, mutations } = JSON.parse(readFileSync(0, "utf-8"));
let requests = 0;
const countingFetch = (input, init = {}) => {
  requests += 1;
  const headers = new Headers(init.headers);
  headers.set("authorization", `Bearer ${token}`);
  return fetch(input, { ...init, headers });
};
const shown = [];
const settled = () => new Promise((resolve) => setTimeout(resolve, 50));

const apollo = async () => {
  const { ApolloClient, HttpLink, InMemoryCache, gql } = await import("@apollo/client/core/index.js");
  const link = new HttpLink({ uri: url, fetch: countingFetch });
  const connected = new ApolloClient({ link, cache: new InMemoryCache() });
  let latest;
  const first = new Promise((resolve, reject) =>
    connected.watchQuery({ query: gql(view) }).subscribe({
      next: (result) => resolve((latest = result.data)),
      error: reject,
    }),
  );
  const mutate = async (document) => (await connected.mutate({ mutation: gql(document) })).data;
  return { first, mutate, latest: () => latest };
};

const urql = async () => {
  const { Client, fetchExchange } = await import("@urql/core");
  const { cacheExchange } = await import("@urql/exchange-graphcache");
  const connected = new Client({
    url,
    fetch: countingFetch,
    exchanges: [cacheExchange({}), fetchExchange],
    preferGetMethod: false,
  });
  let latest;
  const first = new Promise((resolve, reject) =>
    connected.query(view, {}).subscribe((result) => {
      if (result.error) reject(result.error);
      resolve((latest = result.data));
    }),
  );
  const mutate = async (document) => {
    const result = await connected.mutation(document, {}).toPromise();
    if (result.error) throw result.error;
    return result.data;
  };
  return { first, mutate, latest: () => latest };
};

const cache = await { apollo, urql }[client]();
await cache.first;
shown.push({ requests, view: cache.latest() });
for (const mutation of mutations) {
  await cache.mutate(mutation);
  await settled();
  shown.push({ requests, view: cache.latest() });
}
console.log(JSON.stringify(shown));
process.exit(0);
