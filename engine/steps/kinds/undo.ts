import { type KindOf, rereadWith, type StepKind } from '../kind.ts'
import { describeWrong } from '../secrets/invisible-differences.ts'
import { readPayload, unseenOf } from '../secrets/versions.ts'
import { join, reachOfAction } from '../target-projects.ts'
import type { BoundUndoStep, Expectation, Observation } from '../types.ts'
import type { World } from '../world.ts'

/** Restores what was observed before another step's change. */
export const undo = (kindOf: KindOf): StepKind<BoundUndoStep> => ({
  async observe(step, world) {
    const restored = await toRestore(step, world)
    if ('unreadable' in restored) return { observation: restored.unreadable, expectation: {} }
    return { ...(await rereadWith(kindOf(step.of), step.of, world, restored.expectation)), ...restored }
  },
  observeAgain: ({ of }, world, expectation) => rereadWith(kindOf(of), of, world, expectation),
  expectation: (step) => (step.action?.kind === 'copy-secret' ? undefined : expectedBefore(step)),
  fields: ({ of }) => kindOf(of).fields(of),
  reads: () => [],
  canPrefetch: ({ of }) => kindOf(of).canPrefetch?.(of) ?? false,
  apply: ({ action }) => action,
  undo: () => ({ kind: 'none', reason: 'run the runbook again to apply the change again' }),
  duplicates: async ({ of }, before, after, world) => kindOf(of).duplicates?.(of, before, after, world),
  reach: ({ action, of, project }) => join(reachOfAction(action, project), kindOf(of).reach(of)),
  content: (step) => ({ ...step, of: kindOf(step.of).content(step.of) }),
  identity: ({ undoes }) => [undoes],
})

/** Returns what must be there again once a change is undone. */
const expectedBefore = ({ before }: Pick<BoundUndoStep, 'before'>): Expectation =>
  before.state === 'absent' ? 'absent' : before.state === 'value' ? before.value : {}

/** Reads what is to be restored. The log knows a secret's old value only by its version: its fingerprint had another run's key. */
async function toRestore(
  { before, action, timeoutMs }: BoundUndoStep,
  world: World,
): Promise<{ expectation: Expectation; note?: string } | { unreadable: Observation }> {
  if (action?.kind !== 'copy-secret') return { expectation: expectedBefore({ before }) }
  const payload = await readPayload(world, action.from, timeoutMs)
  if (!('secret' in payload)) return { unreadable: unreadable(payload, action.from.version) }
  try {
    const wrong = describeWrong(unseenOf(payload.secret, world).traits)
    const note = wrong === undefined ? {} : { note: `the value from before ${wrong}` }
    return { expectation: { fingerprint: world.fingerprint(payload.secret) }, ...note }
  } finally {
    payload.secret.wipe()
  }
}

const unreadable = (read: Exclude<Observation, { state: 'value' }>, version: string): Observation => ({
  state: 'unknown',
  cause: read.state === 'unknown' ? read.cause : 'other',
  reason: `cannot read version ${version} from before: ${read.state === 'unknown' ? read.reason : 'it is gone'}`,
})
