// GraphiQL with Sayso's examples and the API token of the page.
import { examples, plugin, toggleExamples } from "./examples.js";
import { send, tokenFor, use, watch } from "./token.js";

const place = document.getElementById("graphiql");
const element = React.createElement;
const withoutToken = "Enter your API token at the top of the page.";

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
    const headers = { ...(options && options.headers) };
    const token = tokenFor(headers.Authorization);
    delete headers.Authorization;
    if (!/^[\x21-\x7e]+$/.test(token)) {
      return { errors: [{ message: withoutToken }] };
    }
    // Right after a tab is changed, GraphiQL still has the name of the other tab's operation.
    const operationName = params.query.includes(params.operationName) ? params.operationName : undefined;
    return (await send(token, { params: { ...params, operationName }, headers })).answer;
  };
}

// On a wide screen the examples are open until somebody closes them.
const opensExamples =
  localStorage.getItem("graphiql:visiblePlugin") === null && matchMedia("(min-width: 1400px)").matches;

// In the place of GraphiQL's logo: long lines are wrapped, as those of the examples on a phone.
function LineWrapping() {
  const { queryEditor } = GraphiQL.React.useEditorContext({ nonNull: true });
  React.useEffect(() => {
    if (queryEditor) {
      queryEditor.setOption("lineWrapping", true);
    }
  }, [queryEditor]);
  return null;
}

function Sayso() {
  const [fetcher, setFetcher] = React.useState(makeFetcher);
  React.useEffect(() => {
    // A new fetcher makes GraphiQL read the schema again, with the token.
    watch(() => setFetcher(makeFetcher));
    if (opensExamples) {
      setTimeout(toggleExamples);
    }
  }, []);
  const onEditHeaders = (text) => {
    const [, found] = /"Authorization"\s*:\s*"Bearer ([^"…]{16,})"/i.exec(text || "") || [];
    if (found) {
      use(found);
    }
  };
  return element(
    GraphiQL,
    {
      fetcher,
      onEditHeaders,
      plugins: [plugin],
      defaultTabs: [{ query: examples[0].query }],
      defaultEditorToolsVisibility: false,
      shouldPersistHeaders: false,
      showPersistHeadersSettings: false,
      storage,
    },
    element(GraphiQL.Logo, null, element(LineWrapping)),
  );
}

removeStoredTokens();
document.getElementById("examples").addEventListener("click", toggleExamples);
ReactDOM.createRoot(place).render(element(Sayso));
