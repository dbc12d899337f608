import { stringify } from 'yaml'
import type { FaultRule } from '../../engine/sandbox/model/fault.ts'
import type { ScenarioProject } from '../../engine/sandbox/model/scenario.ts'
import type { Desk } from './cli.ts'

/** What the made-up team's environment `live` must look like; `trial` and `bench` have the same secrets, to refer to. */
export type Wanted = { services?: object[]; identities?: object[]; secrets?: { name: string; references: string[] }[] }

/** The projects of the made-up team, with what is in them at the start. */
export type Given = Partial<Record<'heron-live' | 'heron-trial' | 'heron-bench', Omit<ScenarioProject, 'number'>>>

const numbers = { 'heron-live': '271828182845', 'heron-trial': '314159265358', 'heron-bench': '161803398874' }
const environments = { live: 'heron-live', trial: 'heron-trial', bench: 'heron-bench' }

/** Writes a small scenario and its inventory, with the runbooks to rehearse, and answers the scenario's file. */
export function writeTeam(
  desk: Desk,
  name: string,
  runbooks: string[],
  wanted: Wanted,
  given: Given,
  faults: FaultRule[] = [],
): string {
  const secrets = (wanted.secrets ?? []).map(({ name }) => ({ name }))
  const head = { apiVersion: 'breakglass/v1' }
  const inventory = {
    ...head,
    kind: 'Inventory',
    metadata: { name: 'heron' },
    environments: Object.fromEntries(
      Object.entries(environments).map(([environment, project]) => [
        environment,
        { project, region: 'us-central1', ...(environment === 'live' ? wanted : { secrets }) },
      ]),
    ),
  }
  const scenario = {
    ...head,
    kind: 'Scenario',
    metadata: { name, title: 'A small team' },
    inventory: `${name}-inventory.yaml`,
    rehearsal: { runbooks, environment: 'live', reason: 'a test' },
    projects: Object.fromEntries(
      Object.entries(numbers).map(([id, number]) => [id, { number, ...given[id as keyof Given] }]),
    ),
    faults,
  }
  desk.write(`${name}-inventory.yaml`, stringify(inventory))
  return desk.write(`${name}.yaml`, stringify(scenario))
}

/** The argv of a run that asks nothing. */
export const runArgv = (
  desk: Desk,
  runbook: string,
  sandbox: string,
  incident: string,
  more: string[] = [],
): string[] => [
  ...['run', runbook, '--env', 'live', '--sandbox', sandbox, '--incident', incident],
  ...['--reason', 'a test', '--yes', '--logs', desk.logs, ...more],
]

/** A service that is public as it should be. */
export const publicService = { region: 'us-central1', ingress: 'all', invokerCheck: false } as const
