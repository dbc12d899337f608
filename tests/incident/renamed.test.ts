import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { Scenario } from '../../engine/sandbox/model/scenario.ts'
import { inOrder } from '../in-order.ts'
import { asRead, type Ended, makeDesk, ofType, sectionOf } from './cli.ts'
import { rename, renamedIncident, wholeWords } from './renamed-incident.ts'

inOrder()

const desk = makeDesk()
const { scenario, inventory, oldNames } = renamedIncident()
const incident = 'rehearsal-renamed'
const project = rename('jualuma-prod')
const [frontend, support, marketing, backend] = [
  rename('frontend-app'),
  rename('support-portal'),
  rename('marketing-site'),
  rename('jualuma-backend'),
] as const
const accountName = rename('cr-backend')
const account = `${accountName}@${project}.iam.gserviceaccount.com`
const oldAccount = `batch-runner@${project}.iam.gserviceaccount.com`
const missing = [rename('roles/cloudsql.client'), rename('roles/datastore.user')]
const secret = rename('PLAID_SECRET')

/** Takes half of the drift out and puts other drift in: some posture, two roles, another identity. Only the runtime is looked at. */
function driftOtherwise({ rehearsal, github: _, ...given }: Scenario): Scenario {
  const live = given.projects[project]!
  const trial = given.projects[rename('jualuma-stage')]!
  const services = live.services!
  live.secrets = trial.secrets!
  live.serviceAccounts = { [accountName]: { displayName: 'Backend' }, 'batch-runner': {} }
  const needed = trial.iamBindings!.filter(({ members }) =>
    members.some((member) => member.includes(`${accountName}@`)),
  )
  live.iamBindings = needed
    .filter(({ role }) => !missing.includes(role))
    .map(({ role }) => ({ role, members: [`serviceAccount:${account}`] }))
  services[frontend] = { ...services[frontend]!, ingress: 'all', invokerCheck: false }
  services[support] = { ...services[support]!, ingress: 'internal', iap: false }
  services[marketing] = { ...services[marketing]!, ingress: 'all', invokerCheck: true, iap: false }
  services[backend] = { ...services[backend]!, invokerCheck: false, serviceAccount: oldAccount }
  for (const service of Object.values(given.projects).flatMap((each) => Object.values(each.services ?? {})))
    delete service.secretEnv
  const { environment, title, reason } = rehearsal!
  const runbooks = ['secret-parity', 'access-posture', 'runtime-identity']
  return { ...given, rehearsal: { runbooks, environment, title: title!, reason } }
}

const driftedSteps = [
  `access-posture/public-ingress[${support}]`,
  `access-posture/public-ingress[${marketing}]`,
  `access-posture/iap-off[${frontend}]`,
  ...missing.map((role) => `runtime-identity/role-granted[${accountName},${role}]`),
  `runtime-identity/runs-as[${backend}]`,
]

let ended: Ended
let record: string
let actions: string

beforeAll(async () => {
  desk.write('renamed-inventory.yaml', inventory)
  const file = desk.write(
    'renamed.yaml',
    stringify({ ...driftOtherwise(scenario), inventory: 'renamed-inventory.yaml' }),
  )
  ended = await desk.breakglass(['rehearse', file, '--yes', '--logs', desk.logs])
  expect(ended.exit, ended.stderr).toBe(0)
  record = asRead(desk.record(incident))
  actions = sectionOf(record, 'Break-Glass Runtime Actions (Already Executed)')
}, 600_000)

test('what had drifted there was set right, and nothing else was touched', () => {
  const verdicts = ofType(desk.entries(incident), 'step.outcome').map(({ body }) => `${body.step} ${body.verdict}`)
  expect(verdicts.sort()).toEqual(driftedSteps.map((step) => `${step} applied`).sort())
})

test('the record tells what happened there', () => {
  const posture = 'to `--ingress=all` and `--no-invoker-iam-check`'
  const env = rename('prod')
  expect(record).toContain(rename('Prod Runtime Parity'))
  for (const sentence of [
    `Updated ${env} services \`${support}\`, \`${marketing}\` ${posture}.`,
    `\`${support}\`: ingress \`internal\` → \`all\`\n`,
    `\`${marketing}\`: invoker check \`yes\` → \`no\`\n`,
    `Disabled IAP for ${env} services \`${frontend}\` via`,
    `Granted roles to \`${account}\``,
    ...missing.map((role) => `\`${role}\`: not granted → granted`),
    `Updated \`${backend}\` runtime service account to \`${account}\`.`,
    `service account \`${oldAccount}\` → \`${account}\``,
  ])
    expect(actions).toContain(sentence)
})

test('the record lists nothing as changed that had not drifted', () => {
  const resources = [...actions.matchAll(/^ +- `([^`]+)`: /gm)].map(([, subject]) => subject)
  expect(resources).toEqual([support, marketing, frontend, ...missing, backend])
  expect(actions).not.toMatch(/Created|Secret/)
  expect(actions).not.toContain(secret)
  const found = sectionOf(record, 'Context').match(/^\d+\. .*$/gm)
  expect(found).toHaveLength(driftedSteps.length)
})

test('the checks are those of the services, accounts and secrets there', () => {
  const checks = sectionOf(record, 'Verification')
    .match(/^ +- .*: PASS \(/gm)
    ?.join('\n')
  for (const service of [frontend, support, marketing, backend])
    expect(checks).toContain(`Check that ${service} answers 200 at its root URL`)
  expect(checks?.replaceAll('`', '')).toContain(`${backend} serves as ${account}`)
  expect(checks?.replaceAll('\\', '')).toContain(`${secret} equals`)
})

test('no name of the shipped incident occurs on screen, in the log or in the record', () => {
  const log = readFileSync(join(desk.logs, incident, 'audit.jsonl'), 'utf8')
  const places = { stdout: ended.stdout, stderr: ended.stderr, log, record }
  const found = Object.entries(places).flatMap(([place, text]) =>
    (text.replaceAll('\\', '').match(wholeWords(oldNames)) ?? []).map((name) => `${place}: ${name}`),
  )
  expect(oldNames).toContain('jualuma-prod')
  expect(found).toEqual([])
})
