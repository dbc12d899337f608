import { expectedBefore } from '../bound-facts.ts'
import { describeWrong } from '../secrets/invisible-differences.ts'
import { readPayload, unseenOf } from '../secrets/versions.ts'
import type { BoundUndoStep, Expectation, Observation, Reading } from '../types.ts'
import type { World } from '../world.ts'

/** Reads what a change was about and says what it must be again: what was there before it. */
export async function observeUndo(
  step: BoundUndoStep,
  world: World,
  look: (expectation: Expectation) => Promise<Pick<Reading, 'observation' | 'final'>>,
): Promise<Reading> {
  const back = await toComeBack(step, world)
  return 'unreadable' in back
    ? { observation: back.unreadable, expectation: {} }
    : { ...(await look(back.expectation)), ...back }
}

/** A secret's value from before is known by its version only: fingerprints in the log had the key of another run. */
async function toComeBack(
  { before, action, timeoutMs }: BoundUndoStep,
  world: World,
): Promise<{ expectation: Expectation; note?: string } | { unreadable: Observation }> {
  if (action?.kind !== 'copy-secret') return { expectation: expectedBefore({ before }) }
  const payload = await readPayload(world, action.from, timeoutMs)
  if (!('secret' in payload)) return { unreadable: gone(payload, action.from.version) }
  try {
    const wrong = describeWrong(unseenOf(payload.secret, world).traits)
    const note = wrong === undefined ? {} : { note: `the value from before ${wrong}` }
    return { expectation: { fingerprint: world.fingerprint(payload.secret) }, ...note }
  } finally {
    payload.secret.wipe()
  }
}

const gone = (read: Exclude<Observation, { state: 'value' }>, version: string): Observation => ({
  state: 'unknown',
  cause: read.state === 'unknown' ? read.cause : 'other',
  reason: `version ${version}, which was there before, can't be read: ${read.state === 'unknown' ? read.reason : 'it is gone'}`,
})
