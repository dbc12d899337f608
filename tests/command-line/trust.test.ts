import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { makeWorkspace } from './workspace.ts'

const { folder, write, breakglass } = makeWorkspace()
type Project = { secrets?: Record<string, unknown> }
const scenario = parse(readFileSync(join(folder, 'runbooks/scenarios/conformant.yaml'), 'utf8')) as {
  metadata: { name: string }
  projects: Record<string, Project>
}

/** The conformant scenario with other secrets. */
function withSecrets(name: string, change: (of: (project: string) => Record<string, unknown>) => void): void {
  // No service may take a secret that is not there.
  const other: typeof scenario = JSON.parse(
    JSON.stringify(scenario, (key, each) => (key === 'secretEnv' ? undefined : each)),
  )
  other.metadata.name = name
  change((project) => (other.projects[project]!.secrets ??= {}))
  write(`runbooks/scenarios/${name}.yaml`, stringify(other))
}
const value = (text: string) => ({ versions: [{ text: `fake-${text}-0001` }] })
withSecrets('disagreeing', (of) => {
  of('jualuma-dev').PLAID_SECRET = value('right')
  of('jualuma-stage').PLAID_SECRET = value('other')
  of('jualuma-prod').PLAID_SECRET = value('old')
})
withSecrets('missing', (of) => delete of('jualuma-prod').PLAID_SECRET)
const at = (sandbox: string) => ['secret-parity', '--env', 'prod', '--sandbox', sandbox]

test('a trusted environment is all that title, check and record speak of, and they say that the other differs', async () => {
  const words = ['--incident', 'INC-1', '--reason', 'They disagree.', '--yes', '--input', 'trust=dev']
  const { exit, stdout } = await breakglass('run', ...at('disagreeing'), ...words)
  expect(exit).toBe(0)
  const record = readFileSync(join(folder, 'logs/INC-1/record.md'), 'utf8')
  for (const text of [stdout, record]) {
    expect(text.replaceAll('\\', '')).toMatch(/PLAID_SECRET`? equals dev\b/)
    expect(text.replaceAll('\\', '')).toContain('stage differs from dev, which is trusted')
    expect(text).not.toMatch(/equals? stage and dev|match stage\/dev/)
  }
  expect(record).toContain('with a new version to match dev.')
  expect(record).toMatch(/equals dev: PASS \(.*stage differs from dev, which is trusted\)/)
})

test('a secret that is not there is drift, and what creates it is said', async () => {
  const create = 'gcloud secrets create PLAID_SECRET --replication-policy=automatic --project=jualuma-prod'
  const checked = await breakglass('check', ...at('missing'))
  expect(checked.stdout).toContain(create)
  expect(checked.exit).toBe(3)
  expect((await breakglass('plan', ...at('missing'))).stdout).toContain(
    `note: there is no secret PLAID_SECRET in jualuma-prod; create it first: ${create}`,
  )
})
