import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { findGcloud } from '../../engine/gcloud/find.ts'

const folder = mkdtempSync(join(tmpdir(), 'breakglass-path-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function inFolder(name: string, make: (path: string) => void): string {
  mkdirSync(join(folder, name))
  make(join(folder, name, 'gcloud'))
  return join(folder, name)
}
function program(path: string, mode = 0o755): void {
  writeFileSync(path, '#!/bin/sh\n')
  chmodSync(path, mode)
}

const real = inFolder('real', program)
const linked = inFolder('linked', (path) => symlinkSync(join(real, 'gcloud'), path))
const wrong = {
  'a folder': inFolder('folder', (path) => mkdirSync(path)),
  'a link to a folder': inFolder('folder-link', (path) => symlinkSync(folder, path)),
  'a link to nothing': inFolder('broken-link', (path) => symlinkSync(join(folder, 'gone'), path)),
  'a file that nobody may run': inFolder('text', (path) => program(path, 0o644)),
}

test.each(Object.entries(wrong))('%s named gcloud is skipped', (_, at) => {
  expect(findGcloud(at)).toBeUndefined()
  expect(findGcloud([at, real].join(delimiter))?.path).toBe(join(real, 'gcloud'))
})

test('a program named gcloud is found, also through a link', () => {
  expect(findGcloud([real, linked].join(delimiter))?.path).toBe(join(real, 'gcloud'))
  expect(findGcloud([linked, real].join(delimiter))?.path).toBe(join(linked, 'gcloud'))
})
