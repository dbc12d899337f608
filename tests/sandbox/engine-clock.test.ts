import { expect, onTestFinished, test } from 'vitest'
import { reachSandbox } from '../../engine/sandbox/client/cloud.ts'
import { connectSandbox } from '../../engine/sandbox/client/connect.ts'
import { type Box, startBox } from './proxy-client.ts'

const standing = { now: () => new Date('2026-03-01T12:00:00Z'), elapsed: () => 0 }
const clockOf = async (box: Box) => {
  const { clock, close } = await reachSandbox(box.address, await connectSandbox(box.address), standing)
  onTestFinished(close)
  return clock
}
const sandboxTime = async (box: Box) => (await box.control('GET', '/sandbox')).json.now

test('sleeping moves the clock of the sandbox at once', async () => {
  const box = await startBox()
  const clock = await clockOf(box)
  const started = performance.now()
  await clock.sleep(420_000)
  expect(clock.now().toISOString()).toBe('2026-03-01T12:07:00.000Z')
  expect(await sandboxTime(box)).toBe('2026-03-01T12:07:00.000Z')
  expect(performance.now() - started).toBeLessThan(5000)
})

test('parallel sleepers wait together', async () => {
  const box = await startBox()
  const clock = await clockOf(box)
  await Promise.all([clock.sleep(10_000), clock.sleep(60_000), clock.sleep(10_000)])
  expect(await sandboxTime(box)).toBe('2026-03-01T12:01:00.000Z')
})

test('other engines and manual advances share the same time', async () => {
  const box = await startBox()
  const first = await clockOf(box)
  await first.sleep(30_000)
  const second = await clockOf(box)
  expect(second.now()).toEqual(first.now())
  await box.advance(420_000)
  await first.sleep(1000)
  expect(first.now().toISOString()).toBe('2026-03-01T12:07:30.000Z')
})

test('sleeping ends even if the sandbox is gone', async () => {
  const box = await startBox()
  const clock = await clockOf(box)
  await box.close()
  await clock.sleep(5000)
  expect(clock.now().toISOString()).toBe('2026-03-01T12:00:05.000Z')
})
