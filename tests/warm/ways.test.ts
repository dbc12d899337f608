import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { runCold } from '../../engine/gcloud/cold.ts'
import type { Ended } from '../../engine/gcloud/ended.ts'
import { SecretBytes } from '../../engine/steps/secrets/secret-bytes.ts'
import type { GcloudCall } from '../../engine/steps/world.ts'
import { isGone } from '../is-gone.ts'
import { callOf, makeToySdk, runnerOf, warmUp } from './toy-sdk.ts'

// A command must behave the same in a new gcloud and in a warm one: every test here runs in both.

const folder = mkdtempSync(join(tmpdir(), 'ways-'))
const path = makeToySdk(folder)
const warm = warmUp(path)
afterAll(async () => {
  await warm.close()
  rmSync(folder, { recursive: true })
})

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()
const stdin = (bytes: Uint8Array) => ({ stdin: new SecretBytes(Uint8Array.from(bytes)) })

describe.each(['cold', 'warm'] as const)('a command that runs %s', (way) => {
  async function run(argv: string[], more: Partial<GcloudCall> = {}): Promise<Ended & { children: string[] }> {
    const runner = runnerOf(path)
    const call = callOf(argv, more)
    const ended = way === 'cold' ? await runCold(call, runner) : await warm.run(call, runner)
    if (!ended) throw new Error(`it did not run ${way}: ${await warm.whyCold()}`)
    expect(ended.way).toBe(way)
    return { ...ended, children: runner.children }
  }

  test('gets its argv unchanged', async () => {
    const words = ['words', 'b c', '', '*', '$HOME', '-é😀', "'"]
    const { stdout, children } = await run(words)
    expect(text(stdout)).toBe([join(folder, 'lib/gcloud.py'), ...words, '--format=json', '--quiet', ''].join('\n'))
    expect(children).toEqual(['started', 'ended'])
  })

  test("gets only the given environment, not the caller's", async () => {
    const names = text((await run(['environment'])).stdout)
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0])
    expect(names.filter((name) => name !== 'CLOUDSDK_PYTHON_ARGS')).toEqual(['LANG', 'PATH'])
  })

  test("runs in the engine's working directory and imports from gcloud's folder first", async () =>
    expect(text((await run(['where'])).stdout)).toBe(
      `${process.cwd()} ${join(folder, 'lib')} ${join(folder, 'lib/gcloud.py')}\n`,
    ))

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['all bytes', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
    ['64 KiB', Buffer.alloc(65_536, 0xfe)],
    ['5 MB', Buffer.alloc(5_000_000, 'abcdefg')],
  ])('passes stdin and stdout through exactly: %s', async (_, bytes) => {
    const { stdout, exitCode } = await run(['echo'], stdin(bytes))
    expect([exitCode, Buffer.compare(stdout, bytes)]).toEqual([0, 0])
  })

  test('has an empty stdin by default', async () => expect((await run(['echo'])).stdout).toHaveLength(0))

  test('need not read its stdin', async () => {
    expect((await run(['exit', '0'], stdin(new Uint8Array(1 << 20)))).exitCode).toBe(0)
    expect((await run(['exit', '3'], stdin(new Uint8Array(1 << 20)))).exitCode).toBe(3)
  })

  test('can print megabytes on stdout and stderr', async () => {
    const { stdout, stderr } = await run(['print', '8000000', '3000000'])
    expect([stdout.length, stderr.length]).toEqual([8_000_000, 3_000_000])
  })

  test('is stopped if it prints more than 64 MiB', async () => {
    const { exitCode, stdout } = await run(['print', String(200 * 1024 * 1024), '0'])
    expect(exitCode).not.toBe(0)
    expect(stdout.length).toBeLessThan(80 * 1024 * 1024)
  })

  test.each([
    [['exit', '0'], 0, /^$/],
    [['exit', '1'], 1, /^$/],
    [['exit', '2'], 2, /^$/],
    [['exit', '257'], 1, /^$/],
    [['say', 'no'], 1, /^ERROR: no\n$/],
    [['raise'], 1, /ValueError: on purpose\n$/],
    [['abort'], null, /^$/],
    [['signal', '15'], null, /^$/],
    [['signal', '9'], null, /^$/],
  ])('has its own exit code: %j', async (argv, code, said) => {
    const { exitCode, stderr, ending } = await run(argv)
    expect([ending, exitCode]).toEqual(['ended', code])
    expect(text(stderr)).toMatch(said)
  })

  test('handles Ctrl-C', async () => expect(text((await run(['signal', '2'])).stderr)).toContain('KeyboardInterrupt'))

  test('loses no output, and waits for its threads', async () => {
    const { stdout, stderr } = await run(['unflushed'])
    expect([text(stdout), text(stderr)]).toEqual(['kept', 'kept too'])
    expect(text((await run(['thread'])).stdout)).toBe('the thread ended\n')
  })

  test('is stopped with all its children at its timeout', async () => {
    const mark = join(folder, `outlived-${way}`)
    const { ending, children, stdout, durationMs } = await run(['hang', mark], { timeoutMs: 4000 })
    expect([ending, text(stdout), children]).toEqual(['timed-out', 'hanging\n', ['started', 'ended']])
    expect(durationMs).toBeLessThan(600_000)
    expect(await isGone(mark)).toBe(true)
  })

  test('does not wait for others', async () => {
    const mark = join(folder, `waited-for-${way}`)
    const slow = run(['until', mark])
    await run(['exit', '0'])
    writeFileSync(mark, '')
    expect(text((await slow).stdout)).toBe(`${mark}\n`)
    const many = await Promise.all(
      Array.from({ length: 12 }, (_, n) => run(['echo'], stdin(Buffer.from(`number ${n}`)))),
    )
    expect(many.map(({ stdout }) => text(stdout))).toEqual(many.map((_, n) => `number ${n}`))
  })
})

test('a warm command has the same descriptors as a new process', async () => {
  const [cold, copy] = await Promise.all([
    runCold(callOf(['descriptors']), runnerOf(path)),
    warm.run(callOf(['descriptors']), runnerOf(path)),
  ])
  expect(text(copy!.stdout)).toBe(text(cold.stdout))
})
