import { beforeAll, type RunnerTestSuite } from 'vitest'

/**
 * Keeps the tests of a file in their order where a run is shuffled: they tell one story, and each begins where the one
 * before it has ended.
 */
// biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern that no fixture is wanted
export const inOrder = (): void => beforeAll(({}, file) => keep(file as RunnerTestSuite))

/** vitest reads whether a suite is shuffled after its own hooks. */
function keep(suite: RunnerTestSuite): void {
  suite.shuffle = false
  for (const task of suite.tasks) if (task.type === 'suite') keep(task)
}
