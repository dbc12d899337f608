import { Command, CommanderError } from 'commander'
import { EXIT } from '../exit-codes.ts'
import { Interrupted } from '../run/host.ts'
import { Problem } from '../runbook/problem.ts'
import { suggest } from '../runbook/suggest.ts'
import { painter } from '../terminal/screen.ts'
import type { Outside } from './outside.ts'

type Define = (outside: Outside, exit: (code: number) => void) => Command

/** The commands, each in the file of its name, read only when it is called. */
const COMMANDS: Record<string, { summary: string; read: () => Promise<{ define: Define }> }> = {
  init: { summary: 'make a workspace with a first runbook', read: () => import('./init.ts') },
  list: { summary: 'what there is: runbooks and scenarios', read: () => import('./list.ts') },
  show: { summary: 'one runbook for reading', read: () => import('./show.ts') },
  validate: { summary: 'check files; every problem with its place', read: () => import('./validate.ts') },
  check: { summary: 'observe only; exits 3 on drift', read: () => import('./check.ts') },
  plan: { summary: 'observe, show the difference and the exact commands', read: () => import('./plan.ts') },
  run: { summary: 'the guided remediation', read: () => import('./run.ts') },
  rehearse: {
    summary: 'the same loop in the sandbox, with the real gcloud when there is one',
    read: () => import('./rehearse.ts'),
  },
  record: { summary: 'derive the markdown record from the log', read: () => import('./record.ts') },
  audit: { summary: 'prove the log; read it', read: () => import('./audit.ts') },
  doctor: {
    summary: 'is this machine ready: gcloud, account, project, permissions, clock, disk',
    read: () => import('./doctor.ts'),
  },
  locks: { summary: 'which projects are being changed from this machine, by whom', read: () => import('./locks.ts') },
  sandbox: {
    summary: 'keep a simulated Google Cloud running, or run a command in it',
    read: () => import('./sandbox.ts'),
  },
}

const EXIT_CODES =
  'Exit codes: 0 done, conformant; 1 failed; 2 bad usage or an invalid file; 3 drift; 4 declined;\n5 in doubt; 6 locked by another run; 130 interrupted.'

/** Runs one command line (without node and script) and answers its exit code. */
export async function runProgram(argv: string[], outside: Outside): Promise<number> {
  const [name, ...rest] = argv
  if (name === '--version' || name === '-V') {
    outside.out(outside.version)
    return EXIT.done
  }
  if (name === undefined || name === '--help' || name === '-h' || (name === 'help' && rest.length === 0)) {
    outside.out(overview())
    return name === undefined ? EXIT.usage : EXIT.done
  }
  const wanted = name === 'help' ? rest[0] : name
  const command = wanted !== undefined && Object.hasOwn(COMMANDS, wanted) ? COMMANDS[wanted] : undefined
  if (!command) {
    const meant = suggest(wanted ?? '', Object.keys(COMMANDS))
    outside.err(
      `There is no command \`${wanted}\`. ${meant ? `Did you mean \`${meant}\`?` : '`breakglass --help` shows what there is.'}`,
    )
    return EXIT.usage
  }
  return runCommand((await command.read()).define, name === 'help' ? ['--help'] : rest, outside)
}

async function runCommand(define: Define, rest: string[], outside: Outside): Promise<number> {
  let code: number = EXIT.done
  const command = define(outside, (answer) => {
    code = answer
  })
  const root = new Command('breakglass').exitOverride().enablePositionalOptions().addCommand(command)
  for (const each of [root, command, ...command.commands]) {
    each.configureOutput({
      writeOut: (text) => outside.out(text.trimEnd()),
      writeErr: (text) => outside.err(text.trimEnd()),
    })
  }
  try {
    await root.parseAsync([command.name(), ...rest], { from: 'user' })
    return code
  } catch (error) {
    return explain(error, outside)
  }
}

/** Says what went wrong and what to do next, and answers the exit code for it. */
async function explain(error: unknown, outside: Outside): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
  const paint = painter(outside.terminal.colour)
  if (error instanceof Problem) {
    outside.err(`${paint('bad', sentence(error.message))}\n${sentence(error.hint)}`)
    return error.exitCode
  }
  if (error instanceof Interrupted) {
    outside.err(paint('warn', 'Stopped. Nothing was changed.'))
    return EXIT.interrupted
  }
  const { InvalidFiles } = await import('./load.ts')
  if (error instanceof InvalidFiles) {
    const { sayDiagnostics } = await import('./validate.ts')
    sayDiagnostics(error.diagnostics, error.sources, outside.err, outside)
    return EXIT.usage
  }
  const { message, stack } = error as Error
  outside.err(paint('bad', sentence(`something went wrong that Breakglass did not expect: ${message}`)))
  outside.err(
    outside.environment.BREAKGLASS_DEBUG
      ? (stack ?? '')
      : 'Set BREAKGLASS_DEBUG=1 to see where. If a run was going on, `breakglass audit show INCIDENT` says how far it came.',
  )
  return EXIT.failed
}

const sentence = (text: string): string => {
  const first = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(first) ? first : `${first}.`
}

function overview(): string {
  const rows = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`)
  return `breakglass: guided, reversible, recorded changes to production over gcloud\n\nUsage: breakglass COMMAND [options]\n\n${rows.join('\n')}\n\n\`breakglass COMMAND --help\` tells more.\n${EXIT_CODES}`
}
