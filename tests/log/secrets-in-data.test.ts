import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { makeTeamDesk, ofType, showsImage, type Team } from './team-desk.ts'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 })

const secret = (...values: string[]) => ({ versions: values.map((text) => ({ text })) })
const web = { name: 'web', posture: 'public' }
const closed = { region: 'us-central1', ingress: 'internal', invokerCheck: false } as const

/** A team whose secret KEY has a value in `live` and another in `trial`, and whose service `web` is closed. */
const teamWith = (own: string, reference: string, over: Partial<Team> = {}): Team => ({
  live: { services: [web], secrets: [{ name: 'KEY', references: ['trial'] }] },
  trial: { secrets: [{ name: 'KEY' }] },
  heronLive: { secrets: { KEY: secret(own) }, services: { web: closed } },
  heronTrial: { secrets: { KEY: secret(reference) } },
  ...over,
})

test.each([
  ['a short word that stands everywhere', 'live'],
  ['the ingress from before, which the undo needs', 'internal'],
  ['the id of the project', 'heron-live'],
])('a secret whose value is %s changes nothing in plan and log', async (_, value) => {
  const desk = await makeTeamDesk(teamWith(value, 'another'))
  const ended = await desk.run('secret-parity', 'INC-1', 'access-posture')
  expect(ended.exit, ended.stderr + ended.stdout).toBe(0)
  expect(ended.stdout).not.toContain('(secret)')
  const log = readFileSync(join(desk.logs, 'INC-1', 'audit.jsonl'), 'utf8')
  expect(log).not.toContain('(secret)')
  const undo = ofType(desk.entries('INC-1'), 'step.intent').map(({ body }) => body.undo)
  expect(undo).toContainEqual(expect.objectContaining({ command: expect.objectContaining({ project: 'heron-live' }) }))
  expect(JSON.stringify(undo)).toContain('--ingress=internal')
})

const password = 'Tr0ub4dor&3/horse'
const forms = {
  'as it is': password,
  'as base64': Buffer.from(password).toString('base64'),
  'in an URL': `postgres://app:${encodeURIComponent(password)}@db/app`,
}

test.each(Object.entries(forms))(
  'an image whose name holds a secret %s stops plan and run before it is shown or kept',
  async (_, held) => {
    const desk = await makeTeamDesk(
      teamWith('an old value', password, {
        heronLive: { secrets: { KEY: secret('an old value') }, services: { web: { ...closed, image: held } } },
      }),
    )
    desk.write('runbooks/image.yaml', showsImage)
    const ended = await desk.run('secret-parity', 'INC-2', 'image')
    expect(ended.exit).toBe(1)
    expect(ended.stderr).toContain('plaintext secret found at ')
    expect(ended.stderr).toContain('image/image › observation › value › IMAGE › 1')
    expect(ended.stdout + ended.stderr).not.toContain(held)
    expect(desk.entries('INC-2')).toEqual([])
    expect(await desk.changes()).toEqual([])
  },
)

const named = { name: 'billing-frontend', posture: 'public' }

test.each([
  ['a service', 'billing-frontend'],
  ['the secret itself', 'KEY_OF_BILLING'],
  ['an API', 'run.googleapis.com'],
])('a secret whose value is the name of %s in the inventory stops nothing', async (_, value) => {
  const desk = await makeTeamDesk({
    live: {
      services: [named],
      secrets: [{ name: 'KEY_OF_BILLING', references: ['trial'] }],
      apis: ['run.googleapis.com'],
    },
    trial: { secrets: [{ name: 'KEY_OF_BILLING' }] },
    heronLive: { secrets: { KEY_OF_BILLING: secret('an old value') }, services: { 'billing-frontend': closed } },
    heronTrial: { secrets: { KEY_OF_BILLING: secret(value) } },
  } as Team)
  const ended = await desk.run('secret-parity', 'INC-5', 'access-posture')
  expect(ended.exit, ended.stderr + ended.stdout).toBe(0)
})

test.each(['4815162342', 'registry/public-image'])(
  'data that equals the secret %s is refused with the name of the secret, its step and how to go on, which works',
  async (value) => {
    const over = {
      heronLive: {
        secrets: { KEY: secret('an old value') },
        services: { web: { ...closed, image: value } },
      },
    }
    const desk = await makeTeamDesk(teamWith('an old value', value, over))
    desk.write('runbooks/image.yaml', showsImage)
    const refused = await desk.run('secret-parity', 'INC-6', 'image')
    expect(refused.exit).toBe(1)
    expect(refused.stderr).toContain('(version 1 of KEY in heron-trial)')
    expect(refused.stderr).toContain('image/image › observation')
    expect(refused.stderr).toContain('set `mayBeShown: true` for the secret in the inventory')
    expect(refused.stdout + refused.stderr).not.toContain(value)
    const goesOn = await makeTeamDesk(
      teamWith('an old value', value, {
        ...over,
        live: { services: [web], secrets: [{ name: 'KEY', references: ['trial'], mayBeShown: true }] },
      } as Partial<Team>),
    )
    goesOn.write('runbooks/image.yaml', showsImage)
    const ended = await goesOn.run('secret-parity', 'INC-6', 'image')
    expect(ended.stderr).not.toContain('laintext secret')
    expect(ofType(goesOn.entries('INC-6'), 'step.intent').length).toBeGreaterThan(0)
  },
)

test('a password in the inventory stops the run before it is logged; so does one in the reason', async () => {
  const desk = await makeTeamDesk({
    ...teamWith('an old value', password),
    live: {
      services: [{ ...web, health: `/health?key=${password}` }],
      secrets: [{ name: 'KEY', references: ['trial'] }],
    },
  })
  desk.write(
    'runbooks/health.yaml',
    showsImage
      .replace('name: image', 'name: health')
      .replace('title: web has its image', 'title: "web answers at ${{ env.services[0].health }}"'),
  )
  const inInventory = await desk.run('secret-parity', 'INC-3', 'health')
  expect(inInventory.exit).toBe(1)
  expect(inInventory.stderr).toContain('health/image › title')
  expect(desk.entries('INC-3')).toEqual([])
  const inReason = await desk.run('secret-parity', 'INC-4', '--reason', `KEY is ${password} now`)
  expect(inReason.exit).toBe(1)
  expect(inReason.stderr).toContain('found at reason')
  expect(desk.entries('INC-4')).toEqual([])
  expect(await desk.changes()).toEqual([])
})
