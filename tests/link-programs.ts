import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

/** Makes a folder with links to the machine's usual programs, but for those that are left out by name; returns it. */
export function linkPrograms(folder: string, leftOut: RegExp): string {
  mkdirSync(folder, { recursive: true })
  for (const from of ['/usr/bin', '/bin'])
    for (const name of readdirSync(from))
      if (!leftOut.test(name) && !existsSync(join(folder, name))) link(join(from, name), join(folder, name))
  return folder
}

/** A link that leads nowhere does not exist, and is there. */
function link(target: string, path: string): void {
  try {
    symlinkSync(target, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
