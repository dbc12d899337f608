import { chmodSync, chownSync, existsSync, mkdirSync } from 'node:fs'
import { userInfo } from 'node:os'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import { inventory, makeStage, type Stage, tracing } from './stage.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const NOBODY = 65534
let stage: Stage
beforeAll(async () => {
  stage = await makeStage()
  stage.write('shared/runbooks/inventory.yaml', inventory())
  stage.write('shared/runbooks/evil.yaml', tracing(stage.at('trace')))
  mkdirSync(stage.at('shared/mine'))
})
afterEach(() => {
  if (userInfo().uid === 0)
    for (const name of ['shared', 'shared/runbooks', 'shared/mine']) chownSync(stage.at(name), 0, 0)
  chmodSync(stage.at('shared/runbooks'), 0o755)
})

const check = (...more: string[]) => stage.breakglassIn('shared/mine', 'check', 'evil', '--env', 'live', ...more)

/** Giving a folder to somebody else takes root. */
test.runIf(userInfo().uid === 0)(
  'a workspace above that belongs to another user is used only where it is named',
  async () => {
    chownSync(stage.at('shared/runbooks'), NOBODY, NOBODY)
    const found = await check()
    expect(found).toMatchObject({
      exit: 2,
      stderr: expect.stringMatching(/belongs to another user\nhint: .*--workspace/),
    })
    expect(existsSync(stage.at('trace'))).toBe(false)
    expect((await check('--workspace', stage.at('shared'))).exit).toBe(0)
    expect(existsSync(stage.at('trace'))).toBe(true)
  },
)

test.runIf(userInfo().uid === 0)(
  'a checkout in which everything belongs to the same user is used, as in CI',
  async () => {
    for (const name of ['shared/runbooks', 'shared/mine']) chownSync(stage.at(name), NOBODY, NOBODY)
    expect((await check()).exit).toBe(0)
  },
)

test('a workspace above whose runbooks everybody can write is used only where it is named', async () => {
  chmodSync(stage.at('shared/runbooks'), 0o777)
  expect(await check()).toMatchObject({ exit: 2, stderr: expect.stringContaining('can be written to by every user') })
})
