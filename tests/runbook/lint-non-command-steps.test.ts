import { describe, expect, test } from 'vitest'
import { bindRunbook } from '../../engine/plan/bind.ts'
import { pickEnvironment } from '../../engine/plan/pick-environment.ts'
import { readRunbook } from '../../engine/runbook/read-runbook.ts'
import { changed, findingsIn, inventoryOf, runbookOf } from '../samples/samples.ts'

const observe = `observe:
      gcloud: [run, services, describe, "\${{ service.name }}", --region, "\${{ env.region }}"]
      select: { ready: "\${{ result.ready }}" }
    expect: { ready: true }`

const text = `apiVersion: breakglass/v1
kind: Runbook
metadata: { name: sample, title: Sample, description: Nothing real., risk: low }
inputs:
  settle: { type: string, default: "2m" }
steps:
  - id: told
    title: support knows
    approve: { question: "Has support been told about \${{ env.name }}?" }
  - id: maintenance
    title: \${{ service.name }} is in maintenance
    forEach: { service: "\${{ env.services }}" }
    when: \${{ service.posture == 'public' }}
    manual:
      instructions: Switch \${{ service.name }} to maintenance.
      evidence: The ticket for \${{ service.name }}
    ${observe}
  - id: lever
    title: the lever is pulled
    manual: { instructions: Pull it. }
  - id: pause
    title: the caches have run out
    wait: { for: 2m }
  - id: ready
    title: \${{ service.name }} is ready
    forEach: { service: "\${{ env.services }}" }
    wait: { every: 5s, within: 10m }
    ${observe}
`

const findings = (from: string, to: string) =>
  findingsIn(readRunbook({ name: 'sample.yaml', text: changed(text, from, to) }))

test('each kind supports expressions, forEach and when', () => {
  const inventory = inventoryOf()
  const { steps } = bindRunbook(runbookOf(text), inventory, pickEnvironment(inventory, 'prod'), {}, new Map())
  expect(steps.map(({ key }) => key)).toEqual([
    'sample/told',
    'sample/maintenance[web]',
    'sample/lever',
    'sample/pause',
    'sample/ready[web]',
    'sample/ready[api]',
  ])
  expect(steps).toMatchObject([
    { kind: 'approve', question: 'Has support been told about prod?' },
    {
      kind: 'manual',
      manual: { instructions: 'Switch web to maintenance.', evidence: 'The ticket for web' },
      proof: { reads: [{ command: { argv: ['run', 'services', 'describe', 'web', '--region', 'us-central1'] } }] },
    },
    { kind: 'manual', manual: { instructions: 'Pull it.' } },
    { kind: 'wait', waiting: { forMs: 120_000 } },
    { kind: 'wait', waiting: { everyMs: 5000, withinMs: 600_000 }, until: { expect: { ready: true } } },
    { kind: 'wait' },
  ])
  expect(steps[2]).not.toHaveProperty('proof')
})

describe('a mistake is reported at its position', () => {
  test.each<[string, string, string]>([
    ['wait: { for: 2m }', 'wiat: { for: 2m }', 'unknown key `wiat` (did you mean `wait`?)'],
    ['approve: {', 'aprove: {', 'unknown key `aprove` (did you mean `approve`?)'],
    ['manual: { instructions: Pull it. }', 'manual: { instruction: Pull it. }', 'did you mean `instructions`?'],
    ['{ for: 2m }', '{ for: 2 minutes }', 'A duration such as 500ms'],
    ['{ for: 2m }', '{ every: 2s }', '`wait` requires exactly one of `for`, `within`'],
    ['{ for: 2m }', '{ for: 2m, within: 3m }', 'cannot be used together'],
    ['{ for: 2m }', '{ within: 2m }', '`within` requires `observe` and `expect`'],
    ['{ every: 5s, within: 10m }', '{ for: 2m }', '`for` waits for a fixed time and ignores `observe`'],
    ['{ every: 5s, within: 10m }', '{ within: 10m }\n    settle: { reads: 3 }', 'a wait step cannot have `settle`'],
    ['Switch ${{ service.name }}', 'Switch ${{ service.nmae }}', 'did you mean `name`?'],
    ['about ${{ env.name }}', 'about ${{ evn.name }}', 'did you mean `env`?'],
    ['The ticket for ${{ service.name }}', '${{ env.services }}', 'expected a string'],
    ['    expect: { ready: true }', '    expect: { raedy: true }', 'did you mean `ready`?'],
    ['    expect: { ready: true }\n', '', 'expect'],
    [
      '{ instructions: Pull it. }',
      '{ instructions: Pull it. }\n    retry: { attempts: 2, every: 1s }',
      'a manual step cannot have `retry`',
    ],
    [
      '    expect: { ready: true }\n',
      '    expect: { ready: true }\n    apply: { gcloud: [run, services, update, x] }\n    undo: { cannotBeUndone: no }\n',
      'a manual step cannot have `apply`',
    ],
    [
      "    when: ${{ service.posture == 'public' }}\n",
      '    parallel: true\n',
      'only applies to steps that change something',
    ],
    ['{ for: 2m }', '{ for: 2m }\n    secret: { name: KEY, references: [dev] }', 'cannot be used together'],
  ])('%s → %s', (from, to, says) => {
    expect(findingsIn(readRunbook({ name: 'sample.yaml', text }))).toEqual([])
    expect(findings(from, to).join('\n')).toContain(says)
  })

  test.each(['lever', 'pause', 'told'])('verify cannot contain one: %s', (id) => {
    const steps = text.split(/(?= {2}- id: )/)
    const step = steps.find((each) => each.includes(`- id: ${id}\n`)) ?? ''
    const moved = `${steps.filter((each) => each !== step).join('')}verify:\n${step}`
    expect(findingsIn(readRunbook({ name: 'sample.yaml', text: moved }))).toEqual([
      expect.stringContaining('a step in `verify` can only observe (move the step to `steps`)'),
    ])
  })
})
