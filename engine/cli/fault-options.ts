import type { Command } from 'commander'
import { UserError } from '../base/problem.ts'
import type { Scenario } from '../sandbox/model/scenario.ts'
import type { Runtime } from '../session/host/runtime.ts'

/** The options of commands that start a sandbox with faults. */
export type FaultOptions = { faultSeed?: string; faults?: string }

/** Adds those options to a command. */
export const addFaultOptions = (command: Command): Command =>
  command
    .option('--fault-seed <number>', 'let the sandbox draw faults; the same number draws the same ones')
    .option(
      '--faults <count>',
      "how many faults are drawn (default: the scenario's own count, else 3); without --fault-seed, the scenario's own seed is taken, else a random one, and named",
    )

/** A scenario with the faults that the options ask for beside its own; the seed that it names gives way to one that is given. */
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
  throw new UserError(`${option} ${text} is not a whole number from ${least} to ${most}`, `write it like ${option} 7`)
}
