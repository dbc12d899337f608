import { beforeAll, describe, expect, test } from 'vitest'
import { inOrder } from '../in-order.ts'
import { type Ended, makeDesk, ofType, sectionOf } from './cli.ts'
import { type HeldSandbox, holdSandbox } from './held-sandbox.ts'
import { runArgv, writeTeam } from './team.ts'

inOrder()

const desk = makeDesk()
const limit = 300_000

describe('references that disagree', () => {
  let sandbox: HeldSandbox
  let stopped: Ended
  let trusted: Ended
  const newest = async (project: string) => (await sandbox.project(project)).secrets.API_KEY?.at(-1)?.sha256

  beforeAll(async () => {
    const holding = (text: string) => ({ secrets: { API_KEY: { versions: [{ text }] } } })
    const scenario = writeTeam(
      desk,
      'disagreeing',
      ['secret-parity'],
      { secrets: [{ name: 'API_KEY', references: ['trial', 'bench'] }] },
      {
        'heron-live': holding('fake-old'),
        'heron-trial': holding('fake-trial'),
        'heron-bench': holding('fake-bench'),
      },
    )
    sandbox = await holdSandbox(desk, scenario)
    stopped = await desk.breakglass(runArgv(desk, 'secret-parity', sandbox.address, 'INC-4'))
  }, limit)

  test('stop the run before it changes anything', async () => {
    expect(stopped.exit).toBe(1)
    expect(await sandbox.changes()).toEqual([])
    expect(ofType(desk.entries('INC-4'), 'step.intent')).toEqual([])
  })

  test('are named, with the input that resolves it, on screen and in the record', () => {
    for (const text of [stopped.stdout, sectionOf(desk.record('INC-4'), 'Steps Not Completed')])
      expect(text.replaceAll(/\s+/g, ' ')).toMatch(
        /references disagree about API\\?_KEY: trial ≠ bench\. Choose the right one: --input trust=trial\|bench/,
      )
  })

  test(
    'are resolved by the operator, who says which one is right',
    async () => {
      const argv = runArgv(desk, 'secret-parity', sandbox.address, 'INC-4', ['--input', 'trust=bench'])
      trusted = await desk.breakglass(argv)
      expect(trusted.exit, trusted.stderr).toBe(0)
      expect(await newest('heron-live')).toBe(await newest('heron-bench'))
      expect(await newest('heron-live')).not.toBe(await newest('heron-trial'))
      expect(await sandbox.changes()).toEqual(['secretmanager.versions.add'])
    },
    limit,
  )
})

describe('roles beyond those that an identity needs', () => {
  let sandbox: HeldSandbox
  let shown: Ended
  const member = 'serviceAccount:cr-shop@heron-live.iam.gserviceaccount.com'
  const extra = { role: 'roles/storage.admin', members: [member, 'user:somebody@heron.example'] }
  const bindings = async () => (await sandbox.project('heron-live')).iamPolicy.bindings

  beforeAll(async () => {
    const scenario = writeTeam(
      desk,
      'extra-role',
      ['runtime-identity'],
      { identities: [{ name: 'cr-shop', displayName: 'Shop', roles: ['roles/datastore.user'] }] },
      {
        'heron-live': {
          serviceAccounts: { 'cr-shop': {} },
          iamBindings: [{ role: 'roles/datastore.user', members: [member] }, extra],
        },
      },
    )
    sandbox = await holdSandbox(desk, scenario)
    shown = await desk.breakglass(runArgv(desk, 'runtime-identity', sandbox.address, 'INC-5'))
  }, limit)

  test('are shown as drift and left alone', async () => {
    expect(shown.exit, shown.stderr).toBe(3)
    expect(shown.stdout).toMatch(/left as found: 1\n {2}Check that cr-shop has no extra roles on /)
    expect(sectionOf(desk.record('INC-5'), 'Steps Not Completed')).toContain('roles/storage.admin')
    expect(await sandbox.changes()).toEqual([])
    expect(await bindings()).toContainEqual(extra)
  })

  test(
    'are removed when the operator names them, and only from the identity',
    async () => {
      const named = ['--input', 'removeRoles=roles/storage.admin']
      const ended = await desk.breakglass(runArgv(desk, 'runtime-identity', sandbox.address, 'INC-5', named))
      expect(ended.exit, ended.stderr).toBe(0)
      expect(await sandbox.changes()).toEqual(['cloudresourcemanager.projects.setIamPolicy'])
      expect(await bindings()).toEqual([
        { role: 'roles/datastore.user', members: [member] },
        { role: 'roles/storage.admin', members: ['user:somebody@heron.example'] },
      ])
    },
    limit,
  )
})

describe('a production that is as it must be', () => {
  const runbooks = ['secret-parity', 'access-posture', 'runtime-identity']
  let sandbox: HeldSandbox
  let ended: Ended

  beforeAll(async () => {
    sandbox = await holdSandbox(desk, 'conformant')
    ended = await desk.breakglass([
      ...['run', ...runbooks, '--env', 'prod', '--sandbox', sandbox.address, '--incident', 'INC-8'],
      ...['--reason', 'a test', '--yes', '--logs', desk.logs],
    ])
  }, limit)

  test('is left alone: no request that would change something', async () => {
    expect(ended.exit, ended.stderr).toBe(0)
    expect(await sandbox.changes()).toEqual([])
    expect((await sandbox.requests()).length).toBeGreaterThan(20)
  })

  test('has a record of checks that hold and nothing that was done', () => {
    const record = desk.record('INC-8')
    expect(sectionOf(record, 'Break-Glass Runtime Actions (Already Executed)')).toContain('None. Nothing was changed.')
    expect(sectionOf(record, 'Verification').match(/: PASS \(/g)).toHaveLength(8)
  })

  test(
    'can be rehearsed, and nothing is to be done there',
    async () => {
      const { exit, stderr } = await desk.breakglass(['rehearse', 'conformant', '--yes', '--logs', desk.logs])
      expect(exit, stderr).toBe(0)
      expect(ofType(desk.entries('rehearsal-conformant'), 'step.intent')).toEqual([])
      expect(desk.record('rehearsal-conformant')).toContain('REHEARSAL')
    },
    limit,
  )
})
