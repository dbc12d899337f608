import { expect, test } from 'vitest'
import { readInventory } from '../../engine/runbook/read-inventory.ts'
import { findingsIn, inventoryOf, inventoryText, marked } from '../samples/samples.ts'

test.each<[mistake: string, from: string, to: string, said: string]>([
  [
    'an identity that there is not',
    'identity: runner-x',
    'identity: ‸runner-y',
    'there is no identity `runner-y` (did you mean `runner-x`?)',
  ],
  [
    'an unknown reference',
    'references: [dev]',
    'references: [‸dve]',
    'there is no environment `dve` (did you mean `dev`?)',
  ],
  [
    'a secret that is its own reference',
    'references: [dev]',
    'references: [‸prod]',
    'a secret cannot be its own reference',
  ],
  [
    'a reference without the secret',
    'KEY, references: [dev]',
    'OTHER, references: [‸dev]',
    '`dev` has no secret `OTHER`',
  ],
  ['a duplicate service', '{ name: api', '{ name: ‸web', 'duplicate name `web`'],
  ['an invalid project', 'p-prod', '‸projects/p', '`project` does not have the expected format'],
  ['a service name with a hyphen first', '{ name: web', '{ name: ‸-web', '`name` does not have the expected format'],
  ['an unknown key', 'region: us-central1\n    secrets', '‸regoin: us-central1\n    secrets', 'unknown key `regoin`'],
])('%s is found', (_, from, to, said) => {
  const { text, place } = marked(inventoryText, from, to)
  expect(findingsIn(readInventory({ name: 'i.yaml', text })).join('\n')).toContain(`${place} ${said}`)
})

test('omitted keys have defaults', () => {
  const { environments } = inventoryOf()
  expect(environments.dev).toEqual({
    name: 'dev',
    project: 'p-dev',
    region: 'us-central1',
    protected: false,
    services: [],
    identities: [],
    secrets: [{ name: 'KEY', references: [] }],
    apis: [],
  })
  expect(environments.prod?.identities[0]?.displayName).toBe('runner-x')
})
