import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verifyLog } from '../../engine/audit/verify.ts'
import { planDigest } from '../../engine/plan/digest.ts'
import type { SavedPlan } from '../../engine/plan/types.ts'
import { makeDesk } from './sandbox-desk.ts'

const desk = await makeDesk('incident-2026-02-27')
const limit = { timeout: 240_000 }
const saved = (file: string): SavedPlan => JSON.parse(readFileSync(desk.at(file), 'utf8'))
const run = (file: string, incident: string, ...more: string[]) =>
  desk.breakglass('run', '--plan', file, '--incident', incident, '--reason', 'r', '--yes', ...more)

test('a saved plan says its digest and holds no secret', limit, async () => {
  const argv = ['plan', 'secret-parity', '--env', 'prod', '--expires', '30m', '--out']
  const { exit, stdout } = await desk.breakglass(...argv, 'secret.json')
  const text = readFileSync(desk.at('secret.json'), 'utf8')
  const { digest, madeAt, expiresAt, id, plan } = saved('secret.json')
  expect(exit).toBe(0)
  expect(stdout).toContain(digest)
  expect(stdout).toContain(`by phone    ${digest.slice(7, 11)} ${digest.slice(11, 15)} ${digest.slice(15, 19)}`)
  expect(stdout).toContain(id)
  expect(new Date(expiresAt).getTime() - new Date(madeAt).getTime()).toBe(30 * 60_000)
  expect(plan.steps[0]?.targets?.map(({ project, marks }) => [project, marks.version])).toEqual([
    ['jualuma-prod', '2'],
    ['jualuma-stage', '2'],
    ['jualuma-dev', '2'],
  ])
  for (const secret of ['fake-plaid-secret-prod-drifted-0002', 'fake-plaid-secret-shared-0002'])
    for (const form of ['utf8', 'base64', 'hex'] as const)
      expect(text).not.toContain(Buffer.from(secret).toString(form).replaceAll('=', ''))
})

test('with --json the plan and where it was saved are one document', limit, async () => {
  const argv = ['plan', 'access-posture', '--env', 'prod', '--json', '--out', 'json.json']
  const told = JSON.parse((await desk.breakglass(...argv)).stdout)
  const { id, digest, madeAt, expiresAt, plan } = saved('json.json')
  expect(told.saved).toEqual({ file: desk.at('json.json'), id, digest, madeAt, expiresAt })
  expect(told.digest).toBe(planDigest(plan))
})

test('two at once: one carries the plan out, the other does nothing', limit, async () => {
  await desk.breakglass('plan', 'secret-parity', '--env', 'prod', '--out', 'two.json')
  const ended = await Promise.all([run('two.json', 'INC-a'), run('two.json', 'INC-b')])
  const [first, second] = ended.map(({ exit }) => exit).sort((a, b) => a - b)
  expect(first).toBe(0)
  expect([4, 6]).toContain(second)
  expect((await desk.changes()).filter((change) => change === 'secretmanager.versions.add')).toHaveLength(1)
})

test(
  'the plan is carried out from anywhere in the workspace; log and record name it; a second use is refused',
  limit,
  async () => {
    const planned = ['plan', 'runtime-identity', 'access-posture', '--env', 'prod', '--out', 'good.json']
    expect((await desk.breakglass(...planned)).exit).toBe(0)
    const { id, digest, madeAt, madeBy, plan } = saved('good.json')
    const beside = ['runtime-identity', 'access-posture', '--env', 'prod']
    const { exit, stdout, stderr } = await run('good.json', 'INC-1', ...beside)
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
    expect(stdout).toContain(`Saved plan ${id}, made by ${madeBy} at ${madeAt}; digest ${digest}`)
    const entries = desk.entries('INC-1')
    const [opened, planMade] = entries
    expect(opened).toMatchObject({ type: 'run.opened', body: { savedPlan: { id, digest, madeAt, madeBy } } })
    expect(planMade).toMatchObject({ type: 'plan.made', body: { digest: planDigest(plan) } })
    const applied = plan.steps.filter(({ status, apply }) => status === 'drift' && apply)
    const intents = entries.flatMap((entry) => (entry.type === 'step.intent' ? [entry.body] : []))
    // Only the service's identity has its place: it says nothing of what it needs, and the others go beside each other.
    const inOrder = (keys: string[]) => {
      const place = keys.findIndex((key) => key.startsWith('runtime-identity/runs-as'))
      return [keys.slice(0, place).sort(), keys[place], keys.slice(place + 1).sort()]
    }
    expect(inOrder(intents.map(({ step }) => step))).toEqual(inOrder(applied.map(({ key }) => key)))
    expect(new Map(intents.map(({ step, action }) => [step, action]))).toEqual(
      new Map(applied.map(({ key, apply }) => [key, apply])),
    )
    expect(verifyLog(readFileSync(join(desk.logs, 'INC-1', 'audit.jsonl'))).damage).toEqual([])
    const record = readFileSync(join(desk.logs, 'INC-1', 'record.md'), 'utf8')
    expect(record).toContain(
      `(in advance with \`--yes\`) in run \`${opened!.run}\`, with the saved plan \`${id}\` made by ${madeBy} at ${madeAt.slice(0, 19).replace('T', ' ')} UTC, digest \`${digest}\``,
    )

    const before = await desk.changes()
    const again = await run('good.json', 'INC-2')
    expect(again.exit).toBe(4)
    expect(again.stderr).toContain(`was already used, by ${opened!.run} of incident INC-1, at ${opened!.time}`)
    expect(await desk.changes()).toEqual(before)
  },
)

test('without a plan, runbook and environment are missing', limit, async () => {
  const told = ['--incident', 'INC-3', '--reason', 'r', '--yes']
  expect(await desk.breakglass('run', 'access-posture', ...told)).toMatchObject({
    exit: 2,
    stderr: expect.stringMatching(/--env NAME/),
  })
  expect(await desk.breakglass('run', '--env', 'prod', ...told)).toMatchObject({
    exit: 2,
    stderr: expect.stringMatching(/RUNBOOK/),
  })
})
