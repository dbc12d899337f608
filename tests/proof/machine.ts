import { execFile, execFileSync } from 'node:child_process'
import { accessSync, constants, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compiled } from '../compiled.ts'

/** The product's folder. */
export const root = fileURLToPath(new URL('../../', import.meta.url))
const main = join(root, 'engine', 'main.ts')

/** How a command line ended and what it printed. */
export type Ended = { exit: number; stdout: string; stderr: string }

/** A folder of its own on a machine with Node, git, OpenSSH and nothing else: rehearsals take milliseconds there. */
export type Desk = {
  folder: string
  logs: string
  at(...names: string[]): string
  breakglass(argv: string[], environment?: Record<string, string>): Promise<Ended>
  /** Rehearses the shipped incident under an id; answers what it printed. */
  rehearse(incident: string, argv?: string[], environment?: Record<string, string>): Promise<Ended>
  log(incident: string): Buffer
  /** Makes an SSH key and answers its file. */
  key(name: string, ...argv: string[]): string
}

/** Makes a desk in an empty folder. */
export function deskIn(folder: string): Desk {
  const at = (...names: string[]) => join(folder, ...names)
  for (const name of ['bin', 'home']) mkdirSync(at(name))
  symlinkSync(process.execPath, at('bin', 'node'))
  for (const program of ['git', 'ssh-keygen', 'ssh-agent', 'ssh-add']) symlinkSync(find(program), at('bin', program))
  const plain = { PATH: at('bin'), HOME: at('home'), TMPDIR: folder, NODE_COMPILE_CACHE: compiled }
  const breakglass: Desk['breakglass'] = (argv, environment = {}) =>
    new Promise((resolve) => {
      const env = { ...plain, BREAKGLASS_LOCKS: at('locks'), ...environment }
      const child = execFile(process.execPath, [main, ...argv], { env, cwd: root }, (error, stdout, stderr) =>
        resolve({ exit: error ? Number(error.code) : 0, stdout, stderr }),
      )
      child.stdin?.end()
    })
  return {
    folder,
    logs: at('logs'),
    at,
    breakglass,
    rehearse: (incident, argv = [], environment = {}) =>
      breakglass(
        ['rehearse', 'incident-2026-02-27', '--yes', '--incident', incident, '--logs', at('logs'), ...argv],
        environment,
      ),
    log: (incident) => readFileSync(at('logs', incident, 'audit.jsonl')),
    key(name, ...argv) {
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', at(name), ...argv])
      return at(name)
    },
  }
}

/** Where a program is. Throws where it isn't: without it these tests would prove nothing. */
export function find(program: string): string {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return join(folder, program)
    } catch {}
  }
  throw new Error(`There is no ${program} on the PATH; these tests hold logs against it.`)
}
