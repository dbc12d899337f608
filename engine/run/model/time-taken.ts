import { formatDuration } from '../../base/duration.ts'
import type { World } from '../../steps/world.ts'

/** A time by the cloud's clock and by the person's, in ms: a sandbox moves its clock on instead of waiting. */
export type Instant = { cloudMs: number; realMs: number }

/** How long something took by the person's clock, and by the sandbox's if that differs. */
export type Elapsed = { durationMs: number; simulatedMs?: number }

/** How far both clocks may differ and still count as the same. */
const SAME_MS = 1000

/** Returns the cloud's monotonic time in ms, by which limits are measured. */
export const elapsedOf = ({ clock }: Pick<World, 'clock'>): number => clock.elapsed?.() ?? clock.now().getTime()

/** Returns the current time by both clocks. */
export function instantOf(world: Pick<World, 'clock'>): Instant {
  const { clock } = world
  const cloudMs = elapsedOf(world)
  return { cloudMs, realMs: clock.real?.().getTime() ?? cloudMs }
}

/** Returns the time since an instant, in whole ms. */
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
