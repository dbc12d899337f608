import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type HandedFile, readHanded, refuseTaken, writeHanded } from '../../engine/disk/handed-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'breakglass-plan-file-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = (name: string) => join(folder, name)
const handed = (name: string, what: HandedFile['what'] = 'a plan'): HandedFile => ({ what, path: at(name), name })

test('a plan is written whole, for its owner only, and leaves nothing else behind', async () => {
  await writeHanded(handed('new.json'), 'text\n', 'n1')
  expect(readFileSync(at('new.json'), 'utf8')).toBe('text\n')
  expect(statSync(at('new.json')).mode & 0o777).toBe(0o600)
  expect(readdirSync(folder)).toEqual(['new.json'])
})

test('what is there is never replaced, not even a link that leads nowhere', async () => {
  writeFileSync(at('kept'), 'mine')
  symlinkSync(at('nowhere'), at('link'))
  for (const [name, what] of [
    ['kept', 'a plan'],
    ['link', 'an approval'],
  ] as const) {
    const refusal = { message: `the file ${name} already exists, and ${what} never replaces a file`, exitCode: 2 }
    await expect(refuseTaken(handed(name, what))).rejects.toMatchObject(refusal)
    await expect(writeHanded(handed(name, what), 'text', 'n2')).rejects.toMatchObject(refusal)
  }
  expect(readFileSync(at('kept'), 'utf8')).toBe('mine')
  expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([])
})

test('where it cannot be written or read, that is said', async () => {
  await expect(writeHanded(handed('no/folder'), 'text', 'n3')).rejects.toMatchObject({ exitCode: 1 })
  await expect(readHanded(handed('nothing'))).rejects.toThrow('no such file')
  await expect(readHanded({ ...handed('folder'), path: folder })).rejects.toThrow('it is not a regular file')
})
