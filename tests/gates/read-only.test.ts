import { expect, it } from 'vitest'
import { readOnly } from '../../engine/steps/read-only.ts'
import { SecretBytes } from '../../engine/steps/secret-bytes.ts'
import type { GcloudCall } from '../../engine/steps/world.ts'
import { printed, worldOf } from '../engine/samples.ts'

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
