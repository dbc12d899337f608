import { setTimeout } from 'node:timers/promises'

/** The sandbox's own time in ms since 1970: the caller's clock plus all advances. */
export type Clock = {
  now(): number
  /** Moves the time forward by a duration; everything due in between becomes due at once. */
  advance(ms: number): void
  /** Moves the time forward to a moment, unless it has passed. */
  advanceTo(due: number): void
  /** Resolves at the given time; rejects if the signal aborts. */
  until(due: number, signal: AbortSignal): Promise<void>
}

const pollMs = 20

/** Creates a clock that follows `now` and can be advanced. */
export function createClock(now: () => number): Clock {
  let ahead = 0
  const clock: Clock = {
    now: () => now() + ahead,
    advance(ms) {
      ahead += ms
    },
    advanceTo: (due) => clock.advance(Math.max(0, due - clock.now())),
    async until(due, signal) {
      while (clock.now() < due) await setTimeout(Math.min(due - clock.now(), pollMs), undefined, { signal })
    },
  }
  return clock
}

/** Formats a time as Google's APIs do. */
export const timestamp = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z')
