import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { atTheEnd } from '../at-the-end.ts'
import { compiled } from '../compiled.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const main = join(root, 'engine', 'main.ts')

/** How a command line ended and what it printed. */
export type Ended = { exit: number; stdout: string; stderr: string }

/** A copy of the shipped workspace on a machine where nothing but Node is installed. */
export function makeWorkspace() {
  const folder = mkdtempSync(join(tmpdir(), 'breakglass-workspace-'))
  atTheEnd(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(join(root, 'runbooks'), join(folder, 'runbooks'), { recursive: true })
  mkdirSync(join(folder, 'bin'))
  symlinkSync(process.execPath, join(folder, 'bin', 'node'))
  const environment = {
    PATH: join(folder, 'bin'),
    HOME: folder,
    TMPDIR: folder,
    NODE_COMPILE_CACHE: compiled,
  }
  return {
    folder,
    environment,
    /** Changes one place of one of its files. */
    edit(name: string, from: string, to: string) {
      const text = readFileSync(join(folder, name), 'utf8')
      if (!text.includes(from)) throw new Error(`${name} has no ${JSON.stringify(from)}`)
      writeFileSync(
        join(folder, name),
        text.replace(from, () => to),
      )
    },
    names: (name: string): string[] => readdirSync(join(folder, name)),
    lines: (name: string): string[] => readFileSync(join(folder, name), 'utf8').split('\n'),
    write: (name: string, text: string) => writeFileSync(join(folder, name), text),
    breakglass: (...argv: string[]): Promise<Ended> =>
      new Promise((resolve) => {
        const child = execFile(
          process.execPath,
          [main, ...argv],
          { env: environment, cwd: folder },
          (error, stdout, stderr) => resolve({ exit: error ? Number(error.code) : 0, stdout, stderr }),
        )
        child.stdin?.end()
      }),
  }
}
