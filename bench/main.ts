import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { findGcloud } from '../engine/gcloud/find.ts'
import type { Effort, Figure } from './figure.ts'
import { incident } from './incident.ts'
import { append, verify } from './log.ts'
import { observe } from './observe.ts'
import { progress } from './progress.ts'
import { start, validate } from './start.ts'
import { overhead } from './steps.ts'

// Measures what Breakglass costs against what it replaces, prints a table and writes bench/results.json.
//   npm run bench                     everything, three rounds
//   npm run bench -- --short          one round, without what takes minutes
//   npm run bench -- --only start     one figure; repeat it for more

const PARTS: Record<string, (effort: Effort, folder: string) => Promise<Figure>> = {
  incident,
  overhead,
  start,
  validate,
  append,
  verify,
  observe,
  progress,
}

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    only: { type: 'string', multiple: true },
  },
})
const effort = { short: values.short, rounds: Number(values.rounds ?? (values.short ? 1 : 3)) }
const results = fileURLToPath(new URL('results.json', import.meta.url))
const machine = {
  cores: availableParallelism(),
  processor: cpus()[0]?.model ?? 'unknown',
  node: process.version,
  gcloud: findGcloud(process.env.PATH)?.version ?? 'none: the fake gcloud',
}

const figures: Record<string, Figure & { rounds: number; load: number[] }> = {}
for (const name of values.only ?? Object.keys(PARTS)) {
  const part = PARTS[name]
  if (!part) throw new Error(`there is no part ${name}; there is ${Object.keys(PARTS).join(', ')}`)
  const folder = mkdtempSync(join(tmpdir(), 'breakglass-bench-'))
  try {
    const figure = await part(effort, folder)
    const load = loadavg().map((one) => Number(one.toFixed(1)))
    figures[name] = { ...figure, rounds: effort.rounds, load }
    process.stdout.write(`${tableOf(figure)}\n`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
const before = values.only ? earlier() : {}
writeFileSync(results, `${JSON.stringify({ machine, figures: { ...before, ...figures } }, null, 2)}\n`)

function earlier(): object {
  try {
    return (JSON.parse(readFileSync(results, 'utf8')) as { figures: object }).figures
  } catch {
    return {}
  }
}

function tableOf({ name, unit, medians, goals, notes }: Figure): string {
  const digits = (value: number) => value.toFixed(value < 10 ? 3 : 1).padStart(10)
  return [
    `${name} (median, ${unit})`,
    ...Object.entries(medians).map(([way, value]) => `  ${way.padEnd(34)} ${digits(value)}`),
    ...goals.map(
      ({ says, measured, limit, holds }) =>
        `  ${says.padEnd(34)} ${digits(measured)}  goal ${limit}: ${holds ? 'holds' : 'does NOT hold'}`,
    ),
    ...notes.map((note) => `  ${note}`),
  ].join('\n')
}
