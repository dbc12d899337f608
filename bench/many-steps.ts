// Observes COUNT steps, shows their progress as the engine does, and writes the CPU time in ms to FILE:
//   node bench/many-steps.ts COUNT FILE
import { writeFileSync } from 'node:fs'
import type { Redactor } from '../engine/audit/redact.ts'
import { progressFor } from '../engine/session/host/announce.ts'
import type { Cloud, Runtime } from '../engine/session/host/runtime.ts'
import { observeShown } from '../engine/session/prepare/observe-shown.ts'
import type { BoundStep } from '../engine/steps/types.ts'
import { columnsOf } from '../engine/terminal/columns.ts'
import { makeFooter } from '../engine/terminal/footer.ts'
import { noOpWorld } from './steps.ts'

const [count = '0', file = ''] = process.argv.slice(2)
const stop = new AbortController()
process.on('SIGINT', () => stop.abort())

const columns = () => columnsOf(process.stdout.columns)
const footer = makeFooter((codes) => void process.stdout.write(codes), columns)
const out = (text: string) => footer.above(() => void process.stdout.write(`${text}\n`))
const terminal = { interactive: process.stdout.isTTY === true, columns: columns(), colour: true }
const parts: Partial<Runtime> = { terminal, footer, out, width: 8, now: () => new Date(), stopping: stop.signal }
const runtime = parts as Runtime

const stepOf = (name: string): BoundStep => ({
  kind: 'gcloud',
  key: `many/open[${name}]`,
  runbook: 'many',
  id: 'open',
  title: `Make ${name} public`,
  subject: name,
  risk: 'low',
  timeoutMs: 60_000,
  retry: { attempts: 1, everyMs: 100 },
  settle: { reads: 1, everyMs: 100, withinMs: 1000 },
  project: 'p-bench',
  reads: [{ command: { argv: ['run', 'services', 'describe', name], project: 'p-bench' } }],
  select: { right: '${{ result.right }}' },
  expect: { right: true },
  apply: { kind: 'gcloud', command: { argv: ['run', 'services', 'update', name], project: 'p-bench' } },
  undo: { words: ['run', 'services', 'update', name] },
  variables: {},
})
const steps = Array.from({ length: Number(count) }, (_, n) => stepOf(`service-${n}`))
const redactor: Partial<Redactor> = { secretIn: () => undefined }
const cloud = { world: noOpWorld(), redactor } as Partial<Cloud> as Cloud

const before = process.cpuUsage()
await observeShown(steps, cloud, progressFor(false, out, runtime), runtime).catch((error: Error) =>
  out(`Ended: ${error.constructor.name}`),
)
const { user, system } = process.cpuUsage(before)
writeFileSync(file, String((user + system) / 1000))
