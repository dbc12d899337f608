import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { INVENTORY, RUNBOOK } from '../documents/corpus/bases.ts'
import { root } from '../incident/cli.ts'
import { type LanguageServer, startLanguageServer } from './language-server.ts'

let editor: LanguageServer

beforeAll(async () => {
  editor = await startLanguageServer()
})

afterAll(() => editor.close())

const withSchema = (name: string, text: string) =>
  `# yaml-language-server: $schema=../schemas/${name}.schema.json\n${text}`

/** Opens a text with the cursor at ‸ and returns its position. */
async function openAt(name: string, schema: string, marked: string) {
  const [before = '', after = ''] = withSchema(schema, marked).split('‸')
  const lines = before.split('\n')
  const shown = await editor.open(name, before + after)
  return { shown, line: lines.length - 1, character: (lines.at(-1) ?? '').length }
}

test.each(['access-posture', 'runtime-identity', 'secret-parity', 'gcp-drift', 'release-verification', 'inventory'])(
  'an editor shows no problem in the shipped %s',
  async (name) => {
    expect(await editor.open(`${name}.yaml`, readFileSync(`${root}runbooks/${name}.yaml`, 'utf8'))).toEqual([])
  },
)

test('an editor completes the kinds and keys of a step', async () => {
  const { line, character } = await openAt(
    'kinds.yaml',
    'runbook',
    RUNBOOK.replace('    gate: { runbook: run-parity, inputs: { environments: [prod] } }\n', '    ‸\n'),
  )
  const labels = (await editor.complete('kinds.yaml', line, character)).map(({ label }) => label)
  expect(labels).toEqual(
    expect.arrayContaining(['observe', 'secret', 'http', 'workflowRun', 'gate', 'forEach', 'settle']),
  )
})

test('an editor completes the values of an enum', async () => {
  const { line, character } = await openAt(
    'values.yaml',
    'inventory',
    INVENTORY.replace('posture: internal', 'posture: ‸'),
  )
  const labels = (await editor.complete('values.yaml', line, character)).map(({ label }) => label)
  expect(labels).toEqual(expect.arrayContaining(['public', 'internal']))
})

test.each([
  ['settle', '    ‸settle: {', 'How long the read-back waits'],
  ['undo', '    ‸undo:\n', 'restores the observed values'],
  ['expect', '    ‸expect: { granted', 'The expected value of each selected name'],
])('an editor explains `%s`', async (key, marked, said) => {
  const { line, character } = await openAt(
    `hover-${key}.yaml`,
    'runbook',
    RUNBOOK.replace(marked.replace('‸', ''), marked),
  )
  expect(await editor.hover(`hover-${key}.yaml`, line, character + 2)).toContain(said)
})

test.each([
  ['a misspelled key', '    timeout: 90s', '    ‸timout: 90s', 'timout'],
  ['an unknown risk', 'risk: high', 'risk: ‸critical', 'Value is not accepted'],
  ['a number instead of a string', 'title: Create the account', 'title: ‸5', 'Incorrect type'],
  ['a duration without a unit', 'within: 1m', 'within: ‸1', 'Incorrect type'],
])('an editor shows %s at its place', async (what, from, to, said) => {
  const name = `wrong-${what.replaceAll(' ', '-')}.yaml`
  const { shown, line, character } = await openAt(
    name,
    'runbook',
    RUNBOOK.replace(from, () => to),
  )
  const found = shown.map(({ message, range: { start } }) => `${start.line}:${start.character} ${message}`)
  expect(found.join('\n')).toContain(`${line}:${character} `)
  expect(found.join('\n')).toContain(said)
})
