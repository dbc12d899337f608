import { describe, expect, test } from 'vitest'
import { previewStep } from '../../engine/terminal/preview.ts'
import { plainProgress } from '../../engine/terminal/progress.ts'
import { showSite } from '../../engine/terminal/site.ts'
import { makeWorkspace } from '../command-line/workspace.ts'
import { modelCloud } from '../samples/model-world.ts'
import { run } from '../samples/persons.ts'
import { gcloudStep, manualStep, waitStep } from '../samples/samples.ts'

const live = { cloud: { kind: 'live' }, project: 'shop-prod' } as const
const sandbox = { cloud: { kind: 'sandbox', scenario: 'heron' }, project: 'shop-prod' } as const
const terminal = { interactive: false, columns: 80, colour: false }

describe('where something is', () => {
  test('differs in words and in colour between the real cloud and a sandbox', () => {
    expect([showSite(live, false), showSite(sandbox, false)]).toEqual(['LIVE shop-prod', 'SANDBOX shop-prod'])
    expect([showSite({ cloud: live.cloud }, false), showSite({ cloud: sandbox.cloud }, false)]).toEqual([
      'LIVE',
      'SANDBOX heron',
    ])
    const styles = [live, sandbox].map((site) => showSite(site, true).split(/LIVE|SANDBOX/)[0])
    expect(new Set(styles).size).toBe(2)
  })

  test("is a step's own project where it changes another than the environment's", async () => {
    const other = gcloudStep('a', {
      apply: { kind: 'gcloud', command: { argv: ['thing', 'set', 'a'], project: 'shop-shared' } },
    })
    const { plan } = await run([other, gcloudStep('b')], modelCloud({ a: {}, b: {} }), {
      decide: () => ({ choice: 'abort', reason: 'x' }),
    })
    const headings = plan.steps.map((step) => previewStep(step, 'step 1/2', live, terminal)[0])
    expect(headings[0]).toBe('LIVE shop-shared  step 1/2  a is right')
    expect(headings[1]).toMatch(/^LIVE p-prod {2}step 1\/2/)
  })

  test('stands last with the verdict of check, plan and rehearse', { timeout: 240_000 }, async () => {
    const { breakglass } = makeWorkspace()
    const there = ['--env', 'prod', '--sandbox', 'incident-2026-02-27']
    const last = async (...argv: string[]) => (await breakglass(...argv)).stdout.trimEnd().split('\n').slice(-2)
    expect((await last('check', 'access-posture', ...there)).at(-1)).toMatch(/^SANDBOX jualuma-prod {2}0 conformant/)
    expect((await last('plan', 'access-posture', ...there)).at(-1)).toBe('SANDBOX jualuma-prod  7 drifted.')
    expect((await last('plan', 'access-posture', ...there, '--out', 'p.json')).at(-1)).toBe(
      'SANDBOX jualuma-prod  7 drifted.',
    )
    const [verdict, why] = await last('rehearse', 'conformant', '--yes')
    expect(verdict).toMatch(/^SANDBOX jualuma-prod {2}Done/)
    expect(why).toMatch(/^ {2}\S.*\)$/)
  })
})

describe('gates, which change nothing,', () => {
  const { breakglass } = makeWorkspace()
  test('are listed apart, and are no answer to what can be run', { timeout: 240_000 }, async () => {
    const { stdout } = await breakglass('list')
    const [runnable = '', gates = ''] = stdout.split('Gates (they change nothing; run them with `breakglass check`)')
    for (const name of ['access-posture', 'secret-parity', 'runtime-identity']) expect(runnable).toContain(name)
    for (const name of ['gcp-drift', 'run-parity', 'identity-key-drift', 'release-verification']) {
      expect(gates).toContain(name)
      expect(runnable).not.toContain(name)
    }
    const names = (await breakglass('names', 'remediations')).stdout.split('\n').filter((name) => name !== '')
    expect(names).toEqual(['access-posture', 'runtime-identity', 'secret-parity'])
    const { runbooks } = JSON.parse((await breakglass('list', '--json')).stdout)
    expect(runbooks.find(({ name }: { name: string }) => name === 'gcp-drift').changes).toBe(false)
  })
})

describe('the time of a step', () => {
  test('is without what a person thinks and does', async () => {
    const cloud = modelCloud({ a: {} })
    const { moments } = await run([manualStep('switch', 'a')], cloud, {
      byHand: async () => {
        await cloud.world.clock.sleep(600_000)
        cloud.set('a', 'right')
        return 'CHG-1'
      },
    })
    const ended = moments.find(({ type }) => type === 'step-ended')
    expect(ended).toMatchObject({ elapsed: { durationMs: expect.any(Number) } })
    expect((ended as { elapsed: { durationMs: number } }).elapsed.durationMs).toBeLessThan(60_000)
  })

  test('says how long it was read for where it is not done yet', async () => {
    const cloud = modelCloud({ a: {} })
    const { moments } = await run([manualStep('switch', 'a')], cloud, {
      byHand: async () => {
        await cloud.world.clock.sleep(600_000)
        return 'CHG-1'
      },
    })
    const notYet = moments.find(({ type }) => type === 'step-not-yet') as { elapsed: { durationMs: number } }
    expect(notYet.elapsed.durationMs).toBeGreaterThan(0)
    expect(notYet.elapsed.durationMs).toBeLessThan(600_000)
  })

  test('is real time, beside the simulated one where a sandbox has moved its clock on', async () => {
    const cloud = modelCloud({ a: {} })
    const real = Date.now()
    cloud.world.clock.real = () => new Date(real)
    const { events } = await run([gcloudStep('a'), waitStep()], cloud, {
      decide: () => ({ choice: 'apply' }),
    })
    const waited = events.filter(({ type }) => type === 'step.waited')
    expect(waited).toHaveLength(1)
    for (const { body } of waited) expect(body).toMatchObject({ durationMs: 0, simulatedMs: 60_000 })
    const lines: string[] = []
    plainProgress((text) => lines.push(text), false).end('k', 'waits', 'ok', '', {
      durationMs: 1200,
      simulatedMs: 600_000,
    })
    expect(lines[0]).toContain('1.2 s; 10 min simulated')
  })
})
