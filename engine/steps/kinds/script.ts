import type { BoundScriptStep, Observation, Reading } from '../types.ts'
import type { ScriptResult, World } from '../world.ts'

/** Runs a team's own script, once in a pass, and takes what its exit code stands for; what it printed last is told beside that. */
export async function observeScript(step: BoundScriptStep, world: World): Promise<Reading> {
  const { argv, environment, timeoutMs } = step
  const call = { argv, environment, timeoutMs }
  const result = await world.once(JSON.stringify(['script', argv, environment]), () => world.script(call))
  const note = result.output === '' ? {} : { note: result.output }
  return { observation: observed(step, result), expectation: { result: 'pass' }, ...note }
}

function observed({ argv: [name], exitCodes: { pass, drift } }: BoundScriptStep, result: ScriptResult): Observation {
  if (result.failure) return { state: 'unknown', ...result.failure }
  const { exitCode } = result
  if (exitCode !== null && pass.includes(exitCode)) return { state: 'value', value: { result: 'pass', exitCode } }
  if (exitCode !== null && drift.includes(exitCode)) return { state: 'value', value: { result: 'drift', exitCode } }
  const how =
    exitCode === null ? 'was ended by a signal' : `exited ${exitCode}, which stands for neither pass nor drift`
  return { state: 'unknown', cause: 'other', reason: `${name} ${how}` }
}
