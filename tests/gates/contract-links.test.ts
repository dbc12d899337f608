import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { makeWorkspace } from '../command-line/workspace.ts'
import { inOrder } from '../in-order.ts'

inOrder()

vi.setConfig({ testTimeout: 60_000 })

const { folder, breakglass } = makeWorkspace()
const at = (name: string) => join(folder, name)
mkdirSync(at('outside'))

async function refuses(): Promise<void> {
  for (const more of [[], ['--check']]) {
    const { exit, stderr } = await breakglass('contract', '--workspace', at('checkout'), ...more)
    expect({ exit, stderr }).toMatchObject({ exit: 2, stderr: expect.stringMatching(/leads out of the repository/) })
  }
  expect(readdirSync(at('outside'))).toEqual([])
}

test('a folder of the checkout that is a link out of it has nothing written to', async () => {
  checkout()
  symlinkSync(at('outside'), at('checkout/docs'))
  await refuses()
})

test('nor does a link of its file that leads to nothing yet', async () => {
  checkout()
  mkdirSync(at('checkout/docs'))
  symlinkSync(at('outside/profile'), at('checkout/docs/PARITY_CONTRACT.md'))
  await refuses()
})

test('nor does a file elsewhere that a link leads to', async () => {
  checkout()
  mkdirSync(at('checkout/docs'))
  writeFileSync(at('kept.md'), '')
  symlinkSync(at('kept.md'), at('checkout/docs/stage-promotion-gates.md'))
  await refuses()
})

test('a link within the checkout is followed', async () => {
  checkout()
  mkdirSync(at('checkout/documents'))
  symlinkSync('documents', at('checkout/docs'))
  expect((await breakglass('contract', '--workspace', at('checkout'))).exit).toBe(0)
  expect(existsSync(at('checkout/documents/PARITY_CONTRACT.md'))).toBe(true)
})

/** A checkout of its own, with the shipped runbooks. */
function checkout(): void {
  rmSync(at('checkout'), { recursive: true, force: true })
  cpSync(at('runbooks'), at('checkout/runbooks'), { recursive: true })
}
