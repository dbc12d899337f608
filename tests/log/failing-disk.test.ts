import { expect, test } from 'vitest'
import { EMPTY } from '../../engine/audit/chain.ts'
import { LogNotWritten, makeWriter } from '../../engine/audit/writer.ts'
import { describeTrouble } from '../../engine/disk/fs-errors.ts'
import { exitCodeOf } from '../../engine/session/exit-codes.ts'
import { endInterrupted } from '../../engine/session/log/end-run.ts'
import { modelCloud, recorded, runModel } from '../samples/model-world.ts'

const trouble = (code: string) => Object.assign(new Error(`${code}: i/o trouble, write`), { code })

/** A run of two steps over a log whose n-th append fails, before the line is there or (a failed fsync) after. */
async function runOn(failing: number, code: string, lineIsThere: boolean) {
  const lines: string[] = []
  const store = {
    async append(line: string) {
      if (lines.length + 1 !== failing) return void lines.push(line)
      if (lineIsThere) lines.push(line)
      throw new Error(describeTrouble(trouble(code)))
    },
  }
  const writer = makeWriter(
    store,
    EMPTY,
    'run-1',
    () => new Date(0),
    { secretIn: () => undefined },
    () => [],
  )
  const cloud = modelCloud({ a: {}, b: {} })
  const { plan, error } = await runModel(['a', 'b'], { cloud, writer })
  return { cloud, plan, error, writer, lines }
}

const intact = (await runOn(Number.POSITIVE_INFINITY, '', false)).lines

test('the run that is broken below in every place has two changes when nothing breaks', () => {
  const types = intact.map((line) => JSON.parse(line).type)
  expect(types.filter((type) => type === 'step.outcome')).toHaveLength(2)
  expect(types.at(-1)).toBe('run.closed')
})

test.each([
  ['ENOSPC', false, 'the disk is full (ENOSPC)'],
  ['EIO', true, 'the disk failed (EIO)'],
  ['EROFS', false, 'the disk is read-only (EROFS)'],
])(
  'whichever append ends in %s (line there: %s), nothing is changed after it, and an open step is in doubt by name',
  async (code, lineIsThere, words) => {
    for (let failing = 1; failing <= intact.length; failing++) {
      const { cloud, plan, error, writer } = await runOn(failing, code, lineIsThere)
      expect(error, `append ${failing}`).toBeInstanceOf(LogNotWritten)
      expect(writer.failed()).toBe(true)
      const written = writer.lines().map((line) => JSON.parse(line))
      expect(written).toHaveLength(failing - 1)
      const intents = written.filter(({ type }) => type === 'step.intent').map(({ body }) => body.step)
      const outcomes = written.filter(({ type }) => type === 'step.outcome').map(({ body }) => body.step)
      expect(cloud.performed.map(({ name }) => `sample/thing[${name}]`)).toEqual(intents)
      const end = endInterrupted(error as Error, [...recorded(plan, []), ...written])
      expect(end.reason).toContain(words)
      if (intents.length > outcomes.length) {
        expect(end.reason).toContain(`${intents.at(-1)}) is unknown`)
        expect(exitCodeOf(end.ending)).toBe(5)
      } else expect(exitCodeOf(end.ending)).toBe(1)
    }
  },
)

test('what nobody expected is in doubt after an intent, and unexpected elsewhere', async () => {
  const { plan } = await runOn(1, 'EIO', false)
  const written = [...recorded(plan, []), ...intact.map((line) => JSON.parse(line))]
  const upTo = (type: string) => written.slice(0, written.findIndex((entry) => entry.type === type) + 1)
  expect(endInterrupted(new Error('odd'), upTo('step.intent'))).toMatchObject({ ending: 'in-doubt' })
  expect(() => endInterrupted(new Error('odd'), upTo('step.outcome'))).toThrow('odd')
})
