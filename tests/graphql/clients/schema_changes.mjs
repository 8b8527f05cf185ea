// Prints what graphql-inspector finds between two versions of the schema, as JSON.
import { readFileSync } from "node:fs";
import { diff } from "@graphql-inspector/core";
import { buildSchema } from "graphql";

const [before, after] = process.argv.slice(2).map((path) => buildSchema(readFileSync(path, "utf8")));
const changes = await diff(before, after);
console.log(
  JSON.stringify(
    changes.map(({ type, path, message, criticality }) => ({ type, path, message, level: criticality.level })),
  ),
);
