import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { staleLines, withGenerated } from '../../engine/report/contract/generated-part.ts'
import { makeWorkspace } from '../command-line/workspace.ts'
import { inOrder } from '../in-order.ts'

inOrder()

const workspace = makeWorkspace()
const limit = { timeout: 240_000 }
const file = 'docs/PARITY_CONTRACT.md'
const contract = (...more: string[]) => workspace.breakglass('contract', ...more)

describe('breakglass contract', () => {
  it('writes the contract and the gates of each promotion from the inventory', limit, async () => {
    expect(await contract()).toMatchObject({ exit: 0 })
    const text = workspace.lines(file).join('\n')
    expect(text).toContain('- `PLAID_SECRET` in prod has the same value as in stage and dev')
    expect(text).toContain('  - prod: `cr-backend@jualuma-prod.iam.gserviceaccount.com`')
    const gates = workspace.lines('docs/stage-promotion-gates.md').join('\n')
    expect(gates).toContain('## From stage to prod')
    expect(gates).toContain('`breakglass check run-parity --env stage,prod`')
    expect(gates).not.toContain('breakglass check access-posture')
  })

  it('finds what it has written as it must be, and writes nothing', limit, async () => {
    expect(await contract('--check')).toMatchObject({ exit: 0 })
    expect((await contract()).stdout).toContain(`unchanged ${file}`)
  })

  it('with --check exits 3 and names the lines that the inventory says otherwise', limit, async () => {
    const before = workspace.lines(file)
    const at = before.findIndex((line) => line.includes('roles/datastore.user')) + 1
    workspace.edit('runbooks/inventory.yaml', '        - roles/datastore.user\n', '')
    const { exit, stdout } = await contract('--check')
    expect(exit).toBe(3)
    expect(stdout).toContain(`${file}:${at}: has `)
    expect(stdout.split('\n').filter((line) => line.startsWith(file))).toHaveLength(1)
    expect(workspace.lines(file)).toEqual(before)
  })

  it("keeps a person's words around what it writes", limit, async () => {
    workspace.write(file, `Read this first.\n\n${workspace.lines(file).join('\n')}\nAsk the platform team.\n`)
    expect(await contract()).toMatchObject({ exit: 0 })
    const text = workspace.lines(file).join('\n')
    expect(text).toMatch(/^Read this first\.[\s\S]*Ask the platform team\.\n+$/)
    expect(text).not.toContain('roles/datastore.user')
  })

  it('never writes over what somebody wrote without marks, and never out of the repository', limit, async () => {
    workspace.write(file, '# Ours\n')
    expect(await contract()).toMatchObject({ exit: 2, stderr: expect.stringContaining('was written by somebody') })
    expect(workspace.lines(file)).toEqual(['# Ours', ''])
    workspace.edit('runbooks/inventory.yaml', 'parityContract: docs/PARITY_CONTRACT.md', 'parityContract: ../out.md')
    expect(await contract()).toMatchObject({ exit: 2, stderr: expect.stringContaining('leads out of the repository') })
  })
})

const text = fc
  .array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 8 })
  .map((lines) => lines.join('\n'))

test('lines are stale exactly where two texts differ', () => {
  fc.assert(
    fc.property(text, text, (has, mustBe) => {
      const stale = staleLines(has, mustBe)
      expect(stale.length === 0).toBe(has === mustBe)
      const lines = has.split('\n')
      for (const each of stale) if (each.has !== undefined) expect(lines[each.line - 1]).toBe(each.has)
    }),
  )
})

test('what is generated twice is generated once', () => {
  const once = withGenerated(undefined, '# Contract') ?? ''
  expect(withGenerated(once, '# Contract')).toBe(once)
  expect(withGenerated('# Ours', '# Contract')).toBeUndefined()
})
