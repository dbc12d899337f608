import { type Command, Option } from 'commander'
import { UserError } from '../base/problem.ts'
import type { GivenInputs } from '../plan/given-inputs.ts'
import { addAccessOptions } from './access-options.ts'
import { CLOUD, OUTPUT } from './option-groups.ts'

/** An option that can be repeated, and keeps every value. */
export class RepeatableOption extends Option {}

/** Adds the options of commands that read a workspace. */
export function addWorkspaceOptions(command: Command): Command {
  const options = {
    '--workspace <dir>': 'Folder that contains runbooks/ (default: the nearest one upward)',
    '--logs <dir>': 'Folder of the incident logs (default: logs/ in the workspace)',
    '--inventory <file>': "Inventory file (default: runbooks/inventory.yaml, or the sandbox's own)",
  }
  for (const [flags, summary] of Object.entries(options))
    command.addOption(new Option(flags, summary).helpGroup(OUTPUT))
  return command
}

/** Adds the options of commands that read a cloud, except the environment. */
export const addCloudOptions = (command: Command): Command =>
  addAccessOptions(
    addWorkspaceOptions(command)
      .addOption(
        new Option('--sandbox <scenario|address>', 'Use a simulated Google Cloud instead of the real one').helpGroup(
          CLOUD,
        ),
      )
      .addOption(coldOption()),
  )

/** Adds the options of commands that go on with an incident in the cloud of its last run. */
export const addIncidentOptions = (command: Command): Command =>
  addAccessOptions(
    addWorkspaceOptions(command)
      .argument('<incident>', 'Incident ID')
      .addOption(new Option('--sandbox <address>', 'Address of the sandbox that the run used').helpGroup(CLOUD)),
  )

/** Returns `--env`; a saved plan names its own environment. */
export const environmentOption = (which: 'required' | 'optional'): Option =>
  new Option('--env <environment>', 'Environment of the inventory').makeOptionMandatory(which === 'required')

/** Returns `--input`, for commands that bind runbooks. */
export const inputOption = (): Option =>
  new RepeatableOption(
    '--input <name=value>',
    'Value of an input; separate list values with commas; repeat for other inputs',
  )
    .argParser(collectInput)
    .default({})

/** Returns `--approval`, for commands that run a saved plan. */
export const approvalOption = (): Option =>
  new RepeatableOption('--approval <file>', 'Approval of the saved plan; repeat for more')
    .argParser(collectFile)
    .default([])

/** Returns `--cold`, for a person who suspects the gcloud that is kept loaded. */
export const coldOption = (): Option =>
  new Option('--cold', 'Start a new gcloud for each command instead of keeping one loaded').helpGroup(CLOUD)

/** Returns `--runbook`, for commands that go on with a log: a log never makes them open a file outside the workspace. */
export const runbookOption = (): Option =>
  new RepeatableOption('--runbook <file>', 'Runbook of the run that is outside the workspace; repeat for more')
    .argParser(collectFile)
    .default([])

/** Returns `--no-scripts`, for commands that only observe. */
export const noScriptsOption = (): Option =>
  new Option('--no-scripts', 'Skip the scripts of runbooks: their steps are unknown, and the exit code is not 0')

/** Returns `--key`, for commands that a policy may ask to identify the person. */
export const keyOption = (): Option =>
  new Option('--key <file>', "Your SSH key (default: git's user.signingkey, the agent's, or the one in ~/.ssh)")

/** Adds the options of commands that make changes. */
export const addConsentOptions = (command: Command, yes = 'Ask no questions: consent to the plan as shown'): Command =>
  command
    .addOption(keyOption())
    .option('--override <reason>', 'Go on without the missing approval; another person must countersign')
    .option('--policy', 'Apply the approval policy in a sandbox too, as for a live run')
    .addOption(verboseOption())
    .option('--yes', yes)
    .option('--sign-key <file>', "SSH key that signs the log's checkpoints (default: git's signing key)")

/** Returns `--take-over`, for commands that lock an incident. */
export const takeOverOption = (): Option =>
  new Option('--take-over', 'Take over the lock of a run that was cut off; the log records it')

/** Returns the files and the checkout that a person names to resume or undo a run. */
export const namedIn = ({ runbook, inventory, repo }: { runbook: string[]; inventory?: string; repo?: string }) => ({
  runbooks: runbook,
  ...(inventory === undefined ? {} : { inventory }),
  ...(repo === undefined ? {} : { repo }),
})

/** Returns `--verbose`. */
export const verboseOption = (): Option =>
  new Option('--verbose', 'Show every step of the plan in full, with its commands')

/** Collects `name=value` options. Throws UserError where there is no `=`, or a name comes twice. */
export function collectInput(text: string, inputs: GivenInputs): GivenInputs {
  const at = text.indexOf('=')
  if (at < 1) throw new UserError(`--input ${text} is not of the form name=value`, 'for example: --input services=web')
  const name = text.slice(0, at)
  if (Object.hasOwn(inputs, name))
    throw new UserError(
      `--input ${name} is given twice`,
      `give it once, and separate the values of a list with commas: --input ${name}=A,B`,
    )
  return { ...inputs, [name]: text.slice(at + 1) }
}

const collectFile = (file: string, files: string[]): string[] => [...files, file]
