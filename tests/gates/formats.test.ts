import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { Checked } from '../../engine/report/checked.ts'
import { toGithub } from '../../engine/report/github.ts'
import { toJunit } from '../../engine/report/junit.ts'
import { toSarif } from '../../engine/report/sarif.ts'
import { makeWorkspace } from '../command-line/workspace.ts'
import { junitProblems, sarifProblems } from './published-schemas.ts'

const workspace = makeWorkspace()
const drifted = ['check', 'access-posture', 'secret-parity', '--sandbox', 'incident-2026-02-27', '--env', 'prod']
const limit = { timeout: 240_000 }

describe('a check is told in the form that is asked for, and exits 3', () => {
  it('as SARIF, with every drifted step at its line', limit, async () => {
    const { exit, stdout } = await workspace.breakglass(...drifted, '--format', 'sarif')
    const log = JSON.parse(stdout)
    expect(exit).toBe(3)
    expect(sarifProblems(log)).toEqual([])
    const { results, tool } = log.runs[0]
    expect(results.map(({ ruleId }: { ruleId: string }) => ruleId)).toContain('access-posture/public-ingress')
    for (const { ruleId, ruleIndex, locations } of results) {
      expect(tool.driver.rules[ruleIndex].id).toBe(ruleId)
      const { artifactLocation, region } = locations[0].physicalLocation
      expect(artifactLocation.uri).toBe(`runbooks/${ruleId.split('/')[0]}.yaml`)
      const id = workspace.lines(artifactLocation.uri)[region.startLine - 1]
      expect(id).toContain(`id: ${ruleId.split('/')[1]}`)
    }
  })

  it('as JUnit, a suite for each environment', limit, async () => {
    const { exit, stdout } = await workspace.breakglass(...drifted, '--env', 'stage', '--format', 'junit')
    expect(exit).toBe(3)
    expect(await junitProblems(stdout)).toEqual([])
    expect(stdout).toMatch(/<testsuite name="prod" tests="\d+" failures="[1-9]\d*" errors="0">/)
    expect(stdout).toMatch(/<testsuite name="stage" tests="\d+" failures="0" errors="0">/)
  })

  it("as GitHub's workflow commands", limit, async () => {
    const { exit, stdout } = await workspace.breakglass(...drifted, '--format=github')
    expect(exit).toBe(3)
    expect(stdout).toMatch(
      /^::error file=runbooks\/access-posture\.yaml,line=\d+,title=prod drift%3A Make frontend-app public::access-posture\/public-ingress\[frontend-app\]: ingress is /m,
    )
  })

  it('as JSON, with the environment of each step', limit, async () => {
    const { exit, stdout } = await workspace.breakglass(...drifted, '--env', 'stage,dev', '--format', 'json')
    const { exitCode, environments, steps } = JSON.parse(stdout)
    expect({ exit, exitCode }).toEqual({ exit: 3, exitCode: 3 })
    expect(environments.map(({ environment }: { environment: string }) => environment)).toEqual([
      'prod',
      'stage',
      'dev',
    ])
    const drifting = steps.filter(({ status }: { status: string }) => status === 'drift')
    expect(new Set(drifting.map(({ environment }: { environment: string }) => environment))).toEqual(new Set(['prod']))
  })
})

test('an environment that there is not is refused before anything is looked at', limit, async () => {
  const { exit, stderr } = await workspace.breakglass(
    'check',
    'access-posture',
    '--env',
    'stgae',
    '--sandbox',
    'conformant',
  )
  expect({ exit, stderr }).toMatchObject({ exit: 2, stderr: expect.stringContaining('stgae') })
})

const line = fc.string({ unit: 'binary', maxLength: 30 })
const checked = fc.array(
  fc.record<Checked>({
    environment: line,
    rule: line,
    key: line,
    title: line,
    status: fc.constantFrom('conformant', 'drift', 'unknown', 'known'),
    says: line,
    because: line,
    file: line,
    line: fc.integer({ min: 1, max: 9999 }),
  }),
  { maxLength: 4 },
)

test('whatever the texts hold, SARIF is valid', () => {
  const valid = (all: Checked[]) => {
    expect(sarifProblems(toSarif(all, '1.0.0'))).toEqual([])
  }
  fc.assert(fc.property(checked, valid), { numRuns: 20 })
})

test('whatever the texts hold, JUnit is valid', { timeout: 240_000 }, async () => {
  const cases = fc.array(
    fc.record({
      name: line,
      group: line,
      outcome: fc.constantFrom('passed' as const, 'failed' as const, 'error' as const),
      says: line,
    }),
  )
  const valid = async (all: Parameters<typeof toJunit>[0][number]['cases'], name: string) => {
    expect(await junitProblems(toJunit([{ name, cases: all }]))).toEqual([])
  }
  await fc.assert(fc.asyncProperty(cases, line, valid), { numRuns: 15 })
})

test('no text starts a workflow command of its own', () => {
  fc.assert(
    fc.property(checked, fc.constantFrom('\n::error::x', '\r::set-env name=PATH::x', '%0A::x'), (all, injected) => {
      const lines = toGithub(all.map((each) => ({ ...each, says: injected, title: injected, file: injected })))
      for (const each of lines) expect(each).toMatch(/^::(error|notice) [^\r\n]*$/)
    }),
  )
})
