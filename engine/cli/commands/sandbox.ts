import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { UserError } from '../../base/problem.ts'
import { describeTrouble } from '../../disk/fs-errors.ts'
import { openJsonLines } from '../../disk/json-lines-file.ts'
import { ignoredVariables } from '../../gcloud/environment.ts'
import { findGcloud } from '../../gcloud/find.ts'
import { trustedPath } from '../../programs/find-program.ts'
import { describeFrom } from '../../sandbox/apis/sdk.ts'
import { connectSandbox } from '../../sandbox/client/connect.ts'
import { sandboxEnvironment } from '../../sandbox/client/environment.ts'
import { describeDrawn } from '../../sandbox/faults/random-faults.ts'
import { startSandbox } from '../../sandbox/server.ts'
import { withPrompt } from '../../script/shell-prompt.ts'
import { EXIT } from '../../session/exit-codes.ts'
import { scenarioChoice } from '../../session/host/choose-cloud.ts'
import { workspaceOrShipped } from '../../session/host/default-workspace.ts'
import { loadScenario } from '../../session/host/load.ts'
import type { CommonOptions } from '../../session/host/options.ts'
import { emit } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import { painter } from '../../terminal/screen.ts'
import type { Context } from '../command.ts'
import { addFaultOptions, type FaultOptions, withFaults } from '../fault-options.ts'
import { addWorkspaceOptions } from '../options.ts'

type SandboxOptions = CommonOptions & FaultOptions & { requests?: string; port?: string }

/** `breakglass sandbox SCENARIO [-- COMMAND…]`: keeps a sandbox running, or runs one command in it. */
export function define(command: Command, { runtime, exit }: Context): void {
  addFaultOptions(addWorkspaceOptions(command))
    .argument('<scenario>', 'Name or file of a scenario, or the address of a running sandbox')
    .argument('[command...]', 'After --: command to run in the sandbox; its exit code becomes the exit code')
    .option('--requests <file>', 'Write every request to a file, as one JSON object per line')
    .option('--port <number>', 'Port on 127.0.0.1 (default: a free one)')
    .action(async (scenario: string, words: string[], options: SandboxOptions) =>
      exit(await sandbox(scenario, words, options, runtime)),
    )
}

async function sandbox(given: string, command: string[], options: SandboxOptions, runtime: Runtime): Promise<number> {
  if (options.json && command.length > 0)
    throw new UserError(
      '--json is for a sandbox that is kept running, not for a command in it',
      'leave --json out, or write it after --, as an option of the command',
    )
  if (/^http:\/\//.test(given)) return inRunning(given, command, options, runtime)
  const workspace = workspaceOrShipped(options.workspace, runtime)
  const loaded = await loadScenario(given, workspace, runtime.cwd)
  const { inventory, scenario: own } = scenarioChoice(loaded)
  const scenario = withFaults(own, options, runtime)
  const port = portOf(options.port)
  const requests = options.requests === undefined ? undefined : resolve(runtime.cwd, options.requests)
  const onRequest = requests === undefined ? undefined : openJsonLines(requests, runtime.err)
  const running = await startSandbox(scenario, {
    scenarioName: scenario.metadata.name,
    ...(inventory === undefined ? {} : { inventory }),
    ...(port === undefined ? {} : { port }),
    now: () => runtime.now().getTime(),
    random: runtime.random,
    ...describeFrom(findGcloud(runtime.environment.PATH), runtime),
    ...(onRequest ? { onRequest } : {}),
  }).catch((error: unknown) => {
    if (error instanceof UserError) throw error
    throw new UserError(
      `the sandbox can't listen on ${port === undefined ? 'a free port' : `port ${port}`}: ${describeTrouble(error)}`,
      'name another with --port NUMBER, or leave it out for a free one',
      1,
    )
  })
  for (const line of describeDrawn(scenario)) runtime.err(line)
  const configDir = await mkdtemp(join(tmpdir(), 'breakglass-gcloud-'))
  try {
    const environment = sandboxEnvironment({ address: running.address, token: running.token, configDir })
    if (command.length > 0) return await runIn(scenario.metadata.name, command, environment, configDir, runtime)
    printEnvironment(scenario.metadata.name, running.address, environment, options, runtime)
    runtime.err('Press Ctrl-C to stop it.')
    if (!runtime.stopping.aborted) await once(runtime.stopping, 'abort')
    return EXIT.done
  } finally {
    await running.close()
    await rm(configDir, { recursive: true, force: true })
  }
}

/** Returns the caller's variables without those that would lead gcloud out of the sandbox. */
function withoutRedirecting(caller: Runtime['environment']): Runtime['environment'] {
  const ignored = new Set(ignoredVariables(caller))
  return Object.fromEntries(Object.entries(caller).filter(([name]) => !ignored.has(name)))
}

/** Runs a command in a sandbox that is already running, or prints the environment for a shell. Throws UserError. */
async function inRunning(
  address: string,
  command: string[],
  options: SandboxOptions,
  runtime: Runtime,
): Promise<number> {
  const { requests, port, faults, faultSeed } = options
  if ([requests, port, faults, faultSeed].some((given) => given !== undefined))
    throw new UserError(
      `the sandbox at ${address} is already running`,
      'leave out --port, --requests, --faults and --fault-seed, or name a scenario to start another sandbox',
    )
  const { token, scenario } = await connectSandbox(address)
  const configDir = await mkdtemp(join(tmpdir(), 'breakglass-gcloud-'))
  const environment = sandboxEnvironment({ address, token, configDir })
  if (command.length === 0) {
    printEnvironment(scenario, address, environment, options, runtime)
    return EXIT.done
  }
  try {
    return await runIn(scenario, command, environment, configDir, runtime)
  } finally {
    await rm(configDir, { recursive: true, force: true })
  }
}

/** Runs a person's command in a sandbox, with this Breakglass on the PATH and the sandbox in a shell's prompt. */
async function runIn(
  scenario: string,
  command: string[],
  environment: Record<string, string>,
  configDir: string,
  runtime: Runtime,
): Promise<number> {
  const PATH = `${await ownFolder(configDir, runtime)}:${trustedPath(runtime.environment.PATH)}`
  const folder = join(configDir, 'shell')
  const shell = await withPrompt(command, `SANDBOX ${scenario}`, folder, runtime.environment)
  const caller = withoutRedirecting(runtime.environment)
  return runtime.runCommand(shell.argv, { ...caller, ...environment, ...shell.environment, PATH })
}

/** Returns the given port. Throws UserError. */
function portOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined
  const port = Number(given)
  if (/^[0-9]+$/.test(given) && port >= 1 && port <= 65_535) return port
  throw new UserError(
    `--port ${given} is not a port`,
    'give a number from 1 to 65535, or leave --port out for a free one',
  )
}

/** Creates a folder for the PATH in which `breakglass` starts this Breakglass. */
async function ownFolder(parent: string, runtime: Runtime): Promise<string> {
  const folder = join(parent, 'bin')
  await mkdir(folder)
  const words = runtime.ownCommand.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
  await writeFile(join(folder, 'breakglass'), `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o700 })
  return folder
}

/** Prints the environment on stdout, where a shell can read it, and the explanation on stderr. */
function printEnvironment(
  name: string,
  address: string,
  environment: Record<string, string>,
  { json }: CommonOptions,
  runtime: Runtime,
): void {
  const paint = painter(runtime.terminal.colour)
  runtime.err(paint('notice', `SANDBOX ${name} at ${address}: a simulated Google Cloud; nothing here is real.`))
  runtime.err('Paste the lines below into another shell to use gcloud, curl and breakglass in the sandbox.')
  runtime.err(`To see its state: curl --noproxy '*' ${address}/sandbox/state`)
  if (json) emit({ scenario: name, address, environment }, runtime)
  else
    for (const [key, value] of Object.entries(environment))
      runtime.out(`export ${key}='${value.replaceAll("'", `'\\''`)}'`)
}
