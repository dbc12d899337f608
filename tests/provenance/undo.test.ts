import { beforeAll, describe, expect, test, vi } from 'vitest'
import type { Entry } from '../../engine/audit/entry.ts'
import { inOrder } from '../in-order.ts'
import { makeStage, type Stage, upTo, withBody } from './stage.ts'

inOrder()

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

let stage: Stage
let made = 0

beforeAll(async () => {
  stage = await makeStage()
  const { exit, stdout, stderr } = await stage.run('INC-1', ['posture'])
  expect({ exit, stdout, stderr }).toMatchObject({ exit: 0 })
})

/** A forged log is refused with what differs, before anything is observed. */
async function refuses(
  says: (RegExp | string)[],
  argv: string[],
  change: (entries: Entry[]) => Entry[],
): Promise<void> {
  const incident = `INC-f${++made}`
  stage.forge('INC-1', incident, change)
  const before = (await stage.requests()).length
  const ended = await stage.breakglass(argv[0] ?? '', incident, '--yes', ...argv.slice(1))
  expect(ended).toMatchObject({ exit: 2 })
  for (const text of says) expect(ended.stderr).toMatch(text)
  expect((await stage.requests()).length).toBe(before)
}

type Intent = Extract<Entry, { type: 'step.intent' }>['body']

/** The log with other words in what its intents say of a step's undo, and nowhere else. */
const withUndo = (entries: Entry[], step: string, undo: (given: Intent) => object): Entry[] =>
  withBody(entries, 'step.intent', (body) => (body.step === step ? { ...body, undo: undo(body) } : body))

const gcloud = (argv: string[], project = 'heron-live') => ({ kind: 'gcloud', command: { argv, project } })
const words = ['run', 'services', 'update', 'web', '--region', 'us-central1', '--ingress=internal']

describe('an undo that the log names and the runbook does not give is refused, and the words are named', () => {
  test.each<[string, string[], string, RegExp]>([
    [
      'another service',
      ['run', 'services', 'update', 'api', ...words.slice(4)],
      'heron-live',
      /These arguments differ: api web/,
    ],
    [
      'another command',
      ['run', 'services', 'delete', 'web', '--region', 'us-central1'],
      'heron-live',
      /arguments differ: delete update --ingress=internal/,
    ],
    ['another project', words, 'heron-other', /arguments differ: --project=heron-other --project=heron-live/],
    [
      'a flag for another project',
      [...words, '--project=heron-other'],
      'heron-live',
      /arguments differ: --project=heron-other/,
    ],
    [
      'an identity of its own',
      [...words, '--impersonate-service-account=a@heron-other.iam.gserviceaccount.com'],
      'heron-live',
      /arguments differ: --impersonate/,
    ],
    [
      'the same words in another order',
      [...words.slice(0, 4), '--ingress=internal', '--region', 'us-central1'],
      'heron-live',
      /Only the order of the arguments differs/,
    ],
  ])('%s', (_, argv, project, says) =>
    refuses(
      [/step posture\/ingress \(web takes public traffic\): the undo in the log/, says, /audit verify/],
      ['undo'],
      (entries) => withUndo(entries, 'posture/ingress', () => gcloud(argv, project)),
    ),
  )

  test('a secret that is copied from or to elsewhere', async () => {
    const own = { project: 'heron-live', secret: 'KEY' }
    const copy = (from: object, to: object) => ({ kind: 'copy-secret', from, to })
    const other = { project: 'heron-other', secret: 'KEY' }
    await refuses([/arguments differ: heron-other\/KEY heron-live\/KEY/], ['undo'], (entries) =>
      withUndo(entries, 'posture/secret', () => copy({ ...own, version: '2' }, other)),
    )
    await refuses([/arguments differ: heron-other\/KEY\/1 heron-live\/KEY\/2/], ['undo'], (entries) =>
      withUndo(entries, 'posture/secret', () => copy({ ...other, version: '1' }, own)),
    )
  })

  test('one that only a resumed run would offer, to undo its last change', () =>
    refuses([/These arguments differ: api web/], ['resume'], (entries) =>
      withUndo(upTo(entries, 'step.outcome'), 'posture/ingress', () =>
        gcloud(['run', 'services', 'update', 'api', ...words.slice(4)]),
      ),
    ))

  test('one of a change that is in doubt', () =>
    refuses([/arguments differ: delete/], ['resume'], (entries) =>
      withUndo(upTo(entries, 'step.intent'), 'posture/ingress', () =>
        gcloud(['run', 'services', 'delete', 'web', ...words.slice(4)]),
      ),
    ))

  test('another change than the runbook makes', () =>
    refuses([/the command in the log differs from the one in its runbook/], ['resume'], (entries) =>
      withBody(upTo(entries, 'step.intent'), 'step.intent', (body) => ({
        ...body,
        action: gcloud([...words.slice(0, 6), '--ingress=all', '--no-iap']),
      })),
    ))
})

describe('what the log says was there before is what the step can read, before it becomes words of a command', () => {
  /** The forger is consistent: plan, observation, intent and undo all say the same. */
  test.each<[string, string, RegExp]>([
    [
      'a flag behind a line break',
      'internal\n--project=heron-other',
      /cannot be undone: the values from before can't be used in the undo command/,
    ],
    [
      'more items of a list',
      'internal,--project=heron-other\0',
      /cannot be undone: the values from before can't be used in the undo command/,
    ],
  ])('%s', (_, value, says) =>
    refuses([says], ['undo'], (entries) => {
      const seen = replacedRaw(entries, '"ingress":"internal"', `"ingress":${JSON.stringify(value)}`)
      return replacedRaw(seen, '"--ingress=internal"', JSON.stringify(`--ingress=${value}`))
    }),
  )

  test.each<[string, string, RegExp]>([
    [
      'a list in place of a text',
      '"ingress":["internal","--clear-env-vars"]',
      /can't have read `ingress`: \["internal"/,
    ],
    ['a map in place of a text', '"ingress":{"internal":true}', /can't have read `ingress`/],
    ['another name', '"egress":"internal"', /can't have read `(ingress|egress)`/],
    ['a name that every object has', '"ingress":"internal","__proto__x":"y"', /can't have read `__proto__x`/],
  ])('%s', (_, value, says) =>
    refuses([says], ['undo'], (entries) => replacedRaw(entries, '"ingress":"internal"', value)),
  )

  test.each<[string, string]>([
    ['a flag in place of a version', '--secret=OTHER'],
    ['a name in place of a version', 'latest'],
    ['a version of another secret', '1/../../OTHER/versions/1'],
  ])('%s', (_, version) =>
    refuses([/can't have read `version`/], ['undo'], (entries) =>
      replacedRaw(entries, '"version":"2"', `"version":${JSON.stringify(version)}`),
    ),
  )
})

const replacedRaw = (entries: Entry[], from: string, to: string): Entry[] => {
  const text = JSON.stringify(entries)
  expect(text).toContain(from)
  return JSON.parse(text.replaceAll(from, () => to)) as Entry[]
}

test('a log that says its environment is unprotected, or its project another, is refused', async () => {
  const plan = (entries: Entry[], environment: object) =>
    withBody(entries, 'plan.made', (body) => ({
      ...body,
      plan: { ...body.plan, environment: { ...body.plan.environment, ...environment } },
    }))
  await refuses([/environment project: heron-other → heron-live/], ['undo'], (entries) =>
    plan(entries, { project: 'heron-other' }),
  )
  await refuses([/environment protected: true → false/], ['resume'], (entries) =>
    plan(upTo(entries, 'plan.made'), { protected: true }),
  )
})

test('the undo of a log that nobody has touched is done', async () => {
  const undone = await stage.breakglass('undo', 'INC-1', '--yes')
  expect(undone, undone.stderr).toMatchObject({ exit: 0 })
  const last = (await stage.requests()).filter(({ mutating }) => mutating).slice(-2)
  expect(last.map(({ rpc, project }) => [rpc, project])).toEqual([
    ['versions.add', 'heron-live'],
    ['services.replace', 'heron-live'],
  ])
})

test('a new run does not go on from what a log says an earlier one left half done, where the log names another undo', async () => {
  stage.forge('INC-1', 'INC-half', (entries) =>
    withUndo(upTo(entries, 'step.intent'), 'posture/ingress', () => gcloud(['run', 'services', 'delete', 'web'])),
  )
  const changes = async () => (await stage.requests()).filter(({ mutating }) => mutating).length
  const before = await changes()
  const ended = await stage.run('INC-half', ['posture'])
  expect(ended, ended.stdout).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining('These arguments differ: delete'),
  })
  expect(await changes()).toBe(before)
})
