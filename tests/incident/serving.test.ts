import { beforeAll, describe, expect, test } from 'vitest'
import { send } from '../sandbox/proxy-client.ts'
import { type Ended, makeDesk, sectionOf } from './cli.ts'
import { type HeldSandbox, holdSandbox } from './held-sandbox.ts'
import { publicService, runArgv, writeTeam } from './team.ts'

const desk = makeDesk()
const limit = 300_000
const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ')

/** Pins all traffic of a service to the revision that has it now, as a rollback does. */
async function pinTraffic(address: string, name: string): Promise<string> {
  const { token } = await (await fetch(`${address}/sandbox`)).json()
  const url = `http://us-central1-run.sandbox/apis/serving.knative.dev/v1/namespaces/heron-live/services/${name}`
  const ask = (verb: string, body?: object) => send(address, verb, url, body, { authorization: `Bearer ${token}` })
  const { json } = await ask('GET')
  const revisionName = json.status.latestReadyRevisionName
  await ask('PUT', { ...json, spec: { ...json.spec, traffic: [{ revisionName, percent: 100 }] } })
  return revisionName
}

describe('traffic that is pinned to a revision of another identity', () => {
  let sandbox: HeldSandbox
  let ended: Ended
  let revision: string

  beforeAll(async () => {
    const scenario = writeTeam(
      desk,
      'pinned-traffic',
      ['runtime-identity'],
      {
        services: [{ name: 'shop', posture: 'public', identity: 'cr-shop' }],
        identities: [{ name: 'cr-shop', displayName: 'Shop', roles: [] }],
      },
      { 'heron-live': { services: { shop: publicService }, serviceAccounts: { 'cr-shop': {} } } },
    )
    sandbox = await holdSandbox(desk, scenario)
    revision = await pinTraffic(sandbox.address, 'shop')
    ended = await desk.breakglass(runArgv(desk, 'runtime-identity', sandbox.address, 'INC-1'))
  }, limit)

  test('is drift that the run says and leaves: a new revision would take none of it', async () => {
    expect(ended.exit, ended.stderr).toBe(3)
    const says = `Traffic is pinned to ${revision}`
    expect(oneLine(ended.stdout)).toMatch(
      /drift Run shop as cr-shop \(left as found; serviceAccount is .*; servesAs is .*compute@/,
    )
    expect(oneLine(ended.stdout)).toContain(says)
    expect(sectionOf(desk.record('INC-1'), 'Steps Not Completed').replaceAll('\\', '')).toContain(says)
    expect(await sandbox.changes()).toEqual(['run.services.replace'])
  })

  test('is not what a check at the end takes for the wanted identity', () => {
    expect(oneLine(sectionOf(desk.record('INC-1'), 'Verification'))).toMatch(/serves as .*: FAIL \(serves as is/)
  })
})

describe('a service that is pinned to a version of a secret', () => {
  let ended: Ended

  beforeAll(async () => {
    const holding = (text: string) => ({ secrets: { API_KEY: { versions: [{ text }] } } })
    const scenario = writeTeam(
      desk,
      'pinned-version',
      ['secret-parity'],
      {
        services: [{ name: 'shop', posture: 'public' }],
        secrets: [{ name: 'API_KEY', references: ['trial'] }],
      },
      {
        'heron-live': {
          ...holding('fake-old-value'),
          services: {
            shop: { ...publicService, secretEnv: { KEY: { secret: 'API_KEY', version: '1' } } },
            other: { ...publicService, secretEnv: { KEY: { secret: 'API_KEY', version: 'latest' } } },
          },
        },
        'heron-trial': holding('fake-right-value'),
      },
    )
    const { address } = await holdSandbox(desk, scenario)
    ended = await desk.breakglass(runArgv(desk, 'secret-parity', address, 'INC-2'))
  }, limit)

  test('is named with the version that it keeps, on screen and in the record', () => {
    expect(ended.exit, ended.stderr).toBe(1)
    expect(oneLine(ended.stdout)).toContain('pinnedToAnother is shop to version 1, must be (none)')
    expect(oneLine(sectionOf(desk.record('INC-2'), 'Verification'))).toContain(
      'pinned to another is shop to version 1, expected none',
    )
  })
})
