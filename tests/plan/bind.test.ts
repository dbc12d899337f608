import { describe, expect, test } from 'vitest'
import { bindRunbook } from '../../engine/plan/bind.ts'
import type { GivenInputs } from '../../engine/plan/given-inputs.ts'
import { observesNothing, refuseEmpty } from '../../engine/plan/refuse-empty.ts'
import { readInventory } from '../../engine/runbook/read-inventory.ts'
import { readRunbook } from '../../engine/runbook/read-runbook.ts'
import { changed, inventoryOf, inventoryText, runbookOf, runbookText, shipped } from '../samples/samples.ts'

const inventory = inventoryOf()
const [dev, prod] = [inventory.environments.dev!, inventory.environments.prod!]
const bind = (text: string, given: GivenInputs = {}) => bindRunbook(runbookOf(text), inventory, prod, given, new Map())
const forEach = 'forEach: { service: "${{ inputs.services }}" }'

test('a step is repeated for each item of its list, and knows the item', () => {
  const { steps } = bind(runbookText)
  expect(steps.map(({ key, title, subject }) => [key, title, subject])).toEqual([
    ['sample/ingress[web]', 'web is open', 'web'],
    ['sample/ingress[api]', 'api is open', 'api'],
  ])
  expect(steps[1]).toMatchObject({
    kind: 'gcloud',
    project: 'p-prod',
    reads: [
      { command: { argv: ['run', 'services', 'describe', 'api', '--region', 'us-central1'], project: 'p-prod' } },
    ],
    apply: { kind: 'gcloud', command: { argv: ['run', 'services', 'update', 'api', '--ingress=all'] } },
    record: 'Opened ${{ changed }}.',
    timeoutMs: 180_000,
    retry: { attempts: 1, everyMs: 2000 },
    settle: { reads: 1, everyMs: 2000, withinMs: 30_000 },
  })
})

test('a step without forEach is about the environment, and its key is its id', () => {
  const { checks } = bind(runbookText)
  expect(checks.map(({ key, subject }) => [key, subject])).toEqual([['sample/answers', 'prod']])
})

test('later lists nest in earlier ones and may use their item', () => {
  const nested = 'forEach: { service: "${{ inputs.services }}", n: "${{ [service + \'-1\', service + \'-2\'] }}" }'
  const { steps } = bind(changed(runbookText, forEach, nested))
  expect(steps.map(({ key }) => key)).toEqual([
    'sample/ingress[web,web-1]',
    'sample/ingress[web,web-2]',
    'sample/ingress[api,api-1]',
    'sample/ingress[api,api-2]',
  ])
})

test('a step is left out for an item whose `when` is false', () => {
  const { steps } = bind(changed(runbookText, "env.region != ''", "service != 'web'"))
  expect(steps.map(({ subject }) => subject)).toEqual(['api'])
})

test('dependencies are transitive, even if the step in between is left out', () => {
  const [head = '', verify = ''] = runbookText.split('verify:')
  const step = head.slice(head.indexOf('  - id: ingress'))
  const as = (id: string, dependsOn: string) => step.replace('id: ingress', `id: ${id}\n    dependsOn: ${dependsOn}`)
  const steps = `${as('ingress', '[]')}${as('second', '[ingress]').replace("env.region != ''", 'false')}`
  const text = `${head.replace(step, `${steps}${as('third', '[second]')}${as('fourth', '[third]')}`)}verify:${verify}`
  const bound = bind(text, { services: 'web' }).steps.map(({ id, dependsOn }) => [id, dependsOn])
  expect(bound).toEqual([
    ['ingress', []],
    ['third', ['ingress', 'second']],
    ['fourth', ['ingress', 'second', 'third']],
  ])
})

test('an empty list gives no step', () => expect(bind(runbookText, { services: '' }).steps).toEqual([]))

test.each([
  ['--project=evil', 'start with a hyphen'],
  ['a/b', 'slash'],
])('a service called %j from an input stops the binding and names the step', (name, said) => {
  expect(() => bind(runbookText, { services: [name] })).toThrow(
    expect.objectContaining({ message: expect.stringMatching(new RegExp(`^sample, step ingress: .*${said}`)) }),
  )
})

test('an expression that fails at binding names its step', () => {
  const text = changed(runbookText, "env.region != ''", "env.services.filter(s, s.name == 'none')[0].iap")
  expect(() => bind(text)).toThrow(/^sample, step ingress: /)
})

const secret = (fields: string) =>
  changed(runbookText, 'http: { url: "https://example.test/", status: 200 }', `secret: { ${fields} }`)

test('a secret step knows the projects of its references', () => {
  const { checks } = bind(secret('name: KEY, references: [dev], trust: dev'))
  expect(checks[0]).toMatchObject({
    kind: 'secret',
    project: 'p-prod',
    secret: 'KEY',
    references: [{ environment: 'dev', project: dev.project }],
    trust: 'dev',
  })
})

test.each([
  ['name: KEY, references: [dve]', 'no environment `dve`'],
  ['name: KEY, references: [prod]', 'its own reference'],
  ['name: KEY, references: "${{ env.secrets[0].references.filter(r, false) }}"', 'no reference environments'],
  ['name: KEY, references: [dev], trust: prod', '`prod` is not one of the references'],
  ['name: projects/other/secrets/KEY, references: [dev]', "is not a secret's name"],
  ['name: --KEY=, references: [dev]', "is not a secret's name"],
])('a secret step with %s is refused', (fields, said) => expect(() => bind(secret(fields))).toThrow(said))

test('the shipped runbooks bind to the shipped inventory, to any of its environments, and every key is its own', () => {
  const read = readInventory(shipped('inventory.yaml'))
  if (!read.ok) throw new Error('the shipped inventory is not valid')
  for (const environment of [read.value.environments.prod!, read.value.environments.stage!]) {
    const bound = ['secret-parity.yaml', 'access-posture.yaml', 'runtime-identity.yaml'].flatMap((name) => {
      const runbook = readRunbook(shipped(name))
      if (!runbook.ok) throw new Error(`${name} is not valid`)
      return bindRunbook(runbook.value, read.value, environment, {}, new Map()).steps
    })
    const keys = bound.map(({ key }) => key)
    expect(new Set(keys).size).toBe(keys.length)
    expect(keys).toContain('secret-parity/secret-equals-references[PLAID_SECRET]')
    expect(bound.every(({ project }) => project === environment.project)).toBe(true)
  }
})

test('other names in the inventory make other steps', () => {
  const other = inventoryOf(changed(inventoryText, '{ name: web,', '{ name: shop,'))
  const { steps } = bindRunbook(runbookOf(), other, other.environments.prod!, {}, new Map())
  expect(steps.map(({ subject }) => subject)).toEqual(['shop', 'api'])
})

test.each([
  ['{ type: number, default: 3 }', {}],
  ['{ type: number, default: "${{ 1 + 2 }}" }', {}],
  ['{ type: number }', { many: '3' }],
  ['{ type: array, items: { type: number }, default: [3] }', {}],
])('an integer is a double if the input %s says so, as in validation', (schema, given) => {
  const factor = schema.includes('array') ? 'many[0]' : 'many'
  const text = changed(runbookText, '{ type: integer, default: 2 }', schema)
  const halved = changed(text, 'title: it answers', `title: it answers \${{ inputs.${factor} * 0.5 }}`)
  expect(bind(halved, given).checks.map(({ title }) => title)).toEqual(['it answers 1.5'])
})

test('an item of a list of numbers stays a double in the steps that are repeated for it', () => {
  const text = changed(
    runbookText,
    '{ type: integer, default: 2 }',
    '{ type: array, items: { type: number }, default: [1, 2] }',
  )
  const looped = changed(
    text,
    'title: it answers',
    'forEach: { n: "${{ inputs.many }}" }\n    title: it answers ${{ n * 1.5 }}',
  )
  expect(bind(looped).checks.map(({ key, title }) => [key, title])).toEqual([
    ['sample/answers[1]', 'it answers 1.5'],
    ['sample/answers[2]', 'it answers 3'],
  ])
})

describe('a runbook that is about nothing', () => {
  const refused = (text: string, given: GivenInputs = {}) => {
    const runbook = runbookOf(
      changed(text, '  - id: answers\n    title: it answers', `  - id: answers\n    title: it answers\n    ${forEach}`),
    )
    const bound = bindRunbook(runbook, inventory, prod, given, new Map())
    return () => observesNothing(bound) && refuseEmpty(runbook, bound, inventory, prod, given)
  }
  const saying = (hint: string) => expect.objectContaining({ exitCode: 2, hint: expect.stringContaining(hint) })

  test('is refused, and the empty input is named', () => {
    expect(refused(runbookText, { services: [] })).toThrow(saying('empty: input `services`'))
    expect(refused(runbookText, { services: ['web'] })).not.toThrow()
  })

  test('is refused, and the empty part of the inventory is named', () => {
    const text = changed(runbookText, 'default: ${{ env.services.map(s, s.name) }}', 'default: ${{ env.apis }}')
    expect(refused(text)).toThrow(saying('input `services` (its default finds nothing in the inventory)'))
    expect(refused(changed(text, forEach, 'forEach: { service: "${{ env.apis }}" }'))).toThrow(
      saying('`apis` of prod in the inventory'),
    )
  })

  test('is refused, and the conditions that nothing passes are named', () => {
    const text = changed(
      runbookText,
      forEach,
      'forEach: { service: "${{ env.services.filter(s, false).map(s, s.name) }}" }',
    )
    const none = changed(text, 'http: {', 'when: ${{ false }}\n    http: {')
    expect(refused(none)).toThrow(saying('passes ${{ env.services.filter(s, false)'))
  })
})
