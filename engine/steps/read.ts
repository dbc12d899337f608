import { isTooDeep, type Json } from '../base/json.ts'
import { redactAnswer } from '../runbook/expressions/redacted.ts'
import { lacks, listThatTells, tellsAbsence } from './absence.ts'
import type { GcloudCommand, Observation, Target } from './types.ts'
import { targetsIn } from './version-markers.ts'
import type { GcloudResult, World } from './world.ts'

/** What a reading command said: its JSON and the things in it, that the thing isn't there, or that it could not be read. */
export type Read = { state: 'value'; json: Json; targets: Target[] } | Exclude<Observation, { state: 'value' }>

/** Runs a reading gcloud command and takes its JSON; steps of one pass that read the same share it. */
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

/** A 404 is absence where gcloud says so of the thing itself, or where a list that could be read lacks it. */
async function whenNotFound(world: World, command: GcloudCommand, message: string, timeoutMs: number): Promise<Read> {
  if (tellsAbsence(command, message)) return { state: 'absent' }
  const telling = listThatTells(command, message)
  const listed = telling && (await readJson(world, telling.list, timeoutMs))
  if (telling && listed?.state === 'value' && lacks(listed.json, telling.name)) return { state: 'absent' }
  const why = !listed
    ? 'this does not say that the thing itself is not there'
    : listed.state === 'unknown'
      ? `the list of services, which would tell, could not be read: ${listed.reason}`
      : 'the list of services has it'
  return {
    state: 'unknown',
    cause: listed?.state === 'unknown' ? listed.cause : 'other',
    reason: `${message} (${why})`,
  }
}

/** What a failed read means: nothing is known. */
export function notRead(result: GcloudResult): Extract<Read, { state: 'unknown' }> {
  const { cause, message } = result.failure ?? { cause: 'other', message: 'gcloud said nothing' }
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
