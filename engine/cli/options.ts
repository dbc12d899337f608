import { Command, Option } from 'commander'
import { UserError } from '../base/problem.ts'
import type { GivenInputs } from '../plan/given-inputs.ts'
import { addAccessOptions } from './access-options.ts'

/** An option that may be given several times, and keeps every value. */
export class RepeatableOption extends Option {}

/** A command with the one option that even a command without a workspace has. */
export function makeBareCommand(name: string, summary: string): Command {
  return new Command(name)
    .description(summary)
    .option('--json', "machine-readable output on stdout, people's text on stderr")
    .exitOverride()
    .showHelpAfterError('(add --help to see how the command is used)')
}

/** A command with the options that every command in a workspace has. */
export function makeCommand(name: string, summary: string): Command {
  return makeBareCommand(name, summary)
    .option('--workspace <dir>', 'the folder that has runbooks/ (default: the nearest one upward)')
    .option('--logs <dir>', 'where incidents are kept (default: logs/ in the workspace)')
    .option('--inventory <file>', "the inventory (default: runbooks/inventory.yaml, or the sandbox scenario's own)")
}

/** The same with the options of commands that look at a cloud; where a saved plan may say the environment, it is optional. */
export function makeCloudCommand(
  name: string,
  summary: string,
  environment: 'required' | 'optional' = 'required',
): Command {
  return addCloudOptions(
    makeCommand(name, summary).addOption(
      new Option('--env <environment>', 'the environment of the inventory').makeOptionMandatory(
        environment === 'required',
      ),
    ),
  )
}

/** Adds the options of commands that look at a cloud, but for where in it. */
export const addCloudOptions = (command: Command): Command =>
  addAccessOptions(
    command
      .option('--sandbox <scenario|address>', 'use a simulated Google Cloud and not the real one')
      .addOption(inputOption())
      .addOption(coldOption()),
  )

/** `--input`, of commands that bind runbooks. */
export const inputOption = (): Option =>
  new RepeatableOption(
    '--input <name=value>',
    'an input of the runbooks, a list as comma-separated values; repeat it for other inputs',
  )
    .argParser(collectInput)
    .default({})

/** `--approval`, of commands that run a saved plan. */
export const approvalOption = (summary: string): Option =>
  new RepeatableOption('--approval <file>', summary).argParser(collectFile).default([])

/** `--cold`, for whoever has doubts about a warm gcloud. */
export const coldOption = (): Option => new Option('--cold', 'start gcloud anew for each command, and keep none loaded')

/** `--runbook`, of commands that go on with what a log says: the log's own word opens no file outside the workspace. */
export const runbookOption = (): Option =>
  new RepeatableOption('--runbook <file>', 'a runbook of the run that is not in the workspace; repeat it for more')
    .argParser(collectFile)
    .default([], 'none')

/** The files and the checkout that a person names where a run is gone on with or undone. */
export const namedIn = ({ runbook, inventory, repo }: { runbook: string[]; inventory?: string; repo?: string }) => ({
  runbooks: runbook,
  ...(inventory === undefined ? {} : { inventory }),
  ...(repo === undefined ? {} : { repo }),
})

/** `--verbose`, of commands that show a plan. */
export const verboseOption = (): Option =>
  new Option('--verbose', 'show every step of the plan in full, with its commands')

/** `--no-scripts`, of commands that only observe. */
export const noScriptsOption = (): Option =>
  new Option(
    '--no-scripts',
    'run no script of a runbook; what a script would read is then unknown, and the exit code is not 0',
  )

/** `--sign-key`, of commands that write a log. */
export const signKeyOption = (): Option =>
  new Option('--sign-key <file>', "the SSH key that the log's checkpoints are signed with (default: git's)")

/** Collects `name=value` options. Throws UserError where there is no `=`, or a name comes twice. */
export function collectInput(text: string, inputs: GivenInputs): GivenInputs {
  const at = text.indexOf('=')
  if (at < 1)
    throw new UserError(`--input ${text} is not of the form name=value`, 'write it like --input services=frontend-app')
  const name = text.slice(0, at)
  if (Object.hasOwn(inputs, name))
    throw new UserError(
      `--input ${name} is given twice`,
      `give a list once, with commas between its elements: --input ${name}=A,B`,
    )
  return { ...inputs, [name]: text.slice(at + 1) }
}

const collectFile = (file: string, files: string[]): string[] => [...files, file]
