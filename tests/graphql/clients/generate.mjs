// Generates the client of an example, as `graphql-codegen --config codegen.json` does in its folder.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { preset } from "@graphql-codegen/client-preset";
import { codegen } from "@graphql-codegen/core";
import { buildASTSchema, parse } from "graphql";

const [folder] = process.argv.slice(2);
const read = (path) => readFileSync(resolve(folder, path), "utf8");
const { schema: path, documents, generates } = JSON.parse(read("codegen.json"));
const schema = parse(read(path));
for (const [baseOutputDir, { presetConfig, config }] of Object.entries(generates)) {
  const files = await preset.buildGeneratesSection({
    baseOutputDir,
    presetConfig,
    config,
    schema,
    schemaAst: buildASTSchema(schema),
    documents: [{ location: documents, document: parse(read(documents)), rawSDL: read(documents) }],
    plugins: [],
    pluginMap: {},
  });
  for (const file of files) {
    const target = resolve(folder, file.filename);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, await codegen(file));
  }
}
