import type { Command } from 'commander'
import { UserError } from '../base/problem.ts'
import type { Scenario } from '../sandbox/model/scenario.ts'
import type { Runtime } from '../session/host/runtime.ts'

/** The options of commands that start a sandbox with faults. */
export type FaultOptions = { faultSeed?: string; faults?: string }

/** Adds the options that make the sandbox inject random faults. */
export const addFaultOptions = (command: Command): Command =>
  command
    .option('--fault-seed <number>', "Inject random faults from this seed (default: the scenario's, else a random one)")
    .option('--faults <count>', "Number of random faults (default: the scenario's, else 3)")

/** Returns a scenario with the random faults that the options ask for; a seed that is given replaces the scenario's own. */
export function withFaults(scenario: Scenario, { faultSeed, faults }: FaultOptions, { random }: Runtime): Scenario {
  if (faultSeed === undefined && faults === undefined) return scenario
  const seed =
    faultSeed === undefined
      ? (scenario.drawnFaults?.seed ?? Buffer.from(random(3)).readUIntBE(0, 3))
      : wholeNumber('--fault-seed', faultSeed, 0, Number.MAX_SAFE_INTEGER)
  const count = faults === undefined ? scenario.drawnFaults?.count : wholeNumber('--faults', faults, 1, 100)
  return { ...scenario, drawnFaults: { seed, ...(count === undefined ? {} : { count }) } }
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const number = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN
  if (number >= least && number <= most) return number
  throw new UserError(`${option} ${text} is not a whole number from ${least} to ${most}`, `for example: ${option} 7`)
}
