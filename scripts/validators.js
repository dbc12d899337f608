// Compiles the schemas of the files that people write into code that says yes or no (engine/runbook/compiled-ahead.ts uses
// it), into the folder that is given. Plain JavaScript, since `npm ci` runs it with whatever Node there is.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import standalone from 'ajv/dist/standalone/index.js'

const folder = process.argv[2] ?? 'schemas/compiled'
const root = fileURLToPath(new URL('../', import.meta.url))
// ajv writes `require` for what its code needs at run time, in modules too.
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
