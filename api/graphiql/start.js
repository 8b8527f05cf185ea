// Starts GraphiQL with Sayso's example queries and a header for the API token.
(function () {
  "use strict";
  const place = document.getElementById("graphiql");
  const headers = JSON.stringify({ Authorization: "Bearer sayso_…" }, null, 2);
  const tabs = JSON.parse(place.dataset.examples).map((query) => ({ query, headers }));
  const element = React.createElement;

  const tokenIn = (text) => (/Bearer (sayso_[A-Za-z0-9_-]{16,})/.exec(text || "") || [])[1];
  // A token that is entered in one tab is used in the others too, until the page is closed.
  let token;

  // What GraphiQL stores for the next visit: tabs and history, without the tokens in their headers.
  const withoutTokens = (text) =>
    text.replace(/Bearer\s+[^"\\\s]+/gi, "Bearer sayso_…").replace(/sayso_[\w-]+/g, "sayso_…");
  const storage = {
    get length() {
      return localStorage.length;
    },
    getItem: (key) => localStorage.getItem(key),
    setItem: (key, value) => localStorage.setItem(key, withoutTokens(String(value))),
    removeItem: (key) => localStorage.removeItem(key),
    clear: () => localStorage.clear(),
  };

  // Earlier versions could store the headers, with the token.
  function removeStoredTokens() {
    for (const key of Object.keys(localStorage).filter((key) => key.startsWith("graphiql:"))) {
      storage.setItem(key, localStorage.getItem(key));
    }
    localStorage.removeItem("graphiql:headers");
    localStorage.removeItem("graphiql:shouldPersistHeaders");
  }

  // Asks for the token in a sentence. GraphiQL would show a stack trace.
  function makeFetcher() {
    return async function fetcher(params, options) {
      const sent = Object.assign({}, options && options.headers);
      token = tokenIn(sent.Authorization) || token;
      if (token && (sent.Authorization || "").endsWith("…")) {
        sent.Authorization = `Bearer ${token}`;
      }
      if (!/^Bearer [\x21-\x7e]+$/.test(sent.Authorization || "")) {
        return {
          errors: [{ message: "Enter your API token in the Headers tab below: \"Bearer sayso_…\"." }],
        };
      }
      // Right after a tab is changed, GraphiQL still has the name of the other tab's operation.
      const named = params.query.includes(params.operationName) ? params.operationName : undefined;
      const response = await fetch(location.pathname, {
        method: "POST",
        headers: Object.assign({ Accept: "application/json", "Content-Type": "application/json" }, sent),
        body: JSON.stringify(Object.assign({}, params, { operationName: named })),
        credentials: "omit",
      });
      return response.json();
    };
  }

  function Sayso() {
    const [fetcher, setFetcher] = React.useState(makeFetcher);
    // Once the header has a token, a new fetcher makes GraphiQL read the schema with it.
    const onEditHeaders = (text) => {
      const found = tokenIn(text);
      if (found && found !== token) {
        token = found;
        setTimeout(() => setFetcher(makeFetcher), 300);
      }
    };
    return element(GraphiQL, {
      fetcher,
      onEditHeaders,
      defaultTabs: tabs,
      defaultHeaders: headers,
      defaultEditorToolsVisibility: "headers",
      shouldPersistHeaders: false,
      showPersistHeadersSettings: false,
      storage,
    });
  }

  removeStoredTokens();
  ReactDOM.createRoot(place).render(element(Sayso));
})();
