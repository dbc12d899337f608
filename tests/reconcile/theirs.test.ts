import { expect, test, vi } from 'vitest'
import { findGcloud } from '../../engine/gcloud/find.ts'
import type { FaultRule } from '../../engine/sandbox/model/fault.ts'
import type { RequestEntry } from '../../engine/sandbox/model/request-log.ts'
import { isTrue } from '../faults/truth.ts'
import { INCIDENT, type Machine, makeSite, RESUME, RUN, type Site, UNDO } from './machines.ts'

vi.setConfig({ testTimeout: 900_000 })

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ')
const reconcile = ['reconcile', INCIDENT, '--json']
const keysOf = (machine: Machine, status: string) =>
  Object.entries(machine.statuses()).flatMap(([key, is]) => (is === status && !key.includes('@') ? [key] : []))

/** What a request is about: the same for all machines. */
const about = ({ service, rpc, resource }: RequestEntry) => `${service}.${rpc} ${resource}`

/** When each step of a machine's runs was at work. */
function workOf(machine: Machine): { key: string; from: string; to: string }[] {
  const work: { key: string; from: string; to: string }[] = []
  for (const entry of machine.entries()) {
    if (entry.type === 'step.intent') work.push({ key: entry.body.step, from: entry.time, to: '9' })
    if (entry.type === 'step.outcome' || entry.type === 'step.resolved') {
      const last = work.findLast(({ key }) => key === entry.body.step)
      if (last) last.to = entry.time
    }
  }
  return work
}

/** Whether a request can come from a step, by their names. */
const isOf = (key: string, { service, resource }: RequestEntry): boolean =>
  service === 'cloudresourcemanager'
    ? key.includes('role-granted')
    : service === 'iam'
      ? key.includes('account-exists')
      : key.includes(`[${resource}`)

/** Each machine's changed steps are those of which the sandbox committed a call of that machine, and none else. */
async function expectOwnChanges(machine: Machine): Promise<void> {
  const work = workOf(machine)
  const committed = machine.committed().map((request) => ({
    request: about(request),
    steps: work
      .filter(({ key, from, to }) => isOf(key, request) && from <= request.arrived && request.arrived <= to)
      .map(({ key }) => key),
  }))
  expect(committed.filter(({ steps }) => steps.length === 0)).toEqual([])
  const keys = new Set(committed.flatMap(({ steps }) => steps))
  const changed = [...new Set(work.map(({ key }) => key))].filter((key) => machine.statuses()[key] === 'applied')
  expect(new Set(changed)).toEqual(keys)
}

/** Holds each change of a machine back until the other has made the same one, so that it loses every race; tells how many so far. */
function chase(machine: Machine, site: Site, first: Promise<unknown>): () => number {
  let over = false
  void first.then(() => (over = true))
  const sent = new Map<string, number>()
  machine.hold = async ({ method, url }) => {
    const isSame = (each: RequestEntry) => each.committed && each.method === method && each.url === url
    const count = (sent.get(`${method} ${url}`) ?? 0) + 1
    sent.set(`${method} ${url}`, count)
    for (;;) {
      const theirs = site.requests().filter(isSame).length - machine.committed().filter(isSame).length
      if (theirs >= count || over) return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  return () => [...sent.values()].reduce((sum, count) => sum + count, 0)
}

/** All that the runbooks of the incident change, as the sandbox has it. */
async function stateOf(site: Site): Promise<string> {
  const { services, iamPolicy, serviceAccounts } = (await site.state()).projects['jualuma-prod']
  const bindings = (of: { role: string; members: string[] }[]) =>
    of.flatMap(({ role, members }) => members.map((member) => `${role} ${member}`)).sort()
  // biome-ignore lint/suspicious/noExplicitAny: as the sandbox has it
  const seen = Object.entries<any>(services).map(([name, { object, iamPolicy: own }]) => {
    const annotation = (of: string) => String(object.metadata.annotations[`run.googleapis.com/${of}`] ?? 'false')
    return [
      ...[name, annotation('ingress'), annotation('invoker-iam-disabled').toLowerCase(), annotation('iap-enabled')],
      ...[object.spec.template.spec.serviceAccountName, bindings(own.bindings)],
    ]
  })
  return JSON.stringify([seen, bindings(iamPolicy.bindings), Object.keys(serviceAccounts).sort()], null, 1)
}

test('two machines at once: what one lost is not its change, the conflict is in its record, and each undo undoes its own', async () => {
  const site = await makeSite()
  const [a, b] = [await site.machine(), await site.machine()]
  const first = a.breakglass(RUN)
  const held = chase(b, site, first)
  const second = b.breakglass(RUN)
  let over = false
  void second.then(() => (over = true))
  // Not before the other has looked at several things and found them as they were.
  a.hold = async () => {
    while (held() < 3 && !over) await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const [endA, endB] = await Promise.all([first, second])
  expect([endA.exit, endB.exit], `${endA.said}\n${endB.said}`).toEqual([0, 0])
  const theirs = keysOf(b, 'made-by-another')
  expect(theirs.length).toBeGreaterThan(2)
  await expectOwnChanges(a)
  await expectOwnChanges(b)
  expect(oneLine(endB.said)).toContain(`already correct: changed by somebody else during this run: ${theirs.length}`)
  expect(oneLine(endB.said)).toContain(`${theirs.length} already correct: changed by somebody else during this run`)
  expect(b.record()).toContain('## Correct, Not Changed by This Incident')
  expect(b.record().match(/sent by another Breakglass/g)?.length).toBeGreaterThanOrEqual(theirs.length)
  expect(b.record()).toMatch(/gcloud failed: .*(ABORTED|conflict)/)
  // Neither says anything else than the cloud's own log.
  for (const machine of [a, b]) {
    const { exit, said } = await machine.breakglass(reconcile)
    const told = JSON.parse(said.slice(said.indexOf('{')))
    expect(told).toMatchObject({ contradicted: [], notShown: [] })
    expect(exit).toBe(3)
    const own = machine.committed()
    expect(told.ours.filter(({ code }: { code?: number }) => code === undefined)).toHaveLength(own.length)
    const senders = told.others.map(({ mark }: { mark: string }) => mark.slice(0, 'breakglass-'.length + 12))
    expect(new Set(senders)).toHaveProperty('size', 1)
    expect((await machine.breakglass(['audit', 'verify', INCIDENT])).exit).toBe(0)
  }
  // B undoes first: of what A made right nothing moves.
  expect((await b.breakglass(UNDO)).exit).toBe(0)
  const after = await site.state()
  expect(theirs.filter((key) => !isTrue(key, after))).toEqual([])
  for (const key of theirs) expect(Object.keys(b.statuses()).filter((each) => each.startsWith(`${key}@`))).toEqual([])
})

test('three machines at once, as it comes: together they claim what was committed, and nothing twice', async () => {
  const site = await makeSite()
  const machines = await Promise.all([1, 2, 3].map(() => site.machine()))
  const ends = await Promise.all(machines.map((machine) => machine.breakglass(RUN)))
  // What another has half made is no longer as the plan showed it: --yes declines that, and a resume finds it done.
  for (const [index, machine] of machines.entries()) {
    let end = ends[index]
    for (let tries = 0; end?.exit === 4 && tries < 4; tries++) end = await machine.breakglass(RESUME)
    expect(end?.exit, end?.said).toBe(0)
  }
  for (const machine of machines) await expectOwnChanges(machine)
  const all = machines.flatMap((machine) => machine.committed())
  expect(all).toHaveLength(site.requests().filter(({ committed }) => committed).length)
})

const PUT = { service: 'run', method: 'services.replace', resource: 'frontend-app' } as const
const POSTURE = ['run', 'access-posture', ...RUN.slice(4)]

const ACCOUNT = 'cr-backend@jualuma-prod.iam.gserviceaccount.com'
const ROLES = ['aiplatform.user', 'cloudsql.client', 'cloudsql.instanceUser', 'datastore.user'].concat(
  'secretmanager.secretAccessor',
)
const SETS_POLICY = { service: 'cloudresourcemanager', method: 'projects.setIamPolicy' } as const
const CREATES = { service: 'iam', method: 'serviceAccounts.create' } as const
const bind = ROLES.map((role) => ({ role: `roles/${role}`, members: [`serviceAccount:${ACCOUNT}`] }))

test.each<[string, FaultRule, string[], string]>([
  [
    'a service',
    { on: PUT, answer: { concurrentWriter: { ingress: 'all', invokerCheck: false } } },
    POSTURE,
    'access-posture/public-ingress[frontend-app]',
  ],
  ['a policy', { on: SETS_POLICY, answer: { concurrentWriter: { bind } } }, RUN, 'runtime-identity/role-granted'],
  ['an account', { on: CREATES, answer: { concurrentWriter: true } }, RUN, 'runtime-identity/account-exists'],
])(
  'a console edit of %s in between makes it right: theirs, by name, and left by undo',
  async (_, fault, argv, prefix) => {
    const site = await makeSite([fault])
    const a = await site.machine()
    const { exit, said } = await a.breakglass(argv)
    expect(exit, said).toBe(0)
    const [key = ''] = keysOf(a, 'made-by-another')
    expect(key.startsWith(prefix)).toBe(true)
    expect(keysOf(a, 'made-by-another')).toHaveLength(1)
    expect(a.record()).toMatch(/changed by somebody else during this run, by `concurrent-writer@example\.com` at/)
    await expectOwnChanges(a)
    const { said: told } = await a.breakglass(reconcile)
    expect(JSON.parse(told.slice(told.indexOf('{')))).toMatchObject({ contradicted: [], notShown: [] })
    await a.breakglass(UNDO)
    expect(Object.keys(a.statuses()).some((each) => each.startsWith(`${key}@`))).toBe(false)
    expect(isTrue(key, await site.state())).toBe(true)
  },
)

test('the same through the real gcloud, whose requests carry the mark', async () => {
  const gcloud = findGcloud(process.env.PATH)?.path
  expect(gcloud, 'the real gcloud is installed').toBeDefined()
  const site = await makeSite([{ on: PUT, answer: { concurrentWriter: { ingress: 'all', invokerCheck: false } } }])
  const a = await site.machine(gcloud)
  const one = ['--input', 'services=frontend-app', '--input', 'withoutIap=frontend-app']
  const { exit, said } = await a.breakglass([...POSTURE, ...one])
  expect(exit, said).toBe(0)
  expect(keysOf(a, 'made-by-another')).toEqual(['access-posture/public-ingress[frontend-app]'])
  expect(keysOf(a, 'applied')).toEqual(['access-posture/iap-off[frontend-app]'])
  expect(a.committed().length).toBeGreaterThan(0)
  await expectOwnChanges(a)
})

test.each<[string, FaultRule['on'], string]>([
  ['a service', PUT, 'access-posture/public-ingress[frontend-app]'],
  ['a policy', SETS_POLICY, 'runtime-identity/role-granted'],
  ['an account', CREATES, 'runtime-identity/account-exists[cr-backend]'],
])('a conflict that is the echo of our own lost reply, on %s: ours, counted and undone', async (_, on, key) => {
  const site = await makeSite([{ on, answer: { drop: 'after' } }])
  const a = await site.machine()
  const before = await stateOf(site)
  const { exit, said } = await a.breakglass(RUN)
  expect(exit, said).toBe(0)
  const outcome = a.entries().find((each) => each.type === 'step.outcome' && each.body.step.startsWith(key))
  expect(outcome?.body).toMatchObject({
    verdict: 'applied',
    maker: { by: 'us', call: { mark: expect.stringMatching(/^breakglass-[0-9a-f]{12}-[0-9a-f]{8}$/) } },
    evidence: { failure: { cause: 'conflict' } },
  })
  expect(keysOf(a, 'made-by-another')).toEqual([])
  await expectOwnChanges(a)
  const undo = await a.breakglass(UNDO)
  expect(undo.exit, undo.said).toBe(0)
  expect(await stateOf(site)).toBe(before)
})

test('logs that may not be read: by whom is not known, not counted, and --yes leaves it to a person', async () => {
  const site = await makeSite([
    { on: PUT, answer: { concurrentWriter: { ingress: 'all', invokerCheck: false } } },
    { on: { service: 'logging', method: 'entries.list', calls: 'every' }, answer: { status: 403 } },
  ])
  const a = await site.machine()
  const { exit, said } = await a.breakglass(POSTURE)
  expect(exit, said).toBe(0)
  const key = 'access-posture/public-ingress[frontend-app]'
  expect(a.statuses()[key]).toBe('made-by-unknown')
  expect(oneLine(said)).toContain('correct after a conflict, changed by an unknown writer: 1')
  expect(a.record()).toMatch(/changed by an unknown writer: cannot read the Cloud Audit Logs of jualuma-prod/)
  const undo = await a.breakglass(UNDO)
  expect(undo.exit, undo.said).toBe(3)
  const { metadata } = (await site.state()).projects['jualuma-prod'].services['frontend-app'].object
  expect(metadata.annotations['run.googleapis.com/ingress']).toBe('all')
})

test('a conflict on the undo itself: undone by somebody else, and the record says by whom', async () => {
  const site = await makeSite()
  const a = await site.machine()
  expect((await a.breakglass(POSTURE)).exit).toBe(0)
  const key = 'access-posture/public-ingress[frontend-app]'
  const service =
    'http://us-central1-run.sandbox/apis/serving.knative.dev/v1/namespaces/jualuma-prod/services/frontend-app'
  let edited = false
  a.hold = async ({ method, url }) => {
    if (edited || method !== 'PUT' || !/\/frontend-app(\?|$)/.test(url)) return
    const before = a.entries().find((each) => each.type === 'step.intent' && each.body.step === key)
    if (
      before?.type !== 'step.intent' ||
      !a.entries().some((each) => each.type === 'step.intent' && each.body.step.startsWith(`${key}@`))
    )
      return
    edited = true
    const { ingress, invokerCheck } = (
      before.body.before as unknown as { value: { ingress: string; invokerCheck: boolean } }
    ).value
    // biome-ignore lint/suspicious/noExplicitAny: as it is served
    const object = (await site.console('GET', service)) as any
    object.metadata.annotations['run.googleapis.com/ingress'] = ingress
    object.metadata.annotations['run.googleapis.com/invoker-iam-disabled'] = String(!invokerCheck)
    await site.console('PUT', service, object)
  }
  const undo = await a.breakglass(UNDO)
  expect(undo.exit, undo.said).toBe(0)
  expect(edited).toBe(true)
  const back = Object.keys(a.statuses()).find((each) => each.startsWith(`${key}@`)) ?? ''
  expect(a.statuses()[back]).toBe('made-by-another')
  expect(a.record()).toMatch(/\(by `?sandbox-operator@example\.com`?, who is not the operator at/)
  expect((await a.breakglass(UNDO)).said).toContain('Nothing is left to undo.')
})

test.each([
  ['before its request', 'arriving'],
  ['after its request', 'answered'],
] as const)('cut off %s: resume says whose the change is, and undo keeps to that', async (_, where) => {
  const site = await makeSite()
  const [a, b] = [await site.machine(), await site.machine()]
  const isOurs = ({ method, url }: { method: string; url: string }) =>
    method === 'PUT' && /\/frontend-app(\?|$)/.test(url)
  const untouched = await stateOf(site)
  b.hold = async (asked) => {
    if (where !== 'arriving' || !isOurs(asked)) return
    b.kill()
    await new Promise(() => {})
  }
  b.answered = (asked) => {
    if (where === 'answered' && isOurs(asked)) b.kill()
  }
  expect((await b.breakglass(POSTURE)).exit).toBe(null)
  b.hold = () => undefined
  b.answered = () => {}
  await site.settle()
  const other = await a.breakglass(POSTURE)
  expect(other.exit, other.said).toBe(0)
  const { exit, said } = await b.breakglass(RESUME)
  expect(exit, said).toBe(0)
  const key = 'access-posture/public-ingress[frontend-app]'
  const theirs = where === 'arriving'
  expect(b.statuses()[key]).toBe(theirs ? 'made-by-another' : 'applied')
  expect(a.statuses()[key]).toBe(theirs ? 'applied' : 'conformant')
  await expectOwnChanges(b)
  // Both undo, each its own: together that is all.
  for (const machine of [b, a]) {
    const undo = await machine.breakglass(UNDO)
    expect(undo.exit, undo.said).toBe(0)
  }
  expect(await stateOf(site)).toBe(untouched)
})

test('an undo of what never arrived leaves what somebody else has made right meanwhile', async () => {
  const site = await makeSite()
  const [a, b] = [await site.machine(), await site.machine()]
  b.hold = async ({ method, url }) => {
    if (method !== 'PUT' || !/\/frontend-app(\?|$)/.test(url)) return
    b.kill()
    await new Promise(() => {})
  }
  expect((await b.breakglass(POSTURE)).exit).toBe(null)
  b.hold = () => undefined
  await site.settle()
  expect((await a.breakglass(POSTURE)).exit).toBe(0)
  const undo = await b.breakglass([...UNDO, '--take-over'])
  expect(undo.exit, undo.said).toBe(0)
  const key = 'access-posture/public-ingress[frontend-app]'
  expect(b.statuses()[key]).toBe('made-by-another')
  expect(Object.keys(b.statuses()).filter((each) => each.startsWith(`${key}@`))).toEqual([])
  expect(isTrue(key, await site.state())).toBe(true)
})
