import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { EMPTY, type Head, nextLine } from '../engine/audit/chain.ts'
import { makeWriter } from '../engine/audit/writer.ts'
import { incidentFolder } from '../engine/disk/logs/incident-folder.ts'
import { openLog } from '../engine/disk/logs/log-file.ts'
import { planDigest } from '../engine/plan/digest.ts'
import type { Plan } from '../engine/plan/types.ts'
import type { RunEvent } from '../engine/run/model/events.ts'
import { atLeast, atMost, type Effort, type Figure, interleave, median } from './figure.ts'
import { breakglass, measure } from './process.ts'

const event: Extract<RunEvent, { type: 'step.observed' }> = {
  type: 'step.observed',
  body: {
    step: 'access-posture/public-ingress[frontend-app]',
    observation: { state: 'value', value: { ingress: 'internal-and-cloud-load-balancing', invokerCheck: true } },
    status: 'drift',
    moved: false,
  },
}
const at = new Date('2026-02-27T03:12:45.123Z')

const plan: Plan = {
  environment: { name: 'prod', project: 'p-prod', protected: true },
  ...{ runbooks: [], inventory: { name: 'i', digest: 'sha256:0' }, inputs: {}, checks: [] },
  steps: [
    {
      ...{ key: event.body.step, runbook: 'access-posture', id: 'public-ingress', title: 'T', subject: 'frontend-app' },
      ...{ risk: 'high', observation: event.body.observation, expectation: {}, status: 'drift', differences: [] },
    },
  ],
}

/** How a log of such entries begins. */
const beginning = (incident: string): RunEvent[] => [
  {
    type: 'run.opened',
    body: {
      ...{ incident, title: 'T', reason: 'R', operator: 'ada', engine: '0', consent: 'asked', cloud: { kind: 'live' } },
      gcloud: { kind: 'gcloud', version: '1', account: 'a' },
    },
  },
  { type: 'plan.made', body: { plan, digest: planDigest(plan) } },
]

/** Appending to the audit log, against writing and fsyncing the same bytes. */
export async function append({ rounds, short }: Effort, folder: string): Promise<Figure> {
  const count = short ? 200 : 1000
  let [turn, head] = [0, EMPTY as Head]
  const lines: string[] = []
  for (let n = 0; n < count; n++) {
    const next = nextLine(head, at, 'run-0', event)
    lines.push(`${next.line}\n`)
    head = next.head
  }
  const medians = await interleave(rounds * 3, {
    raw: async () => {
      const file = await open(join(folder, `raw-${++turn}`), 'a', 0o600)
      const began = performance.now()
      for (const line of lines) {
        await file.write(line)
        await file.sync()
      }
      const took = performance.now() - began
      await file.close()
      return took / count
    },
    append: async () => {
      const log = await openLog(incidentFolder(folder, `append-${++turn}`), { bytes: new Uint8Array(0), whole: 0 })
      const writer = makeWriter(
        log,
        EMPTY,
        'run-0',
        () => at,
        { secretIn: () => undefined },
        () => [],
      )
      const began = performance.now()
      for (let n = 0; n < count; n++) await writer.append(event)
      const took = performance.now() - began
      await log.close()
      return took / count
    },
  })
  const share = (medians.raw ?? 0) / (medians.append ?? 1)
  return {
    name: 'append to the log',
    unit: 'ms each',
    medians,
    goals: [atLeast('speed of append / raw write+fsync', share, 0.8)],
    notes: [],
  }
}

/** `audit verify`, against sha256sum over the same bytes. */
export async function verify({ rounds, short }: Effort, folder: string): Promise<Figure> {
  const [few, many] = short ? [1_000, 20_000] : [10_000, 1_000_000]
  await makeLog(folder, 'few', few)
  const log = await makeLog(folder, 'many', many)
  const peaks = { few: [] as number[], many: [] as number[] }
  const audit = (incident: keyof typeof peaks) => async () => {
    const took = await measure(breakglass('audit', 'verify', incident, '--logs', folder))
    peaks[incident].push(took.megabytes)
    return took.seconds
  }
  const medians = await interleave(short ? 1 : Math.min(rounds, 3), {
    [`verify ${few}`]: audit('few'),
    [`sha256sum ${many}`]: async () => (await measure(['sha256sum', log])).seconds,
    [`verify ${many}`]: audit('many'),
  })
  const share = (medians[`sha256sum ${many}`] ?? 0) / (medians[`verify ${many}`] ?? 1)
  const [small, large] = [median(peaks.few), median(peaks.many)]
  return {
    name: 'audit verify',
    unit: 's',
    medians,
    goals: [
      atLeast('speed of verify / sha256sum', share, 0.4),
      atMost(`memory at ${many} / at ${few} entries`, large / small, 1.25),
    ],
    notes: [`memory at its peak: ${small.toFixed(0)} MB and ${large.toFixed(0)} MB`],
  }
}

async function makeLog(folder: string, incident: string, count: number): Promise<string> {
  const paths = incidentFolder(folder, incident)
  await mkdir(paths.folder)
  const out = createWriteStream(paths.log)
  let head: Head = EMPTY
  const first = beginning(incident)
  for (let n = 0; n < count; n++) {
    const next = nextLine(head, at, 'run-0', first[n] ?? event)
    head = next.head
    if (!out.write(`${next.line}\n`)) await once(out, 'drain')
  }
  out.end()
  await once(out, 'finish')
  return paths.log
}
