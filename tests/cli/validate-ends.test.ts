import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { finish, folderOf, main } from '../incident/cli.ts'

let folder: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'breakglass-ends-'))
  await breakglass('init')
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const environment = () => ({ PATH: [folderOf('gcloud'), '/usr/bin', '/bin'].join(':'), HOME: folder })
const breakglass = (...argv: string[]) => finish([process.execPath, main, ...argv], folder, environment())

function hostile(step: string, inputs = ''): void {
  const text = `apiVersion: breakglass/v1
kind: Runbook
metadata:
  name: hostile
  title: A hostile runbook
  description: It would keep the engine busy.
  risk: low
${inputs}steps:
  - id: one
    title: One
${step}
    observe:
      gcloud: [run, services, describe, "\${{ 'w' + env.name }}", --region, "\${{ env.region }}"]
      select: { name: '\${{ result.metadata.name }}' }
    expect: { name: web }
`
  writeFileSync(join(folder, 'runbooks/hostile.yaml'), text)
}

const list = (length: number) => `[${Array.from({ length }, (_, n) => n).join(', ')}]`
const loops = `\${{ ${list(500)}.map(a, ${list(500)}.map(b, ${list(500)}.map(c, c))) }}`

test('a runbook that loops within loops is refused within seconds, with the step, the limit and what to do', async () => {
  hostile(`    forEach: { x: '${loops}' }`)
  const before = performance.now()
  const { exit, stdout, stderr } = await breakglass('validate')
  expect(performance.now() - before).toBeLessThan(20_000)
  expect(stdout + stderr).toMatch(
    /hostile\.yaml:\d+:\d+[\s\S]*step one: evaluation stopped: it takes more than 5,000,000 steps[\s\S]*hint: simplify the expression/,
  )
  expect(exit).toBe(2)
})

test('so is one that repeats a step without end', async () => {
  const many = `'\${{ ${list(900)} }}'`
  hostile(`    forEach: { a: ${many}, b: ${many}, c: ${many}, d: ${many} }`)
  const { exit, stdout, stderr } = await breakglass('validate')
  expect(stdout + stderr).toMatch(/hostile\.yaml[\s\S]*step one: it takes more than 5,000,000 steps/)
  expect(exit).toBe(2)
})

test('a pattern that RE2 does not have is refused at its place, in an expression and in an input', async () => {
  hostile(
    `    when: "\${{ env.name.matches('a(?=b)') }}"`,
    "inputs:\n  who: { type: string, default: x, pattern: '^(a)\\1$' }\n",
  )
  const pattern = await breakglass('validate')
  expect(pattern.stdout + pattern.stderr).toMatch(/hostile\.yaml:9:\d+: .*backreferences are not supported/)
  hostile(`    when: "\${{ env.name.matches('a(?=b)') }}"`)
  const matches = await breakglass('validate')
  expect(matches.stdout + matches.stderr).toMatch(/hostile\.yaml:11:\d+: .*lookahead and lookbehind are not supported/)
  expect([pattern.exit, matches.exit]).toEqual([2, 2])
})

test('an input whose pattern would backtrack without end is answered', async () => {
  hostile('', `inputs:\n  who: { type: string, default: '${'a'.repeat(60)}!', pattern: '^(a+)+$' }\n`)
  const { exit, stdout, stderr } = await breakglass('validate')
  expect(stdout + stderr).toMatch(/hostile\.yaml:9:.*must match pattern/)
  expect(exit).toBe(2)
})

test('types that refer to each other until they are huge are refused', async () => {
  const types = Array.from(
    { length: 30 },
    (_, n) =>
      `  t${n}: { type: object, properties: { a: { $ref: '#/types/t${n + 1}' }, b: { $ref: '#/types/t${n + 1}' } } }`,
  )
  hostile('', `types:\n${types.join('\n')}\n  t30: { type: string }\ninputs:\n  who: { $ref: '#/types/t0' }\n`)
  const { exit, stdout, stderr } = await breakglass('validate')
  expect(stdout + stderr).toMatch(/hostile\.yaml:\d+:\d+: .*more than 2000 schemas/)
  expect(exit).toBe(2)
})
