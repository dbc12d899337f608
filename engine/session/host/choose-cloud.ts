import { dirname, resolve } from 'node:path'
import type { Workspace } from '../../disk/workspace.ts'
import type { CloudName } from '../../plan/types.ts'
import type { Scenario } from '../../sandbox/model/scenario.ts'
import { surrounding } from './ambient-sandbox.ts'
import { type Loaded, loadScenario } from './load.ts'
import type { CloudChoice, Runtime } from './runtime.ts'

/** Chooses the cloud of a command: the one that `--sandbox` names, else this shell's sandbox, else the real one. */
export async function chooseCloud(
  given: string | undefined,
  workspace: Workspace,
  runtime: Runtime,
): Promise<CloudChoice> {
  if (given !== undefined && /^http:\/\//.test(given)) return { kind: 'sandbox', address: given }
  if (given !== undefined) return scenarioChoice(await loadScenario(given, workspace, runtime.cwd))
  const address = surrounding(runtime)
  return address === '' ? { kind: 'live' } : { kind: 'sandbox', address }
}

/** Returns the sandbox's own inventory, before the cloud is opened. */
export async function inventoryOf(choice: CloudChoice): Promise<string | undefined> {
  switch (choice.kind) {
    case 'live':
      return undefined
    case 'scenario':
      return choice.inventory
    case 'sandbox':
      return (await (await import('../../sandbox/client/connect.ts')).connectSandbox(choice.address)).inventory
  }
}

/** Returns the name of a cloud, before it is opened. */
export async function cloudOf(choice: CloudChoice): Promise<CloudName> {
  switch (choice.kind) {
    case 'live':
      return { kind: 'live' }
    case 'scenario':
      return { kind: 'sandbox', scenario: choice.scenario.metadata.name }
    case 'sandbox': {
      const { scenario } = await (await import('../../sandbox/client/connect.ts')).connectSandbox(choice.address)
      return { kind: 'sandbox', scenario }
    }
  }
}

/** Returns the choice of a sandbox that this process starts; its inventory's path is relative to the scenario. */
export function scenarioChoice({ file, value }: Loaded<Scenario>): Extract<CloudChoice, { kind: 'scenario' }> {
  const inventory = value.inventory === undefined ? {} : { inventory: resolve(dirname(file), value.inventory) }
  return { kind: 'scenario', file, scenario: value, ...inventory }
}
