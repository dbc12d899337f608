import { describe, expect, test } from 'vitest'
import { permissionsOf } from '../../engine/gcloud/preflight/permissions.ts'
import { differencesOf, statusOf } from '../../engine/steps/compare.ts'
import { makeWorkspace } from './workspace.ts'

/** Names that every object or list of JavaScript seems to have, or that a promise is told by. */
const NAMES = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', '__proto__', 'length', 'then']

const { breakglass, write, lines } = makeWorkspace()

write(
  'runbooks/named.yaml',
  `apiVersion: breakglass/v1
kind: Inventory
metadata: { name: named }
environments:
  prod:
    project: named-prod
    region: us-central1
    services:
      - { name: length, posture: public, environmentKeys: { required: [${NAMES.join(', ')}] } }
      - { name: then, posture: public }
      - { name: constructor, posture: public }
    identities:
      - { name: constructor, displayName: constructor, roles: [roles/run.viewer] }
    secrets:
      - { name: then }
  constructor: { project: named-prod, region: us-central1, services: [{ name: constructor, posture: public }] }
`,
)
write(
  'runbooks/names.yaml',
  `apiVersion: breakglass/v1
kind: Runbook
metadata: { name: names, title: Names, description: Names that mean something else in JavaScript., risk: low }
inputs:
  length: { type: array, title: Services, items: { type: string, enum: "\${{ env.services.map(s, s.name) }}" }, default: "\${{ env.services.map(s, s.name) }}" }
  constructor: { type: string, title: A word, default: toString }
  then: { type: string, title: A word, default: constructor, enum: [${NAMES.join(', ')}] }
steps:
  - id: then
    title: \${{ name }} takes traffic
    description: It takes traffic from then on.
    forEach: { name: "\${{ inputs.length }}" }
    subject: \${{ name }}
    observe:
      gcloud: [run, services, describe, "\${{ name }}", --region, "\${{ env.region }}"]
      select:
        then: \${{ result.metadata.?annotations[?'run.googleapis.com/ingress'].orValue('all') }}
        length: \${{ result.metadata.?annotations[?inputs.then].orValue('none') }}
        constructor: \${{ result.metadata.name == name && inputs.constructor != '' }}
    expect: { then: all, length: none, constructor: true }
    apply:
      gcloud: [run, services, update, "\${{ name }}", --region, "\${{ env.region }}", --ingress=all]
    undo:
      gcloud: [run, services, update, "\${{ name }}", --region, "\${{ env.region }}", "--ingress=\${{ before.then }}"]
    record: Set \${{ changed }} right.
  - id: length
    title: \${{ identity.name }} is there
    description: The account is made.
    forEach: { identity: "\${{ env.identities }}" }
    subject: \${{ identity.name }}
    observe:
      gcloud: [iam, service-accounts, list]
      select:
        there: \${{ result.exists(a, a.email.startsWith(identity.name + '@')) }}
    expect: { there: true }
    apply:
      gcloud: [iam, service-accounts, create, "\${{ identity.name }}", "--display-name=\${{ identity.displayName }}"]
    undo: { gcloud: [iam, service-accounts, delete, "\${{ identity.name }}@named-prod.iam.gserviceaccount.com"] }
    record: Made \${{ changed }}.
`,
)
write(
  'runbooks/scenarios/named.yaml',
  `apiVersion: breakglass/v1
kind: Scenario
metadata: { name: named, title: Names, description: Services with names of JavaScript's own. }
inventory: ../named.yaml
rehearsal: { runbooks: [names], environment: prod, reason: constructor }
projects:
  named-prod:
    number: '998877665544'
    services:
      length: { region: us-central1, ingress: internal, invokerCheck: false, image: 'a.pkg.dev/named-prod/a/a:1', env: { length: a, then: b, constructor: c, toString: d } }
      constructor: { region: us-central1, ingress: internal, invokerCheck: false, image: 'a.pkg.dev/named-prod/a/a:1' }
      then: { region: us-central1, ingress: internal, invokerCheck: false, image: 'a.pkg.dev/named-prod/a/a:1' }
    secrets:
      then: { versions: [{ text: a-secret-value-of-then }] }
      valueOf: { versions: [{ text: a-secret-value-of-valueOf }] }
`,
)
const sandbox = ['--env', 'prod', '--sandbox', 'named', '--inventory', 'runbooks/named.yaml']

describe('names that every object seems to have are names like any other', () => {
  test('validate, check, plan, rehearse, record and audit take them', { timeout: 240_000 }, async () => {
    const valid = await breakglass(
      'validate',
      'runbooks/named.yaml',
      'runbooks/names.yaml',
      'runbooks/scenarios/named.yaml',
    )
    expect(valid).toEqual({ exit: 0, stdout: '3 files, no problems.\n', stderr: '' })
    expect(await breakglass('check', 'names', ...sandbox)).toMatchObject({ exit: 3, stderr: '' })
    expect(await breakglass('check', 'names', '--env', 'constructor', ...sandbox.slice(2))).toMatchObject({ exit: 3 })
    expect(await breakglass('plan', 'names', ...sandbox, '--input', 'constructor=x')).toMatchObject({ exit: 0 })
    for (const name of NAMES)
      expect(await breakglass('plan', 'names', ...sandbox, '--input', `then=${name}`)).toMatchObject({ exit: 0 })
    const ran = await breakglass('rehearse', 'named', '--yes')
    expect(ran).toMatchObject({ exit: 0, stdout: expect.stringContaining('4 changed') })
    expect(lines('logs/rehearsal-named/record.md').join('\n')).toContain('constructor')
    expect(await breakglass('audit', 'verify', 'rehearsal-named')).toMatchObject({ exit: 0 })
    expect(await breakglass('audit', 'show', 'rehearsal-named')).toMatchObject({ exit: 0 })
  })

  test.each(NAMES)(
    '%s is no environment, input, runbook, scenario, incident or command that there is not',
    async (name) => {
      const ends = await Promise.all([
        ...(name === 'constructor'
          ? []
          : [breakglass('check', 'names', '--env', name, '--sandbox', 'named', '--inventory', 'runbooks/named.yaml')]),
        breakglass('check', name, ...sandbox),
        breakglass('check', 'names', '--env', 'prod', '--sandbox', name),
        ...(['length', 'then', 'constructor'].includes(name)
          ? []
          : [breakglass('plan', 'names', ...sandbox, '--input', `${name}=a`)]),
        breakglass('resume', name),
        breakglass(name),
      ])
      for (const { exit, stdout, stderr } of ends) {
        expect(stdout + stderr).not.toMatch(/internal error|native code|is not a function/)
        expect(exit).toBe(2)
      }
    },
    240_000,
  )
})

test.each(NAMES)('what is read is compared by its own members: %s', (name) => {
  const wanted = JSON.parse(`{"${name}": "a"}`)
  expect(differencesOf({ state: 'value', value: {} }, wanted)).toEqual([{ name, wanted: 'a' }])
  expect(statusOf({ state: 'value', value: JSON.parse(`{"${name}": "a"}`) }, wanted)).toBe('conformant')
})

test.each(NAMES)('a service called %s needs the same permissions as any other', (name) => {
  const needed = (service: string) => permissionsOf(['run', 'services', 'update', service, '--ingress=all'])
  expect(needed(name)).toEqual(needed('web'))
})
