import { describe, expect, test } from 'vitest'
import { readStatements } from '../../engine/base/shell-words.ts'
import { allCommands, buildCommand, findCommand } from '../../engine/cli/build-command.ts'
import { describeCommands } from '../../engine/cli/describe-command.ts'
import { TOP_EXAMPLES } from '../../engine/cli/help.ts'
import { runProgram } from '../../engine/cli/program.ts'
import { refuseDropped } from '../../engine/cli/refuse-dropped.ts'
import type { Runtime } from '../../engine/session/host/runtime.ts'

/** Runs a command line in this process. */
async function ask(argv: string[], columns = 80) {
  const [printed, said]: string[][] = [[], []]
  const runtime = {
    environment: {},
    terminal: { interactive: false, columns, colour: false },
    keyboard: { take: () => {} },
    version: '1.2.3',
    out: (text: string) => void printed?.push(text),
    err: (text: string) => void said?.push(text),
  } as unknown as Runtime
  const exit = await runProgram(argv, runtime)
  return { exit, stdout: printed?.join('\n') ?? '', stderr: said?.join('\n') ?? '' }
}

const context = { runtime: {} as Runtime, exit: () => {}, describeAll: async () => [] }
const all = allCommands()
const named = all.map(({ path, entry }) => ({ name: path.join(' '), entry }))
const examples = [...TOP_EXAMPLES, ...all.flatMap(({ entry }) => entry.examples)].map(({ line }) => line)

describe('an example', () => {
  test.each(examples)('%s is a command line that its command takes', async (line) => {
    const [statement, ...others] = readStatements(line)
    expect(others).toEqual([])
    const words = statement?.words.map((word) => word.map((part) => ('text' in part ? part.text : '?')).join('')) ?? []
    expect(words[0]).toBe('breakglass')
    const found = findCommand(words.slice(1))
    if (found === undefined) throw new Error(`${line} names no command`)
    const command = await buildCommand(found, context)
    refuseDropped(command, found.path.join(' '), found.rest)
    await command.action(() => {}).parseAsync(found.rest, { from: 'user' })
  })

  test.each(named)('of $name is about $name', ({ name, entry }) => {
    expect(entry.examples.length).toBeGreaterThan(0)
    for (const { line } of entry.examples) expect(line).toMatch(new RegExp(`^breakglass (${name}|audit)\\b`))
  })
})

describe('help', () => {
  test('lists every command in its group, with the summary that its own help begins with', async () => {
    const { exit, stdout } = await ask(['help'])
    expect(exit).toBe(0)
    for (const group of ['AUTHOR', 'OBSERVE', 'REMEDIATE', 'PROVE', 'REHEARSE', 'SET UP', 'EXIT CODES'])
      expect(stdout).toContain(`\n${group}\n`)
    const flat = stdout.replaceAll(/\s+/g, ' ')
    for (const { name, summary } of await describeCommands({} as Runtime)) {
      expect(flat).toContain(` ${name} ${summary}`)
      const own = await ask([name, '--help'])
      expect(own.exit).toBe(0)
      expect(own.stdout.split('\n')[0]).toBe(`${summary}.`)
      for (const other of [
        ['help', name],
        ['--help', name],
        [name, '-h'],
      ])
        expect(await ask(other)).toEqual(own)
    }
  })

  test('lists no internal command, which can still be called', async () => {
    expect((await ask(['help'])).stdout).not.toMatch(/^ {2}names\b/m)
    expect((await ask(['names', '--help'])).stdout).toContain('breakglass names <kind>')
  })

  test('marks a required option and shows it in the usage', async () => {
    const { stdout } = await ask(['check', '--help'])
    expect(stdout).toContain('  breakglass check <runbook...> --env <environment> [options]')
    expect(stdout).toMatch(/--env <environment> +\(required\)/)
    expect(stdout).not.toContain('{}')
  })

  test('groups options: its own, how Google Cloud is reached, workspace and output', async () => {
    const { stdout } = await ask(['run', '--help'])
    const at = ['OPTIONS', '--reason', 'GOOGLE CLOUD', '--proxy', 'WORKSPACE AND OUTPUT', '--logs', 'EXAMPLES']
    const places = at.map((text) => stdout.indexOf(text))
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(places).not.toContain(-1)
  })

  test.each([40, 80, 120])('fits %i columns, except for words that are wider', async (columns) => {
    for (const argv of [['help'], ...all.map(({ path }) => [...path, '--help'])]) {
      const { stdout } = await ask(argv, columns)
      for (const line of stdout.split('\n').filter((each) => each.length > columns))
        expect(line.trim().replaceAll(/"[^"]*"/g, '_'), argv.join(' ')).not.toMatch(/\S+ \S+ \S+/)
    }
  })
})

describe('a mistyped word', () => {
  test.each([
    [['chek'], 'error: unknown command `chek`\nhint: did you mean `check`?'],
    [['audit', 'veriy'], 'error: unknown command `audit veriy`\nhint: did you mean `audit verify`?'],
    [['help', 'rehears'], 'error: unknown command `rehears`\nhint: did you mean `rehearse`?'],
    [['check', 'x', '--enviroment', 'prod'], 'error: unknown option --enviroment\nhint: did you mean --env?'],
    [['run', '--incidnet', 'x'], 'error: unknown option --incidnet\nhint: did you mean --incident?'],
    [
      ['record'],
      'error: missing argument <incident>\nhint: `breakglass record --help` shows its arguments and options',
    ],
    [
      ['check', 'x'],
      'error: missing option --env <environment>\nhint: `breakglass check --help` shows its arguments and options',
    ],
    [
      ['completion', 'zhs'],
      'error: invalid value for <shell>: zhs\nhint: did you mean zsh? The choices are: bash, zsh, fish',
    ],
    [['show', 'x', '--format', 'pdf'], 'error: invalid value for --format: pdf\nhint: choose one of: text, markdown'],
    [
      ['record', 'I', '--format', 'html', '--verify', 'f'],
      'error: --format cannot be used with --verify\nhint: leave one of them out',
    ],
    [
      ['audit'],
      'error: `breakglass audit` needs a command: verify, show, export, prove\nhint: `breakglass audit --help` explains each',
    ],
  ])('%j is refused with a hint', async (argv, stderr) => {
    expect(await ask(argv)).toEqual({ exit: 2, stdout: '', stderr })
  })
})

test.each([['version'], ['--version'], ['-V']])('%s prints the version', async (word) => {
  expect(await ask([word])).toEqual({ exit: 0, stdout: '1.2.3', stderr: '' })
})
