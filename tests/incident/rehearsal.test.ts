import { beforeAll, expect, test } from 'vitest'
import { asRead, type Ended, finish, makeDesk, ofType, root, sectionOf } from './cli.ts'
import { account, drifted, roles, services, webShells } from './incident.ts'

const desk = makeDesk()
const incident = 'rehearsal-incident-2026-02-27'
let ended: Ended
let record: string

beforeAll(async () => {
  ended = await finish(['npm', 'run', 'rehearse', '--', '--logs', desk.logs], root, desk.environment)
  expect(ended.exit, ended.stdout + ended.stderr).toBe(0)
  record = asRead(desk.record(incident))
}, 600_000)

/** A list of names as a sentence of the record has it. */
const named = (names: string[]) => names.map((name) => `\`${name}\``).join(', ')

test('the README line rehearses the incident without a terminal and ends well', () => {
  expect(ended.exit).toBe(0)
  expect(ended.stdout).toContain('SANDBOX')
  expect(ended.stdout).toMatch(/^SANDBOX jualuma-prod {2}Done\./m)
  expect(ended.stdout).toMatch(/^changed: 15$/m)
})

test('every drift of the incident, and nothing else, was set right by one command each', () => {
  const entries = desk.entries(incident)
  // Those that go side by side have no order.
  const intents = ofType(entries, 'step.intent').map(({ body }) => body.step)
  const verdicts = ofType(entries, 'step.outcome').map(({ body }) => `${body.step} ${body.verdict}`)
  expect(intents.sort()).toEqual(drifted.toSorted())
  expect(verdicts.sort()).toEqual(drifted.map((step) => `${step} applied`).sort())
})

test("the record has the incident's runtime actions", () => {
  const actions = sectionOf(record, 'Break-Glass Runtime Actions (Already Executed)')
  const posture = 'to `--ingress=all` and `--no-invoker-iam-check`'
  for (const sentence of [
    'Updated `jualuma-prod` Secret Manager `PLAID_SECRET` with a new version to match stage/dev.',
    `Updated prod services ${named(services)} ${posture}.`,
    `Disabled IAP for prod services ${named(webShells)} via \`gcloud beta run services update --no-iap\`.`,
    `Created \`${account}\`.`,
    `Granted roles to \`${account}\``,
    `Updated \`jualuma-backend\` runtime service account to \`${account}\`.`,
  ])
    expect(actions).toContain(sentence)
  for (const role of roles) expect(actions).toContain(`- \`${role}\`: not granted → granted`)
  expect(actions).toContain(`service account \`493827156012-compute@developer.gserviceaccount.com\` → \`${account}\``)
})

test("the record has the incident's runtime checks, each with its result", () => {
  const lines = sectionOf(record, 'Verification').split('\n')
  const answered = lines.filter((line) => /: PASS \(status: 200, URL: `http:\/\/\S+`\)$/.test(line))
  expect(answered.map((line) => line.trim().split(': PASS')[0])).toEqual([
    ...services.map((service) => `- Check that ${service} answers 200 at its root URL`),
    '- Check that jualuma-backend answers 200 at /api/health',
  ])
  expect(
    lines.some((line) =>
      line.replaceAll('`', '').includes(`Check that jualuma-backend serves as ${account}: PASS (serves as: ${account}`),
    ),
  ).toBe(true)
  expect(lines.some((line) => /PLAID\\?_SECRET equals stage and dev: PASS/.test(line))).toBe(true)
})

test('the record says that it is a rehearsal, that nothing is open, and where the log ends', () => {
  expect(record).toMatch(/^# \d{4}-\d\d-\d\d Prod Runtime Parity Break-Glass Backfill\n\n\*\*REHEARSAL\*\*/)
  expect(sectionOf(record, 'Steps Not Completed')).toContain('None.')
  expect(sectionOf(record, 'Audit Log')).toMatch(
    new RegExp(`${desk.entries(incident).length} entries.*sha256:[0-9a-f]{64}`),
  )
})

test('the log of the rehearsal is sound', { timeout: 240_000 }, async () => {
  const { exit, stdout } = await desk.breakglass(['audit', 'verify', incident, '--logs', desk.logs])
  expect(stdout).toContain('The chain is intact')
  expect(exit).toBe(0)
})
