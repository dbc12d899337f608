import type { FaultRule } from '../../engine/sandbox/fault.ts'
import type { ScenarioService } from '../../engine/sandbox/scenario.ts'
import { scenarioWith } from '../sandbox/proxy-client.ts'

/** One command to compare: its argv, and where they aren't the usual ones its project and what is piped in. */
export type Case = { command: string; project?: string; stdin?: Uint8Array }

/** Commands that follow one another in one pair of sandboxes. */
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
]

const conditional = {
  role: 'roles/viewer',
  members: ['user:a@example.com'],
  condition: { title: 'always', expression: 'true' },
}

/** What all families start with: one project with everything, one without APIs, one whose policy is contended and conditional. */
export function contractScenario() {
  const scenario = scenarioWith(
    {
      services: Object.fromEntries(
        ['web', 'forbidden', 'denied', 'raced', 'broken', 'lost'].map((name) => [name, drifted]),
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
      },
    },
    faults,
  )
  scenario.projects['acme-bare'] = { number: '100000000002', apis: [] }
  scenario.projects['acme-raced'] = { number: '100000000003', iamBindings: [conditional] }
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

/** Every command of the shipped runbooks, when it succeeds and when it doesn't. */
export const families: Family[] = [
  { name: 'Cloud Run, reading', cases: runReads },
  { name: 'Cloud Run, writing', cases: runWrites },
  { name: 'Cloud Run, in trouble', cases: runTroubles },
  { name: 'secrets, reading', cases: secretReads },
  { name: 'secrets, writing', cases: secretWrites },
  { name: 'projects', cases: projects },
  { name: 'service accounts and APIs', cases: accounts },
]
