import type { Command } from 'commander'
import { EXIT, EXIT_MEANINGS } from '../session/exit-codes.ts'
import type { Failure } from '../session/host/explain-error.ts'
import type { Runtime } from '../session/host/runtime.ts'
import { COMMANDS, type Define } from './commands.ts'
import { splitGlobal, wantsJson } from './global-options.ts'

/** Runs one command line (without node and script) and answers its exit code; with `--json`, a failure too is one JSON object on stdout. */
export async function runProgram(argv: string[], runtime: Runtime): Promise<number> {
  const json = wantsJson(argv)
  const { before, name, rest } = splitGlobal(argv)
  const named = rest.filter((word) => word !== '--json')
  if (name === '--version' || name === '-V') {
    if (named.length > 0)
      return refuseMore(`${name} takes nothing else, and was given ${named.join(' ')}`, json, runtime)
    runtime.out(runtime.version)
    return EXIT.done
  }
  const help = name === '--help' || name === '-h' || name === 'help'
  if (help && named.length === 0) {
    if (json) await emitProgram(runtime)
    else runtime.out(overview())
    return EXIT.done
  }
  if (name === undefined) {
    const { printer } = await import('../session/host/output.ts')
    printer(json, runtime)(overview())
    return failed({ message: 'no command was named', hint: SEE_HELP, exitCode: EXIT.usage }, json, runtime)
  }
  const wanted = help ? named[0] : name
  const command = wanted !== undefined && Object.hasOwn(COMMANDS, wanted) ? COMMANDS[wanted] : undefined
  if (!command) {
    const { suggest } = await import('../base/suggest.ts')
    const meant = suggest(wanted ?? '', Object.keys(COMMANDS))
    const message = `There is no command \`${wanted}\`.`
    const hint = meant ? `Did you mean \`${meant}\`?` : SEE_HELP
    runtime.err(`${message} ${hint}`)
    return failed({ message, hint, exitCode: EXIT.usage }, json, runtime)
  }
  if (command.asks && !help) runtime.keyboard.take()
  const { define } = await command.read()
  return runCommand(define, before, help ? { helpOf: named.slice(1) } : { rest }, json, runtime)
}

async function refuseMore(message: string, json: boolean, runtime: Runtime): Promise<number> {
  runtime.err(`${message}. ${SEE_HELP}`)
  return failed({ message, hint: SEE_HELP, exitCode: EXIT.usage }, json, runtime)
}

const SEE_HELP = '`breakglass --help` shows what there is.'

async function failed(error: Failure, json: boolean, runtime: Runtime): Promise<number> {
  const { emit } = await import('../session/host/output.ts')
  if (json) emit({ error }, runtime)
  return error.exitCode
}

async function runCommand(
  define: Define,
  before: string[],
  asked: { rest: string[] } | { helpOf: string[] },
  json: boolean,
  runtime: Runtime,
): Promise<number> {
  const commander = await import('commander')
  let code: number = EXIT.done
  const answer = (given: number) => {
    code = given
  }
  const command = define(runtime, answer, async () =>
    (await import('./describe-commands.ts')).describeCommands(runtime),
  )
  const root = new commander.Command('breakglass').exitOverride().enablePositionalOptions().addCommand(command)
  for (const each of [root, command, ...command.commands]) {
    each.configureOutput({
      writeOut: (text) => runtime.out(text.trimEnd()),
      writeErr: (text) => runtime.err(text.trimEnd()),
    })
  }
  // What stood before the command's name belongs to it, or to its own command (`audit show`).
  const inner = command.commands.length > 0 ? 1 : 0
  if ('helpOf' in asked && !isPath(command, asked.helpOf)) {
    const path = [command.name(), ...asked.helpOf].join(' ')
    return refuseMore(`there is no command \`${path}\``, json, runtime)
  }
  const rest = 'helpOf' in asked ? [...asked.helpOf, '--help'] : asked.rest
  const words = [command.name(), ...rest.slice(0, inner), ...before, ...rest.slice(inner)]
  try {
    const { refuseDropped } = await import('./refuse-dropped.ts')
    refuseDropped(command, command.name(), words)
    await root.parseAsync(words, { from: 'user' })
    return code
  } catch (error) {
    const { explain } = await import('../session/host/explain-error.ts')
    const failure = await explain(error, runtime)
    return failure === undefined ? EXIT.done : failed(failure, json, runtime)
  }
}

/** Whether words name nothing, or one of a command's own commands. */
const isPath = (command: Command, [own, ...more]: string[]): boolean =>
  own === undefined || (more.length === 0 && command.commands.some((each) => each.name() === own))

/** All commands, their options and the exit codes as data: what the reference and the shells' completion are made of. */
async function emitProgram(runtime: Runtime): Promise<void> {
  const { describeCommands } = await import('./describe-commands.ts')
  const { emit } = await import('../session/host/output.ts')
  const exitCodes = Object.entries(EXIT).map(([name, code]) => ({
    code,
    meaning: EXIT_MEANINGS[name as keyof typeof EXIT],
  }))
  emit({ commands: await describeCommands(runtime), exitCodes }, runtime)
}

function overview(): string {
  const commands = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(11)} ${summary}`)
  const codes = Object.entries(EXIT).map(
    ([name, code]) => `  ${String(code).padEnd(11)} ${EXIT_MEANINGS[name as keyof typeof EXIT]}`,
  )
  return [
    'breakglass: guided, reversible, recorded changes to production over gcloud',
    'Usage: breakglass COMMAND [options]',
    commands.join('\n'),
    '`breakglass COMMAND --help` tells more.',
    `Exit codes:\n${codes.join('\n')}`,
  ].join('\n\n')
}
