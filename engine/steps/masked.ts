import type { Observation } from './types.ts'
import type { World } from './world.ts'

/** An observation with the reason why nothing could be read masked: it may quote the world. What was read is kept as it is. */
export const masked = (observation: Observation, { mask }: Pick<World, 'mask'>): Observation =>
  observation.state === 'unknown' ? { ...observation, reason: mask(observation.reason) } : observation
