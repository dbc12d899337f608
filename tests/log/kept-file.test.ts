import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test, vi } from 'vitest'
import { readHanded } from '../../engine/disk/handed-file.ts'
import { openJsonLines } from '../../engine/disk/json-lines-file.ts'
import { readLock } from '../../engine/disk/lock.ts'
import { listLocks } from '../../engine/disk/lock-folder.ts'
import {
  keepCheckpoint,
  keepSignature,
  readCheckpoints,
  readSigners,
} from '../../engine/disk/logs/checkpoint-folder.ts'
import {
  type IncidentFolder,
  incidentFolder,
  incidentsIn,
  logChunks,
  readLog,
  readRecord,
  writeRecord,
} from '../../engine/disk/logs/incident-folder.ts'
import { openLog } from '../../engine/disk/logs/log-file.ts'
import { keepSources, keepText, readSources } from '../../engine/disk/logs/source-folder.ts'
import { atTheEnd } from '../at-the-end.ts'

vi.setConfig({ testTimeout: 60_000 })

const main = fileURLToPath(new URL('../../engine/main.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'breakglass-kept-'))
atTheEnd(() => rmSync(folder, { recursive: true, force: true }))

let number = 0
/** An incident's folder with a file of each kind in it. */
function incident(): IncidentFolder {
  const logs = join(folder, `logs-${++number}`)
  const paths = incidentFolder(logs, 'INC-1')
  for (const each of [paths.checkpoints, paths.sources]) mkdirSync(each, { recursive: true, mode: 0o700 })
  for (const path of [
    paths.log,
    paths.record,
    paths.allowedSigners,
    join(paths.checkpoints, '3'),
    join(paths.checkpoints, '3.sig'),
    join(paths.sources, 'a.yaml'),
  ])
    writeFileSync(path, 'one\n', { mode: 0o600 })
  return paths
}

const READ: Record<string, (paths: IncidentFolder) => unknown> = {
  'the log, as a whole': readLog,
  'the log, piece by piece': (paths) => [...logChunks(paths)],
  'the log, for more': (paths) => openLog(paths, { bytes: Buffer.from('one\n'), whole: 4 }),
  'the record': readRecord,
  'a new record': (paths) => writeRecord(paths, 'new\n'),
  'the checkpoints': readCheckpoints,
  'a new checkpoint': (paths) => keepCheckpoint(paths, { size: 3, text: 'one\n' }),
  'a new signature': (paths) => keepSignature(paths, { size: 3, text: 'one\n' }, 'one\n', undefined),
  'the signers': readSigners,
  'a new signer': (paths) => keepSignature(paths, { size: 3, text: 'one\n' }, 'one\n', 'new'),
  'the kept files': readSources,
  'a new kept file': (paths) => keepSources(paths, [{ file: main, digest: 'sha256:x' }]),
}

/** What may lie in a file's place, where another's is. */
const INSTEAD: Record<string, (path: string) => void> = {
  'a named pipe': (path) => void execFileSync('mkfifo', [path]),
  'a symbolic link': (path) => {
    writeFileSync(join(folder, 'elsewhere'), 'elsewhere\n')
    symlinkSync(join(folder, 'elsewhere'), path)
  },
  'a socket': (path) => {
    // A socket's path may have a hundred characters at most.
    const listen = `require('node:net').createServer().listen(${JSON.stringify(join(folder, 'socket'))}, () => process.kill(process.pid, 'SIGKILL'))`
    try {
      execFileSync(process.execPath, ['-e', listen])
    } catch {}
    renameSync(join(folder, 'socket'), path)
  },
}

const FILES: [name: string, where: (paths: IncidentFolder) => string, by: string[]][] = [
  ['the log', ({ log }) => log, ['the log, as a whole', 'the log, piece by piece', 'the log, for more']],
  ['the record', ({ record }) => record, ['the record', 'a new record']],
  ['a checkpoint', ({ checkpoints }) => join(checkpoints, '3'), ['the checkpoints', 'a new checkpoint']],
  ['a signature', ({ checkpoints }) => join(checkpoints, '3.sig'), ['the checkpoints', 'a new signature']],
  ['the list of signers', ({ allowedSigners }) => allowedSigners, ['the signers', 'a new signer']],
  ['a kept file', ({ sources }) => join(sources, 'a.yaml'), ['the kept files']],
  [
    'the folder of checkpoints',
    ({ checkpoints }) => checkpoints,
    ['the checkpoints', 'a new checkpoint', 'a new signature'],
  ],
  ['the folder of kept files', ({ sources }) => sources, ['the kept files', 'a new kept file']],
  ['the incident’s folder', ({ folder: path }) => path, Object.keys(READ)],
]

describe.each(Object.keys(INSTEAD))('%s under the logs is refused, never waited for and never followed', (kind) => {
  test.each(FILES)('in the place of %s', async (_, where, by) => {
    const paths = incident()
    const path = where(paths)
    rmSync(path, { recursive: true })
    INSTEAD[kind]?.(path)
    for (const name of by)
      await expect((async () => READ[name]?.(paths))(), name).rejects.toMatchObject({
        message: expect.stringContaining(`${path} is refused: it is ${kind}`),
        hint: expect.stringContaining('nothing was changed'),
        exitCode: 1,
      })
    if (kind === 'a symbolic link') expect(readFileSync(join(folder, 'elsewhere'), 'utf8')).toBe('elsewhere\n')
  })
})

const isRoot = process.getuid?.() === 0
if (!isRoot) process.stderr.write('NOT TRIED: files of others under the logs: only root can give one away.\n')

describe.each<[string, (path: string) => void]>([
  ['is writable by everybody', (path) => chmodSync(path, 0o777)],
  ['is writable by everybody, each only what is theirs', (path) => chmodSync(path, 0o1777)],
  ...(isRoot
    ? [
        ['belongs to somebody else', (path: string) => chownSync(path, 12345, 12345)] as [
          string,
          (path: string) => void,
        ],
      ]
    : []),
])('what %s under the logs is refused', (_, change) => {
  test.each(FILES)('%s', async (_, where, by) => {
    const paths = incident()
    const path = where(paths)
    change(path)
    for (const name of by)
      await expect((async () => READ[name]?.(paths))(), name).rejects.toThrow(
        /is refused: (everybody can write to it|it belongs to somebody else \(user 12345\))/,
      )
  })
})

test('what is ours is read, a folder in the place of a file too as what it is', async () => {
  const paths = incident()
  for (const name of Object.keys(READ)) await (async () => READ[name]?.(paths))()
  rmSync(paths.record)
  mkdirSync(paths.record)
  await expect(readRecord(paths)).rejects.toThrow(/cannot read the record .*: it is a folder \(EISDIR\)/)
  expect(await readCheckpoints(incidentFolder(paths.logs, 'INC-none'))).toEqual([])
})

test('a checkpoint, a signature and a kept file are written once: another one of that name stays as it is', async () => {
  const paths = incident()
  const other = { size: 3, text: 'two\n' }
  const [checkpoint, signature] = ['3', '3.sig'].map((name) => join(paths.checkpoints, name)) as [string, string]
  const textHash = createHash('sha256').update('text').digest('hex')
  const kept = join(paths.sources, `${textHash}.json`)
  writeFileSync(kept, 'one\n')
  await expect(keepCheckpoint(paths, other)).rejects.toThrow(`${checkpoint} already exists with other contents`)
  await expect(keepSignature(paths, other, 'two\n', 'ada key')).rejects.toThrow(`${signature} already exists`)
  await expect(keepText(paths, 'text', '.json')).rejects.toThrow(`${kept} already exists`)
  for (const path of [checkpoint, signature, kept]) expect(readFileSync(path, 'utf8')).toBe('one\n')
  expect(readdirSync(paths.checkpoints)).toEqual(['3', '3.sig'])
})

test('a signature is kept only once its signer is in the list', async () => {
  const paths = incident()
  rmSync(paths.allowedSigners)
  mkdirSync(paths.allowedSigners)
  await keepCheckpoint(paths, { size: 4, text: 'four\n' })
  await expect(keepSignature(paths, { size: 4, text: 'four\n' }, 'signature\n', 'ada key')).rejects.toThrow('folder')
  expect(readdirSync(paths.checkpoints)).toEqual(['3', '3.sig', '4'])
})

test('what a write that was cut off has left is no evidence', async () => {
  const paths = incident()
  for (const name of ['checkpoints/.5.0123456789ab', 'sources/.a.yaml.0123456789ab', '.record.md.0123456789ab'])
    writeFileSync(join(paths.folder, name), 'ha')
  expect((await readCheckpoints(paths)).map(({ name }) => name)).toEqual(['3'])
  expect(readSources(paths).map(({ name }) => name)).toEqual(['a.yaml'])
})

test('a log with a second name is read and not added to', async () => {
  const paths = incident()
  linkSync(paths.log, join(folder, 'second-name'))
  expect(Buffer.from(await readLog(paths)).toString()).toBe('one\n')
  await expect(openLog(paths, { bytes: Buffer.from('one\n'), whole: 4 })).rejects.toThrow('a second name (a hard link)')
})

test('a folder of logs that is itself a link, as a checkout could bring one, is refused', async () => {
  const { logs } = incident()
  const link = join(folder, 'linked-logs')
  symlinkSync(logs, link)
  await expect(readLog(incidentFolder(link, 'INC-1'))).rejects.toThrow('linked-logs is refused: it is a symbolic link')
  await expect(incidentsIn(link)).rejects.toThrow('linked-logs is refused: it is a symbolic link')
})

test.each(Object.keys(INSTEAD))(
  'where all incidents are gone through, %s among them is refused and not passed over',
  async (kind) => {
    const { logs } = incident()
    expect(await incidentsIn(logs)).toEqual(['INC-1'])
    INSTEAD[kind]?.(join(logs, 'INC-9'))
    await expect(incidentsIn(logs)).rejects.toThrow(`INC-9 is refused: it is ${kind}`)
  },
)

test('a pipe as a plan, a lock or a file of requests is never waited for', async () => {
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  await expect(readHanded({ what: 'a plan', path: pipe, name: 'pipe' })).rejects.toThrow(
    'not a regular file but a named pipe',
  )
  expect(await readLock(pipe)).toEqual({ owner: undefined, liveness: 'unknown' })
  expect(() => openJsonLines(pipe, () => {})).toThrow('not a regular file but a named pipe')
})

test('a folder of locks that somebody else could move away is refused', async () => {
  const open = join(folder, 'open')
  mkdirSync(join(open, 'locks'), { recursive: true, mode: 0o700 })
  chmodSync(open, 0o777)
  await expect(listLocks(join(open, 'locks'))).rejects.toThrow(`is in ${open}, where everybody can move it`)
  chmodSync(open, 0o1777)
  expect(await listLocks(join(open, 'locks'))).toEqual([])
  if (!isRoot) return
  chmodSync(open, 0o755)
  chownSync(open, 12345, 12345)
  await expect(listLocks(join(open, 'locks'))).rejects.toThrow('which belongs to somebody else')
})

test('a command ends at once where a pipe has the name of a log', async () => {
  const paths = incident()
  rmSync(paths.log)
  execFileSync('mkfifo', [paths.log])
  const argv = [main, 'audit', 'verify', 'INC-1', '--logs', paths.logs]
  const ended = await new Promise<string>((resolve) => {
    execFile(process.execPath, argv, { timeout: 120_000, killSignal: 'SIGKILL' }, (error, _, stderr) =>
      resolve(error?.killed ? 'hung' : `${error?.code}: ${stderr}`),
    )
  })
  expect(ended).toMatch(/^1: .*audit\.jsonl is refused: it is a named pipe/)
})
