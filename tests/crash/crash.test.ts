import { beforeAll, describe, expect, test } from 'vitest'
import type { Point } from './stage.ts'
import { type Act, pointsOf, tryPoint, type Undisturbed, undisturbed } from './trial.ts'

/** A line and a request of a run, a request of an undo; `npm run crash` tries them all. */
const few = (act: Act, all: Point[]): Point[] => {
  const lines = all.filter((point) => 'line' in point)
  const requests = all.filter((point) => 'request' in point)
  const at = <T>(list: T[], place: number) => list.slice(Math.floor(list.length * place)).slice(0, 1)
  return act === 'run' ? [...at(lines, 0.4), ...at(requests, 0.55)] : at(requests, 0.5)
}

describe.each<Act>(['run', 'undo'])('an engine that is killed in the middle of a whole %s', (act) => {
  let calm: Undisturbed

  beforeAll(async () => {
    calm = await undisturbed(act, undefined)
  }, 240_000)

  test('can be killed at every line of its log and every request, and is gone on with: nothing lost, nothing done twice', async () => {
    const points = pointsOf(calm)
    expect(points.length).toBeGreaterThan(150)
    const outcomes = []
    for (const point of few(act, points)) outcomes.push(await tryPoint(point, calm, undefined))
    expect(outcomes.filter(({ lost, repeated }) => lost.length + repeated.length > 0)).toEqual([])
  }, 240_000)
})
