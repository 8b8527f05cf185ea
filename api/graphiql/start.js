// Starts GraphiQL with Sayso's example queries, and a header to put an access token into.
(function () {
  "use strict";
  const place = document.getElementById("graphiql");
  const headers = JSON.stringify({ Authorization: "Bearer sayso_…" }, null, 2);
  const tabs = JSON.parse(place.dataset.examples).map((query) => ({ query, headers }));
  const element = React.createElement;

  const tokenIn = (text) => (/Bearer (sayso_[A-Za-z0-9_-]{16,})/.exec(text || "") || [])[1];
  // The token that was put into one tab serves the others too, as long as the page is open.
  let token;

  // A fetcher that asks for the token in words, where GraphiQL would show a stack trace.
  function makeFetcher() {
    return async function fetcher(params, options) {
      const given = Object.assign({}, options && options.headers);
      token = tokenIn(given.Authorization) || token;
      if (token && (given.Authorization || "").endsWith("…")) {
        given.Authorization = `Bearer ${token}`;
      }
      if (!/^Bearer [\x21-\x7e]+$/.test(given.Authorization || "")) {
        return {
          errors: [{ message: "Put your access token into the Headers tab below: \"Bearer sayso_…\"." }],
        };
      }
      // For a moment after a change of tabs GraphiQL still has the name of the other tab's operation.
      const named = params.query.includes(params.operationName) ? params.operationName : undefined;
      const response = await fetch(location.pathname, {
        method: "POST",
        headers: Object.assign({ Accept: "application/json", "Content-Type": "application/json" }, given),
        body: JSON.stringify(Object.assign({}, params, { operationName: named })),
        credentials: "omit",
      });
      return response.json();
    };
  }

  function Sayso() {
    const [fetcher, setFetcher] = React.useState(makeFetcher);
    // Once a token stands in the header, a new fetcher makes GraphiQL read the schema with it.
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
      showPersistHeadersSettings: true,
    });
  }

  ReactDOM.createRoot(place).render(element(Sayso));
})();
