import { formatDuration } from '../../base/duration.ts'
import type { World } from '../../steps/world.ts'

/** A moment by the cloud's time and by the person's own, in ms since some moment: a sandbox's clock moves on instead of waiting. */
export type Instant = { cloudMs: number; realMs: number }

/** How long something took: the person's own time, and the sandbox's where that is another. */
export type Elapsed = { durationMs: number; simulatedMs?: number }

/** The clocks of one person and one sandbox are the same but for this much. */
const SAME_MS = 1000

/** Returns the cloud's time in ms since some moment, which no clock that is set back changes: what limits are measured by. */
export const elapsedOf = ({ clock }: Pick<World, 'clock'>): number => clock.elapsed?.() ?? clock.now().getTime()

/** Returns this moment by both clocks. */
export function instantOf(world: Pick<World, 'clock'>): Instant {
  const { clock } = world
  const cloudMs = elapsedOf(world)
  return { cloudMs, realMs: clock.real?.().getTime() ?? cloudMs }
}

/** Returns how long it has been since a moment, in whole ms. */
export function elapsedSince(start: Instant, world: Pick<World, 'clock'>): Elapsed {
  const now = instantOf(world)
  const durationMs = Math.max(0, Math.round(now.realMs - start.realMs))
  const simulatedMs = Math.round(now.cloudMs - start.cloudMs)
  return { durationMs, ...(simulatedMs - durationMs > SAME_MS ? { simulatedMs } : {}) }
}

/** Describes how long something took: `1.2 s`, in a sandbox that moved its clock on `1.2 s; 10 min simulated`. */
export const describeElapsed = ({ durationMs, simulatedMs }: Elapsed): string =>
  simulatedMs === undefined
    ? formatDuration(durationMs)
    : `${formatDuration(durationMs)}; ${formatDuration(simulatedMs)} simulated`
