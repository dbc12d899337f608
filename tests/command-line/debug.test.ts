import { expect, test } from 'vitest'
import { MASK, makeRedactor } from '../../engine/audit/redact.ts'
import { debugged } from '../../engine/session/host/debug.ts'
import type { Cloud, Runtime, Wanted } from '../../engine/session/host/runtime.ts'
import { SecretBytes } from '../../engine/steps/secrets/secret-bytes.ts'
import { printed, worldOf } from '../samples/samples.ts'

const secret = 'hunter2-is-long'

/** A runtime with BREAKGLASS_DEBUG over a cloud that answers everything, and what it prints on stderr. */
async function openDebugged() {
  const said: string[] = []
  const redactor = makeRedactor(Buffer.alloc(32))
  redactor.memoize(new SecretBytes(Buffer.from(secret)))
  const world = worldOf(() => Promise.resolve(printed({ payload: secret })), {
    http: () => Promise.resolve({ status: 200 }),
    github: () => Promise.resolve({ failed: `no route with ${secret}`, cause: 'network' }),
    script: () => Promise.resolve({ exitCode: 3, output: 'printed by the script' }),
    mask: redactor.mask,
  })
  const runtime = {
    err: (text: string) => void said.push(text),
    openCloud: () => Promise.resolve({ world } as Cloud),
  } as unknown as Runtime
  const cloud = await debugged(runtime).openCloud({ kind: 'live' }, {} as Wanted)
  return { cloud, said }
}

test('each command is reported with its arguments, way, duration, exit code and reason', async () => {
  const { cloud, said } = await openDebugged()
  await cloud.world.gcloud({
    argv: ['run', 'services', 'list'],
    project: 'p',
    timeoutMs: 1,
    onlyReads: true,
    step: 'a/b',
  })
  expect(said).toEqual([
    expect.stringMatching(/^debug: opened the real cloud \(\d+ ms\)$/),
    'debug: gcloud run services list --project=p (cold, 1 ms, exit 0; reads for a/b)',
  ])
})

test('no secret, no payload, no path of a URL and no output is reported', async () => {
  const { cloud, said } = await openDebugged()
  const { world } = cloud
  await world.gcloud({ argv: ['secrets', 'list', `--filter=${secret}`, '\u001b[2J'], project: 'p', timeoutMs: 1 })
  await world.http(`https://app.example.com/path?token=${secret}`, 1)
  await world.github('/repos/acme/shop/actions/runs/1', 1)
  await world.script({ argv: ['./check.sh', secret], environment: { KEY: secret }, timeoutMs: 1 })
  const text = said.join('\n')
  expect(text).not.toContain(secret)
  expect(text).not.toContain('\u001b')
  expect(text).not.toMatch(/payload|token|printed by the script/)
  expect(text).toContain(`--filter=${MASK}`)
  expect(text).toContain('debug: GET app.example.com: 200')
  expect(text).toContain(`debug: GET /repos/acme/shop/actions/runs/1 of the GitHub API: failed: no route with ${MASK}`)
  expect(text).toContain('debug: script ./check.sh (exit 3)')
})
