// Sends a query three times by Apollo's link for automatic persisted queries, and prints the requests and the data.
import { createHash } from "node:crypto";
import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client/core/index.js";
import { createPersistedQueryLink } from "@apollo/client/link/persisted-queries/index.js";

const [url, token] = process.argv.slice(2);
const requests = [];
const recordingFetch = (input, init) => {
  requests.push(`${init.method} ${/"query"|[?&]query=/.test(init.body ?? input) ? "document" : "hash"}`);
  return fetch(input, init);
};
const hashes = createPersistedQueryLink({
  sha256: (text) => createHash("sha256").update(text).digest("hex"),
  useGETForHashedQueries: true,
});
const http = new HttpLink({ uri: url, fetch: recordingFetch, headers: { authorization: `Bearer ${token}` } });
const client = new ApolloClient({ link: hashes.concat(http), cache: new InMemoryCache() });
const answers = [];
for (let time = 0; time < 3; time += 1) {
  const query = gql("query Viewer { viewer { name } }");
  answers.push((await client.query({ query, fetchPolicy: "network-only" })).data.viewer.name);
}
console.log(JSON.stringify({ requests, answers }));
