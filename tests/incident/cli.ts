import { spawn } from 'node:child_process'
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Entry } from '../../engine/audit/entry.ts'
import { atTheEnd } from '../at-the-end.ts'
import { linkPrograms } from '../link-programs.ts'

/** The folder of the product, which is also the workspace with the shipped runbooks. */
export const root = fileURLToPath(new URL('../../', import.meta.url))
export const main = join(root, 'engine', 'main.ts')

/** How a command line ended and what it printed. */
export type Ended = { exit: number | null; stdout: string; stderr: string }

/** What a command line is given beside its argv: variables on top of the plain environment, and another program before it. */
export type Given = { environment?: Record<string, string>; before?: string[]; cwd?: string }

/** A temporary folder to work at: home, logs and scratch files of the command lines that run there. */
export type Desk = {
  folder: string
  logs: string
  scratch: string
  /** The whole environment of a command line, nothing inherited. */
  environment: Record<string, string>
  write(name: string, text: string): string
  /** Runs `breakglass …` to its end, with no terminal and nothing on stdin. */
  breakglass(argv: string[], given?: Given): Promise<Ended>
  entries(incident: string): Entry[]
  record(incident: string): string
}

/** The folder of the real gcloud. Throws where there is none: without it these tests would prove nothing. */
export function folderOf(program: string): string {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return folder
    } catch {}
  }
  throw new Error(
    `There is no ${program} on the PATH. The tests in tests/incident drive the real command line with the real gcloud: install what is missing, then run them again.`,
  )
}

/**
 * Makes a desk with the real gcloud, or with the fake one if a test is not about gcloud: it takes a
 * fraction of the time. It is cleared away when the test file has ended.
 */
export function makeDesk(gcloud: 'real' | 'fake' = 'real'): Desk {
  const folder = mkdtempSync(join(tmpdir(), 'breakglass-desk-'))
  atTheEnd(() => rmSync(folder, { recursive: true, force: true }))
  const [logs, home, scratch] = [join(folder, 'logs'), join(folder, 'home'), join(folder, 'scratch')]
  for (const each of [home, scratch]) mkdirSync(each)
  const programs =
    gcloud === 'real' ? [folderOf('gcloud'), '/usr/bin', '/bin'] : [linkPrograms(join(folder, 'bin'), /^gcloud/)]
  const path = [dirname(process.execPath), ...programs].join(delimiter)
  const environment = {
    ...{ PATH: path, HOME: home, TMPDIR: scratch, LANG: 'C.UTF-8' },
    BREAKGLASS_LOCKS: join(folder, 'locks'),
  }
  return {
    folder,
    logs,
    scratch,
    environment,
    write(name, text) {
      writeFileSync(join(folder, name), text)
      return join(folder, name)
    },
    breakglass: (argv, { before = [], cwd = root, environment: added = {} } = {}) =>
      finish([...before, process.execPath, main, ...argv], cwd, { ...environment, ...added }),
    entries: (incident) =>
      readFileSync(join(logs, incident, 'audit.jsonl'), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Entry),
    record: (incident) => readFileSync(join(logs, incident, 'record.md'), 'utf8'),
  }
}

/** Runs any command line to its end. */
export function finish(
  [file = '', ...argv]: string[],
  cwd: string,
  environment: Record<string, string>,
): Promise<Ended> {
  const child = spawn(file, argv, { cwd, env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended: Ended = { exit: null, stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (ended.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (ended.stderr += text))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (exit) => resolve({ ...ended, exit }))
  })
}

/** A record as it is read: without the comments that name log entries. */
export const asRead = (record: string): string => record.replaceAll(/<!-- log [^>]+ -->/g, '')

/** A section of a record: the lines between its heading and the next. */
export function sectionOf(record: string, heading: string): string {
  const from = record.indexOf(`## ${heading}\n`)
  if (from < 0) return ''
  const to = record.indexOf('\n## ', from + 1)
  return record.slice(from, to < 0 ? undefined : to)
}

/** The entries of one type. */
export const ofType = <T extends Entry['type']>(entries: Entry[], type: T): Extract<Entry, { type: T }>[] =>
  entries.filter((entry): entry is Extract<Entry, { type: T }> => entry.type === type)
