// Starts the editor, once GraphiQL's files are there.
if (window.GraphiQL && window.React && window.ReactDOM) {
  import("./editor.js");
} else {
  document.getElementById("graphiql").firstElementChild.textContent =
    "GraphiQL could not be loaded. Without internet access, install its files on the server with npm: make install.";
}
