// The examples: a pane of GraphiQL that explains each of them and opens it in a tab.

const element = React.createElement;
const { useEditorContext } = GraphiQL.React;

// An example begins with comments: its title, a line in between, what it does, and the scopes that it needs.
function parse(query) {
  const comments = query.split("\n").filter((line) => line.startsWith("#")).map((line) => line.slice(1).trim());
  const [title, ...rest] = comments.filter(Boolean);
  const scopes = rest.find((line) => line.startsWith("Scopes: "));
  return {
    query,
    title,
    explanation: rest.filter((line) => line !== scopes).join(" "),
    scopes: scopes ? scopes.slice("Scopes: ".length).split(", ") : [],
    kind: /^mutation\b/m.test(query) ? "changes data" : "reads",
  };
}

export const examples = JSON.parse(document.getElementById("graphiql").dataset.examples).map(parse);

const button = () => document.querySelector(".graphiql-sidebar button[aria-label$=' Examples']");
const isNarrow = () => matchMedia("(max-width: 700px)").matches;

export function toggleExamples() {
  const found = button();
  if (found) {
    found.click();
  }
}

function Icon(props) {
  const path = "M4 5h16M4 10h16M4 15h10M4 20h10";
  return element(
    "svg",
    { viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", strokeWidth: 1.5, ...props },
    element("path", { d: path }),
  );
}

function Examples() {
  const { addTab, queryEditor, tabs, activeTabIndex } = useEditorContext({ nonNull: true });
  const open = (example) => {
    const current = queryEditor.getValue();
    const untouched = !current.trim() || examples.some((each) => each.query.trim() === current.trim());
    if (!untouched) {
      addTab();
    }
    setTimeout(() => queryEditor.setValue(example.query));
    if (isNarrow()) {
      toggleExamples();
    }
  };
  return element(
    "section",
    { className: "examples", "aria-label": "Examples" },
    element("h2", null, "Examples"),
    element("p", null, "Each opens in the editor, and runs on the demo data."),
    element(
      "ul",
      null,
      examples.map((example) =>
        element(
          "li",
          { key: example.title },
          element(
            "button",
            { type: "button", className: "example", onClick: () => open(example) },
            element("span", { className: "kind" }, example.kind),
            element("strong", null, example.title),
            element("p", null, example.explanation),
            element(
              "p",
              null,
              "Needs ",
              example.scopes.flatMap((scope, at) => [at ? " " : "", element("code", { key: scope }, scope)]),
            ),
          ),
        ),
      ),
    ),
  );
}

export const plugin = { title: "Examples", icon: Icon, content: Examples };
