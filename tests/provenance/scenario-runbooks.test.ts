import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { beforeAll, expect, test, vi } from 'vitest'
import { stringify } from 'yaml'
import { makeStage, type Stage, tracing } from './stage.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let stage: Stage
beforeAll(async () => {
  stage = await makeStage()
  const evil = tracing(stage.at('trace'))
  stage.write('elsewhere/evil.yaml', evil)
  stage.write('evil', evil)
  mkdirSync(stage.at('runbooks/more'))
  stage.write('runbooks/more/evil.yaml', evil)
  symlinkSync(stage.at('elsewhere/evil.yaml'), stage.at('runbooks/linked.yaml'))
  stage.write('runbooks/own.yaml', tracing(stage.at('own-trace'), 'own'))
})

/** A scenario that somebody has sent, which rehearses a runbook. */
function sent(runbook: string): string {
  const scenario = {
    ...{ apiVersion: 'breakglass/v1', kind: 'Scenario', metadata: { name: 'sent', title: 'Sent' } },
    inventory: '../runbooks/inventory.yaml',
    rehearsal: { runbooks: [runbook], environment: 'live', reason: 'a test' },
    expected: { changed: [] },
    projects: { 'heron-live': { number: '271828182845' } },
  }
  return stage.write('downloads/sent.yaml', stringify(scenario))
}

test.each([
  ['by an absolute path', () => stage.at('elsewhere/evil.yaml')],
  ['by a path from where the person is', () => 'elsewhere/evil.yaml'],
  ['by the name of a file there', () => 'evil'],
  ['in a folder under runbooks/', () => 'more/evil'],
  ['by a link that leads elsewhere', () => 'linked'],
])('a scenario does not have a runbook run that it names %s', async (_, runbook) => {
  const file = sent(runbook())
  for (const command of [
    ['rehearse', file, '--yes'],
    ['test', file],
  ]) {
    const { exit, stderr } = await stage.breakglass(...command)
    expect({ exit, stderr }).toMatchObject({ exit: 2, stderr: expect.stringContaining('which the scenario names') })
    expect(existsSync(stage.at('trace'))).toBe(false)
  }
})

test("a scenario from elsewhere rehearses the workspace's own runbook", async () => {
  expect((await stage.breakglass('rehearse', sent('own'), '--yes')).exit).toBe(0)
  expect(existsSync(stage.at('own-trace'))).toBe(true)
})
