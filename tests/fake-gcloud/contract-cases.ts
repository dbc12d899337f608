import type { Fault, FaultRule } from '../../engine/sandbox/model/fault.ts'
import type { ScenarioService } from '../../engine/sandbox/model/scenario.ts'
import { scenarioWith } from '../sandbox/proxy-client.ts'

/** One command to compare: its argv (`text` is a last argument with spaces), and its project and stdin if not the default ones. */
export type Case = { command: string; text?: string; project?: string; stdin?: Uint8Array }

/** Commands that run in sequence in one pair of sandboxes. */
export type Family = { name: string; cases: Case[] }

const inRegion = '--region=us-central1'
const runner = 'runner@acme-prod.iam.gserviceaccount.com'
const nobody = 'nobody@acme-prod.iam.gserviceaccount.com'
const fresh = 'cr-fresh@acme-prod.iam.gserviceaccount.com'

const drifted: ScenarioService = {
  region: 'us-central1',
  ingress: 'internal',
  iap: true,
  env: { A: 'b' },
  annotations: { 'run.googleapis.com/binary-authorization-breakglass': 'once' },
}

const faults: FaultRule[] = [
  { on: { service: 'run', method: 'services.get', resource: 'forbidden', calls: 'every' }, answer: { status: 403 } },
  { on: { service: 'run', method: 'services.setIamPolicy', resource: 'denied' }, answer: { status: 403 } },
  { on: { service: 'run', method: 'services.replace', resource: 'raced' }, answer: { concurrentWriter: true } },
  { on: { service: 'run', method: 'services.replace', resource: 'broken' }, answer: { readyFalse: 'Bad container.' } },
  { on: { service: 'run', method: 'services.replace', resource: 'lost' }, answer: { drop: 'after' } },
  {
    on: { service: 'secretmanager', method: 'versions.access', resource: 'locked', calls: 'every' },
    answer: { status: 403 },
  },
  {
    on: { service: 'secretmanager', method: 'versions.add', resource: 'locked', calls: 'every' },
    answer: { status: 403 },
  },
  { on: { service: 'secretmanager', method: 'versions.add', resource: 'lossy' }, answer: { drop: 'after' } },
  {
    on: { service: 'cloudresourcemanager', method: 'projects.setIamPolicy', resource: 'acme-raced' },
    answer: { concurrentWriter: true },
  },
  { on: { service: 'logging', method: 'entries.list', calls: [3] }, answer: { status: 403 } },
]

/** Faults in the services, secrets and projects of the families that test failures. */
const onTheWay: FaultRule[] = [
  ...Object.entries<Fault>({
    'put-denied': { status: 403 },
    'put-busy': { status: 429, retryAfter: '2s' },
    'put-once-503': { status: 503 },
    'put-lost-503': { status: 503, applied: true },
    'put-policy': { orgPolicy: 'constraints/run.allowedIngress' },
    'put-no-api': { apiDisabled: true },
    'put-portal': { html: 200 },
    'put-cut': { truncate: true },
    'put-401': { status: 401 },
  }).map(([resource, answer]) => ({
    on: { service: 'run' as const, method: 'services.replace' as const, resource },
    answer,
  })),
  ...Object.entries<Fault>({
    'read-401': { status: 401 },
    'read-401-always': { status: 401 },
    'read-429': { status: 429, retryAfter: '2s' },
    'read-500': { status: 500 },
    'read-no-api': { apiDisabled: true },
    'read-403': { status: 403 },
  }).map(([resource, answer]) => ({
    on: {
      service: 'secretmanager' as const,
      method: 'versions.list' as const,
      resource,
      ...(resource.endsWith('always') ? { calls: 'every' as const } : {}),
    },
    answer,
  })),
  {
    on: { service: 'secretmanager', method: 'versions.add', resource: 'lost-503' },
    answer: { status: 503, applied: true },
  },
  { on: { service: 'secretmanager', method: 'versions.add', resource: 'busy' }, answer: { status: 429 } },
  {
    on: { service: 'cloudresourcemanager', method: 'projects.setIamPolicy', project: 'acme-trouble', calls: [1] },
    answer: { status: 403 },
  },
  {
    on: { service: 'cloudresourcemanager', method: 'projects.setIamPolicy', project: 'acme-trouble', calls: [2] },
    answer: { drop: 'after' },
  },
  {
    on: { service: 'cloudresourcemanager', method: 'projects.setIamPolicy', project: 'acme-trouble', calls: [4] },
    answer: { orgPolicy: 'constraints/iam.allowedPolicyMemberDomains' },
  },
  { on: { service: 'iam', method: 'serviceAccounts.create', project: 'acme-trouble' }, answer: { drop: 'after' } },
  {
    on: { service: 'iam', method: 'serviceAccounts.create', project: 'acme-trouble', calls: [3] },
    answer: { orgPolicy: 'constraints/iam.disableServiceAccountCreation' },
  },
  {
    on: { service: 'iam', method: 'serviceAccounts.create', project: 'acme-trouble', calls: [4] },
    answer: { status: 403 },
  },
  {
    on: { service: 'iam', method: 'serviceAccounts.create', project: 'acme-trouble', calls: [5] },
    answer: { newAccount: { visibleAfter: '1h' } },
  },
]

const resourcesOf = (service: string): string[] =>
  onTheWay.flatMap(({ on }) => (on.service === service && on.resource !== undefined ? [on.resource] : []))

const conditional = {
  role: 'roles/viewer',
  members: ['user:a@example.com'],
  condition: { title: 'always', expression: 'true' },
}

/** The initial state of all families: one project with everything, one without APIs, one whose policy has conditions and conflicts. */
export function contractScenario() {
  const scenario = scenarioWith(
    {
      services: Object.fromEntries(
        ['web', 'forbidden', 'denied', 'raced', 'broken', 'lost', ...resourcesOf('run')].map((name) => [name, drifted]),
      ),
      secrets: {
        'api-key': {
          versions: [
            { text: 'one' },
            { text: 'two', state: 'disabled' },
            { base64: 'AP+AgQ==' },
            { text: '' },
            { text: 'with a newline\n' },
          ],
        },
        locked: { versions: [{ text: 'x' }] },
        lossy: { versions: [{ text: 'x' }] },
        none: { versions: [] },
        ...Object.fromEntries(resourcesOf('secretmanager').map((name) => [name, { versions: [{ text: 'x' }] }])),
      },
    },
    [...faults, ...onTheWay],
  )
  scenario.projects['acme-bare'] = { number: '100000000002', apis: [] }
  scenario.projects['acme-raced'] = { number: '100000000003', iamBindings: [conditional] }
  scenario.projects['acme-trouble'] = { number: '100000000004' }
  return scenario
}

const runReads: Case[] = [
  { command: 'run services describe web --region us-central1' },
  { command: `run services describe nothing ${inRegion}` },
  { command: `run services describe forbidden ${inRegion}` },
  { command: `run services describe web ${inRegion}`, project: 'acme-bare' },
  { command: `run services describe ${inRegion}` },
  { command: `run services list ${inRegion}` },
  { command: `run services get-iam-policy web ${inRegion}` },
  { command: `run revisions list ${inRegion}` },
  { command: `run revisions list --service=web ${inRegion}` },
  { command: `run services get-iam-policy nothing ${inRegion}` },
]

const runWrites: Case[] = [
  { command: `run services update web ${inRegion} --ingress=all --no-invoker-iam-check` },
  { command: `run services update web ${inRegion} --ingress=all --no-invoker-iam-check` },
  { command: `run services update web ${inRegion} --ingress internal --invoker-iam-check` },
  { command: `run services update web ${inRegion} --service-account=${runner}` },
  { command: `run services update web ${inRegion} --service-account=${nobody}` },
  { command: `run services update web ${inRegion}` },
  { command: `run services update web ${inRegion} --ingress=everything` },
  { command: `run services update web ${inRegion} --no-iap` },
  { command: `run services update nothing ${inRegion} --ingress=all` },
]

const runTroubles: Case[] = [
  { command: `run services update raced ${inRegion} --ingress=all` },
  { command: `run services update broken ${inRegion} --ingress=all` },
  { command: `run services update lost ${inRegion} --ingress=all` },
  { command: `beta run services update web ${inRegion} --no-iap` },
  { command: `beta run services update web ${inRegion} --iap` },
  { command: `beta run services update denied ${inRegion} --no-iap` },
]

const secretReads: Case[] = [
  { command: 'secrets list' },
  { command: 'secrets list', project: 'acme-bare' },
  { command: 'secrets describe api-key' },
  { command: 'secrets describe nothing' },
  { command: 'secrets versions list api-key' },
  { command: 'secrets versions list none' },
  { command: 'secrets versions access 1 --secret=api-key' },
  { command: 'secrets versions access 2 --secret=api-key' },
  { command: 'secrets versions access 3 --secret api-key' },
  { command: 'secrets versions access 4 --secret=api-key' },
  { command: 'secrets versions access 99 --secret=api-key' },
  { command: 'secrets versions access 1 --secret=locked' },
]

const secretWrites: Case[] = [
  { command: 'secrets versions add api-key --data-file=-', stdin: Uint8Array.of(0, 255, 128, 10) },
  { command: 'secrets versions add api-key --data-file=-', stdin: Uint8Array.of() },
  { command: 'secrets versions add nothing --data-file=-', stdin: Uint8Array.of(120) },
  { command: 'secrets versions add locked --data-file=-', stdin: Uint8Array.of(120) },
  { command: 'secrets versions add lossy --data-file=-', stdin: Uint8Array.of(120, 10) },
  { command: 'secrets versions add api-key --data-file=-', stdin: new Uint8Array(65_537) },
]

const bind = (verb: 'add' | 'remove', project: string, member: string) =>
  `projects ${verb}-iam-policy-binding ${project} --member=${member} --role=roles/viewer`

const projects: Case[] = [
  { command: 'projects describe acme-prod' },
  { command: 'projects describe acme-elsewhere' },
  { command: 'projects get-iam-policy acme-raced' },
  { command: `${bind('add', 'acme-prod', `serviceAccount:${runner}`)} --condition=None` },
  { command: `${bind('add', 'acme-prod', `serviceAccount:${nobody}`)} --condition=None` },
  { command: bind('add', 'acme-raced', 'user:b@example.com') },
  { command: `${bind('add', 'acme-raced', 'user:b@example.com')} --condition=None` },
  { command: `${bind('remove', 'acme-prod', `serviceAccount:${runner}`)} --condition=None` },
  { command: `${bind('remove', 'acme-raced', 'user:a@example.com')} --condition=None` },
  { command: 'projects add-iam-policy-binding acme-prod --member=user:b@example.com' },
]

const accounts: Case[] = [
  { command: `iam service-accounts describe ${nobody}` },
  { command: 'iam service-accounts create cr-fresh --display-name=Fresh' },
  { command: 'iam service-accounts create cr-fresh' },
  { command: `iam service-accounts describe ${fresh}` },
  { command: `iam service-accounts keys list --iam-account=${runner} --managed-by=user` },
  { command: 'iam service-accounts list' },
  { command: `iam service-accounts delete ${fresh}` },
  { command: 'services list --enabled' },
  { command: 'services list --enabled', project: 'acme-bare' },
]

const writesOnTheWay: Case[] = resourcesOf('run').map((name) => ({
  command: `run services update ${name} ${inRegion} --ingress=all`,
}))

const readsOnTheWay: Case[] = [
  ...resourcesOf('secretmanager')
    .filter((name) => name.startsWith('read-'))
    .map((name) => ({ command: `secrets versions list ${name}` })),
  { command: 'secrets versions add lost-503 --data-file=-', stdin: Uint8Array.of(120) },
  { command: 'secrets versions add busy --data-file=-', stdin: Uint8Array.of(120) },
]

const trouble = 'acme-trouble'
const accountsOnTheWay: Case[] = [
  { command: `${bind('add', trouble, 'user:a@example.com')} --condition=None` },
  { command: `${bind('add', trouble, 'user:b@example.com')} --condition=None` },
  { command: `${bind('add', trouble, 'user:c@example.com')} --condition=None` },
  { command: 'iam service-accounts create cr-lost', project: trouble },
  { command: 'iam service-accounts create cr-policy', project: trouble },
  { command: 'iam service-accounts create cr-denied', project: trouble },
  { command: 'iam service-accounts create cr-late', project: trouble },
  { command: `iam service-accounts describe cr-late@${trouble}.iam.gserviceaccount.com`, project: trouble },
  {
    command: `${bind('add', trouble, `serviceAccount:cr-late@${trouble}.iam.gserviceaccount.com`)} --condition=None`,
  },
]

const activity = 'logName="projects/acme-prod/logs/cloudaudit.googleapis.com%2Factivity"'

/** Enough changes for two pages of entries, with a concurrent writer's and lost ones among them; the read after these is refused. */
const auditLogs: Case[] = [
  { command: `run services update raced ${inRegion} --ingress=all` },
  { command: `beta run services update lost ${inRegion} --ingress=all --no-iap` },
  {
    command: 'logging read --order=asc',
    text: `${activity} AND timestamp>="2026-03-01T11:59:00Z" AND timestamp<="2026-03-01T12:01:00Z"`,
  },
  { command: 'logging read --order=asc', text: `${activity} AND timestamp<="2026-03-01T11:00:00Z"` },
]

/** Every command of the shipped runbooks, in success and in failure. */
export const families: Family[] = [
  { name: 'Cloud Run, reading', cases: runReads },
  { name: 'Cloud Run, writing', cases: runWrites },
  { name: 'Cloud Run, in trouble', cases: runTroubles },
  { name: 'secrets, reading', cases: secretReads },
  { name: 'secrets, writing', cases: secretWrites },
  { name: 'projects', cases: projects },
  { name: 'service accounts and APIs', cases: accounts },
  { name: 'services, with faults on the way', cases: writesOnTheWay },
  { name: 'secrets, with faults on the way', cases: readsOnTheWay },
  { name: 'policies and accounts, with faults on the way', cases: accountsOnTheWay },
  { name: 'audit logs', cases: auditLogs },
]
