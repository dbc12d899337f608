import type { Command } from 'commander'
import { EXIT } from '../exit-codes.ts'
import type { Failure } from './explain.ts'
import { splitGlobal, wantsJson } from './global-options.ts'

import type { Outside } from './outside.ts'

type Define = (outside: Outside, exit: (code: number) => void) => Command

/** The commands, each in the file of its name, read only when it is called. */
const COMMANDS: Record<string, { summary: string; read: () => Promise<{ define: Define }> }> = {
  init: { summary: 'make a workspace with a first runbook', read: () => import('./init.ts') },
  new: { summary: 'write a valid runbook to start from, or from a shell script', read: () => import('./new.ts') },
  list: { summary: 'what there is: runbooks and scenarios', read: () => import('./list.ts') },
  show: { summary: 'one runbook for reading', read: () => import('./show.ts') },
  validate: { summary: 'check files; every problem with its place', read: () => import('./validate.ts') },
  check: { summary: 'observe only; exits 3 on drift', read: () => import('./check.ts') },
  plan: { summary: 'observe, show the difference and the exact commands', read: () => import('./plan.ts') },
  run: { summary: 'the guided remediation', read: () => import('./run.ts') },
  approve: {
    summary: 'look at a saved plan and sign it with your own SSH key',
    read: () => import('./approve.ts'),
  },
  countersign: {
    summary: 'sign for what an operator did alone',
    read: () => import('./countersign.ts'),
  },
  rehearse: {
    summary: 'the same loop in the sandbox, with the real gcloud when there is one',
    read: () => import('./rehearse.ts'),
  },
  resume: {
    summary: 'go on with a run that was cut off, or had to end before it was done',
    read: () => import('./resume.ts'),
  },
  undo: { summary: "take an incident's changes back, newest first", read: () => import('./undo.ts') },
  test: {
    summary: 'rehearse the scenarios, and hold each against the end that it expects',
    read: () => import('./test.ts'),
  },
  snapshot: { summary: 'write a scenario that starts from what is there now', read: () => import('./snapshot.ts') },
  contract: {
    summary: 'write the parity contract and the promotion gates from the inventory',
    read: () => import('./contract.ts'),
  },
  reconcile: {
    summary: "hold Cloud Audit Logs against the incident's log",
    read: () => import('./reconcile.ts'),
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
  'Exit codes: 0 done, conformant; 1 failed; 2 bad usage or an invalid file; 3 drift; 4 declined or not approved;\n5 in doubt; 6 locked by another run; 130 interrupted.'

/** Runs one command line (without node and script) and answers its exit code; with `--json`, a failure too is one JSON object on stdout. */
export async function runProgram(argv: string[], outside: Outside): Promise<number> {
  const json = wantsJson(argv)
  const { before, name, rest } = splitGlobal(argv)
  if (name === '--version' || name === '-V') {
    outside.out(outside.version)
    return EXIT.done
  }
  if (name === '--help' || name === '-h' || (name === 'help' && rest.length === 0)) {
    outside.out(overview())
    return EXIT.done
  }
  if (name === undefined) {
    const { sayer } = await import('./screen.ts')
    sayer(json, outside)(overview())
    return failed({ message: 'no command was named', hint: SEE_HELP, exitCode: EXIT.usage }, json, outside)
  }
  const wanted = name === 'help' ? rest[0] : name
  const command = wanted !== undefined && Object.hasOwn(COMMANDS, wanted) ? COMMANDS[wanted] : undefined
  if (!command) {
    const { suggest } = await import('../runbook/suggest.ts')
    const meant = suggest(wanted ?? '', Object.keys(COMMANDS))
    const message = `There is no command \`${wanted}\`.`
    const hint = meant ? `Did you mean \`${meant}\`?` : SEE_HELP
    outside.err(`${message} ${hint}`)
    return failed({ message, hint, exitCode: EXIT.usage }, json, outside)
  }
  const { define } = await command.read()
  return runCommand(define, before, name === 'help' ? ['--help'] : rest, json, outside)
}

const SEE_HELP = '`breakglass --help` shows what there is.'

async function failed(error: Failure, json: boolean, outside: Outside): Promise<number> {
  const { emit } = await import('./screen.ts')
  if (json) emit({ error }, outside)
  return error.exitCode
}

async function runCommand(
  define: Define,
  before: string[],
  rest: string[],
  json: boolean,
  outside: Outside,
): Promise<number> {
  const { Command } = await import('commander')
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
  // What stood before the command's name belongs to it, or to its own command (`audit show`).
  const inner = command.commands.length > 0 ? 1 : 0
  const words = [command.name(), ...rest.slice(0, inner), ...before, ...rest.slice(inner)]
  try {
    await root.parseAsync(words, { from: 'user' })
    return code
  } catch (error) {
    const { explain } = await import('./explain.ts')
    const failure = await explain(error, outside)
    return failure === undefined ? EXIT.done : failed(failure, json, outside)
  }
}

function overview(): string {
  const rows = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(11)} ${summary}`)
  return `breakglass: guided, reversible, recorded changes to production over gcloud\n\nUsage: breakglass COMMAND [options]\n\n${rows.join('\n')}\n\n\`breakglass COMMAND --help\` tells more.\n${EXIT_CODES}`
}
