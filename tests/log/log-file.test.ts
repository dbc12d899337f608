import { execFile } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { type IncidentFolder, incidentFolder } from '../../engine/disk/logs/incident-folder.ts'
import { openLog } from '../../engine/disk/logs/log-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'breakglass-log-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let number = 0
const incident = () => incidentFolder(join(folder, `logs-${++number}`), 'INC-1')
const read = (text: string, whole = text.length) => ({ bytes: Buffer.from(text), whole })
const none = read('')
const textOf = ({ log }: IncidentFolder) => readFileSync(log, 'utf8')

test('lines are appended to a file of mode 0600, and to what was there before', async () => {
  const paths = incident()
  const first = await openLog(paths, none)
  await first.append('one')
  await first.close()
  expect(statSync(paths.log).mode & 0o777).toBe(0o600)
  const second = await openLog(paths, read('one\n'))
  await second.append('two')
  await second.close()
  expect(textOf(paths)).toBe('one\ntwo\n')
})

test.each<[string, (paths: IncidentFolder) => void, RegExp]>([
  ['the file is removed', ({ log }) => rmSync(log), /audit\.jsonl was removed, moved or replaced/],
  ['the file is moved', ({ log }) => renameSync(log, `${log}.old`), /audit\.jsonl was removed, moved or replaced/],
  [
    'the file is replaced by a copy of itself',
    ({ log }) => {
      const text = readFileSync(log)
      renameSync(log, `${log}.old`)
      writeFileSync(log, text)
    },
    /audit\.jsonl was removed, moved or replaced/,
  ],
  [
    'the file is replaced by a link to itself',
    ({ log }) => {
      renameSync(log, `${log}.old`)
      symlinkSync(`${log}.old`, log)
    },
    /audit\.jsonl was removed, moved or replaced/,
  ],
  ['the folder is removed', ({ folder }) => rmSync(folder, { recursive: true }), /folder .* was removed/],
  [
    'the folder is replaced by a link to it',
    ({ folder }) => {
      renameSync(folder, `${folder}.old`)
      symlinkSync(`${folder}.old`, folder)
    },
    /folder .* was removed, moved or replaced/,
  ],
  ['the file is emptied', ({ log }) => truncateSync(log), /somebody else wrote to .* 0 bytes instead of 4/],
  ['somebody else appends', ({ log }) => appendFileSync(log, 'x'), /somebody else wrote to .* 5 bytes/],
])('nothing more is written once %s', async (_, disturb, message) => {
  const paths = incident()
  const log = await openLog(paths, none)
  await log.append('one')
  disturb(paths)
  const before = existsSync(paths.log) ? textOf(paths) : undefined
  await expect(log.append('two')).rejects.toThrow(message)
  expect(existsSync(paths.log) ? textOf(paths) : undefined).toBe(before)
  await log.close()
})

test('a torn last line is cut off, and only where the file is as it was read', async () => {
  const paths = incident()
  mkdirSync(paths.folder, { recursive: true })
  writeFileSync(paths.log, 'one\ntor')
  const torn = read('one\ntor', 4)
  const log = await openLog(paths, torn)
  await log.append('two')
  await log.close()
  expect(textOf(paths)).toBe('one\ntwo\n')
  writeFileSync(paths.log, 'one\nlonger')
  await expect(openLog(paths, torn)).rejects.toThrow(/somebody else wrote to/)
  expect(textOf(paths)).toBe('one\nlonger')
})

test('a log that was rewritten since it was read, to the same length, is neither added to nor repaired', async () => {
  const paths = incident()
  mkdirSync(paths.folder, { recursive: true })
  for (const other of ['onf\ntor', 'one\ntwr', 'one tor']) {
    writeFileSync(paths.log, other)
    await expect(openLog(paths, read('one\ntor', 4))).rejects.toThrow(/somebody else wrote to .* after it was read/)
    expect(textOf(paths)).toBe(other)
  }
})

test('a log that was there and has gone is not begun anew', async () => {
  const paths = incident()
  mkdirSync(paths.folder, { recursive: true })
  await expect(openLog(paths, read('one\n'))).rejects.toThrow(/cannot write the log .*: no such file/)
  expect(existsSync(paths.log)).toBe(false)
})

test('a log into which nothing came leaves no file behind', async () => {
  const paths = incident()
  await (await openLog(paths, none)).close()
  expect(existsSync(paths.log)).toBe(false)
})

test('lines of several processes at one log never mix: who meets the other one stops', {
  timeout: 240_000,
}, async () => {
  const paths = incident()
  mkdirSync(paths.folder, { recursive: true })
  const script = join(folder, 'append.ts')
  const url = (name: string) =>
    JSON.stringify(fileURLToPath(new URL(`../../engine/disk/logs/${name}`, import.meta.url)))
  writeFileSync(
    script,
    `import { readFileSync } from 'node:fs'
import { incidentFolder } from ${url('incident-folder.ts')}
import { openLog } from ${url('log-file.ts')}
const [logs, who] = process.argv.slice(2)
const paths = incidentFolder(logs, 'INC-1')
let written = 0
for (const end = Date.now() + 1500; Date.now() < end; ) {
  try {
    const log = await openLog(paths, { bytes: readFileSync(paths.log), whole: readFileSync(paths.log).length })
    for (let n = 0; n < 5; n++, written++) await log.append(JSON.stringify({ who, text: who.repeat(200_000) }))
  } catch {}
}
console.log(written)
`,
  )
  writeFileSync(paths.log, '')
  const run = promisify(execFile)
  const whos = ['a', 'b', 'c']
  const counts = await Promise.all(
    whos.map(async (who) => Number((await run(process.execPath, [script, join(paths.folder, '..'), who])).stdout)),
  )
  const lines = textOf(paths).trimEnd().split('\n')
  for (const line of lines) {
    const { who, text } = JSON.parse(line) as { who: string; text: string }
    expect(text === who.repeat(200_000)).toBe(true)
  }
  // A line whose writer met another one right after it stands, and was not counted.
  expect(lines.length).toBeGreaterThanOrEqual(counts.reduce((sum, count) => sum + count, 0))
  expect(new Set(lines.map((line) => line.slice(0, 30))).size).toBeGreaterThan(1)
})
