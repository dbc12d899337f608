import type { Json } from '../runbook/json.ts'
import type { GcloudCommand, Observation } from './types.ts'
import type { GcloudResult, World } from './world.ts'

/** What a reading command said: its JSON, that the thing isn't there, or that it could not be read. */
export type Read = { state: 'value'; json: Json } | Exclude<Observation, { state: 'value' }>

/** Runs a reading gcloud command and takes its JSON; steps of one pass that read the same share it. */
export const readJson = (world: World, command: GcloudCommand, timeoutMs: number): Promise<Read> =>
  world.once(JSON.stringify([command.project, ...command.argv]), () => readJsonNow(world, command, timeoutMs))

async function readJsonNow(world: World, command: GcloudCommand, timeoutMs: number): Promise<Read> {
  const result = await world.gcloud({ ...command, timeoutMs })
  if (result.failure) return notRead(result)
  try {
    return { state: 'value', json: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(result.output)) as Json }
  } catch {
    return {
      state: 'unknown',
      cause: 'other',
      reason: `gcloud ${command.argv.join(' ')} exited 0 but did not print JSON`,
    }
  }
}

/** What a failed read means: only a plain "not found" is absence. */
export function notRead(result: GcloudResult): Exclude<Read, { state: 'value' }> {
  const { cause, message } = result.failure ?? { cause: 'other', message: 'gcloud said nothing' }
  switch (cause) {
    case 'not-found':
      return { state: 'absent' }
    case 'denied':
    case 'no-login':
    case 'network':
    case 'timeout':
    case 'disabled-api':
    case 'no-gcloud':
    case 'undecided':
      return { state: 'unknown', cause, reason: message }
    case 'conflict':
    case 'unavailable':
    case 'invalid':
    case 'other':
      return { state: 'unknown', cause: 'other', reason: message }
  }
}
