import { beforeAll, describe, expect, test } from 'vitest'
import { type Ended, makeDesk, ofType, sectionOf } from './cli.ts'
import { type HeldSandbox, holdSandbox } from './held-sandbox.ts'
import { publicService, runArgv, writeTeam } from './team.ts'

const desk = makeDesk()
const minutes = 60_000

describe('gcloud exits 0, and the read-back says otherwise', () => {
  let ended: Ended
  let sandbox: HeldSandbox

  beforeAll(async () => {
    const scenario = writeTeam(
      desk,
      'iap-stays',
      ['access-posture'],
      { services: [{ name: 'shop', posture: 'public', iap: false }] },
      { 'heron-live': { services: { shop: { ...publicService, iap: true } } } },
      [{ on: { service: 'run', method: 'services.setIamPolicy', calls: 'every' }, answer: { status: 403 } }],
    )
    sandbox = await holdSandbox(desk, scenario)
    ended = await desk.breakglass(runArgv(desk, 'access-posture', sandbox.address, 'INC-1'))
  }, 5 * minutes)

  test('the step fails, and so does the run', () => {
    expect(ended.exit).toBe(1)
    expect(ended.stdout).toMatch(/^failed .*Turn IAP off on shop/m)
  })

  test('the log has both: exit code 0 and a read-back that is not what it must be', () => {
    const [outcome] = ofType(desk.entries('INC-1'), 'step.outcome').map(({ body }) => body)
    expect(outcome?.evidence.exitCode).toBe(0)
    expect(outcome?.evidence.stderr).toMatch(/warning/i)
    expect(outcome?.verdict).toBe('ambiguous')
    expect(outcome?.readBack).toMatchObject({ state: 'value', value: { iapMayInvoke: true } })
    expect(ofType(desk.entries('INC-1'), 'run.closed')[0]?.body.ending).toBe('failed')
  })

  test('the record says that it failed, and not that it was done', () => {
    const record = desk.record('INC-1')
    const actions = sectionOf(record, 'Break-Glass Runtime Actions (Already Executed)')
    expect(actions).toContain('No change was completed.')
    expect(actions).not.toContain('shop')
    expect(sectionOf(record, 'Steps Not Completed')).toMatch(
      /Turn IAP off on shop: failed: .*read-back.*\(gcloud exited 0; IAP may invoke is yes, expected no\)/,
    )
  })
})

describe('gcloud exits 1, and the change is there', () => {
  let ended: Ended
  let sandbox: HeldSandbox
  const email = 'cr-shop@heron-live.iam.gserviceaccount.com'

  beforeAll(async () => {
    const scenario = writeTeam(
      desk,
      'lost-replies',
      ['runtime-identity'],
      { identities: [{ name: 'cr-shop', displayName: 'Shop', roles: ['roles/datastore.user'] }] },
      { 'heron-live': {} },
      [
        { on: { service: 'iam', method: 'serviceAccounts.create' }, answer: { drop: 'after' } },
        { on: { service: 'cloudresourcemanager', method: 'projects.setIamPolicy' }, answer: { drop: 'after' } },
      ],
    )
    sandbox = await holdSandbox(desk, scenario)
    ended = await desk.breakglass(runArgv(desk, 'runtime-identity', sandbox.address, 'INC-2'))
  }, 5 * minutes)

  test('the steps succeeded, and the changes are there once', async () => {
    expect(ended.exit).toBe(0)
    const { serviceAccounts, iamPolicy } = await sandbox.project('heron-live')
    expect(Object.keys(serviceAccounts)).toContain(email)
    expect(iamPolicy.bindings).toEqual([{ role: 'roles/datastore.user', members: [`serviceAccount:${email}`] }])
  })

  test('the log has both facts of each step: exit code 1, and changed by read-back', () => {
    const outcomes = ofType(desk.entries('INC-2'), 'step.outcome').map(({ body }) => body)
    expect(outcomes.map(({ verdict, evidence }) => [verdict, evidence.exitCode])).toEqual([
      ['applied', 1],
      ['applied', 1],
    ])
    for (const { evidence } of outcomes) expect(evidence.failure?.cause).toBe('conflict')
  })

  test('the record tells the changes as done, with what gcloud said beside them', () => {
    const actions = sectionOf(desk.record('INC-2'), 'Break-Glass Runtime Actions (Already Executed)')
    expect(actions).toContain(`Created \`${email}\``)
    expect(actions.match(/gcloud exited 1, but the read-back shows the change/g)).toHaveLength(2)
    expect(sectionOf(desk.record('INC-2'), 'Steps Not Completed')).toContain('None.')
  })
})
