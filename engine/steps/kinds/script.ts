import { isInteger, isText } from '../fields.ts'
import { onlyObserves, type StepKind } from '../kind.ts'
import type { BoundScriptStep, Observation, Reading } from '../types.ts'
import type { ScriptResult, World } from '../world.ts'

/** Runs a team's own script, which only observes. */
export const script: StepKind<BoundScriptStep> = {
  ...onlyObserves,
  observe: runScript,
  expectation: () => ({ result: 'pass' }),
  fields: () => ({ result: isText, exitCode: isInteger }),
  reads: () => [],
  content: (step) => step,
  identity: ({ argv, environment, exitCodes }) => [argv, environment, exitCodes],
}

/** Runs the script once in a pass. Its exit code decides, and the last lines of its output become the note. */
async function runScript(step: BoundScriptStep, world: World): Promise<Reading> {
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
  const how = exitCode === null ? 'was killed by a signal' : `exited ${exitCode}, which is neither pass nor drift`
  return { state: 'unknown', cause: 'other', reason: `${name} ${how}` }
}
