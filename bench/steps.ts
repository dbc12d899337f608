import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EMPTY } from '../engine/audit/chain.ts'
import { makeWriter } from '../engine/audit/writer.ts'
import { incidentFolder } from '../engine/disk/logs/incident-folder.ts'
import { openLog } from '../engine/disk/logs/log-file.ts'
import { runCold } from '../engine/gcloud/cold.ts'
import { bindRunbook } from '../engine/plan/bind.ts'
import { observeAll, onePass } from '../engine/plan/observe.ts'
import { pickEnvironment } from '../engine/plan/pick-environment.ts'
import type { Plan } from '../engine/plan/types.ts'
import { runPlan } from '../engine/run/loop.ts'
import { readInventory } from '../engine/runbook/read-inventory.ts'
import { readRunbook } from '../engine/runbook/read-runbook.ts'
import type { Reading } from '../engine/runbook/reader.ts'
import type { World } from '../engine/steps/world.ts'
import { yesOperator } from '../engine/terminal/operator.ts'
import { atMost, type Effort, type Figure, interleave } from './figure.ts'
import { measure } from './process.ts'

const NO_OP = '/bin/true'

const runbook = `apiVersion: breakglass/v1
kind: Runbook
metadata: { name: bench, title: Bench, description: Steps that do nothing., risk: low }
inputs: { count: { type: integer, default: 10 } }
steps:
  - id: thing
    title: Thing \${{ n }}
    forEach: { n: "\${{ env.services.map(s, s.name) }}" }
    observe:
      gcloud: [run, services, describe, "\${{ n }}", --region=us-central1]
      select: { right: "\${{ result.right }}" }
    expect: { right: true }
    apply: { gcloud: [run, services, update, "\${{ n }}", --region=us-central1] }
    undo: { cannotBeUndone: It does nothing. }
    record: Updated \${{ changed }}.
`
const inventory = (count: number): string => `apiVersion: breakglass/v1
kind: Inventory
metadata: { name: bench }
environments:
  here:
    project: p-bench
    region: us-central1
    services:
${Array.from({ length: count }, (_, n) => `      - { name: thing-${n}, posture: public }`).join('\n')}
`

/** What the engine adds to a step whose commands do nothing, log and fsyncs included, against the bare spawns. */
export async function overhead({ rounds, short }: Effort, folder: string): Promise<Figure> {
  const count = short ? 20 : 100
  let turn = 0
  const playbook = join(folder, 'no-op.yaml')
  const tasks = Array.from({ length: count }, () => ({ 'ansible.builtin.command': NO_OP }))
  writeFileSync(playbook, JSON.stringify([{ hosts: 'localhost', connection: 'local', gather_facts: false, tasks }]))
  const ansible = await measure(['ansible-playbook', '--version'], { exits: [0, 127] })
  // Each step looks again, changes and reads back: three commands.
  const medians = await interleave(rounds, {
    'three bare spawns': async () => {
      const began = performance.now()
      for (let n = 0; n < 3 * count; n++) await bareSpawn()
      return (performance.now() - began) / count
    },
    'a step': async () => (await runSteps(count, incidentFolder(folder, `steps-${++turn}`))) / count,
    ...(ansible.exit === 0
      ? {
          'an ansible task, of one command': async () =>
            ((await measure(['ansible-playbook', '-i', 'localhost,', playbook])).seconds * 1000) / count,
        }
      : {}),
  })
  const added = (medians['a step'] ?? 0) - (medians['three bare spawns'] ?? 0)
  return {
    name: 'a step whose commands do nothing',
    unit: 'ms',
    medians,
    goals: [atMost('added by the engine, ms', added, 10)],
    notes: ansible.exit === 0 ? [] : ['ansible was skipped: ansible-core is not installed'],
  }
}

const bareSpawn = (): Promise<void> =>
  new Promise((resolve) => {
    spawn(NO_OP, { stdio: ['ignore', 'pipe', 'pipe'], env: {} }).on('close', () => resolve())
  })

/** Carries out a plan of steps that have all drifted; answers how long that took, in ms. */
async function runSteps(count: number, paths: ReturnType<typeof incidentFolder>): Promise<number> {
  const book = readOrThrow(readRunbook({ name: 'bench.yaml', text: runbook }))
  const stock = readOrThrow(readInventory({ name: 'inventory.yaml', text: inventory(count) }))
  const environment = pickEnvironment(stock, 'here')
  const { steps } = bindRunbook(book, stock, environment, {}, new Map())
  const world = noOpWorld()
  const planned = await observeAll(steps, onePass({ ...world, gcloud: async (call) => world.answer(call.argv) }, 8))
  const plan: Plan = {
    environment: { name: 'here', project: 'p-bench', protected: false },
    runbooks: [],
    inventory: { name: 'bench', digest: '' },
    inputs: {},
    steps: planned,
    checks: [],
  }
  const log = await openLog(paths, { bytes: new Uint8Array(0), whole: 0 })
  const writer = makeWriter(
    log,
    EMPTY,
    'run-0',
    () => new Date(),
    { secretIn: () => undefined },
    () => [],
  )
  const began = performance.now()
  const end = await runPlan(
    plan,
    { steps, checks: [], backfill: [] },
    {
      world,
      width: 8,
      operator: yesOperator('bench'),
      append: writer.append,
      openUndo: () => Promise.reject(new Error('nothing is taken back here')),
      random: () => 0,
      report: async () => {},
      stopRequested: () => false,
      noMore: () => false,
    },
  )
  const took = performance.now() - began
  await log.close()
  if (end.ending !== 'done') throw new Error(`the steps ended ${end.ending}: ${end.reason}`)
  return took
}

/** A world whose gcloud is a real process that does nothing; what it should have done is remembered here. */
export function noOpWorld(): World & { answer(argv: string[]): Awaited<ReturnType<World['gcloud']>> } {
  const done = new Set<string>()
  const answer = ([, , verb, name = '']: string[]) => {
    if (verb === 'update') done.add(name)
    const output = new TextEncoder().encode(JSON.stringify({ right: done.has(name) }))
    return { way: 'cold' as const, exitCode: 0, output, stderr: '', durationMs: 0 }
  }
  const refuse = () => Promise.reject(new Error('there is no such thing here'))
  return {
    answer,
    async gcloud(call) {
      await runCold(call, { path: NO_OP, environment: {}, endGroup: () => {}, onChild: () => {} })
      return answer(call.argv)
    },
    http: refuse,
    github: refuse,
    script: refuse,
    once: (_, read) => read(),
    fingerprint: () => '',
    guard: () => true,
    mask: (text) => text,
    clock: { now: () => new Date(), sleep: async () => {} },
  }
}

function readOrThrow<T>(reading: Reading<T>): T {
  if (!reading.ok) throw new Error(reading.diagnostics.map(({ message }) => message).join('\n'))
  return reading.value
}
