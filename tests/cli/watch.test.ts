import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, test } from 'vitest'
import { runProgram } from '../../engine/cli/program.ts'
import type { Runtime } from '../../engine/session/host/runtime.ts'
import { atTheEnd } from '../at-the-end.ts'

const packageFolder = fileURLToPath(new URL('../../', import.meta.url))
const limit = { timeout: 240_000 }
const WRONG = 'apiVersion: breakglass/v1\nkind: Nothing\n'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakglass-watch-'))
  const made = folder
  atTheEnd(() => rmSync(made, { recursive: true, force: true }))
  mkdirSync(join(folder, 'runbooks'))
  cpSync(join(packageFolder, 'runbooks/inventory.yaml'), join(folder, 'runbooks/inventory.yaml'))
  cpSync(join(packageFolder, 'runbooks/run-parity.yaml'), join(folder, 'runbooks/run-parity.yaml'))
})

/** Watches in this process; `at` is called inside each print, so what it saves falls on that very moment. */
async function watch(at: (text: string, nth: number) => void, until: (texts: string[]) => boolean, ...named: string[]) {
  const stop = new AbortController()
  const texts: string[] = []
  const out = (text: string) => {
    texts.push(text)
    at(text, texts.length)
    if (until(texts)) stop.abort()
  }
  const runtime = {
    environment: { PATH: '/nonexistent' },
    cwd: folder,
    packageFolder,
    terminal: { interactive: false, columns: 80, colour: false },
    keyboard: { take: () => {} },
    out,
    err: out,
    stopping: stop.signal,
    endAtOnce: () => () => {},
  } as unknown as Runtime
  const over = setTimeout(() => stop.abort(), 200_000)
  const exit = await runProgram(['validate', ...named, '--watch'], runtime)
  clearTimeout(over)
  return { exit, texts }
}

const at = (name: string) => join(folder, name)
const wrong = (name: string) => writeFileSync(at(name), WRONG)
const isSummary = (text: string) => /files?, no problems|problems? in/.test(text)
const problems = (texts: string[]) => texts.filter((text) => /problems? in/.test(text)).length

const saves: [how: string, save: () => void][] = [
  ['is written over', () => wrong('runbooks/run-parity.yaml')],
  [
    'is saved by renaming another over it',
    () => {
      wrong('runbooks/.run-parity.yaml.swp')
      renameSync(at('runbooks/.run-parity.yaml.swp'), at('runbooks/run-parity.yaml'))
    },
  ],
  [
    'is removed and made again',
    () => {
      rmSync(at('runbooks/run-parity.yaml'))
      wrong('runbooks/run-parity.yaml')
    },
  ],
  [
    'lies in a new folder',
    () => {
      mkdirSync(at('runbooks/scenarios'))
      wrong('runbooks/scenarios/new.yaml')
    },
  ],
  [
    'lies in a folder that was made again',
    () => {
      renameSync(at('runbooks'), at('before'))
      cpSync(at('before'), at('runbooks'), { recursive: true })
      wrong('runbooks/new.yaml')
    },
  ],
  [
    'is led to by a link',
    () => {
      wrong('elsewhere.yaml')
      symlinkSync('../elsewhere.yaml', at('runbooks/link.yaml'))
    },
  ],
]

describe('a file that is saved at the very moment that the word is printed is validated again', () => {
  test.each(saves)('where it %s', limit, async (_, save) => {
    const { texts, exit } = await watch(
      (text) => text.startsWith('Watching') && save(),
      (texts) => problems(texts) > 0,
    )
    expect(problems(texts)).toBe(1)
    expect(exit).toBe(0)
  })

  test.each(saves)('where it %s while files are read, before the word', limit, async (_, save) => {
    const { texts } = await watch(
      (text, nth) => nth === 1 && isSummary(text) && save(),
      (texts) => problems(texts) > 0,
    )
    expect(texts.findIndex((text) => text.startsWith('Watching'))).toBeLessThan(
      texts.findIndex((text) => /problems? in/.test(text)),
    )
    expect(problems(texts)).toBe(1)
  })

  test('time after time, each save once', limit, async () => {
    const good = writeFileSync.bind(null, at('runbooks/run-parity.yaml'))
    const text = `${WRONG}# `
    let saved = 0
    const { texts } = await watch(
      (said) => (said.startsWith('Watching') || /problems? in/.test(said)) && saved < 20 && good(`${text}${++saved}\n`),
      (texts) => problems(texts) >= 20,
    )
    expect(problems(texts)).toBeGreaterThanOrEqual(20)
  })
})

describe('watching goes on', () => {
  test('where a file is led to by a link, and what it leads to is saved', limit, async () => {
    cpSync(at('runbooks/run-parity.yaml'), at('elsewhere.yaml'))
    rmSync(at('runbooks/run-parity.yaml'))
    symlinkSync('../elsewhere.yaml', at('runbooks/run-parity.yaml'))
    const { texts } = await watch(
      (text) => text.startsWith('Watching') && wrong('elsewhere.yaml'),
      (texts) => problems(texts) > 0,
    )
    expect(problems(texts)).toBe(1)
  })

  test('past a workspace that can not be listed for a while', limit, async () => {
    const { texts, exit } = await watch(
      (text) => {
        if (text.startsWith('Watching')) cpSync(at('runbooks/run-parity.yaml'), at('runbooks/run-parity.yml'))
        if (text.includes('have the same name')) rmSync(at('runbooks/run-parity.yml'))
      },
      (texts) => texts.filter((text) => /2 files, no problems/.test(text)).length === 2,
    )
    expect(texts.filter((text) => text.includes('have the same name'))).toHaveLength(1)
    expect(exit).toBe(0)
  })

  test('for named files, also when one is not there yet, nor its folder', limit, async () => {
    const { texts } = await watch(
      (text) => {
        if (!text.startsWith('Watching')) return
        mkdirSync(at('later'))
        cpSync(at('runbooks/run-parity.yaml'), at('later/run-parity.yaml'))
      },
      (texts) => texts.some((text) => /1 file, no problems/.test(text)),
      'later/run-parity.yaml',
    )
    expect(texts.some((text) => /1 file, no problems/.test(text))).toBe(true)
  })

  test('and where nothing changes, nothing is validated', limit, async () => {
    let ticks = 0
    const stop = new AbortController()
    const { fileChanges } = await import('../../engine/cli/validate/watch.ts')
    const list = async () => {
      if (++ticks > 8) stop.abort()
      return [at('runbooks/inventory.yaml')]
    }
    let changes = 0
    for await (const _ of fileChanges(list, stop.signal)) changes += 1
    expect(changes).toBe(1)
  })
})
