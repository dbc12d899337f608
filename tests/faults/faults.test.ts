import { describe, expect, test } from 'vitest'
import { kindOf } from '../../engine/sandbox/faults/applicability.ts'
import { describeRule } from '../../engine/sandbox/faults/faults.ts'
import { ofType } from '../incident/cli.ts'
import { type FaultCase, faultCases, withGcloud } from './fault-cases.ts'
import { type Ended, inSandbox, rehearse, runUnder, type StepId } from './small-team.ts'

const named = (list: FaultCase[]) => list.map((each) => [describeRule(each.fault), each] as const)
const steps: Record<FaultCase['runbook'], StepId[]> = {
  secret: ['key'],
  service: ['public'],
  identity: ['account', 'role'],
}
const stepOf = (key: string) => key.split('/')[1] as StepId

/** Checks what must hold however a run ends: the log claims nothing that contradicts the sandbox's state. */
function expectTruth({ exit, text, entries, truth, requests }: Ended, { runbook }: FaultCase): void {
  const outcomes = ofType(entries, 'step.outcome').map(({ body }) => body)
  const applied = outcomes.filter(({ verdict }) => verdict === 'applied').map(({ step }) => stepOf(step))
  expect(applied.filter((step) => !truth[step])).toEqual([])
  const [plan] = ofType(entries, 'plan.made').map(({ body }) => body.plan)
  expect(plan?.steps.filter(({ status }) => status === 'conformant')).toEqual([])
  if (exit === 0) expect(steps[runbook].filter((step) => !truth[step])).toEqual([])
  else expect(text).toMatch(/breakglass resume \S+/)
  expect(requests.filter(({ fault }) => fault !== undefined).length).toBeGreaterThan(0)
}

const changesOf = ({ requests }: Ended): number => requests.filter(({ committed }) => committed).length

async function play(each: FaultCase, client: 'fake' | 'gcloud'): Promise<void> {
  const ended = await runUnder(each.runbook, [each.fault], client)
  expect({ exit: ended.exit, text: ended.text }).toMatchObject({ exit: each.exit })
  expectTruth(ended, each)
  if (each.says) expect(ended.text.replace(/\s+/g, ' ')).toMatch(each.says)
  if (each.exit === 0 && !('concurrentWriter' in each.fault.answer))
    expect(changesOf(ended)).toBe(each.changes ?? steps[each.runbook].length)
}

describe('with the fake gcloud', () => {
  test.each(named(faultCases))('%s', { timeout: 240_000 }, (_, each) => play(each, 'fake'))
})

describe('with the real gcloud', () => {
  test.each(named(withGcloud))('%s', { timeout: 240_000 }, (_, each) => play(each, 'gcloud'))
})

test('every kind of fault is covered', () => {
  const result = faultCases.map(({ fault }) => kindOf(fault.answer))
  expect(new Set(result).size).toBe(15)
})

/** Returns the seed in an output and the faults listed with it. */
const drawnIn = (text: string) => /^Faults drawn from seed (\d+) .*(\n {2,}\S.*)+/m.exec(text)
const lines = (text = '') => text.split(/\n {2}(?=\S)/).length
const slow = { timeout: 240_000 }

test('a rehearsal names the seed of its faults, and the same seed repeats them', slow, async () => {
  const again = () => rehearse(['--fault-seed', '3', '--faults', '4'])
  const [first, second] = [drawnIn((await again()).text), drawnIn((await again()).text)]
  expect(lines(first?.[0])).toBe(5)
  expect(second?.[0]).toBe(first?.[0])
})

test('without a seed, a random one is drawn and named', slow, async () => {
  const [text, seed = ''] = drawnIn((await rehearse(['--faults', '2'])).text) ?? []
  expect(lines(text)).toBe(3)
  expect(drawnIn((await rehearse(['--faults', '2', '--fault-seed', seed])).text)?.[0]).toBe(text)
})

test('a seed or a count that is not a number is refused', slow, async () => {
  for (const options of [
    ['--fault-seed', 'x'],
    ['--fault-seed', '1', '--faults', '0'],
  ])
    expect(await rehearse(options)).toMatchObject({ exit: 2, text: expect.stringContaining('is not a whole number') })
})

test('a shared sandbox has drawn faults too, and lists them', slow, async () => {
  const { text, exit } = await inSandbox(['--fault-seed', '3', '--faults', '4'], ['node', '-e', ''])
  expect({ exit, drawn: lines(drawnIn(text)?.[0]) }).toEqual({ exit: 0, drawn: 5 })
})
