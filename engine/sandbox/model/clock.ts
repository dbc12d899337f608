import { setTimeout } from 'node:timers/promises'

/** The sandbox's own time in ms since 1970: the caller's clock plus whatever it was advanced by. */
export type Clock = {
  now(): number
  /** Moves the time forward by so much, so that what is due in between becomes due at once. */
  advance(ms: number): void
  /** Moves the time forward to a moment, unless that has passed. */
  advanceTo(due: number): void
  /** Resolves when the time has come; rejects when the signal aborts. */
  until(due: number, signal: AbortSignal): Promise<void>
}

const lookEveryMs = 20

/** A clock that follows `now` and can be advanced. */
export function createClock(now: () => number): Clock {
  let ahead = 0
  const clock: Clock = {
    now: () => now() + ahead,
    advance(ms) {
      ahead += ms
    },
    advanceTo: (due) => clock.advance(Math.max(0, due - clock.now())),
    async until(due, signal) {
      while (clock.now() < due) await setTimeout(Math.min(due - clock.now(), lookEveryMs), undefined, { signal })
    },
  }
  return clock
}

/** A time of the sandbox as Google's APIs write it. */
export const timestamp = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z')
