import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Desk, makeDesk } from '../saved-plans/sandbox-desk.ts'
import { KEY, sit } from './held-terminal.ts'
import { maintenance } from './maintenance.ts'

const limit = 180_000

async function deskWith(): Promise<Desk> {
  const desk = await makeDesk('incident-2026-02-27')
  writeFileSync(desk.at('runbooks/maintenance.yaml'), maintenance)
  return desk
}

const argv = (incident: string, ...more: string[]) => [
  ...['run', 'maintenance', '--env', 'prod', '--incident', incident, '--reason', 'the front end is closed', ...more],
]
const createAccount = (desk: Desk) =>
  desk.call('POST', 'http://iam.sandbox/v1/projects/jualuma-prod/serviceAccounts', { accountId: 'night-watch' })
const stepTypes = (desk: Desk, incident: string) =>
  desk
    .entries(incident)
    .flatMap(({ type, body }) => (type.startsWith('step.') ? [`${type} ${(body as { step: string }).step}`] : []))

test.concurrent('a person is led through what they do, approve and wait for, and the record has their words', {
  timeout: limit,
}, async () => {
  const desk = await deskWith()
  const terminal = sit(desk, argv('INC-1'))
  await terminal.waitFor('1 support knows · asks: Has support been told about prod?')
  await terminal.waitFor('the caches have run out · waits: for 20 min')
  await terminal.waitFor('by hand: Pull the lever up. (asks for: Who saw it) · risk medium')
  await terminal.waitFor('cannot be undone: a person does this step by hand')
  await terminal.waitFor('3 drifted. 2 to do by hand.')
  await terminal.type('Project id', 'jualuma-prod')
  await terminal.choose('Do you approve?', 'yes')
  await terminal.takesAnswers('Your statement')
  await terminal.enter()
  await terminal.waitFor('Type a few words: they appear in the record.')
  await terminal.type('Your statement', 'told in the channel')
  await terminal.apply('other')
  await terminal.choose('What now?', 'do it now')
  await terminal.takesAnswers('When it is done, enter: The number of the ticket')
  await createAccount(desk)
  terminal.press('CHG-7')
  await terminal.enter()
  await terminal.choose('What now?', 'do it now')
  await terminal.choose('Is it done?', 'no')
  await terminal.type('Why not?', 'the door was locked')
  await terminal.choose('What now?', 'do it now')
  await terminal.choose('Is it done?', 'yes')
  await terminal.type('For the record: Who saw it', 'ada, from the door')
  expect((await terminal.ended).exitCode, terminal.screen()).toBe(0)
  expect(stepTypes(desk, 'INC-1').filter((text) => !text.startsWith('step.observed'))).toEqual([
    'step.stated maintenance/told',
    'step.decided maintenance/open',
    'step.intent maintenance/open',
    'step.outcome maintenance/open',
    'step.waited maintenance/caches',
    'step.waited maintenance/served',
    'step.decided maintenance/account',
    'step.intent maintenance/account',
    'step.outcome maintenance/account',
    'step.decided maintenance/lever',
    'step.intent maintenance/lever',
    'step.stated maintenance/lever',
    'step.decided maintenance/lever',
    'step.intent maintenance/lever',
    'step.stated maintenance/lever',
  ])
  const record = desk.record('INC-1').replaceAll(/\s*<!--.*?-->/g, '')
  expect(record).toContain('approved: Has support been told about prod? (told in the channel)')
  expect(record).toContain('(by hand: CHG-7)')
  expect(record).toContain('Pulled `lever` up.')
  expect(record).toMatch(/`lever` \(by hand, as stated by \S+; nothing was read: ada, from the door\)/)
  expect(record).toContain('the caches have run out: waited 20 min')
  expect(terminal.screen()).toMatch(/done by hand \(stated, not verified\): 1/)
  expect((await desk.breakglass('audit', 'verify', 'INC-1')).exit).toBe(0)
})

test.concurrent('what is not approved stops the run before anything is changed', { timeout: limit }, async () => {
  const desk = await deskWith()
  const terminal = sit(desk, argv('INC-2'), 40, { NO_COLOR: '1' })
  await terminal.type('Project id', 'jualuma-prod')
  await terminal.choose('Do you approve?', 'pause')
  await terminal.goOn('Paused.')
  await terminal.choose('Do you approve?', 'no')
  await terminal.type('Why not?', 'nobody answers')
  expect((await terminal.ended).exitCode).toBe(4)
  expect(await desk.changes()).toEqual([])
  expect(desk.record('INC-2')).toContain('not approved (nobody answers)')
})

test.concurrent('who leaves while they do it by hand is asked for their word when the run is gone on with', {
  timeout: limit,
}, async () => {
  const desk = await deskWith()
  await createAccount(desk)
  await desk.advance(60_000)
  const terminal = sit(desk, argv('INC-3'))
  await terminal.type('Project id', 'jualuma-prod')
  await terminal.choose('Do you approve?', 'yes')
  await terminal.type('Your statement', 'told')
  await terminal.apply('other')
  await terminal.choose('What now?', 'do it now')
  await terminal.waitFor('? Is it done?')
  terminal.press(KEY.interrupt)
  expect((await terminal.ended).exitCode, terminal.screen()).toBe(5)
  const unasked = await desk.breakglass('resume', 'INC-3', '--yes')
  expect({ exit: unasked.exit, text: unasked.stdout }).toMatchObject({
    exit: 5,
    text: expect.stringContaining('nobody has said whether it was done'),
  })
  const again = sit(desk, ['resume', 'INC-3'])
  await again.waitFor('The run was interrupted during this manual step')
  await again.choose('Is it done?', 'yes')
  await again.type('For the record: Who saw it', 'bo did')
  expect((await again.ended).exitCode, again.screen()).toBe(0)
  expect(desk.record('INC-3')).toContain('bo did')
  const undone = await desk.breakglass('undo', 'INC-3', '--yes')
  expect(undone.stdout).toContain('Cannot be undone: a person does this step by hand, so only a person can undo it')
  expect([undone.exit, await desk.changes()]).toEqual([3, expect.arrayContaining(['run.services.replace'])])
})

test.concurrent('--yes answers the question, waits, and leaves what needs hands', { timeout: limit }, async () => {
  const desk = await deskWith()
  const { exit, stdout } = await desk.breakglass(...argv('INC-4', '--yes'))
  expect({ exit, stdout }).toMatchObject({
    exit: 3,
    stdout: expect.stringContaining('manual step: cannot run with --yes'),
  })
  expect(desk.record('INC-4')).toContain('consented beforehand with --yes')
  expect(await desk.changes()).toEqual(['run.services.replace'])
})

test.concurrent('a check that could look at nothing does not say that all is well', { timeout: limit }, async () => {
  const desk = await deskWith()
  const [head, steps] = maintenance.split('steps:\n') as [string, string]
  const lever = steps.slice(steps.indexOf('  - id: lever'))
  writeFileSync(desk.at('runbooks/lever.yaml'), `${head.replace('name: maintenance', 'name: lever')}steps:\n${lever}`)
  const { exit, stdout } = await desk.breakglass('check', 'lever', '--env', 'prod')
  expect({ exit, stdout }).toMatchObject({ exit: 1, stdout: expect.stringContaining('Nothing was observed') })
  const { exit: ran } = await desk.breakglass('run', 'lever', ...argv('INC-6', '--yes').slice(2))
  expect(ran).toBe(3)
  const page = await desk.breakglass('record', 'INC-6', '--format', 'html')
  expect(page.exit, page.stderr).toBe(0)
})

test.concurrent('check and plan say what is for a person, and count none of it', { timeout: limit }, async () => {
  const desk = await deskWith()
  const check = await desk.breakglass('check', 'maintenance', '--env', 'prod')
  expect(check.exit).toBe(3)
  expect(check.stdout).toContain('2 manual steps were not observed.')
  expect(check.stdout).toMatch(/\nSANDBOX jualuma-prod {2}0 conformant, 3 drifted, 0 unknown\.\n$/)
  const shown = await desk.breakglass('show', 'maintenance')
  for (const text of [
    'asks: Has support',
    'waits 20m',
    'by hand: Pull the lever up.',
    'asks for: Who saw it',
    'at most 2m',
  ])
    expect(shown.stdout).toContain(text)
  const saved = await desk.breakglass('plan', 'maintenance', '--env', 'prod', '--out', 'm.plan')
  expect(saved.exit, saved.stderr).toBe(0)
  const ran = await desk.breakglass('run', '--plan', 'm.plan', '--incident', 'INC-5', '--reason', 'r', '--yes')
  expect({ exit: ran.exit, err: ran.stderr }).toMatchObject({ exit: 3 })
})
