import type { Command, Option } from 'commander'
import { describe, expect, test } from 'vitest'
import { allCommands, buildCommand } from '../../engine/cli/build-command.ts'
import { RepeatableOption } from '../../engine/cli/options.ts'
import { runProgram } from '../../engine/cli/program.ts'
import { EXIT } from '../../engine/session/exit-codes.ts'
import type { Runtime } from '../../engine/session/host/runtime.ts'

/** Runs a command line in this process; what is refused while options are read needs nothing else from outside. */
async function ask(...argv: string[]) {
  const said: string[] = []
  const printed: string[] = []
  const runtime = {
    environment: {},
    terminal: { interactive: false, columns: 80, colour: false },
    keyboard: { take: () => {} },
    out: (text: string) => void printed.push(text),
    err: (text: string) => void said.push(text),
  } as unknown as Runtime
  return { exit: await runProgram(argv, runtime), said: said.join('\n'), printed: printed.join('\n') }
}

const context = { runtime: {} as Runtime, exit: () => {}, describeAll: async () => [] }
const commands: { path: string[]; command: Command }[] = []
for (const named of allCommands())
  if ('read' in named.entry) commands.push({ path: named.path, command: await buildCommand(named, context) })

const options = commands.flatMap(({ path, command }) =>
  command.options.map((option) => ({ path, option, line: [...path, option.long].join(' ') })),
)
const valued = options.filter(({ option }) => option.required || option.optional)
const single = valued.filter(({ option }) => !(option instanceof RepeatableOption))
const long = ({ long }: Option): string => long ?? ''
const name = (path: string[]): string => path.join(' ')

/** Two values of an option that is checked while it is read. */
const CHECKED: Record<string, [string, string]> = {
  '--proxy': ['http://proxy.example.com:3128', 'none'],
  '--account': ['one@example.com', 'two@example.com'],
  '--impersonate-service-account': ['one@p.iam.gserviceaccount.com', 'none'],
}

describe('an option that takes one value is refused when it is given twice', () => {
  test('there are options to ask about', () => expect(single.length).toBeGreaterThan(100))

  test.each(single)('$line', async ({ path, option }) => {
    const flag = long(option)
    const [one, two] = option.argChoices ?? CHECKED[flag] ?? ['one', 'two']
    for (const argv of [
      [flag, one, flag, two],
      [`${flag}=${one}`, flag, two],
      [flag, one, `${flag}=${two}`],
      [`${flag}=${one}`, `${flag}=${two}`],
      [flag, one, 'word', flag, one],
    ]) {
      const { exit, said } = await ask(...path, ...(argv as string[]))
      expect(said).toContain(`${flag} takes one value, and was given ${one} and `)
      expect(said).toContain(`run \`breakglass ${name(path)}\` once for each`)
      expect(exit).toBe(EXIT.usage)
    }
  })

  const global = single.filter(({ option }) => ['--workspace', '--logs', '--inventory'].includes(long(option)))
  test.each(global.filter(({ path }) => path.length === 1))(
    '$line, also before the command',
    async ({ path, option }) => {
      const flag = long(option)
      for (const argv of [
        [flag, 'one', ...path, flag, 'two'],
        [`${flag}=one`, ...path, `${flag}=two`],
        [flag, 'one', flag, 'two', ...path],
      ]) {
        const { exit, said } = await ask(...argv)
        expect(said).toContain(`${flag} takes one value, and was given one and two`)
        expect(exit).toBe(EXIT.usage)
      }
    },
  )

  test('with --json as data', async () => {
    const { exit, printed } = await ask('run', '--env', 'a', '--env', 'b', '--json')
    expect(JSON.parse(printed)).toEqual({
      error: {
        message: '--env takes one value, and was given a and b',
        hint: 'give --env once; to use both, run `breakglass run` once for each',
        exitCode: EXIT.usage,
      },
    })
    expect(exit).toBe(EXIT.usage)
  })
})

describe('no value of an option is lost', () => {
  test.each(valued)('$line is no value of the option before it', async ({ path, option }) => {
    const flag = long(option)
    for (const next of ['--json', '--', '--nothing', '--nothing=x']) {
      const { exit, said } = await ask(...path, flag, next)
      expect(said).toContain(`${flag} lacks its value: ${next} follows it`)
      expect(exit).toBe(EXIT.usage)
    }
  })

  test.each(valued)('$line with an empty value', async ({ path, option }) => {
    for (const argv of [[long(option), ''], [`${long(option)}=`]]) {
      const { exit, said } = await ask(...path, ...argv)
      expect(said).toContain(`${long(option)} has an empty value`)
      expect(exit).toBe(EXIT.usage)
    }
  })

  test.each(options.filter(({ option }) => option.isBoolean() || option.negate))(
    '$line takes no value, and none is dropped',
    async ({ path, option }) => {
      for (const argv of [[`${long(option)}=false`], [long(option), `${long(option)}=true`]]) {
        const { exit, said } = await ask(...path, ...argv)
        expect(said).toContain(`${long(option)} takes no value, and was given `)
        expect(exit).toBe(EXIT.usage)
      }
    },
  )

  test.each(valued.filter(({ option }) => option instanceof RepeatableOption))(
    '$line may be repeated, and says so',
    async ({ path, option }) => {
      expect(option.description).toMatch(/repeat/)
      const { exit, said } = await ask(...path, long(option), 'a=1', `${long(option)}=b=1`, '--nothing')
      expect(said).toMatch(/unknown option --nothing|missing (option|argument)/)
      expect(exit).toBe(EXIT.usage)
    },
  )
})

describe('no argument is lost', () => {
  const bounded = commands.filter(
    ({ command }) => command.commands.length === 0 && !command.registeredArguments.some(({ variadic }) => variadic),
  )
  test.each(bounded.map(({ path, command }) => ({ line: name(path), path, command })))(
    '$line refuses more arguments than it takes, and names them',
    async ({ path, command }) => {
      const takes = command.registeredArguments
      const words = [...takes.map(({ argChoices }) => argChoices?.[0] ?? 'word'), 'more', 'still-more']
      const { exit, said } = await ask(...path, ...words)
      expect(said).toContain('more, still-more')
      expect(exit).toBe(EXIT.usage)
    },
  )

  test.each([
    ['--version', 'list'],
    ['-V', '--json', 'x'],
    ['help', 'run', 'now'],
    ['help', 'audit', 'verify', 'INC-1'],
  ])('%j is refused', async (...argv) => {
    const { exit, said } = await ask(...argv)
    expect(exit).toBe(EXIT.usage)
    expect(said).toContain(argv.at(-1))
  })

  test.each([
    [['help', 'audit', 'verify'], 'USAGE\n  breakglass audit verify'],
    [['--help', 'plan'], 'USAGE\n  breakglass plan'],
    [['help', 'sandbox'], 'USAGE\n  breakglass sandbox'],
  ])('%j shows the help of that command', async (argv, usage) => {
    const { exit, printed } = await ask(...argv)
    expect(printed).toContain(usage)
    expect(exit).toBe(EXIT.done)
  })
})
