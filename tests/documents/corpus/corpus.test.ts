import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Diagnostic } from '../../../engine/base/diagnostic.ts'
import { interpretFile, type ReadFiles, together } from '../../../engine/cli/validate/files.ts'
import { type AnyFile, anyInterpreter } from '../../../engine/cli/validate/interpret-any.ts'
import { readMany } from '../../../engine/cli/validate/many.ts'
import { parseFile } from '../../../engine/cli/validate/parse-file.ts'
import { lintReferences } from '../../../engine/cli/validate/references.ts'
import { startThreads } from '../../../engine/cli/validate/threads.ts'
import { gcloudKnowledge } from '../../../engine/gcloud/command-tree.ts'
import { findGcloud } from '../../../engine/gcloud/find.ts'
import { type Interpret, makeReader } from '../../../engine/runbook/reader.ts'
import { root } from '../../incident/cli.ts'
import { changed, marked } from '../../samples/samples.ts'
import { INVENTORY, RUNBOOK, SCENARIO } from './bases.ts'
import { INVENTORY_MISTAKES } from './inventories.ts'
import type { Mistake } from './mistake.ts'
import { COMMAND_MISTAKES } from './runbook-commands.ts'
import { RUNBOOK_MISTAKES } from './runbooks.ts'
import { SCENARIO_MISTAKES } from './scenarios.ts'

const interpret = anyInterpreter(gcloudKnowledge(undefined))

const read = makeReader(interpret)

/** The shipped inventory and runbooks, to which the validated file refers. */
const SHIPPED = readHere(
  readdirSync(`${root}runbooks`).flatMap((name) => (name.endsWith('.yaml') ? [`${root}runbooks/${name}`] : [])),
  interpret,
  root,
).read

/** Reads each file without threads. */
function readHere(files: string[], interpret: Interpret<AnyFile>, cwd: string): ReadFiles {
  return together(files.map((file) => interpretFile(parseFile(file, cwd), interpret)))
}

/** Validates a file as one of the shipped ones. */
async function validate(name: string, text: string): Promise<Diagnostic[]> {
  const source = { name, text }
  const reading = read(source)
  if (!reading.ok) return reading.diagnostics
  const found = await lintReferences([...SHIPPED, { ...reading.value, file: `${root}runbooks/${name}`, source }])
  return [...(reading.warnings ?? []), ...found]
}

const CORPUS: { file: string; base: string; mistakes: Mistake[] }[] = [
  { file: 'posture.yaml', base: RUNBOOK, mistakes: [...COMMAND_MISTAKES, ...RUNBOOK_MISTAKES] },
  { file: 'inventory.yaml', base: INVENTORY, mistakes: INVENTORY_MISTAKES },
  { file: 'scenarios/closed.yaml', base: SCENARIO, mistakes: SCENARIO_MISTAKES },
]

/** The known gaps of validation: mistakes that are not found, or not at their position. */
const MISSED: string[] = [
  // Found, but at the argument of the unknown function.
  'posture.yaml: an unknown function',
]

test.each(CORPUS)('$file is valid without a mistake', async ({ file, base }) => {
  expect(await validate(file, base)).toEqual([])
})

test('the shipped files have no errors or warnings, with an SDK or without', async () => {
  const folders = ['runbooks', 'runbooks/scenarios', 'engine/starter/runbooks', 'engine/starter/runbooks/scenarios']
  const files = folders.flatMap((folder) =>
    readdirSync(root + folder).flatMap((name) => (name.endsWith('.yaml') ? [`${root}${folder}/${name}`] : [])),
  )
  expect(files.length).toBeGreaterThanOrEqual(12)
  for (const knowledge of [undefined, findGcloud(process.env.PATH)]) {
    const all = readHere(files, anyInterpreter(gcloudKnowledge(knowledge)), root)
    expect([...all.diagnostics, ...(await lintReferences(all.read))]).toEqual([])
  }
})

test('the corpus contains at least 150 distinct mistakes', () => {
  const names = CORPUS.flatMap(({ file, mistakes }) => mistakes.map(([what]) => `${file}: ${what}`))
  expect(new Set(names).size).toBe(names.length)
  expect(names.length).toBeGreaterThanOrEqual(150)
})

test('threads report the same diagnostics in the same order as reading one file after another', {
  timeout: 240_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'breakglass-corpus-'))
  const texts = CORPUS.flatMap(({ base, mistakes }) => [
    base,
    ...mistakes.map(([, from, to, , at]) => (at === undefined ? marked(base, from, to).text : changed(base, from, to))),
  ])
  const files = Array.from({ length: 400 }, (_, n) => join(folder, `file-${n}.yaml`))
  for (const [n, file] of files.entries()) writeFileSync(file, texts[n % texts.length] ?? '')
  const here = readHere(files, interpret, folder)
  expect(new Set(here.diagnostics.map(({ file }) => file)).size).toBeGreaterThan(300)
  expect(here.read.length).toBeGreaterThan(0)
  const threads = startThreads(files, folder)
  expect(threads.parsed.length).toBeGreaterThan(0)
  expect(await readMany(threads, interpret, folder)).toEqual(here)
  await threads.end()
  rmSync(folder, { recursive: true })
})

test('files that a thread took and never returned are still read', async () => {
  const files = readdirSync(`${root}runbooks`).flatMap((name) =>
    name.endsWith('.yaml') ? [`${root}runbooks/${name}`] : [],
  )
  const shares = files.map((file) => [file])
  let next = 2
  const lost = { shares, take: () => next++, parsed: [], end: async () => {} }
  expect(await readMany(lost, interpret, root)).toEqual(readHere(files, interpret, root))
})

describe.each(CORPUS)('in $file', ({ file, base, mistakes }) => {
  test.each(mistakes)('%s is reported at its position', async (what, from, to, says, at) => {
    const { text, place } = at === undefined ? marked(base, from, to) : { text: changed(base, from, to), place: at }
    const found = (await validate(file, text)).map(
      ({ line, column, severity, message }) => `${severity} ${line}:${column} ${message}`,
    )
    const wanted = found.filter((each) => each.startsWith(`error ${place} `) && each.includes(says))
    if (MISSED.includes(`${file}: ${what}`)) expect(wanted).toEqual([])
    else expect(found).toEqual(expect.arrayContaining(wanted.length > 0 ? wanted : [`error ${place} …${says}…`]))
  })
})
