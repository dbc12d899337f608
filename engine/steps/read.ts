import { isTooDeep, type Json } from '../base/json.ts'
import { redactAnswer } from '../runbook/expressions/redacted.ts'
import { confirmingList, lacks, provesAbsence } from './absence.ts'
import type { GcloudCommand, Observation, Target } from './types.ts'
import { targetsIn } from './version-markers.ts'
import type { GcloudResult, World } from './world.ts'

/**
 * The result of a read: its JSON and the resources in it, that the resource is absent, or that it could not be read.
 */
export type Read = { state: 'value'; json: Json; targets: Target[] } | Exclude<Observation, { state: 'value' }>

/** Runs a gcloud read and parses its JSON; steps of one pass share the same read. */
export const readJson = (world: World, command: GcloudCommand, timeoutMs: number): Promise<Read> =>
  world.once(JSON.stringify([command.project, ...command.argv]), () => readJsonNow(world, command, timeoutMs))

async function readJsonNow(world: World, command: GcloudCommand, timeoutMs: number): Promise<Read> {
  const result = await world.gcloud({ ...command, timeoutMs, onlyReads: true })
  if (result.failure?.cause === 'not-found') return whenNotFound(world, command, result.failure.message, timeoutMs)
  if (result.failure) return notRead(result)
  const json = jsonIn(result.output)
  return json === undefined
    ? {
        state: 'unknown',
        cause: 'other',
        reason: `gcloud ${command.argv.join(' ')} exited 0 but did not print JSON`,
      }
    : { state: 'value', json: redactAnswer(command.argv, json), targets: targetsIn(command, json) }
}

function jsonIn(output: Uint8Array): Json | undefined {
  try {
    const json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(output)) as Json
    return isTooDeep(json) ? undefined : json
  } catch {
    return undefined
  }
}

/** Decides whether a 404 means absence: gcloud says so about the resource itself, or a readable list lacks it. */
async function whenNotFound(world: World, command: GcloudCommand, message: string, timeoutMs: number): Promise<Read> {
  if (provesAbsence(command, message)) return { state: 'absent' }
  const telling = confirmingList(command, message)
  const listed = telling && (await readJson(world, telling.list, timeoutMs))
  if (telling && listed?.state === 'value' && lacks(listed.json, telling.name)) return { state: 'absent' }
  const why = !listed
    ? 'this does not mean that the resource itself is missing'
    : listed.state === 'unknown'
      ? `the list of services could not be read either: ${listed.reason}`
      : 'the list of services contains it'
  return {
    state: 'unknown',
    cause: listed?.state === 'unknown' ? listed.cause : 'other',
    reason: `${message} (${why})`,
  }
}

/** Returns the unknown observation of a failed read. */
export function notRead(result: GcloudResult): Extract<Read, { state: 'unknown' }> {
  const { cause, message } = result.failure ?? { cause: 'other', message: 'gcloud printed nothing' }
  switch (cause) {
    case 'denied':
    case 'no-login':
    case 'network':
    case 'timeout':
    case 'disabled-api':
    case 'no-gcloud':
    case 'undecided':
      return { state: 'unknown', cause, reason: message }
    case 'not-found':
    case 'conflict':
    case 'unavailable':
    case 'invalid':
    case 'other':
      return { state: 'unknown', cause: 'other', reason: message }
  }
}
