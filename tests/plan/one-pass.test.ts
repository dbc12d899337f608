import { expect, test } from 'vitest'
import { observeAll, onePass } from '../../engine/plan/observe.ts'
import { readJson } from '../../engine/steps/read.ts'
import type { GcloudCall, World } from '../../engine/steps/world.ts'
import { gcloudStep, printed, secretStep, worldOf } from '../samples/samples.ts'

function counting(answer: (call: GcloudCall) => ReturnType<typeof printed>): {
  world: World
  calls: GcloudCall[]
  most(): number
} {
  const calls: GcloudCall[] = []
  let running = 0
  let most = 0
  const world = worldOf(async (call) => {
    calls.push(call)
    most = Math.max(most, ++running)
    await new Promise((resolve) => setTimeout(resolve, 1))
    running--
    return answer(call)
  })
  return { world, calls, most: () => most }
}

test('the same reading command runs once in a pass, another project or another word makes another', async () => {
  const { world, calls } = counting(() => printed({ value: 'x' }))
  const pass = onePass(world, 4)
  const command = { argv: ['a', 'list'], project: 'p' }
  await Promise.all(
    [
      command,
      { ...command },
      { ...command, project: 'q' },
      { ...command, argv: ['a', 'list', '--x'] },
      { ...command, argv: ['a list'] },
    ].map((each) => readJson(pass, each, 1)),
  )
  expect(calls).toHaveLength(4)
  await readJson(onePass(world, 4), command, 1)
  expect(calls).toHaveLength(5)
})

test('output that is secret is never shared', async () => {
  const { world, calls } = counting(() => printed('{}'))
  const pass = onePass(world, 4)
  const call = { argv: ['secrets', 'versions', 'access', '1'], project: 'p', timeoutMs: 1, secretOutput: true }
  const [a, b] = await Promise.all([pass.gcloud(call), pass.gcloud(call)])
  expect(calls).toHaveLength(2)
  expect(a).not.toBe(b)
})

test('no more commands run side by side than the width allows', async () => {
  const { world, most } = counting(() => printed({ value: 'x' }))
  await observeAll(
    Array.from({ length: 20 }, (_, index) => gcloudStep(`s${index}`)),
    onePass(world, 3),
  )
  expect(most()).toBe(3)
})

test('steps about the same secret read each payload once', async () => {
  const { world, calls } = counting(({ argv }) =>
    argv[2] === 'list'
      ? printed([{ name: 'projects/1/secrets/KEY/versions/1', state: 'ENABLED' }])
      : printed('{"payload": {"data": "YQ=="}}'),
  )
  const steps = [secretStep(), secretStep({ key: 'other/secret[KEY]' })]
  const planned = await observeAll(steps, onePass(world, 4))
  expect(planned.map(({ status }) => status)).toEqual(['conformant', 'conformant'])
  expect(calls.filter(({ argv }) => argv[2] === 'access')).toHaveLength(3)
})

test('a planned step has its differences, its change and its undo', async () => {
  const { world } = counting(() => printed({ value: 'wrong' }))
  const [planned] = await observeAll([gcloudStep('a')], onePass(world, 1))
  expect(planned).toMatchObject({
    status: 'drift',
    differences: [{ name: 'value', current: 'wrong', wanted: 'right' }],
    apply: { kind: 'gcloud', command: { argv: ['thing', 'set', 'a', 'right'] } },
    undo: { kind: 'gcloud', command: { argv: ['thing', 'set', 'a', 'wrong'] } },
  })
})

test('an old value that can be no word of a command is said to be out of reach for an undo, before consent', async () => {
  const { world } = counting(() => printed({ value: '--project=evil' }))
  const [planned] = await observeAll([gcloudStep('a')], onePass(world, 1))
  expect(planned?.undo).toMatchObject({ kind: 'none', reason: expect.stringContaining('hyphen') })
})

test('what many steps read with one command is taken apart once', async () => {
  let elapsed = 0
  const answer = printed([{ value: 'x' }])
  const counted = {
    ...answer,
    get output() {
      elapsed++
      return answer.output
    },
  }
  const read = { command: { argv: ['a', 'list'], project: 'p' } }
  const steps = ['a', 'b', 'c'].map((name) =>
    gcloudStep(name, { reads: [read], select: { value: '${{ result[0].value }}' }, expect: { value: 'x' } }),
  )
  const planned = await observeAll(
    steps,
    onePass(
      worldOf(async () => counted),
      4,
    ),
  )
  expect(planned.map(({ status }) => status)).toEqual(['conformant', 'conformant', 'conformant'])
  expect(elapsed).toBe(1)
})

test('the things that many steps read with one command are the same things', async () => {
  const answer = printed([
    { name: 'a', etag: '1' },
    { name: 'b', etag: '2' },
  ])
  const steps = ['a', 'b'].map((name) =>
    gcloudStep(name, {
      reads: [{ command: { argv: ['a', 'list'], project: 'p' } }],
      select: { value: '${{ result[0].name }}' },
    }),
  )
  const world = worldOf(async () => answer)
  const [one, other] = await observeAll(steps, onePass(world, 4))
  expect(one?.targets).toHaveLength(2)
  expect(other?.targets).toBe(one?.targets)
})
