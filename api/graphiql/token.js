// The API token of the page: entered in the bar or in the Headers tab, checked at once, and never stored.

const bar = document.querySelector(".bar");
const field = document.getElementById("token");
const line = document.getElementById("token-state");
const created = "sayso token create NAME --scope contacts:read --scope preferences:read";
const state = { token: "", changed: () => {} };

// Shows a state: texts, `code` and **strong** parts in turn.
function show(name, ...parts) {
  bar.dataset.state = name;
  line.replaceChildren(
    ...parts.map(([tag, text]) => {
      const part = document.createElement(tag);
      part.textContent = text;
      return part;
    }),
  );
}

const text = (words) => ["span", words];
const strong = (words) => ["strong", words];
const code = (words) => ["code", words];

function showNone() {
  show(
    "none",
    strong("No token yet. "),
    text("Create one on the server: "),
    code(created),
    text(" or use the one that "),
    code("make run"),
    text(" prints."),
  );
}

function showAccepted(viewer) {
  const scopes = viewer.scopes.includes("admin") ? "all scopes" : viewer.scopes.join(", ");
  show("accepted", strong(`Token of ${viewer.name}`), text(` · ${scopes}`));
}

// Tells a wrong token apart from one that is missing, and from a server that has a problem.
export function showRefused(status, message) {
  const parts = [strong(`${status} · `), text(`${message} `)];
  if (status === 401) {
    parts.push(text("Check that you copied the whole token, or create another one: "), code(created));
  }
  show("refused", ...parts);
}

// What a person pastes: the token, or the whole header.
const cleaned = (pasted) => pasted.trim().replace(/^["']|["']$/g, "").replace(/^Bearer\s+/i, "").trim();
const isPlaceholder = (token) => token.endsWith("…");

// The token to send: one in the Headers tab of the request itself, or else the one of the page.
export function tokenFor(authorization) {
  const own = cleaned(authorization || "");
  return own && !isPlaceholder(own) ? own : state.token;
}

export async function send(token, body) {
  const response = await fetch(location.pathname, {
    method: "POST",
    headers: {
      Accept: "application/json",
      "Content-Type": "application/json",
      ...body.headers,
      Authorization: `Bearer ${token}`,
    },
    body: JSON.stringify(body.params),
    credentials: "omit",
  });
  const answer = await response.json();
  if (response.status === 401) {
    showRefused(401, answer.errors[0].message);
  }
  return { status: response.status, answer };
}

// Takes a token, and asks the server whose it is.
export async function use(pasted) {
  const token = cleaned(pasted);
  if (token === state.token && bar.dataset.state === "accepted") {
    return;
  }
  state.token = "";
  if (!token || isPlaceholder(token)) {
    showNone();
    return;
  }
  if (!/^[\x21-\x7e]+$/.test(token)) {
    showRefused(401, "This is not an API token: it has spaces or letters that no token has.");
    return;
  }
  state.token = token;
  show("checking", text("Checking the token…"));
  try {
    const { status, answer } = await send(token, { params: { query: "{ viewer { name scopes } }" } });
    if (token !== state.token) {
      return;
    }
    if (answer.data && answer.data.viewer) {
      showAccepted(answer.data.viewer);
    } else if (status !== 401) {
      showRefused(status, answer.errors[0].message);
    }
    state.changed();
  } catch {
    showRefused("No answer", "The server cannot be reached, or did not answer as Sayso does.");
  }
}

// Calls `changed` whenever the server has accepted or refused a token.
export function watch(changed) {
  state.changed = changed;
  showNone();
  document.getElementById("token-form").addEventListener("submit", (event) => {
    event.preventDefault();
    use(field.value);
  });
  field.addEventListener("paste", () => setTimeout(() => use(field.value)));
}
