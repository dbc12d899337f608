import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { parse } from 'yaml'
import { readInventory } from '../../engine/runbook/read-inventory.ts'
import { readRunbook } from '../../engine/runbook/read-runbook.ts'
import { makeWorkspace } from '../command-line/workspace.ts'
import { sarifProblems } from '../gates/published-schemas.ts'
import { findingsIn } from '../samples/samples.ts'
import { action, environmentOf, root } from './action.ts'

const workspace = makeWorkspace()
const limit = { timeout: 240_000 }
for (const program of ['bash', 'env']) symlinkSync(`/usr/bin/${program}`, join(workspace.folder, 'bin', program))

/** Runs the action's last step as GitHub does: its inputs in its environment, its command in bash. */
function gate(given: Record<string, string>): Promise<{ exit: number; stdout: string }> {
  const step = action.runs.steps.at(-1)
  if (!step) throw new Error('the action has no step')
  const environment = {
    PATH: join(workspace.folder, 'bin'),
    HOME: workspace.folder,
    TMPDIR: workspace.folder,
    GITHUB_ACTION_PATH: root,
    ...environmentOf(step, given),
  }
  return new Promise((resolve) => {
    execFile(
      'bash',
      ['-eo', 'pipefail', '-c', step.run],
      { env: environment, cwd: workspace.folder },
      (error, stdout) => resolve({ exit: error ? Number(error.code) : 0, stdout }),
    )
  })
}

const drifted = { runbooks: 'access-posture secret-parity', environments: 'prod', sandbox: 'incident-2026-02-27' }

describe("the action's own step", () => {
  it('passes where all is as it must be', limit, async () => {
    expect(await gate({ ...drifted, environments: 'stage,prod', sandbox: 'conformant' })).toMatchObject({ exit: 0 })
  })

  it('fails where something drifted, at the line of the runbook', limit, async () => {
    const { exit, stdout } = await gate(drifted)
    expect(exit).toBe(3)
    expect(stdout).toMatch(/^::error file=runbooks\/access-posture\.yaml,line=\d+/m)
  })

  it('checks the runbooks of every line', limit, async () => {
    const { exit, stdout } = await gate({ ...drifted, runbooks: 'access-posture\n  secret-parity\n' })
    expect(exit).toBe(3)
    for (const runbook of ['access-posture', 'secret-parity'])
      expect(stdout).toMatch(new RegExp(`^::error file=runbooks/${runbook}\\.yaml`, 'm'))
  })

  it('passes inputs on, and nothing in them is a command', limit, async () => {
    const { exit, stdout } = await gate({ ...drifted, runbooks: 'access-posture', inputs: 'services=marketing-site' })
    expect(exit).toBe(3)
    expect(stdout).not.toContain('public-ingress[frontend-app]')
    const injected = await gate({ ...drifted, inputs: 'services=$(touch injected)' })
    expect(injected.exit).toBe(2)
    expect(workspace.names('.')).not.toContain('injected')
  })

  it('writes a report beside that', limit, async () => {
    mkdirSync(join(workspace.folder, 'out'))
    expect(await gate({ ...drifted, report: 'sarif', 'report-file': 'out/gate.sarif' })).toMatchObject({ exit: 3 })
    const log = JSON.parse(workspace.lines('out/gate.sarif').join('\n'))
    expect(sarifProblems(log)).toEqual([])
    expect(log.runs[0].results.length).toBeGreaterThan(0)
  })
})

test("no step puts an input into a command's text", () => {
  for (const { run } of action.runs.steps) expect(run).not.toContain('${{')
})

describe('what docs/in-ci.md shows', () => {
  const page = readFileSync(join(root, 'docs/in-ci.md'), 'utf8')
  const blocks = [...page.matchAll(/```(\w+)\n([\s\S]*?)```/g)].map(([, language, text = '']) => ({ language, text }))
  const textWith = (key: string): string =>
    blocks.find(({ language, text }) => language === 'yaml' && text.includes(key))?.text ?? ''
  const yamlWith = (key: string) => parse(textWith(key))

  it("its job's commands run, and its inputs are the action's", limit, async () => {
    type Step = { run?: string; uses?: string; with?: Record<string, string> }
    const steps: Step[] = yamlWith('jobs:').jobs.gate.steps
    const own = steps.find(({ uses }) => uses === './breakglass')
    for (const name of Object.keys(own?.with ?? {})) expect(Object.keys(action.inputs)).toContain(name)
    expect(await gate({ ...own?.with, sandbox: 'conformant' })).toMatchObject({ exit: 0 })
    await workspace.breakglass('contract')
    for (const { run } of steps.filter(({ run }) => run !== undefined)) {
      const [, , ...argv] = (run ?? '').split(' > ')[0]?.split(' ') ?? []
      expect(await workspace.breakglass(...argv), run).toMatchObject({ exit: 0 })
    }
  })

  it('its pieces of runbook and inventory are valid', () => {
    const inventory = `${workspace.lines('runbooks/inventory.yaml').join('\n')}\n${textWith('knownDifferences:')}`
    expect(findingsIn(readInventory({ name: 'inventory.yaml', text: inventory }))).toEqual([])
    const metadata = { name: 'x', title: 'X', description: 'X.', risk: 'low' }
    const text = JSON.stringify({ apiVersion: 'breakglass/v1', kind: 'Runbook', metadata, verify: yamlWith('script:') })
    expect(findingsIn(readRunbook({ name: 'x.yaml', text }))).toEqual([])
  })
})
