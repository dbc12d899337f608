import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { formatPlan, sealPlan } from '../../engine/plan/saved.ts'
import type { SavedPlan } from '../../engine/plan/types.ts'
import { digestOf, inventory, madeFrom, makeStage, type Stage, tracing, upTo, withBody } from './stage.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

let stage: Stage
let trace: string

beforeAll(async () => {
  stage = await makeStage()
  trace = stage.at('trace')
  const { exit, stdout, stderr } = await stage.run('INC-1', ['posture'])
  expect({ exit, stdout, stderr }).toMatchObject({ exit: 0 })
  expect((await stage.breakglass('plan', 'posture', '--env', 'other', '--out', 'plan.json')).exit).toBe(0)
})

afterEach(() => rmSync(trace, { force: true }))

/** Nothing was observed or changed, and no script was started, by what must be refused. */
async function refuses(says: RegExp | string, exit: number, ...argv: string[]): Promise<void> {
  const before = (await stage.requests()).length
  const ended = await stage.breakglass(...argv)
  expect(ended).toMatchObject({ exit, stderr: expect.stringMatching(says) })
  expect((await stage.requests()).length).toBe(before)
  expect(existsSync(trace)).toBe(false)
}

/** A log of a run that was cut off before its plan, and was made from a runbook at a path; \`lies\` is where that really lies. */
function forged(incident: string, path: string, lies: string): void {
  const text = tracing(trace)
  stage.forge('INC-1', incident, (entries) => upTo(madeFrom(entries, path, text), 'run.opened'))
  stage.write(lies, text)
}

describe('a runbook that only a log names is not loaded', () => {
  test.each([
    ["in the incident's own folder", 'logs/INC-own/evil.yaml', 'logs/INC-own/evil.yaml'],
    ['by a way that leads up and down again', 'runbooks/../logs/INC-up/evil.yaml', 'logs/INC-up/evil.yaml'],
    ['beside the runbooks, in no list', 'runbooks/drafts/evil.yaml', 'runbooks/drafts/evil.yaml'],
  ])('%s', async (_, path, lies) => {
    const incident = /INC-\w+/.exec(path)?.[0] ?? 'INC-drafts'
    forged(incident, path, lies)
    await refuses(/not among the workspace's runbooks/, 2, 'resume', incident, '--yes')
  })

  test('by an absolute path', async () => {
    forged('INC-abs', stage.at('elsewhere/evil.yaml'), 'elsewhere/evil.yaml')
    await refuses(/not among the workspace's runbooks/, 2, 'resume', 'INC-abs', '--yes')
  })

  test('through a link among the runbooks that leads to it', async () => {
    forged('INC-link', 'runbooks/evil.yaml', 'logs/INC-link/evil.yaml')
    symlinkSync('../logs/INC-link/evil.yaml', stage.at('runbooks/evil.yaml'))
    await refuses(/not among the workspace's runbooks/, 2, 'resume', 'INC-link', '--yes')
    rmSync(stage.at('runbooks/evil.yaml'))
  })

  test('through a folder of runbooks that is a link out of the workspace', async () => {
    const text = tracing(trace)
    stage.forge('INC-1', 'INC-folder', (entries) => upTo(madeFrom(entries, 'runbooks/evil.yaml', text), 'run.opened'))
    renameSync(stage.at('runbooks'), stage.at('kept'))
    stage.write('logs/INC-folder/runbooks/evil.yaml', text)
    stage.write('logs/INC-folder/runbooks/inventory.yaml', inventory())
    symlinkSync('logs/INC-folder/runbooks', stage.at('runbooks'))
    try {
      await refuses(/not among the workspace's runbooks/, 2, 'resume', 'INC-folder', '--yes')
    } finally {
      rmSync(stage.at('runbooks'))
      renameSync(stage.at('kept'), stage.at('runbooks'))
    }
  })

  test('not for an undo either', async () => {
    const text = stage.read('runbooks/posture.yaml').replaceAll('risk: low', 'risk: low ')
    stage.forge('INC-1', 'INC-undo', (entries) => madeFrom(entries, 'logs/INC-undo/posture.yaml', text, 'posture'))
    stage.write('logs/INC-undo/posture.yaml', text)
    await refuses(/not among the workspace's runbooks/, 2, 'undo', 'INC-undo', '--yes')
  })

  test('unless the person names that very file, and then it is compared with the log', async () => {
    forged('INC-named', '../somewhere/evil.yaml', 'elsewhere/evil.yaml')
    stage.write('elsewhere/another.yaml', tracing(trace, 'another'))
    await refuses(/sha256:\w{64}/, 2, ...['resume', 'INC-named', '--yes', '--runbook', 'elsewhere/another.yaml'])
    const both = ['--runbook', 'elsewhere/evil.yaml', '--runbook', 'elsewhere/another.yaml']
    await refuses(/elsewhere\/another\.yaml: the run was not made from it/, 2, 'resume', 'INC-named', '--yes', ...both)
    const named = await stage.breakglass('resume', 'INC-named', '--yes', '--runbook', 'elsewhere/evil.yaml')
    expect(named, named.stderr).toMatchObject({ exit: 0 })
    expect(existsSync(trace)).toBe(true)
  })
})

test('an inventory that only a log names is not loaded, and a changed one is refused', async () => {
  const text = inventory('heron-other')
  stage.forge('INC-1', 'INC-inventory', (entries) =>
    upTo(
      withBody(entries, 'run.opened', (body) => ({
        ...body,
        from: {
          ...body.from,
          sources: body.from?.sources.map((source) =>
            source.what === 'inventory'
              ? { ...source, path: 'logs/INC-inventory/i.yaml', digest: digestOf(text) }
              : source,
          ),
        },
      })),
      'run.opened',
    ),
  )
  stage.write('logs/INC-inventory/i.yaml', text)
  const says = /inventory heron \(logs\/INC-inventory\/i\.yaml, here runbooks\/inventory\.yaml\): sha256:/
  await refuses(says, 2, 'resume', 'INC-inventory', '--yes')
})

test('a gate is a runbook of the workspace: a file of that name where the person stands is none', async () => {
  stage.write('runbooks/gated.yaml', tracing('unused', 'gated').replace(/script:.*/, 'gate: { runbook: evil }'))
  stage.write('evil', tracing(trace))
  await refuses(/there is no runbook `evil`, which a gate names/i, 2, 'check', 'gated', '--env', 'live')
  rmSync(stage.at('evil'))
  stage.write('elsewhere/evil.yaml', tracing(trace))
  symlinkSync('../elsewhere/evil.yaml', stage.at('runbooks/evil.yaml'))
  await refuses(/leads elsewhere/, 2, 'check', 'gated', '--env', 'live')
  for (const name of ['runbooks/evil.yaml', 'runbooks/gated.yaml']) rmSync(stage.at(name))
})

describe('a saved plan that was forged, digest and all', () => {
  const forge = (change: (saved: SavedPlan) => object): string => {
    const { digest: _, ...content } = JSON.parse(stage.read('plan.json')) as SavedPlan
    const file = `forged-${Math.random().toString(16).slice(2)}.json`
    writeFileSync(stage.at(file), formatPlan(sealPlan(change(content as SavedPlan) as SavedPlan)))
    return file
  }
  const run = (file: string) => ['run', '--plan', file, '--incident', 'INC-p', '--reason', 'r', '--yes']

  test('loads no runbook that the workspace does not list', async () => {
    const text = tracing(trace)
    stage.write('logs/evil.yaml', text)
    const file = forge((saved) => ({
      ...saved,
      sources: saved.sources.map((source) =>
        source.what === 'runbook'
          ? { ...source, name: 'evil', path: 'logs/evil.yaml', digest: digestOf(text) }
          : source,
      ),
    }))
    await refuses(/not among the workspace's runbooks/, 4, ...run(file))
    rmSync(stage.at('logs/evil.yaml'))
  })

  test.each<[string, RegExp, (saved: SavedPlan) => object]>([
    [
      'with another command',
      /web takes public traffic, command: gcloud .*--ingress=internal.* → gcloud .*--ingress=all/,
      (saved) => JSON.parse(JSON.stringify(saved).replaceAll('"--ingress=all"', '"--ingress=internal"')),
    ],
    [
      'with a protection that is lowered',
      /environment protected: true → false|environment protected: false → true/,
      (saved) => ({ ...saved, plan: { ...saved.plan, environment: { ...saved.plan.environment, protected: false } } }),
    ],
    [
      'with another step left out',
      /KEY equals trial: not in the plan → in the plan/,
      (saved) => ({ ...saved, plan: { ...saved.plan, steps: saved.plan.steps.slice(0, 1) } }),
    ],
    [
      'with another binding of what is read',
      /posture\/ingress, binding: sha256:0{64} → sha256:/,
      (saved) => ({ ...saved, bound: { ...saved.bound, 'posture/ingress': `sha256:${'0'.repeat(64)}` } }),
    ],
  ])('is refused %s before anything is observed', async (_, says, change) => {
    await refuses(says, 4, ...run(forge(change)))
  })
})

test('reading a foreign folder starts no script and asks the cloud nothing', async () => {
  const trap = tracing(trace)
  mkdirSync(stage.at('foreign/runbooks'), { recursive: true })
  stage.write('foreign/runbooks/inventory.yaml', inventory())
  stage.write('foreign/runbooks/evil.yaml', trap)
  stage.forge('INC-1', 'INC-read', (entries) => madeFrom(entries, 'logs/INC-read/evil.yaml', trap))
  const before = (await stage.requests()).length
  for (const argv of [
    ['validate', 'foreign/runbooks/evil.yaml', 'foreign/runbooks/inventory.yaml'],
    ['show', 'foreign/runbooks/evil.yaml'],
    ['list', '--workspace', 'foreign'],
    ['record', 'INC-read'],
    ['audit', 'show', 'INC-read'],
    ['audit', 'verify', 'INC-read'],
  ]) {
    const { exit, stderr } = await stage.breakglass(...argv)
    expect({ argv, exit, stderr }).toMatchObject({ exit: 0 })
  }
  expect((await stage.requests()).length).toBe(before)
  expect(existsSync(trace)).toBe(false)
})
