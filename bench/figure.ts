/** One measured thing: the median of each way in its unit, and how they compare. */
export type Figure = {
  name: string
  unit: string
  medians: Record<string, number>
  /** What the goal is about, as `measured / reference`. */
  goals: { says: string; measured: number; limit: number; holds: boolean }[]
  notes: string[]
}

/** How much is measured: rounds, and whether the long ones are left out. */
export type Effort = { rounds: number; short: boolean }

/** The middle one, or the mean of the middle two. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

/** Runs every way in turn, round after round, so that what else the machine does falls on all of them. */
export async function inRounds<T>(
  rounds: number,
  ways: Record<string, () => Promise<T>>,
): Promise<Record<string, T[]>> {
  const measured = Object.fromEntries(Object.keys(ways).map((name) => [name, [] as T[]]))
  for (let round = 0; round < rounds; round++)
    for (const [name, measure] of Object.entries(ways)) measured[name]?.push(await measure())
  return measured
}

/** The same for ways that answer a number; answers their medians. */
export async function interleave(
  rounds: number,
  ways: Record<string, () => Promise<number>>,
): Promise<Record<string, number>> {
  const measured = await inRounds(rounds, ways)
  return Object.fromEntries(Object.entries(measured).map(([name, values]) => [name, median(values)]))
}

/** A goal that something is at most so much. */
export const atMost = (says: string, measured: number, limit: number): Figure['goals'][number] => ({
  says,
  measured,
  limit,
  holds: measured <= limit,
})

/** A goal that something is at least so much. */
export const atLeast = (says: string, measured: number, limit: number): Figure['goals'][number] => ({
  says,
  measured,
  limit,
  holds: measured >= limit,
})
