import { UserError } from '../base/problem.ts'
import { EXIT, EXIT_MEANINGS } from '../session/exit-codes.ts'
import type { Runtime } from '../session/host/runtime.ts'
import type { Named } from './build-command.ts'
import { COMMANDS } from './commands.ts'
import { splitGlobal, wantsJson } from './global-options.ts'

/** Runs one command line, without node and script, and returns its exit code; with `--json`, an error is JSON on stdout too. */
export async function runProgram(argv: string[], runtime: Runtime): Promise<number> {
  const json = wantsJson(argv)
  try {
    return await dispatch(argv, json, await withDebug(runtime))
  } catch (error) {
    const { explain } = await import('../session/host/explain-error.ts')
    const failure = await explain(error, runtime)
    const { emit } = await import('../session/host/output.ts')
    if (json) emit({ error: failure }, runtime)
    return failure.exitCode
  }
}

async function withDebug(runtime: Runtime): Promise<Runtime> {
  if (!runtime.environment.BREAKGLASS_DEBUG) return runtime
  const { debugged } = await import('../session/host/debug.ts')
  return debugged(runtime)
}

async function dispatch(argv: string[], json: boolean, runtime: Runtime): Promise<number> {
  const { before, name, rest } = splitGlobal(argv)
  const words = rest.filter((word) => word !== '--json')
  switch (name) {
    case undefined:
      await showHelp(json, runtime)
      throw new UserError('no command given', SEE_HELP)
    case 'version':
    case '--version':
    case '-V':
      if (words.length > 0)
        throw new UserError(`\`${name}\` takes no argument, and was given ${words.join(' ')}`, SEE_HELP)
      runtime.out(runtime.version)
      return EXIT.done
    case 'help':
    case '--help':
    case '-h':
      if (words.length > 0) return runCommand(words, { help: true }, runtime)
      if (json) await emitProgram(runtime)
      else await showHelp(json, runtime)
      return EXIT.done
    default:
      return runCommand([name, ...rest], { before, help: false }, runtime)
  }
}

const SEE_HELP = '`breakglass --help` lists all commands'

async function showHelp(json: boolean, runtime: Runtime): Promise<void> {
  const { programHelp } = await import('./help.ts')
  const { printer } = await import('../session/host/output.ts')
  printer(json, runtime)(programHelp(runtime.terminal))
}

/** Runs the command that words name, or shows its help. `before` are the global options that came before its name. */
async function runCommand(
  words: string[],
  { before = [], help }: { before?: string[]; help: boolean },
  runtime: Runtime,
): Promise<number> {
  const { buildCommand, findCommand } = await import('./build-command.ts')
  const found = findCommand(words)
  if (found === undefined) throw await unknownCommand(words.slice(0, 1), PUBLIC)
  const { path, entry, rest } = found
  const inner = 'commands' in entry ? Object.keys(entry.commands) : []
  const [next = ''] = rest
  if (help && rest.length > 0) throw await unknownCommand(words, inner)
  if (inner.length > 0 && next !== '' && !next.startsWith('-')) throw await unknownCommand([...path, next], inner)
  if (help || (inner.length > 0 && (next === '--help' || next === '-h'))) return showCommandHelp(found, runtime)
  if (inner.length > 0) throw missingCommand(path, inner)
  if (COMMANDS[path[0] ?? '']?.asks) runtime.keyboard.take()
  let code: number = EXIT.done
  const exit = (given: number) => {
    code = given
  }
  const describeAll = async () => (await import('./describe-command.ts')).describeCommands(runtime)
  const command = await buildCommand(found, { runtime, exit, describeAll })
  const { refuseDropped } = await import('./refuse-dropped.ts')
  const { CommanderError } = await import('commander')
  const typed = [...before, ...rest]
  try {
    refuseDropped(command, path.join(' '), typed)
    await command.parseAsync(typed, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code === 'commander.helpDisplayed') return showCommandHelp(found, runtime)
    const { usageError } = await import('./usage-error.ts')
    throw usageError(error, command, typed)
  }
  return code
}

async function showCommandHelp(named: Named, runtime: Runtime): Promise<number> {
  // Help is loaded only when it is shown: `breakglass names` runs at every Tab.
  const { describeCommand } = await import('./describe-command.ts')
  const { commandHelp } = await import('./help.ts')
  runtime.out(commandHelp(named.path.join(' '), await describeCommand(named, runtime), runtime.terminal))
  return EXIT.done
}

/** The names that help lists. */
const PUBLIC = Object.keys(COMMANDS).filter((name) => COMMANDS[name]?.group !== 'internal')

/** Returns the error that words name no command; the last word is the unknown one. */
async function unknownCommand(words: string[], known: string[]): Promise<UserError> {
  const { suggestName } = await import('../base/suggest.ts')
  const before = words.slice(0, -1)
  const meant = suggestName(words.at(-1) ?? '', known)
  return new UserError(
    `unknown command \`${words.join(' ')}\``,
    meant !== undefined
      ? `did you mean \`${[...before, meant].join(' ')}\`?`
      : before.length === 0
        ? SEE_HELP
        : `\`breakglass ${before.join(' ')} --help\` shows how it is used`,
  )
}

const missingCommand = (path: string[], inner: string[]): UserError =>
  new UserError(
    `\`breakglass ${path.join(' ')}\` needs a command: ${inner.join(', ')}`,
    `\`breakglass ${path.join(' ')} --help\` explains each`,
  )

/** Prints all commands, environment variables and exit codes as JSON: the source of the reference. */
async function emitProgram(runtime: Runtime): Promise<void> {
  const { describeCommands } = await import('./describe-command.ts')
  const { emit } = await import('../session/host/output.ts')
  const exitCodes = Object.entries(EXIT).map(([name, code]) => ({
    code,
    meaning: EXIT_MEANINGS[name as keyof typeof EXIT],
  }))
  const { ENVIRONMENT } = await import('./environment-variables.ts')
  const environment = Object.entries(ENVIRONMENT).map(([name, meaning]) => ({ name, meaning }))
  emit({ commands: await describeCommands(runtime), environment, exitCodes }, runtime)
}
