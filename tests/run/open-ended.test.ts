import { describe, expect, test } from 'vitest'
import { pendingAfter, pendingByHand } from '../../engine/run/open-ended.ts'
import { operationsOf } from '../../engine/steps/operations.ts'
import type { Change } from '../../engine/steps/types.ts'
import type { Evidence, Failure, World } from '../../engine/steps/world.ts'

const MINUTE = 60_000
const begun = new Date('2026-03-01T12:00:00Z')
const change = (words: string): Change => ({ kind: 'gcloud', command: { argv: words.split(' '), project: 'p-prod' } })
/** A cloud in which a list of operations is all that can be read. */
const listing = (operations: object[] = []) =>
  ({
    gcloud: async () => ({
      ...{ way: 'cold', exitCode: 0, stderr: '', durationMs: 1 },
      output: new TextEncoder().encode(JSON.stringify(operations)),
    }),
  }) as unknown as World
const refused = (cause: Failure['cause'], stderr: string): Evidence => ({
  ...{ way: 'cold', exitCode: 1, stderr, durationMs: 1 },
  failure: { cause, message: 'refused' },
})

describe('a command that was refused while it followed its operation may still have begun it', () => {
  test.each<[string, string, Failure['cause'], string, number | undefined]>([
    ['a login that ends while it polls', 'services enable x', 'no-login', 'Waiting for operation [op/1]...', 40],
    ['a poll that is denied', 'spanner instances create x', 'denied', 'Creating instance...', 120],
    ['a login that had ended before', 'services enable x', 'no-login', 'ERROR: log in again', undefined],
    ['a refusal that speaks of one', 'spanner instances create x', 'denied', 'ERROR: not this operation', undefined],
    ['a change of an API without operations', 'run services update x', 'no-login', 'Deploying...', undefined],
    ['a command line that is wrong', 'services enable x', 'invalid', 'no such operation', undefined],
  ])('%s', (_, words, cause, stderr, minutes) => {
    const open = pendingAfter(refused(cause, stderr), change(words), begun, listing())
    expect(open?.forMs).toBe(minutes === undefined ? undefined : minutes * MINUTE)
  })
})

test('a change that a person made by hand may take effect for as long as its API takes', () => {
  expect(pendingByHand(change('sql instances restart db'))).toEqual({ forMs: 120 * MINUTE })
  expect(pendingByHand(change('run services update web --ingress=all'))).toBeUndefined()
  expect(pendingByHand({ kind: 'by-hand', instructions: 'Do it.' })).toBeUndefined()
})

describe('an operation is over only where the list leaves no doubt that it is ours', () => {
  const operation = (type: string, insertTime = '2026-03-01T12:00:05Z') => ({
    ...{ name: 'op', operationType: type, targetId: 'db', status: 'DONE', insertTime },
  })
  test.each<[string, string, object[], string]>([
    ['the only one of its kind since', 'sql instances restart db', [operation('RESTART')], 'over'],
    ['two of its kind since', 'sql instances restart db', [operation('RESTART'), operation('RESTART')], 'untold'],
    ['one from before', 'sql instances restart db', [operation('RESTART', '2026-03-01T11:59:00Z')], 'untold'],
    ['another user of the instance', 'sql users create a --instance=db', [operation('CREATE_USER')], 'untold'],
    ['another database of it', 'sql databases create a --instance=db', [operation('CREATE_DATABASE')], 'untold'],
    [
      'one that is under way',
      'sql users create a --instance=db',
      [{ ...operation('X'), status: 'RUNNING' }],
      'under-way',
    ],
  ])('%s', async (_, words, operations, state) => {
    expect(await operationsOf(change(words), begun, listing(operations))?.()).toMatchObject({ state })
  })
})
