import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { makeWorkspace } from './workspace.ts'

const prod = ['--env', 'prod', '--sandbox', 'conformant']
const shipped = (folder: string, name: string) => readFileSync(join(folder, 'runbooks', `${name}.yaml`), 'utf8')

describe('a runbook whose file has another name', () => {
  const { folder, edit, breakglass } = makeWorkspace()
  beforeAll(() => edit('runbooks/run-parity.yaml', 'name: run-parity', 'name: runtime-parity'))
  const said = /run-parity\.yaml:5:9[\s\S]*the runbook is called `runtime-parity`, but its file is `run-parity`/

  test.each([
    ['validate', []],
    ['validate a file', ['runbooks/run-parity.yaml']],
    ['check', ['run-parity', ...prod]],
    ['check by its path', [join(folder, 'runbooks/run-parity.yaml'), ...prod]],
    ['check a runbook that uses it as a gate', ['release-verification', ...prod]],
  ])('is refused at its name by %s', async (what, argv) => {
    const { exit, stdout, stderr } = await breakglass(what.split(' ', 1)[0]!, ...argv)
    expect(stdout + stderr).toMatch(said)
    expect(exit).toBe(2)
  })
})

describe('two runbooks', () => {
  const { folder, write, breakglass } = makeWorkspace()

  test('that are one, named twice, are looked at once', async () => {
    const once = await breakglass('plan', 'secret-parity', ...prod, '--json')
    const twice = await breakglass(
      'plan',
      'secret-parity',
      './runbooks/secret-parity.yaml',
      'secret-parity',
      ...prod,
      '--json',
    )
    expect(twice.exit).toBe(0)
    const of = (text: string) => JSON.parse(text).plan.runbooks as object[]
    expect(of(twice.stdout)).toEqual(of(once.stdout))
  })

  test('of one name in different folders are not taken together', async () => {
    mkdirSync(join(folder, 'other'))
    cpSync(join(folder, 'runbooks/secret-parity.yaml'), join(folder, 'other/secret-parity.yaml'))
    const { exit, stderr } = await breakglass('check', 'secret-parity', 'other/secret-parity.yaml', ...prod)
    expect(stderr).toMatch(/all called `secret-parity`: runbooks\/secret-parity\.yaml, other\/secret-parity\.yaml/)
    expect(exit).toBe(2)
  })

  test.each(['list', 'validate', 'check secret-parity --env prod --sandbox conformant'])(
    'that differ only in how their names end are refused by %s',
    async (argv) => {
      write('runbooks/secret-parity.yml', shipped(folder, 'secret-parity'))
      const { exit, stderr } = await breakglass(...argv.split(' '))
      expect(stderr).toMatch(/secret-parity\.yaml and secret-parity\.yml in .* have the same name/i)
      expect(exit).toBe(2)
    },
  )
})
