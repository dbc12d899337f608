import { appendFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { JsonObject } from '../../engine/base/json.ts'
import { formatPlan, sealPlan } from '../../engine/plan/saved.ts'
import type { SavedPlan } from '../../engine/plan/types.ts'
import { inOrder } from '../in-order.ts'
import { type Ended, makeDesk } from './sandbox-desk.ts'

inOrder()

const desk = await makeDesk('incident-2026-02-27')
const limit = { timeout: 240_000 }
const service =
  'http://us-central1-run.sandbox/apis/serving.knative.dev/v1/namespaces/jualuma-prod/services/frontend-app'
const policy = 'http://cloudresourcemanager.sandbox/v1/projects/jualuma-prod'
let made = 0

const after = (time: string, ms: number): string => new Date(new Date(time).getTime() + ms).toISOString()

/** Makes a plan of these runbooks as the world is now; answers its file. */
async function plan(runbooks: string[], ...more: string[]): Promise<string> {
  const file = `plan-${++made}.json`
  const { exit, stderr } = await desk.breakglass('plan', ...runbooks, '--env', 'prod', '--out', file, ...more)
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
  return file
}

const run = (file: string, ...more: string[]) =>
  desk.breakglass('run', '--plan', file, '--incident', 'INC-refused', '--reason', 'r', '--yes', ...more)

const read = (file: string): SavedPlan => JSON.parse(readFileSync(desk.at(file), 'utf8'))

/** Runs something that must be refused: nothing is changed, nothing is logged, and what differs is named. */
async function refuses(exit: number, names: (string | RegExp)[], attempt: () => Promise<Ended>): Promise<void> {
  const before = await desk.changes()
  const ended = await attempt()
  expect(ended).toMatchObject({ exit })
  for (const name of names) expect(ended.stderr).toMatch(name)
  expect(await desk.changes()).toEqual(before)
  expect(existsSync(desk.at('logs/INC-refused'))).toBe(false)
}

test('a file that was edited by a byte is refused', limit, async () => {
  const file = await plan(['access-posture'])
  const text = readFileSync(desk.at(file), 'utf8')
  writeFileSync(desk.at(file), text.replace('--ingress=all', '--ingress=alm'))
  await refuses(2, [/plan-\d+\.json was edited: its digest is `sha256:\w+…`, but its content has sha256:\w{64}/], () =>
    run(file),
  )
  writeFileSync(desk.at(file), `${text}\n`)
  await refuses(2, [/was edited: it is not in canonical JSON/], () => run(file))
  writeFileSync(desk.at(file), 'runbooks: []\n')
  await refuses(2, [/is not a saved plan/], () => run(file))
  await refuses(2, [/^error: cannot read a plan from nowhere\.json: no such file\n/], () => run('nowhere.json'))
})

test('a plan that was forged, digest and all, changes nothing that the runbooks would not', limit, async () => {
  const file = await plan(['access-posture'])
  const { digest: _, ...content } = read(file)
  const text = JSON.stringify(content).replaceAll('"--ingress=all"', '"--ingress=internal"')
  writeFileSync(desk.at(file), formatPlan(sealPlan(JSON.parse(text))))
  const names = [/Make frontend-app public, command: gcloud run .* --ingress=internal .* → gcloud run .* --ingress=all/]
  await refuses(4, names, () => run(file))
})

test('an edited runbook, an edited inventory and a runbook that is gone are refused', limit, async () => {
  const file = await plan(['access-posture'])
  for (const [path, name, gone] of [
    ['runbooks/access-posture.yaml', 'runbook access-posture', "not among the workspace's runbooks"],
    ['runbooks/inventory.yaml', 'inventory jualuma', 'not in the workspace'],
  ] as const) {
    const text = readFileSync(desk.at(path), 'utf8')
    appendFileSync(desk.at(path), '\n# a remark\n')
    await refuses(4, [new RegExp(`${name} \\(${path}\\): sha256:\\w{64} → sha256:\\w{64}`)], () => run(file))
    appendFileSync(desk.at(path), ': it is no longer valid\n  -')
    await refuses(4, [new RegExp(`${name} \\(${path}\\)`)], () => run(file))
    rmSync(desk.at(path))
    await refuses(4, [new RegExp(`${name} \\(${path}\\): sha256:\\w{64} → ${gone}\\n`)], () => run(file))
    writeFileSync(desk.at(path), text)
  }
})

test('a gate whose file was edited is refused', limit, async () => {
  const file = await plan(['release-verification', 'access-posture'], '--input', 'workflowRun=22471945914')
  const gate = read(file).sources.find(({ what }) => what === 'gate')!
  const text = readFileSync(desk.at(gate.path), 'utf8')
  appendFileSync(desk.at(gate.path), '\n# a remark\n')
  await refuses(4, [new RegExp(`gate ${gate.name} \\(${gate.path}\\)`)], () => run(file))
  writeFileSync(desk.at(gate.path), text)
})

test(
  'a service that somebody touched is refused, even where no value that the plan shows has changed',
  limit,
  async () => {
    const file = await plan(['access-posture'])
    const object = await desk.call('GET', service)
    const metadata = object.metadata as JsonObject
    await desk.call('PUT', service, {
      ...object,
      metadata: { ...metadata, labels: { ...(metadata.labels as JsonObject), team: 'web' } },
    })
    const moved = await desk.call('GET', service)
    const { generation } = moved.metadata as JsonObject
    const names = [
      new RegExp(
        `services describe frontend-app .*\\(jualuma-prod\\) generation: ${metadata.generation} → ${generation}`,
      ),
      /resourceVersion: \S+ → \S+/,
    ]
    await refuses(4, names, () => run(file))
  },
)

test('another version of a secret is refused, even with the same value', limit, async () => {
  const file = await plan(['secret-parity'])
  const payload = { data: Buffer.from('fake-plaid-secret-prod-drifted-0002').toString('base64') }
  const secret = (project: string) => `http://secretmanager.sandbox/v1/projects/${project}/secrets/PLAID_SECRET`
  await desk.call('POST', `${secret('jualuma-prod')}:addVersion`, { payload })
  await refuses(4, [/secrets versions list PLAID_SECRET \(jualuma-prod\) version: 2 → 3/], () => run(file))
  const next = await plan(['secret-parity'])
  const shared = { data: Buffer.from('fake-plaid-secret-shared-0002').toString('base64') }
  await desk.call('POST', `${secret('jualuma-dev')}:addVersion`, { payload: shared })
  await refuses(4, [/secrets versions list PLAID_SECRET \(jualuma-dev\) version: 2 → 3/], () => run(next))
})

test('an IAM policy whose etag moved is refused: by another binding, and by the very one', limit, async () => {
  const file = await plan(['runtime-identity'])
  const bind = async (role: string, member: string) => {
    const now = await desk.call('POST', `${policy}:getIamPolicy`, {})
    const bindings = [...(now.bindings as JsonObject[]), { role, members: [member] }]
    await desk.call('POST', `${policy}:setIamPolicy`, { policy: { ...now, bindings } })
  }
  await bind('roles/viewer', 'group:platform-admins@jualuma.example')
  await refuses(4, [/projects get-iam-policy jualuma-prod \(jualuma-prod\) etag: \S+ → \S+/], () => run(file))
  const account = { accountId: 'cr-backend', serviceAccount: { displayName: 'Cloud Run backend' } }
  await desk.call('POST', 'http://iam.sandbox/v1/projects/jualuma-prod/serviceAccounts', account)
  await desk.advance(60_000)
  const next = await plan(['runtime-identity'])
  await bind('roles/datastore.user', 'serviceAccount:cr-backend@jualuma-prod.iam.gserviceaccount.com')
  const names = [/Grant roles\/datastore\.user to cr-backend, granted: false → true/, /etag: \S+ → \S+/]
  await refuses(4, names, () => run(next))
})

test('an expired plan is refused, and the message gives the time of expiry', limit, async () => {
  const file = await plan(['access-posture'], '--expires', '1s')
  await setTimeout(1100)
  const since = read(file).expiresAt.replaceAll('.', '\\.')
  await refuses(4, [new RegExp(`expired at ${since}, .+ ago; nothing was changed`)], () => run(file))
})

test.each<[string, (madeAt: string) => Partial<SavedPlan>, RegExp]>([
  ['good for years', () => ({ expiresAt: '2099-01-01T00:00:00.000Z' }), /no plan is valid for longer than/],
  [
    'good for a second more than a week',
    (made) => ({ expiresAt: after(made, 7 * 86_400_000 + 1000) }),
    /no plan is valid for longer/,
  ],
  [
    'good until a day that there is not',
    () => ({ expiresAt: '2099-13-45T00:00:00.000Z' }),
    /no plan is valid for longer than/,
  ],
  [
    'from the future',
    (made) => ({ madeAt: after(made, 3_600_000), expiresAt: after(made, 7_200_000) }),
    /one of the clocks is wrong/,
  ],
  [
    'made on a day that there is not',
    () => ({ madeAt: '2026-02-31T25:00:00.000Z' }),
    /no plan is valid for longer than/,
  ],
])('a plan that says that it is %s is refused, sealed as it may be', limit, async (_, times, says) => {
  const file = await plan(['access-posture'])
  const { digest: _digest, ...content } = read(file)
  writeFileSync(desk.at(file), formatPlan(sealPlan({ ...content, ...times(content.madeAt) })))
  await refuses(4, [says], () => run(file))
})

test('a plan for another cloud is refused', limit, async () => {
  const file = await plan(['access-posture'])
  const sandbox = 'cloud: the sandbox incident-2026-02-27 →'
  await refuses(4, [`${sandbox} the sandbox conformant`], () => run(file, '--sandbox', 'conformant'))
  const live = () =>
    desk.breakglassIn(
      { BREAKGLASS_SANDBOX: '' },
      ...['run', '--plan', file, '--incident', 'INC-refused', '--reason', 'r', '--yes'],
    )
  await refuses(4, [`${sandbox} the real cloud`], live)
  const { digest: _, ...content } = read(file)
  writeFileSync(desk.at(file), formatPlan(sealPlan({ ...content, cloud: { kind: 'live' } })))
  await refuses(4, [/cloud: the real cloud → the sandbox/], () => run(file))
})

test('arguments that contradict the saved plan are refused', limit, async () => {
  const file = await plan(['access-posture'], '--input', 'services=frontend-app')
  await refuses(2, [/--env is stage, but the plan was made for prod/], () => run(file, '--env', 'stage'))
  await refuses(2, [/RUNBOOK is secret-parity, but the plan was made for access-posture/], () =>
    run(file, 'secret-parity'),
  )
  await refuses(2, [/--input services is a, but the plan was made for frontend-app/], () =>
    run(file, '--input', 'services=a'),
  )
  await refuses(2, [/--input other is x, but the plan was made for \(none\)/], () => run(file, '--input', 'other=x'))
  await refuses(2, ['--inventory is other.yaml, but the plan was made for runbooks/inventory.yaml\n'], () =>
    run(file, '--inventory', 'other.yaml'),
  )
})

test('saving a plan never replaces a file, and leaves nothing behind when it is refused', limit, async () => {
  const argv = ['plan', 'access-posture', '--env', 'prod', '--out']
  const file = await plan(['access-posture'])
  const text = readFileSync(desk.at(file), 'utf8')
  expect(statSync(desk.at(file)).mode & 0o777).toBe(0o600)
  const again = await desk.breakglass(...argv, file)
  expect(again).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining(`the file ${file} already exists, and a plan never replaces a file`),
  })
  expect(readFileSync(desk.at(file), 'utf8')).toBe(text)
  for (const expires of ['0s', 'soon', '169h'])
    expect(await desk.breakglass(...argv, 'x.json', '--expires', expires)).toMatchObject({ exit: 2 })
  const without = ['plan', 'access-posture', '--env', 'prod', '--expires', '1h']
  expect(await desk.breakglass(...without)).toMatchObject({ exit: 2, stderr: expect.stringContaining('--out FILE') })
  cpSync(desk.at('runbooks/inventory.yaml'), desk.at('elsewhere.yaml'))
  cpSync(desk.at('runbooks'), desk.at('deeper/runbooks'), { recursive: true })
  const elsewhere = await desk.breakglass(...argv, 'x.json', '--inventory', 'elsewhere.yaml', '--workspace', 'deeper')
  expect(elsewhere).toMatchObject({ exit: 2, stderr: expect.stringContaining('is outside the workspace (') })
  expect(readdirSync(desk.folder).filter((name) => name.startsWith('.') || name === 'x.json')).toEqual([])
})
