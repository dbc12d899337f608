import { describe, expect, it } from 'vitest'
import { knownDifference } from '../../engine/plan/known-differences.ts'
import { readInventory } from '../../engine/runbook/read-inventory.ts'
import { makeWorkspace } from '../command-line/workspace.ts'
import { changed, findingsIn, inventoryText } from '../samples/samples.ts'

const step = { key: 'access-posture/iap-off[web]', status: 'drift' as const }
const entry = { step: 'access-posture/iap-off[*]', environment: 'prod', reason: 'pen test', expires: '2026-03-31' }
const stateOf = (over: object, today = '2026-03-01', environment = 'prod') =>
  knownDifference({ ...step, ...over }, environment, [entry], today)?.state

describe('a difference is known', () => {
  it.each([
    ['until its last day', { today: '2026-03-31' }, 'known'],
    ['and not a day longer', { today: '2026-04-01' }, 'expired'],
    ['only where it drifted', { over: { status: 'conformant' } }, undefined],
    ['and never where it could not be read', { over: { status: 'unknown' } }, undefined],
    ['only in its environment', { environment: 'stage' }, undefined],
    ['only for steps that fit the pattern', { over: { key: 'access-posture/iap-off-x[web]' } }, undefined],
    ['only where the whole key fits', { over: { key: 'x/access-posture/iap-off[web]' } }, undefined],
  ] as const)('%s', (_, given, state) => {
    const { over = {}, today, environment } = given as { over?: object; today?: string; environment?: string }
    expect(stateOf(over, today, environment)).toBe(state)
  })

  it('as long as the entry that lasts longest says', () => {
    const older = { ...entry, expires: '2026-01-01', reason: 'older' }
    expect(knownDifference(step, 'prod', [older, entry], '2026-02-01')).toMatchObject({
      reason: 'pen test',
      state: 'known',
    })
  })
})

describe('the inventory is refused', () => {
  const known = (over: object) =>
    changed(
      inventoryText,
      'environments:',
      `knownDifferences: [${JSON.stringify({ ...entry, ...over })}]\nenvironments:`,
    )
  it.each([
    [
      'where an entry names no environment',
      { environment: 'prdo' },
      /there is no environment `prdo` \(did you mean `prod`\?\)/,
    ],
    ['where its day is none', { expires: '2026-02-30' }, /2026-02-30 is not a valid date/],
    ['where its day is no date', { expires: 'soon' }, /expires/],
    ['where it has no reason', { reason: '' }, /reason/],
  ])('%s', (_, over, message) => {
    expect(findingsIn(readInventory({ name: 'i.yaml', text: known(over) })).join('\n')).toMatch(message)
  })
  it('never where all is right', () => {
    expect(findingsIn(readInventory({ name: 'i.yaml', text: known({}) }))).toEqual([])
  })
})

describe('check', () => {
  const workspace = makeWorkspace()
  const check = (...more: string[]) =>
    workspace.breakglass('check', 'access-posture', '--env', 'prod', '--sandbox', 'incident-2026-02-27', ...more)
  const know = (expires: string) =>
    workspace.write(
      'runbooks/inventory.yaml',
      `${workspace
        .lines('runbooks/inventory.yaml')
        .filter((line) => !line.startsWith('knownDifferences'))
        .join(
          '\n',
        )}\nknownDifferences: [{ step: 'access-posture/*', environment: prod, reason: rebuilding, expires: '${expires}' }]`,
    )

  it('tells a known difference and does not fail', { timeout: 240_000 }, async () => {
    know('9999-12-31')
    const { exit, stdout } = await check()
    expect({ exit, stdout }).toMatchObject({ exit: 0, stdout: expect.stringContaining('known    access-posture/') })
    expect(stdout).toContain('known until 9999-12-31: rebuilding')
    const { steps } = JSON.parse((await check('--json')).stdout)
    for (const { key, status, known } of steps)
      expect({ key, known }).toEqual({ key, known: status === 'drift' ? 'rebuilding (until 9999-12-31)' : undefined })
    const { stdout: sarif } = await check('--format', 'sarif')
    for (const { level, suppressions } of JSON.parse(sarif).runs[0].results)
      expect({ level, suppressions }).toMatchObject({ level: 'note', suppressions: [{ status: 'accepted' }] })
  })

  it('fails once its day is over, and says so', { timeout: 240_000 }, async () => {
    know('2020-01-01')
    const { exit, stdout } = await check()
    expect(exit).toBe(3)
    expect(stdout).toContain('known until 2020-01-01, which has passed: rebuilding')
  })
})
