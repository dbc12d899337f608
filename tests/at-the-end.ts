import { afterAll } from 'vitest'

const endings: (() => unknown)[] = []
afterAll(async () => {
  for (const end of endings.reverse()) await end()
}, 240_000)

/**
 * Has something ended or removed once the test file is over, the last thing first; wherever it was begun, while vitest
 * never runs an `afterAll` that is registered in the middle of a test or hook.
 */
export const atTheEnd = (end: () => unknown): void => void endings.push(end)
