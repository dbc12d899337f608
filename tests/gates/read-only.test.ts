import { expect, it } from 'vitest'
import { observe } from '../../engine/steps/index.ts'
import { readOnly, refusingWrites } from '../../engine/steps/read-only.ts'
import { SecretBytes } from '../../engine/steps/secrets/secret-bytes.ts'
import type { GcloudCall } from '../../engine/steps/world.ts'
import { gcloudStep, printed, worldOf } from '../samples/samples.ts'

async function start(argv: string[], over: Partial<GcloudCall> = {}) {
  const started: string[][] = []
  const world = readOnly(
    worldOf(async (call) => {
      started.push(call.argv)
      return printed({})
    }),
  )
  const { failure } = await world.gcloud({ argv, project: 'p', timeoutMs: 1, ...over })
  return { started: started.length, refused: failure?.message }
}

it.each([
  [['run', 'services', 'describe', 'web']],
  [['beta', 'run', 'services', 'list']],
  [['projects', 'get-iam-policy', 'p']],
])('observing starts what only reads: %j', async (argv) => {
  expect(await start(argv)).toEqual({ started: 1, refused: undefined })
})

it.each([
  [['run', 'services', 'update', 'web', '--ingress=all']],
  [['beta', 'run', 'services', 'delete', 'list']],
  [['run', 'services', '--region', 'list']],
  [['secrets', 'versions', 'access', 'latest']],
  [['secrets', 'versions', 'add', 'KEY']],
  [['nothing-known', 'list']],
  [['list']],
  [[]],
])('and nothing else, whatever a runbook says: %j', async (argv) => {
  expect(await start(argv)).toMatchObject({ started: 0, refused: expect.stringContaining('was not started') })
})

it("a secret's payload is read, its output kept from all others", async () => {
  expect(await start(['secrets', 'versions', 'access', '3', '--secret=KEY'], { secretOutput: true })).toMatchObject({
    started: 1,
  })
})

it('nothing is piped into what only reads', async () => {
  const stdin = new SecretBytes(Uint8Array.from([1]))
  expect(await start(['secrets', 'list'], { stdin })).toMatchObject({ started: 0 })
})

it.each([
  [['secrets', 'versions', 'access', 'latest', '--secret=KEY']],
  [['secrets', 'versions', 'access', '3', '--secret=KEY', '--out-file=/tmp/x']],
  [['secrets', 'versions', 'access', '3', '--secret=projects/other/secrets/KEY']],
  [['beta', 'secrets', 'versions', 'access', '3', '--secret=KEY']],
  [['auth', 'print-access-token', 'somebody@example.com']],
  [['auth', 'application-default', 'print-access-token']],
  [['redis', 'instances', 'get-auth-string', 'cache']],
])('no other secret is read, and not in another way: %j', async (argv) => {
  expect(await start(argv, { secretOutput: true })).toMatchObject({ started: 0 })
})

it.each([
  [['run', 'services', 'describe', 'web', '--log-http']],
  [['run', 'services', 'describe', 'web', '--account=other']],
  [['run', 'services', 'describe', 'web', '--region=elsewhere.example?']],
  [['kms', 'keys', 'versions', 'describe', '1', '--attestation-file=x']],
  [['iap', 'oauth-clients', 'list']],
  [['sql', 'export', 'sql', 'db', 'gs://b/f']],
])('a read with a flag that is not known for it is not started, nor what is no read: %j', async (argv) => {
  expect(await start(argv)).toMatchObject({ started: 0, refused: expect.stringContaining('was not started') })
})

it('whatever a step observes is a read where it is started, so that a change there is refused', async () => {
  const asked: string[] = []
  const run = refusingWrites(
    async ({ argv }) => {
      asked.push(argv.join(' '))
      return printed({})
    },
    (text) => text,
  )
  const argv = ['run', 'services', 'delete', 'web']
  const step = gcloudStep('a', { reads: [{ command: { argv, project: 'p' } }] })
  const { observation } = await observe(step, worldOf(run))
  expect(observation).toMatchObject({ state: 'unknown', reason: expect.stringContaining('was not started') })
  expect(asked).toEqual([])
  // A change that is performed is none of its business.
  await run({ argv, project: 'p', timeoutMs: 1 })
  expect(asked).toEqual([argv.join(' ')])
})
