import type { Observation } from './types.ts'
import type { World } from './world.ts'

/** Masks the reason why nothing could be read, which may quote outside text. Values are kept as they are. */
export const masked = (observation: Observation, { mask }: Pick<World, 'mask'>): Observation =>
  observation.state === 'unknown' ? { ...observation, reason: mask(observation.reason) } : observation
