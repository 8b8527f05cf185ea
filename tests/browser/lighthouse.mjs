// Runs Lighthouse on URLs, one after the other in a browser that listens on a port, and prints as JSON what each
// category scored and which audits lowered it.
import lighthouse from "lighthouse";

const [port, ...urls] = process.argv.slice(2);
const flags = {
  port: Number(port),
  onlyCategories: ["accessibility", "best-practices"],
  logLevel: "silent",
  // Nothing is slowed down for these categories; with any other method it would wait ten seconds a page.
  throttlingMethod: "simulate",
  disableFullPageScreenshot: true,
  ignoreStatusCode: true,
  // Nothing goes on loading on these pages.
  pauseAfterFcpMs: 0,
  pauseAfterLoadMs: 0,
  networkQuietThresholdMs: 0,
  cpuQuietThresholdMs: 0,
};
const results = [];
for (const url of urls) {
  const { lhr } = await lighthouse(url, flags);
  const lowered = Object.values(lhr.audits).filter((audit) => audit.score !== null && audit.score < 1);
  results.push({
    version: lhr.lighthouseVersion,
    scores: Object.fromEntries(Object.entries(lhr.categories).map(([id, { score }]) => [id, score])),
    lowered: lowered.map(({ id, title, details }) => ({ id, title, items: details?.items })),
    fault: lhr.runtimeError ?? null,
  });
}
console.log(JSON.stringify(results));
