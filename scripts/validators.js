// Compiles the schemas of the files that people write, and of the log's entries, into validators, and writes them into the given
// folder. engine/runbook/schema/compiled.ts and engine/audit/entry-shape.ts use them. This is plain JavaScript because `npm ci`
// runs it with any version of Node.js.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import standalone from 'ajv/dist/standalone/index.js'

const folder = process.argv[2] ?? 'schemas/compiled'
const root = fileURLToPath(new URL('../', import.meta.url))
// ajv's code uses `require` for its dependencies, in modules too.
const HEAD = "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\n"
const options = { strict: false, messages: false, code: { source: true, esm: true } }

mkdirSync(join(root, folder), { recursive: true })
for (const name of ['runbook', 'inventory', 'scenario']) {
  const schema = JSON.parse(readFileSync(join(root, 'schemas', `${name}.schema.json`), 'utf8'))
  const ajv = new Ajv2020(options)
  const code = standalone.default(ajv, ajv.compile(schema))
  writeFileSync(
    join(root, folder, `${name}.js`),
    `${HEAD}export const schema = ${JSON.stringify(JSON.stringify(schema))};\n${code}`,
  )
}

// A log entry is validated by its type: one validator for each type's body, all in one module.
const entry = JSON.parse(readFileSync(join(root, 'schemas', 'audit-entry.schema.json'), 'utf8'))
const types = entry.oneOf.map(({ $ref }) => $ref.slice('#/$defs/'.length))
const bodies = Object.fromEntries(
  types.map((type, index) => [`body${index}`, `${entry.$id}#/$defs/${type}/properties/body`]),
)
const code = standalone.default(new Ajv2020(options).addSchema(entry), bodies)
writeFileSync(
  join(root, folder, 'audit-entry.js'),
  `${HEAD}export const schema = ${JSON.stringify(JSON.stringify(entry))};\n${code}
export const types = {${types.map((type, index) => `${JSON.stringify(type)}: body${index}`).join(', ')}};\n`,
)
