import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { classifyChanges } from '../../engine/reconcile/classify-changes.ts'
import { readEntry } from '../../engine/reconcile/cloud-change.ts'
import { effectOf, resourceRead } from '../../engine/reconcile/effect.ts'
import type { Intent } from '../../engine/reconcile/intents.ts'
import { filterFor, isEarly, windowOf } from '../../engine/reconcile/window.ts'
import { toRecord } from '../../engine/record/markdown.ts'
import { modelOf } from '../../engine/record/model.ts'
import type { Recorded } from '../../engine/run/model/recorded.ts'
import type { RunState } from '../../engine/run/model/run-state.ts'
import { type Resource, resourceOf } from '../../engine/steps/resource.ts'
import schema from '../../schemas/audit-entry.schema.json' with { type: 'json' }
import { modelCloud, runModel } from '../samples/model-world.ts'

const base = Date.parse('2026-02-27T03:00:00Z')
const at = (seconds: number) => new Date(base + seconds * 1000).toISOString()

type Told = {
  service: string
  method: string
  resource: string
  principal?: string
  at?: number
  code?: number
  labels?: Record<string, string>
  /** The user agent, where the log names one. */
  client?: string
}

/** An entry of the form that Cloud Audit Logs have, at so many seconds. */
const logged = ({
  service,
  method,
  resource,
  principal = 'ada@example.com',
  at: when = 10,
  code,
  labels = {},
  client,
}: Told) => {
  const entry = {
    insertId: 'abc123def456',
    timestamp: at(when).replace('000Z', '123456Z'),
    resource: { type: 'some_resource', labels },
    protoPayload: {
      serviceName: `${service}.googleapis.com`,
      methodName: method,
      resourceName: resource,
      authenticationInfo: { principalEmail: principal },
      ...(client === undefined ? {} : { requestMetadata: { callerSuppliedUserAgent: client } }),
      request: { value: 'never taken' },
      status: code === undefined ? {} : { code, message: 'never taken' },
    },
  }
  const read = readEntry(entry, 'p-live')
  if (!read) throw new Error('not an entry')
  return read
}

const replaced = (more: Partial<Told> = {}) =>
  logged({
    service: 'run',
    method: 'google.cloud.run.v1.Services.ReplaceService',
    resource: 'namespaces/p-live/services/web',
    labels: { location: 'us-central1' },
    ...more,
  })

const web: Resource = { kind: 'service', project: 'p-live', name: 'web', region: 'us-central1' }
const update = ['ReplaceService', 'UpdateService', 'SetIamPolicy']
const intent = (more: Partial<Intent> = {}): Intent => ({
  ...{
    entry: 7,
    effects: [{ resource: web, methods: update }],
    account: 'ada@example.com',
    from: base,
    to: base + 20_000,
  },
  ...more,
})

describe('what is ours', () => {
  test('every call of a command: one command may make several', () => {
    const policy = replaced({
      method: 'google.cloud.run.v1.Services.SetIamPolicy',
      resource: 'projects/p-live/locations/us-central1/services/web',
    })
    const { ours, others, notShown } = classifyChanges([replaced(), policy], [intent()], [web])
    expect(ours.map(({ intent: entry }) => entry)).toEqual([7, 7])
    expect({ others, notShown }).toEqual({ others: [], notShown: [] })
  })

  test.each<[string, Partial<Told>]>([
    ['another account', { principal: 'bo@example.com' }],
    ['another method', { method: 'google.cloud.run.v1.Services.DeleteService' }],
    ['long before', { at: -61 }],
    ['long after', { at: 81 }],
  ])('not what is of %s: it is told, and the intent is not shown', (_, more) => {
    const { ours, others, notShown } = classifyChanges([replaced(more)], [intent()], [web])
    expect([ours.length, others.length, notShown]).toEqual([0, 1, [7]])
  })

  test.each<[string, Partial<Told>]>([
    ['another service', { resource: 'namespaces/p-live/services/web-2' }],
    ['the same name in another region', { labels: { location: 'europe-west4' } }],
    ['another kind of thing of that name', { service: 'secretmanager', resource: 'projects/1/secrets/web' }],
  ])('not ours to tell of: %s', (_, more) => {
    expect(classifyChanges([replaced(more)], [intent()], [web])).toMatchObject({ ours: [], others: [], notShown: [7] })
  })

  test('clocks may be a minute apart, and an account is not told by its capitals', () => {
    const early = replaced({ at: -59, principal: 'Ada@Example.com' })
    expect(classifyChanges([early], [intent()], [web]).ours).toHaveLength(1)
  })

  test('of two intents the one at whose time it was', () => {
    const [first, second] = [intent(), intent({ entry: 9, from: base + 30_000, to: base + 40_000 })]
    expect(classifyChanges([replaced({ at: 32 })], [first, second], [web])).toMatchObject({
      ours: [{ intent: 9 }],
      notShown: [7],
    })
  })

  test('what a person does by hand: by whatever method, in their browser', () => {
    const byHand = intent({ effects: [{ resource: web }] })
    const made = replaced({
      method: 'google.cloud.run.v2.Services.UpdateService',
      resource: 'projects/p-live/locations/us-central1/services/web',
    })
    expect(classifyChanges([made], [byHand], [web]).ours).toHaveLength(1)
    expect(classifyChanges([], [intent({ effects: [] })], [])).toMatchObject({ notShown: [], notLookedFor: [7] })
  })

  test('a command whose end nobody knows may still be at work', () => {
    const { to: _, ...open } = intent()
    expect(classifyChanges([replaced({ at: 3600 })], [open], [web]).ours).toHaveLength(1)
  })
})

describe('where several machines use one account', () => {
  const sent = (mark: string) =>
    `gcloud/528.0.0 command/gcloud.run.services.update environment/${mark} from-script/True,gzip(gfe)`
  const [ours, theirs] = ['breakglass-0123456789ab', 'breakglass-ba9876543210']
  const marked = (more: Partial<Intent> = {}) => intent({ mark: ours, step: 'run-1 s', ...more })

  test('the mark says which machine sent a call, whatever the account and the time', () => {
    const calls = [replaced({ client: sent(theirs) }), replaced({ client: sent(ours), principal: 'runner@p.iam' })]
    const found = classifyChanges(calls, [marked()], [web])
    expect(found.ours).toMatchObject([{ mark: ours }])
    expect(found.others).toMatchObject([{ mark: theirs }])
    expect(found).toMatchObject({ notShown: [], contradicted: [] })
  })

  test.each([
    ['a browser', 'Mozilla/5.0 (X11)'],
    ['a gcloud by hand', 'gcloud/528.0.0 command/gcloud.run.services.update environment/None'],
    ['a mark that only looks like one', `gcloud/528.0.0 environment/x-${ours}`],
    ['a mark that goes on', `gcloud/528.0.0 environment/${ours}ff`],
    ['another step of ours', `gcloud/528.0.0 environment/${ours}-89abcdef`],
  ])('%s under the same account is somebody else', (_, client) => {
    expect(classifyChanges([replaced({ client })], [marked()], [web])).toMatchObject({
      ours: [],
      others: [{}],
      notShown: [7],
    })
  })

  test('where the log names no client, the account decides, and what was committed is not of a try that committed nothing', () => {
    expect(classifyChanges([replaced()], [marked()], [web]).ours).toHaveLength(1)
    const lost = marked({ verdict: 'made-by-another' })
    const found = classifyChanges([replaced(), replaced({ code: 10 })], [lost], [web])
    expect(found.ours).toMatchObject([{ code: 10 }])
    expect(found).toMatchObject({ others: [{}], contradicted: [], notShown: [] })
  })

  test('what another Breakglass sent is not what a person did by hand, nor of a log of an earlier version', () => {
    expect(classifyChanges([replaced({ client: sent(theirs) })], [intent()], [web])).toMatchObject({
      ours: [],
      others: [{}],
    })
  })

  test('changed, and the cloud committed no call of ours: reported, by all tries of the step', () => {
    const refused = replaced({ client: sent(ours), code: 10 })
    expect(classifyChanges([refused], [marked({ verdict: 'applied' })], [web])).toMatchObject({
      contradicted: [7],
      notShown: [],
    })
    const tries = [marked({ verdict: 'not-applied' }), marked({ entry: 9, verdict: 'applied', from: base + 30_000 })]
    const both = [replaced({ client: sent(ours) }), replaced({ client: sent(ours), code: 10, at: 40 })]
    expect(classifyChanges(both, tries, [web]).contradicted).toEqual([])
  })

  test.each(['made-by-another', 'not-applied'] as const)(
    '%s, and the cloud committed a call of ours: reported',
    (verdict) => {
      expect(classifyChanges([replaced({ client: sent(ours) })], [marked({ verdict })], [web]).contradicted).toEqual([
        7,
      ])
    },
  )
})

test("somebody else's call that was refused has changed nothing", () => {
  const refused = replaced({ principal: 'bo@example.com', code: 7 })
  expect(classifyChanges([refused], [], [web])).toMatchObject({ ours: [], others: [] })
  expect(classifyChanges([replaced({ code: 10 })], [intent()], [web]).ours).toMatchObject([{ code: 10 }])
})

test('of an entry nothing is taken but who changed what, when and how', () => {
  expect(JSON.stringify(replaced({ code: 9 }))).not.toContain('never taken')
  expect(replaced({ code: 9 }).change).toEqual({
    id: 'abc123def456',
    at: '2026-02-27T03:00:10.123Z',
    project: 'p-live',
    service: 'run.googleapis.com',
    method: 'google.cloud.run.v1.Services.ReplaceService',
    resource: 'namespaces/p-live/services/web',
    principal: 'ada@example.com',
    code: 9,
  })
  for (const none of [
    null,
    [],
    'text',
    {},
    { timestamp: 'never', protoPayload: { methodName: 'x' } },
    { timestamp: at(0) },
  ])
    expect(readEntry(none, 'p')).toBeUndefined()
})

test.each<[string, Resource]>([
  ['run services update web --region us-central1 --ingress=all', web],
  ['beta run services update --region us-central1 web --no-iap', web],
  ['run services describe web --region=us-central1', web],
  ['secrets versions add KEY --data-file=-', { kind: 'secret', project: 'p-live', name: 'KEY' }],
  ['secrets versions disable 3 --secret=KEY', { kind: 'secret', project: 'p-live', name: 'KEY' }],
  ['projects add-iam-policy-binding p-live --member=user:a@b.c --role=r', { kind: 'policy', project: 'p-live' }],
  [
    'iam service-accounts create runner',
    { kind: 'account', project: 'p-live', email: 'runner@p-live.iam.gserviceaccount.com' },
  ],
  [
    'iam service-accounts delete r@p-live.iam.gserviceaccount.com',
    { kind: 'account', project: 'p-live', email: 'r@p-live.iam.gserviceaccount.com' },
  ],
  ['services enable run.googleapis.com', { kind: 'api', project: 'p-live', name: 'run.googleapis.com' }],
  ['sql instances patch ledger --tier=db-f1-micro', { kind: 'unknown', project: 'p-live', words: ['ledger'] }],
])('%s is about what audit logs name so', (command, resource) => {
  expect(resourceOf({ argv: command.split(' '), project: 'p-live' })).toEqual(resource)
})

test("a plan's target is what its read was about, one of a list by its own name", () => {
  const marks = {}
  expect(resourceRead({ read: 'run services describe web --region us-central1', project: 'p-live', marks })).toEqual(
    web,
  )
  expect(resourceRead({ read: 'run services list --region us-central1: web', project: 'p-live', marks })).toEqual(web)
})

test('names of things may be those of collections', () => {
  const resource: Resource = { kind: 'secret', project: 'p-live', name: 'secrets' }
  const added = logged({
    ...{ service: 'secretmanager', method: 'AddSecretVersion' },
    ...{ resource: 'projects/secrets/secrets/secrets/versions/1', principal: 'bo@example.com' },
  })
  expect(classifyChanges([added], [], [resource]).others).toHaveLength(1)
  expect(classifyChanges([added], [], [{ ...resource, name: 'versions' }]).others).toHaveLength(0)
})

test('of a command that names nothing there is nothing to look for', () => {
  const command = { argv: ['sql', 'instances', 'patch', '--region', 'us-central1'], project: 'p-live' }
  expect(effectOf({ kind: 'gcloud', command })).toBeUndefined()
})

test('a change of a thing that no table knows is found by its name', () => {
  const resource = resourceOf({ argv: ['sql', 'instances', 'patch', 'ledger'], project: 'p-live' })
  const patched = logged({
    service: 'cloudsql',
    method: 'cloudsql.instances.update',
    resource: 'projects/p-live/instances/ledger',
    principal: 'bo@example.com',
  })
  expect(classifyChanges([patched], [], [resource]).others).toHaveLength(1)
})

test('an account that is made is found by the label of its entry', () => {
  const command = { argv: ['iam', 'service-accounts', 'create', 'runner'], project: 'p-live' }
  const effect = effectOf({ kind: 'gcloud', command })
  const made = logged({
    service: 'iam',
    method: 'google.iam.admin.v1.CreateServiceAccount',
    resource: 'projects/p-live',
    labels: { email_id: 'runner@p-live.iam.gserviceaccount.com' },
  })
  expect(classifyChanges([made], [intent({ effects: effect ? [effect] : [] })], []).ours).toHaveLength(1)
})

describe('the window', () => {
  const run = (openedAt: number, closed?: number) =>
    ({ openedAt: at(openedAt), ...(closed === undefined ? {} : { closed: { time: at(closed) } }) }) as RunState

  test('is all runs with five minutes on both sides, and of a run that has not ended until now', () => {
    expect(windowOf([run(0, 60), run(600, 900)], new Date(base + 9e6))).toEqual({
      from: new Date(at(-300)),
      to: new Date(at(1200)),
    })
    expect(windowOf([run(0)], new Date(at(3600))).to).toEqual(new Date(at(3900)))
  })

  test('may be too fresh for all entries to be there', () => {
    const window = windowOf([run(0, 60)], new Date(at(70)))
    expect([isEarly(window, new Date(at(70))), isEarly(window, new Date(at(661)))]).toEqual([true, false])
  })

  test('asks for Admin Activity alone', () => {
    expect(filterFor('p-live', windowOf([run(0, 60)], new Date()))).toBe(
      'logName="projects/p-live/logs/cloudaudit.googleapis.com%2Factivity" AND timestamp>="2026-02-27T02:55:00.000Z" AND timestamp<="2026-02-27T03:06:00.000Z"',
    )
  })
})

const validate = new Ajv2020({ strict: true, strictRequired: false }).compile(schema)

test('texts from an audit log change nothing in the form of the record', async () => {
  const hostile =
    '`](javascript:x)\n\n## Consent and Approvals\n\n- <script>alert(1)</script> \u001b[31m\u202e <!-- log 999 --> *all*'
  const other = replaced({ principal: hostile, resource: `namespaces/p-live/services/web`, method: hostile }).change
  const entries = (await runModel(['a'], { cloud: modelCloud({ a: {} }) })).entries
  const last = entries.at(-1)
  const event = {
    ...{ seq: (last?.seq ?? 0) + 1, time: at(0), run: last?.run ?? '', type: 'cloud.reconciled' as const },
    body: {
      ...{ by: hostile, from: at(0), to: at(9), read: [{ project: 'p-live', entries: 1 }] },
      ...{ ours: [], others: [{ ...other, id: hostile }], notShown: [], notLookedFor: [] },
    },
  } satisfies Recorded
  expect(validate({ prev: '0'.repeat(64), ...event }), JSON.stringify(validate.errors)).toBe(true)
  const plain = toRecord(modelOf(entries), { size: 1, hash: 'h' })
  const record = toRecord(modelOf([...entries, event]), { size: 1, hash: 'h' })
  const headings = (text: string) => text.split('\n').filter((line) => line.startsWith('#'))
  expect(headings(record).filter((line) => line !== '## Out-of-Band Changes')).toEqual(headings(plain))
  for (const sign of ['\u001b', '\u202e']) expect(record).not.toContain(sign)
  const unescaped = record.replaceAll(/`[^`]*`/g, '').match(/(?<!\\)<(script|!-- log 999 -->)/g)
  expect(unescaped).toBeNull()
})
