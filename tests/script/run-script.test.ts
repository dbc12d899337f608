import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { scriptRunner } from '../../engine/script/run-script.ts'
import { isGone } from '../is-gone.ts'

const folder = mkdtempSync(join(tmpdir(), 'breakglass-script-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const script = (name: string, text: string): string => {
  writeFileSync(join(folder, name), `#!/usr/bin/env bash\n${text}\n`)
  chmodSync(join(folder, name), 0o755)
  return `./${name}`
}

const children = new Set<number>()
const caller = { PATH: '/usr/bin:/bin', HOME: '/somewhere', SECRET_OF_CALLER: 'x', CLOUDSDK_CORE_PROJECT: 'other' }
const runIn = (added: Record<string, string> = {}) =>
  scriptRunner({
    folder,
    environment: caller,
    added,
    endGroup: (pid) => {
      try {
        process.kill(-pid, 'SIGKILL')
      } catch {}
    },
    onChild: (change, pid) => void (change === 'started' ? children.add(pid) : children.delete(pid)),
    mask: (text) => text.replaceAll('hunter2', '(secret)'),
  })

const run = (argv: string[], environment: Record<string, string> = {}, timeoutMs = 10_000) =>
  runIn()({ argv, environment, timeoutMs })

test('every word reaches the script as it is, whatever a shell would make of it', { timeout: 240_000 }, async () => {
  const echo = script('echo.sh', 'printf "%s" "$1" | od -An -v -tx1')
  const hexOf = (output: string) => output.replaceAll(/\s/g, '')
  const hostile = fc.oneof(
    fc.constantFrom(
      '$(touch injected)',
      '`touch injected`',
      "'; touch injected; '",
      '"; touch injected #',
      '$HOME',
      '*',
      '~',
    ),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => !text.includes('\0')),
  )
  const same = async (word: string) => {
    const { exitCode, output } = await run([echo, word])
    expect({ exitCode, hex: hexOf(output) }).toEqual({ exitCode: 0, hex: Buffer.from(word).toString('hex') })
  }
  await fc.assert(fc.asyncProperty(hostile, same), { numRuns: 25 })
  expect(() => readFileSync(join(folder, 'injected'))).toThrow()
})

test('a script sees PATH, HOME, what its step lists and what gcloud is given, and nothing else', async () => {
  const { output } = await run([script('env.sh', 'env; pwd')], { TEAM: 'web' })
  expect(output).toContain('PATH=/usr/bin:/bin')
  expect(output).toContain('HOME=/somewhere')
  expect(output).toContain('TEAM=web')
  expect(output).toContain('CLOUDSDK_CORE_DISABLE_PROMPTS=1')
  expect(output).not.toMatch(/SECRET_OF_CALLER|CLOUDSDK_CORE_PROJECT/)
  expect(output).toContain(folder)
})

test("in a sandbox its gcloud goes to the sandbox, with the sandbox's home, whatever the step lists", async () => {
  const added = { CLOUDSDK_CONFIG: '/scratch', CLOUDSDK_PROXY_PORT: '1234', HTTP_PROXY: 'http://127.0.0.1:1234' }
  const environment = { CLOUDSDK_PROXY_PORT: '9', HOME: '/real' }
  const { output } = await runIn(added)({ argv: ['/usr/bin/env'], environment, timeoutMs: 10_000 })
  expect(output).toContain('CLOUDSDK_PROXY_PORT=1234')
  expect(output).toContain('HOME=/scratch')
})

test('what a script prints is kept masked, its last lines only', async () => {
  const { output } = await run([script('loud.sh', 'seq 1 5000; echo token hunter2 >&2')])
  expect(output.split('\n')).toHaveLength(20)
  expect(output).toMatch(/5000\ntoken \(secret\)$/)
})

test('a script that prints without end is ended', { timeout: 240_000 }, async () => {
  const { exitCode, failure } = await run([script('flood.sh', 'yes')], {}, 50_000)
  expect({ exitCode, failure }).toMatchObject({
    exitCode: null,
    failure: { reason: expect.stringContaining('16 MiB') },
  })
})

test('at its timeout a script ends with all that it has started', async () => {
  const slow = script('slow.sh', 'sleep 600 & echo $! > started; sleep 600')
  const { failure, output } = await run([slow], {}, 4000)
  expect(failure).toEqual({ cause: 'timeout', reason: './slow.sh did not end within 4 s and was ended' })
  expect(output).toBe('')
  expect(await isGone(join(folder, 'started'))).toBe(true)
  expect(children.size).toBe(0)
})

test.each([
  ['exits', 'exit 7', 7],
  ['is ended by a signal', 'kill -9 $$', null],
])('a script that %s says so', async (name, text, code) => {
  const { exitCode, failure } = await run([script(`${name.replaceAll(' ', '-')}.sh`, text)])
  expect({ exitCode, failure }).toEqual({ exitCode: code, failure: undefined })
})

test('a script that is not there exits as bash says, and nothing is thrown', async () => {
  expect(await run(['./nowhere.sh'])).toMatchObject({ exitCode: 127 })
})
