import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeWorkspace } from '../command-line/workspace.ts'
import { type HeldTerminal, holdTerminal, KEY } from '../terminal/held-terminal.ts'

const main = fileURLToPath(new URL('../../engine/breakglass.js', import.meta.url))

/** Where a shell of this machine is; undefined where it has none. */
export const findShell = (name: string): string | undefined =>
  ['/bin', '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'].map((folder) => join(folder, name)).find(existsSync)

/** A shipped workspace in which `breakglass` is a command, and the script of a shell. */
export function makeShellDesk() {
  const workspace = makeWorkspace()
  const bin = join(workspace.folder, 'bin')
  writeFileSync(join(bin, 'breakglass'), `#!/bin/sh\nexec node '${main}' "$@"\n`)
  chmodSync(join(bin, 'breakglass'), 0o755)
  for (const tool of ['cat', 'uname', 'mkdir', 'rm', 'dircolors']) {
    const found = findShell(tool)
    if (found) symlinkSync(found, join(bin, tool))
  }
  const environment = {
    PATH: bin,
    HOME: workspace.folder,
    TMPDIR: workspace.folder,
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
  }
  return {
    ...workspace,
    /** What a shell prints that runs a program of its own. */
    shell: (file: string, ...argv: string[]): string =>
      execFileSync(file, argv, { cwd: workspace.folder, env: environment, encoding: 'utf8' }),
    /** A shell in a terminal, for somebody who presses Tab. */
    hold: (file: string, ...argv: string[]): HeldTerminal =>
      holdTerminal([file, ...argv], { columns: 120, cwd: workspace.folder, environment }),
  }
}

/** Types a beginning, presses Tab until the line is as wanted, and takes the line away again. Throws with the screen. */
export async function tab(terminal: HeldTerminal, typed: string, wanted: string): Promise<void> {
  terminal.press(`${typed}\t`)
  for (const late = Date.now() + 60_000; !terminal.screen().includes(wanted); ) {
    if (Date.now() > late) throw new Error(`${typed} did not become ${wanted}. The screen:\n${terminal.screen()}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  terminal.press(KEY.clear)
}
