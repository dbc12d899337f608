import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readPlan, refuseTaken, writePlan } from '../../engine/disk/plan-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'breakglass-plan-file-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = (name: string) => join(folder, name)

test('a plan is written whole, for its owner only, and leaves nothing else behind', async () => {
  await writePlan(at('new.json'), 'text\n', 'n1', 'new.json')
  expect(readFileSync(at('new.json'), 'utf8')).toBe('text\n')
  expect(statSync(at('new.json')).mode & 0o777).toBe(0o600)
  expect(readdirSync(folder)).toEqual(['new.json'])
})

test('what is there is never replaced, not even a link that leads nowhere', async () => {
  writeFileSync(at('kept'), 'mine')
  symlinkSync(at('nowhere'), at('link'))
  for (const name of ['kept', 'link']) {
    const refusal = { message: `the file ${name} is there already, and a plan never replaces one`, exitCode: 2 }
    await expect(refuseTaken(at(name), name)).rejects.toMatchObject(refusal)
    await expect(writePlan(at(name), 'text', 'n2', name)).rejects.toMatchObject(refusal)
  }
  expect(readFileSync(at('kept'), 'utf8')).toBe('mine')
  expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([])
})

test('where it cannot be written or read, that is said', async () => {
  await expect(writePlan(at('no/folder'), 'text', 'n3', 'no/folder')).rejects.toMatchObject({ exitCode: 1 })
  await expect(readPlan(at('nothing'), 'nothing')).rejects.toThrow('there is no such file')
  await expect(readPlan(folder, 'folder')).rejects.toThrow('it is not a regular file')
})
